"""A runbook as a page in Markdown: its sections, its steps, and before each what it does, where, and who must agree."""

from collections.abc import Iterator

from bot.domain.runbook import (
    ActionStep,
    Approval,
    Call,
    ChooseStep,
    Condition,
    Danger,
    ManualStep,
    Option,
    Param,
    Runbook,
    Section,
    Step,
    VerifyStep,
)
from bot.views.text import duration, several

_DANGER = {
    Danger.READ: "only reads",
    Danger.WRITE: "**changes something**",
    Danger.DESTRUCTIVE: "**destructive**",
}


def page(book: Runbook) -> str:
    """Write a runbook as a person likes to read it; every section of the handbooks in its order, none empty."""
    parts = [f"# {book.name}", *([book.summary] if book.summary else []), _facts(book)]
    if book.params:
        parts.append(
            "## What is asked before it starts\n\n" + "\n".join(_param(each) for each in book.params)
        )
    for section in Section:
        steps = [step for step in book.steps if step.section is section]
        prose = book.prose(section)
        if not steps and not prose:
            continue
        parts.append(f"## {section.value.capitalize()}")
        if prose:
            parts.append(prose)
        parts += ["\n".join(_step(step, f"{book.steps.index(step) + 1}.")) for step in steps]
    return "\n\n".join(parts) + "\n"


def _facts(book: Runbook) -> str:
    rows = [
        ("Id", f"`{book.id}`"),
        ("Service", book.service),
        ("Severity", book.severity),
        ("Owner", book.owner),
        ("Offered on alerts", ", ".join(book.suggest.alerts)),
        ("Offered at severities", ", ".join(book.suggest.severities)),
        ("Version", f"`{book.digest[:12]}`"),
    ]
    return "\n".join(f"- {name}: {value}" for name, value in rows if value)


def _param(param: Param) -> str:
    limits = [param.type]
    if param.choices:
        limits.append(f"one of {', '.join(param.choices)}")
    if param.minimum is not None:
        limits.append(f"at least {param.minimum:g}")
    if param.maximum is not None:
        limits.append(f"at most {param.maximum:g}")
    if param.pattern:
        limits.append(f"matching {_code(param.pattern)}")
    if param.source:
        limits.append(f"taken from the {param.source.replace('.', chr(39) + 's ', 1)}")
    if param.default is not None:
        limits.append(f"default {param.default}")
    return f"- **{param.title}** (`{param.name}`): {', '.join(limits)}"


def _step(step: Step, mark: str) -> Iterator[str]:
    yield f"{mark} **{step.title}**{_only_if(step.when)}  "
    inside = " " * (len(mark) + 1)
    match step:
        case ActionStep():
            for line in _action(step):
                yield f"{inside}{line}  "
        case ManualStep():
            yield from _manual(step, inside)
        case ChooseStep():
            yield f"{inside}{step.prompt}"
            for option in step.options:
                yield ""
                yield from _option(option, inside)
        case VerifyStep():
            held = f", and they hold for {duration(step.hold)}" if step.hold else ""
            yield (
                f"{inside}Looks every {duration(step.every)}, for at most {duration(step.within)}, until all of "
                f"these are true{held}:"
            )
            yield ""
            for check in step.checks:
                yield f"{inside}- {check.title}: {_called(check.call)} gives {_code(check.expect.source)}"


def _option(option: Option, inside: str) -> Iterator[str]:
    hint = f": {option.hint}" if option.hint else ""
    yield f"{inside}- **{option.title}**{_only_if(option.when)}{hint}"
    for inner in option.steps:
        for line in _step(inner, "-"):
            yield f"{inside}  {line}" if line else ""


def _action(step: ActionStep) -> Iterator[str]:
    yield f"{_called(step.call)}; {_DANGER[step.call.danger]}, {_when_it_runs(step)}."
    if step.confirm:
        yield f"Before it runs: {step.confirm}"
    if step.approve is not None:
        yield _approved(step.approve)
    if step.undo is not None:
        yield f"Can be undone for ten minutes by {_called(step.undo)}."
    if step.retry:
        yield f"Tried again up to {step.retry} times when it brings nothing."
    if step.on_failure == "stop":
        yield "When it fails, the run waits for a person."


def _when_it_runs(step: ActionStep) -> str:
    return "runs by itself" if step.auto else "runs when a person presses it"


def _approved(rule: Approval) -> str:
    people = "one other person" if rule.count == 1 else f"{rule.count} other people"
    return f"Needs approval by {people} ({several(list(rule.roles))}), within {duration(rule.expires)}."


def _manual(step: ManualStep, inside: str) -> Iterator[str]:
    yield f"{inside}Done by hand: {step.text}"
    if step.command:
        yield ""
        yield f"{inside}```"
        for line in step.command.splitlines():
            yield f"{inside}{line}"
        yield f"{inside}```"


def _called(call: Call) -> str:
    where = f" on `{call.target}`" if call.target else ""
    given = ", ".join(
        f"{each.name} {_code('${' + each.ref + '}' if each.ref else str(each.value))}" for each in call.inputs
    )
    return f"`{call.action}`{where}{f' with {given}' if given else ''} (at most {duration(call.timeout)})"


def _only_if(condition: Condition | None) -> str:
    return f", only if {_code(condition.source)}" if condition is not None else ""


def _code(text: str) -> str:
    """Show text as code; a text with backticks in it gets a longer fence."""
    fence = "`" * (max((len(run) for run in _ticks(text)), default=0) + 1)
    room = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{room}{text}{room}{fence}"


def _ticks(text: str) -> Iterator[str]:
    run = ""
    for each in f"{text} ":
        if each == "`":
            run += each
        elif run:
            yield run
            run = ""
