"""A run as one message: where it stands, who did what, what came out, and only the buttons valid now."""

from collections.abc import Iterator

from bot.domain.run import SETTLED, StepRun, StepState, press_id
from bot.domain.run_verb import Verb, verbs
from bot.domain.runbook import (
    UNDO,
    ActionStep,
    Call,
    ChooseStep,
    Danger,
    ManualStep,
    Placed,
    VerifyStep,
)
from bot.views.block import Block, actions, button, confirmation, context, header, section
from bot.views.incidents import Message
from bot.views.run_lines import RunView
from bot.views.run_lines import line as line_of
from bot.views.text import clock, escape, person, shorten

STEP = "run:step"
CHOICES = tuple(f"run:choose:{number}" for number in range(10))
STOP = "run:stop"
"""The action id of the button that ends a run; its value names incident and run, and it first asks why."""

PRESSES = (
    STEP,
    *(f"run:{verb.name.lower()}" for verb in Verb if verb not in {Verb.RUN, Verb.CHOOSE}),
    *CHOICES,
)
"""The action ids of buttons on steps; the value is the press's opaque name."""

_SETTLED_CLOSED = frozenset({StepState.RUNNING, StepState.UNKNOWN, StepState.FAILED})
"""States whose buttons also stand when the incident is closed, so that what is open can be settled."""

_MOST_LINES = 12
_MOST_TEXT = 2600
_ON_CARD = frozenset({Verb.BREAK})
"""What is pressed on the request's own card only, not on the run."""


def run_message(view: RunView) -> Message:
    """Draw a run; at most fifty blocks, whatever the runbook."""
    blocks: list[Block] = [header(f"Runbook · {view.run.title}"), context(_standing(view))]
    gathered: list[str] = []
    for placed in _visible(view):
        inside = _opened(view, placed)
        line = line_of(view, placed)
        if not inside:
            gathered.append(line)
            continue
        blocks += _folded(gathered)
        gathered = []
        blocks += [section(line), *inside]
    blocks += _folded(gathered)
    if view.run.ended_at is None and view.is_open:
        ending = button("Stop run", STOP, f"INC-{view.run.incident} {view.run.id}", spoken="Stop this run")
        blocks.append(actions([ending], block_id=f"run-{view.run.id}-stop"))
    if len(blocks) > 50:
        blocks = [*blocks[:2], *blocks[-48:]]
    return Message(text=_spoken(view), blocks=tuple(blocks))


def _visible(view: RunView) -> Iterator[Placed]:
    """Walk the steps that are shown: what was not taken, or may never be, is not."""
    for placed in view.book.placed():
        step = view.run.step(placed.step.id)
        hidden = step.state is StepState.NOT_TAKEN or (placed.choice and step.state is StepState.WAITING)
        if not hidden or step.undo_until is not None:
            yield placed
        if view.run.find(f"{step.id}{UNDO}") is not None:
            yield view.book.place(f"{step.id}{UNDO}")


def _folded(lines: list[str]) -> list[Block]:
    """Join one-line steps into as few blocks as their length allows."""
    blocks, text = list[Block](), ""
    for line in lines:
        if text and len(text) + len(line) > _MOST_TEXT:
            blocks.append(section(text))
            text = ""
        text = f"{text}\n{line}" if text else line
    return [*blocks, section(text)] if text else blocks


def _standing(view: RunView) -> str:
    run = view.run
    shown = list(_visible(view))
    settled = sum(run.step(placed.step.id).state in SETTLED for placed in shown)
    parts = [
        f"INC-{run.incident}",
        f"{settled} of {len(shown)}",
        f"started by {person(run.started_by)} {clock(run.started_at)}",
    ]
    if run.ended_at is not None:
        parts.append(f"{escape(run.ended)} {clock(run.ended_at)}")
    elif not view.is_open:
        parts.append("the incident is no longer open")
    return " · ".join(parts)


def _opened(view: RunView, placed: Placed) -> list[Block]:
    """Draw what stands under a step's line: its output, what it asks, its buttons; nothing once it is past."""
    step = view.run.step(placed.step.id)
    blocks: list[Block] = []
    if step.fault and step.state is StepState.READY:
        blocks.append(
            context(
                f"Its condition could not be decided ({escape(shorten(step.fault, 300))}), so a person decides."
            )
        )
    blocks += _asked(view, placed, step)
    if step.lines and not _past(view, placed):
        blocks.append(preformatted("\n".join(step.lines[-_MOST_LINES:])))
    row = _buttons(view, placed) if view.is_open or step.state in _SETTLED_CLOSED else []
    if step.undo_until is not None and view.is_open:
        blocks.append(context(f"Can be undone until {clock(step.undo_until)}."))
    if row:
        blocks.append(actions(row, block_id=f"run-{view.run.id}-{placed.step.id}-{step.turn}"))
    return blocks


def _past(view: RunView, placed: Placed) -> bool:
    """Tell whether a person has acted after this step: then its output is folded away."""
    after = False
    for each in view.book.placed():
        step = view.run.step(each.step.id)
        if after and step.state in SETTLED - {StepState.NOT_TAKEN} and not _is_read(each):
            return True
        after = after or each.step.id == placed.step.id
    return view.run.ended_at is not None


def _is_read(placed: Placed) -> bool:
    return isinstance(placed.step, ActionStep) and placed.step.call.danger is Danger.READ


