"""What stands before a run: the picker, the preview, the form for parameters, and the form that asks why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.domain.incident import Incident
from bot.domain.runbook import (
    ActionStep,
    Call,
    ChooseStep,
    Input,
    ManualStep,
    Param,
    Runbook,
    Section,
    Step,
    VerifyStep,
)
from bot.views.block import Block, button, context, field, header, modal, option, section, select, text_input
from bot.views.incidents import Message
from bot.views.text import duration, escape, shorten

START = "run:start"
PREVIEW = "run:preview"
PARAMS = "run:params"
WHY = "run:why"
STOPPING = "run:stopping"

_WHY: Mapping[str, tuple[str, str, str]] = {
    "run": ("Ask for approval", "Why should it run?", "Ask"),
    "skip": ("Skip step", "Why skip it?", "Skip"),
    "reject": ("Reject step", "Why reject it?", "Reject"),
    "break glass": ("Break glass", "Why can't it wait for a second person?", "Break glass"),
}
"""Title, question and button of the form that asks why, by what was pressed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A runbook with why it is offered; `fits` tells those that answer this incident from the rest."""

    runbook: Runbook
    why: str
    fits: bool


def picker(incident: Incident, offers: Sequence[Offer]) -> Message:
    """Offer runbooks for an incident, those that fit first; the value is the incident's key and the runbook's id."""
    if not offers:
        said = "There is no runbook yet. Put one into runbooks/<service>/<name>.yaml; muster runbook check reads it."
        return Message(text=said, blocks=(section(said),))
    blocks: list[Block] = [section(f"*Run a runbook in {incident.key}*")]
    for number, offer in enumerate(offers[:20]):
        book = offer.runbook
        words = f"*{escape(book.name)}*  {escape(offer.why)}\n{escape(shorten(book.summary, 300))}".strip()
        style = "primary" if number == 0 and offer.fits else ""
        start = button("Run", START, f"{incident.key} {book.id}", style=style, spoken=f"Run {book.name}")
        blocks.append(section(words, accessory=start))
    if len(offers) > 20:
        blocks.append(context(f"And {len(offers) - 20} more: /incident runbook lists them all."))
    return Message(text=f"Pick a runbook to run in {incident.key}.", blocks=tuple(blocks))


def preview(book: Runbook, places: Mapping[str, str], known: Mapping[str, object] | None = None) -> Message:
    """Show what a runbook would do, step by step, without doing any of it.

    Args:
        book: the runbook.
        places: each target's environment.
        known: values that inputs are resolved with as far as they are known, by dotted name.
    """
    values = known or {}
    blocks: list[Block] = [header(book.name)]
    if book.summary:
        blocks.append(section(escape(book.summary)))
    said = f"{book.id} · version {book.digest[:8]} · {book.owner or 'no owner named'}"
    blocks.append(context(escape(said)))
    lines, where = list[str](), ""
    for placed in book.placed():
        if placed.step.section.value != where:
            where = placed.step.section.value
            prose = book.prose(placed.step.section)
            lines.append(f"*{where.capitalize()}* {escape(shorten(prose, 300))}".strip())
        indent = "        " if placed.choice else "    "
        lines += [f"{indent}{each}" for each in _would(placed.step, places, values)]
    for each in (Section.COMMUNICATION, Section.ESCALATION):
        if book.prose(each):
            lines.append(f"*{each.value.capitalize()}* {escape(shorten(book.prose(each), 400))}")
    text = ""
    for line in lines:
        if len(text) + len(line) > 2600:
            blocks.append(section(text))
            text = ""
        text = f"{text}\n{line}" if text else line
    blocks.append(section(text))
    return Message(
        text=f"Preview of the runbook {escape(book.name)}: nothing was done.", blocks=tuple(blocks[:50])
    )


def _would(step: Step, places: Mapping[str, str], known: Mapping[str, object]) -> Iterator[str]:
    title = escape(step.title)
    condition = f" (if {escape(step.when.source)})" if step.when is not None else ""
    match step:
        case ActionStep():
            how = "by itself" if step.auto else f"when pressed, {step.call.danger.value}"
            if step.approve is not None:
                how += f", {step.approve.count} must approve"
            yield f"• {title}{condition}: {_called(step.call, places, known)} ({how})"
        case ManualStep():
            command = f": `{escape(step.command)}`" if step.command and "`" not in step.command else ""
            yield f"• {title}{condition}: done by hand{command}"
        case ChooseStep():
            yield f"• {title}{condition}: one of {escape(', '.join(each.title for each in step.options))}"
        case VerifyStep():
            span = f"every {duration(step.every)}, at most {duration(step.within)}, held for {duration(step.hold)}"
            yield f"• {title}{condition}: {span}"
            for check in step.checks:
                yield f"    {escape(check.title)}: {_called(check.call, places, known)}, expecting `{escape(check.expect.source)}`"


def _called(call: Call, places: Mapping[str, str], known: Mapping[str, object]) -> str:
    place = places.get(call.target, "")
    inside = ", ".join(f"{each.name}={_value(each, known)}" for each in call.inputs)
    where = f" on {call.target}" if call.target else ""
    return escape(
        f"{call.action}{where}{f' in {place}' if place else ''}{f' with {inside}' if inside else ''}"
    )


def _value(given: Input, known: Mapping[str, object]) -> object:
    """Show an input as it would be passed; what only a run will find out is named."""
    if not given.ref:
        return given.value
    found = known.get(given.ref)
    return f"${{{given.ref}}}" if found is None else found


def params_form(incident: Incident, book: Runbook, facts: Mapping[str, str]) -> Mapping[str, object]:
    """Ask for a runbook's parameters; each field's block id is the parameter's name."""
    blocks: list[Block] = [section(f"*{escape(book.name)}* in {incident.key}")]
    blocks += [_param(param, facts) for param in book.params]
    return modal(PARAMS, "Run runbook", blocks, submit="Run", meta=f"{incident.key} {book.id}")


