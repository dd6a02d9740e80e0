"""A runbook run as a fact, and the life of a step as one table; a missing key is the refusal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from bot.domain.incident import MessageRef
from bot.domain.runbook import ActionStep, Condition, Runbook
from bot.domain.timeline import Event


class StepState(StrEnum):
    """Where a step stands; the words are shown as they are."""

    WAITING = "waits"
    READY = "ready"
    ASKING = "waits for approval"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"
    NOT_TAKEN = "not taken"


class Move(StrEnum):
    """What can happen to a step; people press some, the engine makes the others."""

    OPEN = "opened"
    OMIT = "passed over"
    RUN = "run"
    ASK = "put to approval"
    APPROVE = "approved"
    REJECT = "rejected"
    EXPIRE = "expired"
    LEASE = "leased"
    SUCCEED = "finished"
    FAIL = "failed"
    LOSE = "lost"
    REQUEUE = "queued again"
    SKIP = "skipped"
    CONFIRM = "marked done"
    RETRY = "retried"
    CHOOSE = "chosen"
    AGAIN = "opened again"
    RESET = "set back"


_S, _M = StepState, Move

TRANSITIONS: Mapping[tuple[StepState, Move], StepState] = MappingProxyType(
    {
        (_S.WAITING, _M.OPEN): _S.READY,
        (_S.WAITING, _M.OMIT): _S.NOT_TAKEN,
        (_S.READY, _M.RUN): _S.QUEUED,
        (_S.READY, _M.ASK): _S.ASKING,
        (_S.FAILED, _M.ASK): _S.ASKING,
        (_S.UNKNOWN, _M.ASK): _S.ASKING,
        (_S.READY, _M.SKIP): _S.SKIPPED,
        (_S.READY, _M.CONFIRM): _S.DONE,
        (_S.READY, _M.CHOOSE): _S.DONE,
        (_S.ASKING, _M.APPROVE): _S.QUEUED,
        (_S.ASKING, _M.REJECT): _S.READY,
        (_S.ASKING, _M.EXPIRE): _S.READY,
        (_S.QUEUED, _M.LEASE): _S.RUNNING,
        (_S.RUNNING, _M.LEASE): _S.RUNNING,
        (_S.RUNNING, _M.SUCCEED): _S.DONE,
        (_S.RUNNING, _M.FAIL): _S.FAILED,
        (_S.RUNNING, _M.LOSE): _S.UNKNOWN,
        (_S.RUNNING, _M.REQUEUE): _S.QUEUED,
        (_S.RUNNING, _M.SKIP): _S.SKIPPED,
        (_S.UNKNOWN, _M.LEASE): _S.UNKNOWN,
        (_S.UNKNOWN, _M.SUCCEED): _S.DONE,
        (_S.UNKNOWN, _M.FAIL): _S.FAILED,
        (_S.UNKNOWN, _M.SKIP): _S.SKIPPED,
        (_S.UNKNOWN, _M.CONFIRM): _S.DONE,
        (_S.UNKNOWN, _M.RETRY): _S.QUEUED,
        (_S.FAILED, _M.SKIP): _S.SKIPPED,
        (_S.FAILED, _M.RETRY): _S.QUEUED,
        (_S.DONE, _M.AGAIN): _S.READY,
        (_S.WAITING, _M.RESET): _S.WAITING,
        (_S.DONE, _M.RESET): _S.WAITING,
        (_S.FAILED, _M.RESET): _S.WAITING,
        (_S.SKIPPED, _M.RESET): _S.WAITING,
        (_S.NOT_TAKEN, _M.RESET): _S.WAITING,
    }
)
"""REQUEUE and a running SKIP are for reads only; a write is repeated by nothing but a person's RETRY.

