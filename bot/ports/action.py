"""What a runbook action is: typed inputs and outputs, its danger, a preview, the deed, and a probe."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from bot.domain.runbook import Danger

__all__ = ["Action", "Attachment", "Context", "Danger", "Landed", "Outside", "Result", "Target"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A named connection from `config/targets.yaml`, secrets already filled in; never shown or logged whole.

    `unavailable` says why it cannot be used (a variable is not set), in which case it has no settings. `secrets`
    are the exact values among the settings that no output may show, whatever their field is called.
    """

    name: str
    kind: str
    environment: str
    settings: Mapping[str, Any] = field(repr=False)
    unavailable: str = ""
    secrets: frozenset[str] = field(default=frozenset(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that goes beside a step's lines: a full log, a chart."""

    name: str
    title: str
    content: bytes
    alt_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a step shows and gives to later conditions.

    `summary` is one line for a phone; `lines` are the ones that matter; `values` match the declared outputs.
    `ok` false is a failed step whose action itself worked (a red health check).
    """

    ok: bool
    summary: str
    lines: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()


class Landed(StrEnum):
    """The probe's answer: did the change arrive?"""

    YES = "yes"
    NO = "no"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What an action is given to work with: a target, the outside world, and the marks of its run.

    `outside` is the registry of adapters by the kind of system; `progress` edits the step's line.
    `mark` names the attempt, so that a probe after a crash can recognise its own change; `began_at` is the real
    time at which the attempt began.
    """

    target: Target
    outside: "Outside"
    mark: str
    progress: Callable[[str], None]
    incident: Mapping[str, Any]
    began_at: datetime | None = None


Outside = Mapping[str, Any]
"""Adapters by name (`http`, `process`, `kubernetes` …); each action names the port type it expects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """The spec of one action; its name is its module's path: `service/restart.py` is `service.restart`.

    `reach` says how far one execution may reach at most ("At most 20 replicas of one deployment"); the limit itself
    is enforced by the inputs' model.
    """

    summary: str
    inputs: type[BaseModel]
    outputs: type[BaseModel]
    danger: Danger
    kinds: tuple[str, ...]
    run: Callable[[Context, Any], Awaitable[Result]]
    plan: Callable[[Context, Any], Awaitable[str]] | None = None
    probe: Callable[[Context, Any], Awaitable[Landed]] | None = None
    lock: Callable[[Target, Any], str] | None = None
    timeout: timedelta = timedelta(seconds=30)
    longest: timedelta = timedelta(minutes=10)
    reach: str = ""
    name: str = ""
