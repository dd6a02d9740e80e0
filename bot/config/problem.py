"""A fault of a configuration file, with its place, and the exception that carries every fault at once."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from typing_extensions import override

_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
"""What would tear one problem into several lines: keys and values may hold it."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault: where it stands (lines and columns count from 1), in which field, and what to mend.

    `field` is empty when the fault concerns the file as a whole.
    """

    file: str
    line: int
    column: int
    field: str
    message: str

    @override
    def __str__(self) -> str:
        """Give the one line that editors and people can jump from."""
        place = f"{self.file}:{self.line}:{self.column}"
        return _BREAKS.sub(
            " ", f"{place} {self.field}: {self.message}" if self.field else f"{place} {self.message}"
        )


class ConfigError(Exception):
    """Refuse a configuration; every problem of every file is in it, sorted by place, each once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))