AGAIN opens a question that was answered; RESET sets back what came after it, so that another way can be taken.
"""

SETTLED = frozenset({_S.DONE, _S.FAILED, _S.SKIPPED, _S.NOT_TAKEN})
BUSY = frozenset({_S.QUEUED, _S.RUNNING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Whose hands a step is in, until an instant of real time; a lower fence than the step's is stale."""

    owner: str
    fence: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A step put before a second person; `inputs_hash` binds it to exactly what was asked.

    `number` tells a step's requests apart. `inputs` and `plan` are what the approver is shown. `decided` is empty
    while it is open, then `approved`, `rejected`, `expired`, `void` or `break-glass`; `reason` is the decider's.
    """

    by: str
    at: datetime
    expires_at: datetime
    inputs_hash: str
    number: int = 0
    why: str = ""
    plan: str = ""
    inputs: tuple[tuple[str, str], ...] = ()
    approvers: tuple[str, ...] = ()
    decided: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRun:
    """One step of one run. `turn` counts its changes of state: a button pressed in an earlier turn is stale.

    Instants are domain time but for the lease. `first` keeps the first observation of a verification, so that
    before and after can be told. `fault` says why a condition of this step could not be decided. `options` are
    the ways out of a question that can be taken, `option` the one that was. `retried` counts reads tried again. `began`
    is the real time at which the attempt began; `lock` names the target object that it holds meanwhile.
    """

    id: str
    state: StepState = StepState.WAITING
    turn: int = 0
    attempt: int = 0
    retried: int = 0
    fence: int = 0
    by: str = ""
    at: datetime | None = None
    ended_at: datetime | None = None
    seconds: float = 0.0
    summary: str = ""
    lines: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    first: str = ""
    options: tuple[str, ...] = ()
    option: str = ""
    reason: str = ""
    fault: str = ""
    plan: str = ""
    planned: bool = False
    progress: str = ""
    inputs_hash: str = ""
    lease: Lease | None = None
    probed: bool = False
    next_at: datetime | None = None
    deadline: datetime | None = None
    held_since: datetime | None = None
    began: datetime | None = None
    lock: str = ""
    request: Request | None = None
    before: Mapping[str, tuple[bool, str]] = field(default_factory=dict)
    undo_until: datetime | None = None
    tried: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a runbook in an incident, pinned to the text (`digest`) that it started with.

    `facts` is what steps may know of the incident (service, severity …), frozen at the start; `seed` makes
    the names of this run's buttons impossible to guess.
    """

    id: int
    incident: int
    runbook: str
    title: str
    digest: str
    started_by: str
    started_at: datetime
    seed: str
    steps: tuple[StepRun, ...]
    facts: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    ended_at: datetime | None = None
    ended: str = ""
    revision: int = 0
    message: MessageRef | None = None

    def step(self, id_: str) -> StepRun:
        """Find a step's state by its id; KeyError when a caller invented it."""
        found = self.find(id_)
        if found is None:
            raise KeyError(id_)
        return found

    def find(self, id_: str) -> StepRun | None:
        """Find a step's state by its id; None for one that this run does not have (yet)."""
        return next((step for step in self.steps if step.id == id_), None)

    def with_step(self, step: StepRun) -> "Run":
        """Replace one step, or add one that is new (an undo)."""
        if self.find(step.id) is None:
            return replace(self, steps=(*self.steps, step))
        return replace(self, steps=tuple(step if each.id == step.id else each for each in self.steps))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a condition came to; `fault` says why it could not be decided."""

    holds: bool
    fault: str = ""


Judge = Callable[[Condition, Mapping[str, Any]], Verdict]
"""Decides a condition on known values; the CEL adapter is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A run as it becomes, with what happened; each event goes with its actor."""

    run: Run
    events: tuple[tuple[str, Event], ...] = ()


def turned(step: StepRun, move: Move, **changes: Any) -> StepRun:
    """Move a step along the table, in a new turn; KeyError where the table has no such move."""
    return replace(step, state=TRANSITIONS[step.state, move], turn=step.turn + 1, **changes)


def known(run: Run) -> Mapping[str, Any]:
    """Gather what references and conditions of a run may read, by dotted name."""
    names: dict[str, Any] = {f"incident.{name}": value for name, value in run.facts.items()}
    names.update({f"params.{name}": value for name, value in run.params.items()})
    for step in run.steps:
        names.update({f"{step.id}.{name}": value for name, value in step.values.items()})
    return names


def mark_of(run: Run, step: StepRun) -> str:
    """Name one attempt at one step, so that a probe can recognise its own change in the world."""
    return f"INC-{run.incident}.{run.id}.{step.id}.{step.attempt}"


def press_id(run: Run, step: str, verb: str, option: str = "") -> str:
    """Name a button opaquely; it changes with the step's turn, so that an old button is told from a new one."""
    turn = run.step(step).turn
    return sha256("\x1f".join((run.seed, step, str(turn), verb, option)).encode()).hexdigest()[:22]


def blocks(book: Runbook, step: StepRun) -> bool:
    """Tell whether the run must wait for this step before it goes on."""
    if step.state is StepState.FAILED:
        definition = book.place(step.id).step
        return not (isinstance(definition, ActionStep) and definition.on_failure == "continue")
    return step.state not in SETTLED