def _param(param: Param, facts: Mapping[str, str]) -> Block:
    default = facts.get(param.source.removeprefix("incident."), "") if param.source else param.default
    initial = "" if default is None else str(default).lower() if isinstance(default, bool) else str(default)
    choices = param.choices if param.type == "enum" else ("true", "false") if param.type == "boolean" else ()
    hint = _hint(param)
    if choices:
        options = [option(each, each) for each in choices]
        return field(param.name, param.title, select("value", options, initial=initial), hint=hint)
    return field(param.name, param.title, text_input("value", initial=initial, limit=253), hint=hint)


def _hint(param: Param) -> str:
    least = f"at least {param.minimum:g}" if param.minimum is not None else ""
    most = f"at most {param.maximum:g}" if param.maximum is not None else ""
    kind = {
        "integer": "A whole number",
        "number": "A number",
        "duration": "A duration such as 5m",
        "name": "A Kubernetes name",
    }
    parts = [each for each in (kind.get(param.type, ""), least, most) if each]
    return ", ".join(parts)


def why_form(press: str, title: str, verb: str) -> Mapping[str, object]:
    """Ask why something is done to a step; the form's meta is the press's opaque name."""
    heading, question, submit = _WHY[verb]
    blocks = [section(f"*{escape(title)}*")]
    if verb == "break glass":
        blocks.append(
            section(
                "It runs at once without a second person. It is announced here and to security, holds for 30 minutes "
                "in this incident, and a review is owed."
            )
        )
    blocks.append(field("reason", question, text_input("value", lines=True, limit=300)))
    return modal(WHY, heading, blocks, submit=submit, meta=press)


def stop_form(meta: str, title: str) -> Mapping[str, object]:
    """Ask why a run is stopped; the form's meta names incident and run."""
    blocks = [
        section(f"*{escape(title)}*\nSteps that are done stay done; nothing further is run."),
        field("reason", "Why stop it?", text_input("value", lines=True, limit=300)),
    ]
    return modal(STOPPING, "Stop run", blocks, submit="Stop", meta=meta)


def needs_form(book: Runbook) -> bool:
    """Tell whether a runbook asks for anything before it starts."""
    return bool(book.params)


def listing(books: Sequence[Runbook]) -> Message:
    """List runbooks by service, for `/incident runbook`."""
    if not books:
        return Message(text="There is no runbook yet.", blocks=(section("There is no runbook yet."),))
    lines = [f"• *{escape(book.name)}* `{book.id}`  {escape(shorten(book.summary, 120))}" for book in books]
    text = shorten("\n".join(lines), 2900)
    return Message(text=f"{len(books)} runbooks.", blocks=(section(text),))
