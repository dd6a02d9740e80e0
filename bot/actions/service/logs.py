"""Read the end of a service's log: the lines that matter here, the rest as a file."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import cast

from pydantic import BaseModel, ConfigDict, Field

from bot.ports.action import Action, Attachment, Context, Danger, Result
from bot.ports.failure import PermanentError
from bot.ports.outside import ServiceControl

LOOKED_AT = 2000
"""Characters of a line that are searched; a line of megabytes costs no more than this."""

_ERROR = re.compile(r"\b(?:ERROR|CRITICAL|FATAL|PANIC|panic|Traceback)\b|(?:Error|Exception)\b|OOMKilled")
_TYPE = re.compile(r"\b([A-Z][A-Za-z0-9_.]{0,60}(?:Error|Exception|Timeout)|OOMKilled)\b")
_MESSAGE = re.compile(r'"(?:msg|message|event|error)"\s*:\s*"([^"\\]{1,200})')


_WORDS = ("msg", "message", "event", "error")
_TIME = re.compile(r"\d\d:\d\d:\d\d")


class Inputs(BaseModel):
    """`grep` is a plain text to look for, whatever its letter case; `lines` is how many are shown."""

    model_config = ConfigDict(extra="forbid")

    lines: int = Field(default=12, ge=1, le=40)
    grep: str = Field(default="", max_length=200)
    errors_only: bool = False
    tail_kb: int = Field(default=256, ge=1, le=1024)


class Outputs(BaseModel):
    """Counts are over the tail that was read; `worst` is the commonest kind of error, empty without any."""

    matched: int
    errors: int
    by_type: dict[str, int]
    worst: str


async def run(context: Context, inputs: Inputs) -> Result:
    """Read, filter, count; a log that cannot be read is a failed step that says why."""
    control = cast(
        "ServiceControl", context.outside["process" if context.target.kind == "log" else context.target.kind]
    )
    try:
        tail = await control.logs(context.target, limit=inputs.tail_kb * 1024)
    except PermanentError as error:
        return Result(ok=False, summary=str(error))
    matching = [line for line in tail.lines if _wanted(line, inputs)]
    kinds = errors_by_type(matching)
    count = sum(kinds.values())
    worst = next(iter(kinds), "")
    parts = ", ".join(f"{kind} {number}x" for kind, number in list(kinds.items())[:3])
    said = f"{count} {'error' if count == 1 else 'errors'} in {len(tail.lines)} lines" + (
        f": {parts}" if parts else ""
    )
    if inputs.grep:
        said += f'; {len(matching)} lines with "{inputs.grep}"'
    title = f"{tail.name}, the last {len(tail.raw) // 1024 + 1} kB" if tail.cut else tail.name
    full = Attachment(name=f"{context.target.name}.log.txt", title=title, content=tail.raw)
    return Result(
        ok=True,
        summary=said,
        lines=tuple(folded(matching)[-inputs.lines :]),
        values={"matched": len(matching), "errors": count, "by_type": kinds, "worst": worst},
        attachments=(full,) if tail.raw else (),
    )


def _wanted(line: str, inputs: Inputs) -> bool:
    head = line[:LOOKED_AT]
    if inputs.errors_only and _ERROR.search(head) is None:
        return False
    return inputs.grep.casefold() in head.casefold()


def errors_by_type(lines: Iterable[str]) -> dict[str, int]:
    """Count lines that report errors by the name of the error, commonest first."""
    counted: Counter[str] = Counter()
    for line in lines:
        head = line[:LOOKED_AT]
        if _ERROR.search(head):
            counted[_kind(head)] += 1
    return dict(counted.most_common())


def folded(lines: Iterable[str]) -> list[str]:
    """Write lines for a phone: JSON as words, and what repeats once, at its last occurrence, with its count."""
    counted: dict[str, tuple[str, int]] = {}
    for line in lines:
        when, said = _worded(line[:LOOKED_AT])
        _, number = counted.pop(said, ("", 0))
        counted[said] = (when, number + 1)
    return [
        (f"{when} {said}" if when else said) + (f"  ({number} times)" if number > 1 else "")
        for said, (when, number) in counted.items()
    ]


def _worded(line: str) -> tuple[str, str]:
    """Take a structured line apart into its time of day and its words; any other line stays as it is."""
    try:
        data = json.loads(line) if line.startswith("{") else None
    except ValueError:
        data = None
    if not isinstance(data, dict):
        return "", line
    found = {key: data[key] for key in ("level", *_WORDS, "status") if isinstance(data.get(key), str | int)}
    stamp = next((str(data[key]) for key in ("ts", "time", "timestamp", "@timestamp") if key in data), "")
    when = _TIME.search(stamp)
    return (when[0] if when else ""), " ".join(str(value) for value in found.values()) or line


def _kind(head: str) -> str:
    """Name a reported error: by its class, else by the first words of its message."""
    named = _TYPE.search(head)
    if named:
        return named[1]
    said = _MESSAGE.search(head)
    words = (said[1] if said else _ERROR.split(head, maxsplit=1)[-1]).strip(" :-[]")
    return words.partition(":")[0][:60].strip() or "unnamed"


SPEC = Action(
    summary="Read the end of a service's log and count its errors by type",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("process", "log"),
    run=run,
)
