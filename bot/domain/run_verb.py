"""What can be pressed on a step at a moment, and what a person is told when it cannot."""

from collections.abc import Mapping
from enum import StrEnum
from itertools import takewhile

from bot.domain.refusal import Refusal
from bot.domain.run import SETTLED, Run, StepRun, StepState, blocks
from bot.domain.runbook import UNDO, ActionStep, ChooseStep, ManualStep, Runbook, Step, VerifyStep


class Verb(StrEnum):
    """What a button on a step does; capitalised, it is the button's label (a choice bears its option's)."""

    RUN = "run"
    DONE = "done"
    RETRY = "retry"
    SKIP = "skip"
    CHOOSE = "choose"
    APPROVE = "approve"
    REJECT = "reject"
    BREAK = "break glass"
    UNDO = "undo"
    AGAIN = "choose again"


_S = StepState

_WAS: Mapping[StepState, str] = {
    _S.WAITING: "waits for the steps before it",
    _S.READY: "is ready again; press the button on the run's message as it is now",
    _S.ASKING: "waits for approval, asked for",
    _S.QUEUED: "was already started",
    _S.RUNNING: "was already started and is running, pressed",
    _S.DONE: "is already done, pressed",
    _S.FAILED: "has run already and failed, pressed",
    _S.SKIPPED: "was skipped",
    _S.UNKNOWN: "was started, and it is not known whether it took effect; pressed",
    _S.NOT_TAKEN: "was passed over",
}


class NotNow(Refusal):
    """Refuse a press that the step's state does not allow, naming who was first and when."""

    def __init__(self, title: str, step: StepRun) -> None:
        said = f"{title} {_WAS[step.state]}"
        if step.by and step.state not in {_S.WAITING, _S.READY, _S.NOT_TAKEN}:
            said += f" by <@{step.by}>" if step.by.isalnum() else f" by {step.by}"
        if step.at is not None and step.state not in {_S.WAITING, _S.NOT_TAKEN}:
            said += f" at {step.at:%H:%M} UTC"
        super().__init__(f"{said}. Nothing was done now.")


def verbs(book: Runbook, run: Run, id_: str) -> tuple[tuple[Verb, str], ...]:
    """List what can be pressed on a step now, each with its option (empty but for a choice).

    A failed step that the run does not wait for offers Retry only if it brought nothing: a red health check is
    an answer, a log that could not be read is not. After the end of a run only undoing is left.
    """
    step, definition = run.step(id_), book.place(id_).step
    undo = ((Verb.UNDO, ""),) if step.undo_until is not None else ()
    if run.ended_at is not None and not id_.endswith(UNDO):
        return undo
    return (*_by_state(book, run, step, definition), *undo)


def _by_state(book: Runbook, run: Run, step: StepRun, definition: Step) -> tuple[tuple[Verb, str], ...]:
    match step.state:
        case StepState.READY:
            return (*_forward(step, definition), (Verb.SKIP, ""))
        case StepState.ASKING:
            return ((Verb.APPROVE, ""), (Verb.REJECT, ""), (Verb.BREAK, ""))
        case StepState.FAILED if blocks(book, step):
            again = ((Verb.AGAIN, ""),) if fork_before(book, run, step.id) is not None else ()
            return ((Verb.RETRY, ""), *again, (Verb.SKIP, ""))
        case StepState.FAILED if not step.values.keys() - {"ok"}:
            return ((Verb.RETRY, ""),)
        case StepState.UNKNOWN if step.probed:
            return ((Verb.DONE, ""), (Verb.RETRY, ""), (Verb.SKIP, ""))
        case StepState.RUNNING if isinstance(definition, VerifyStep):
            return ((Verb.SKIP, ""),)
        case _:
            return ()


def _forward(step: StepRun, definition: Step) -> tuple[tuple[Verb, str], ...]:
    match definition:
        case ManualStep():
            return ((Verb.DONE, ""),)
        case ChooseStep():
            return tuple((Verb.CHOOSE, option) for option in step.options)
        case _:
            return ((Verb.RUN, ""),)


def fork_before(book: Runbook, run: Run, id_: str) -> str | None:
    """Find the question whose answer led to a failed step and may be answered anew; None if there is none.

    Nothing after it may be in anybody's hands or unknown: what is not known must be settled first.
    """
    fork: str | None = None
    if id_.endswith(UNDO):
        return None
    for placed in takewhile(lambda each: each.step.id != id_, book.placed()):
        if isinstance(placed.step, ChooseStep) and run.step(placed.step.id).option:
            fork = placed.step.id
    if fork is None or any(not _settled(run.step(each)) for each in after(book, fork)):
        return None
    return fork


def after(book: Runbook, id_: str) -> tuple[str, ...]:
    """List the steps after one, in reading order."""
    ids = [placed.step.id for placed in book.placed()]
    return tuple(ids[ids.index(id_) + 1 :])


def _settled(step: StepRun) -> bool:
    return step.state in SETTLED or step.state is StepState.WAITING


def is_read(definition: Step) -> bool:
    """Tell whether a step is an action that only reads."""
    return isinstance(definition, ActionStep) and definition.call.danger.value == "read"


def effect_of(definition: Step) -> str:
    """Give the danger of a step in one word; what people do by themselves is `manual`."""
    match definition:
        case ActionStep():
            return definition.call.danger.value
        case VerifyStep():
            return "read"
        case _:
            return "manual"
