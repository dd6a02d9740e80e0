"""What can go wrong between a client and the server, one request at a time."""

import asyncio
from dataclasses import dataclass, field
from typing import Literal


@dataclass
class Fault:
    """Strikes requests whose method and path fit, `times` times; a dry run counts as the read that it is."""

    kind: Literal["answer", "hang", "drop_before", "drop_after", "redirect", "garbage"]
    method: str = ""
    path: str = ""
    status: int = 503
    times: int = 1
    reason: str = ""
    message: str = "the fake was told to fail"
    dry_run: bool = False

    def fits(self, method: str, path: str, *, dry_run: bool) -> bool:
        return (
            self.times > 0
            and self.method in {"", method}
            and self.path in path
            and (dry_run == self.dry_run or method == "GET")
        )


@dataclass
class Faults:
    pending: list[Fault] = field(default_factory=list)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, fault: Fault) -> None:
        self.pending.append(fault)

    def strike(self, method: str, path: str, *, dry_run: bool) -> Fault | None:
        found = next((each for each in self.pending if each.fits(method, path, dry_run=dry_run)), None)
        if found is not None:
            found.times -= 1
        return found