def _asked(view: RunView, placed: Placed, step: StepRun) -> Iterator[Block]:
    definition = placed.step
    if step.state is StepState.UNKNOWN:
        looked = (
            "and looking did not tell. Decide: Done (it worked), Retry, or Skip"
            if step.probed
            else "now looking"
        )
        yield context(f"It was interrupted: it is not known whether it took effect, {looked}.")
    if step.state not in {StepState.READY, StepState.ASKING}:
        return
    prose = view.book.prose(definition.section)
    if prose:
        yield context(f"{definition.section.value.capitalize()}: {escape(shorten(prose, 350))}")
    match definition:
        case ManualStep():
            yield section(escape(definition.text))
            if definition.command:
                yield preformatted(definition.command)
        case ChooseStep():
            yield section("\n".join(_options(view, definition, step)))
        case ActionStep():
            yield section(escape(_what(view, definition.call, step)))
            if step.request is not None and step.state is StepState.ASKING:
                yield context(
                    f"{person(step.request.by)} asks for approval, until {clock(step.request.expires_at)}; "
                    f"{len(step.request.approvers)} of {definition.approve.count if definition.approve else 1} "
                    f"agreed. The request stands in this thread."
                )
        case VerifyStep():
            yield section(escape("; ".join(check.title for check in definition.checks)))


def _options(view: RunView, definition: ChooseStep, step: StepRun) -> Iterator[str]:
    yield escape(definition.prompt)
    for option in definition.options:
        if option.id in step.options:
            plan = view.run.step(option.steps[0].id).plan
            said = " ".join(part for part in (option.hint, plan) if part)
            yield (
                f"*{escape(option.title)}*: {escape(shorten(said, 500))}"
                if said
                else f"*{escape(option.title)}*"
            )


def _what(view: RunView, call: Call, step: StepRun) -> str:
    place = view.places.get(call.target, "")
    where = f" on {call.target}" if call.target else ""
    return step.plan or f"{call.action}{where}{f' in {place}' if place else ''}{_given(call)}"


def _given(call: Call) -> str:
    inside = ", ".join(
        f"{each.name}={'${' + each.ref + '}' if each.ref else each.value}" for each in call.inputs
    )
    return f" with {inside}" if inside else ""


def _buttons(view: RunView, placed: Placed) -> list[Block]:
    step, definition = view.run.step(placed.step.id), placed.step
    row: list[Block] = []
    offered = [each for each in verbs(view.book, view.run, step.id) if each[0] not in _ON_CARD]
    for number, (verb, option) in enumerate(offered):
        name = press_id(view.run, step.id, verb.value, option)
        label, call, inner = verb.value.capitalize(), None, step
        action = STEP if verb is Verb.RUN else f"run:{verb.name.lower()}"
        if isinstance(definition, ActionStep) and verb in {Verb.RUN, Verb.RETRY, Verb.APPROVE}:
            call = definition
        if verb is Verb.UNDO:
            undoing = view.book.place(f"{step.id}{UNDO}").step
            call = undoing if isinstance(undoing, ActionStep) else None
            inner = view.run.find(f"{step.id}{UNDO}") or StepRun(id=f"{step.id}{UNDO}")
        if isinstance(definition, ChooseStep) and verb is Verb.CHOOSE:
            taken = next(each for each in definition.options if each.id == option)
            label, action = taken.title, CHOICES[number]
            first = taken.steps[0]
            call, inner = (first if isinstance(first, ActionStep) else None), view.run.step(first.id)
        confirm = _confirm(view, call, inner) if call is not None else None
        style = (
            "danger" if confirm is not None else "primary" if number == 0 and verb is not Verb.CHOOSE else ""
        )
        spoken = f"{label}: {definition.title}"
        row.append(
            button(
                label, action, name, style="" if verb is Verb.SKIP else style, confirm=confirm, spoken=spoken
            )
        )
    return row


def _confirm(view: RunView, definition: ActionStep, step: StepRun) -> Block | None:
    """Say before a write exactly what will happen and where; reads ask nothing."""
    if definition.call.danger is Danger.READ:
        return None
    what = _what(view, definition.call, step).rstrip(".")
    said = f"{what}. {definition.confirm}".strip()
    if definition.approve is not None:
        said = f"Needs {definition.approve.count} to approve. {said}"
    return confirmation(
        f"{definition.title}?", escape(shorten(said, 280)), shorten(definition.title, 30), danger=True
    )


def preformatted(text: str) -> Block:
    """Show text as it is; nothing in it is read as a mention, a link or a format."""
    inner = {"type": "text", "text": shorten(text, _MOST_TEXT) or " "}
    return {"type": "rich_text", "elements": [{"type": "rich_text_preformatted", "elements": [inner]}]}


def _spoken(view: RunView) -> str:
    run = view.run
    about = f"Runbook {run.title} in INC-{run.incident}"
    if run.ended_at is not None:
        return escape(shorten(f"{about} is {run.ended}.", 3000))
    for placed in _visible(view):
        step = run.step(placed.step.id)
        if step.state not in SETTLED:
            stands = "is ready" if step.state is StepState.READY else f"is {step.state.value}"
            stands = step.state.value if step.state in {StepState.WAITING, StepState.ASKING} else stands
            return escape(shorten(f"{about}: the step {placed.step.title} {stands}.", 3000))
    return escape(f"{about} is under way.")
