"""`/incident oncall`: who is on call now and next; cover, overrides, and who takes over."""

import re
from dataclasses import dataclass
from datetime import datetime

from bot.commands import About, Call, Command, Entry, Reply, Say
from bot.domain.moment import read_length, read_moment
from bot.domain.oncall import Override, next_change, on_call
from bot.domain.refusal import Refusal, UnknownName
from bot.services import feeds
from bot.services import oncall as duty
from bot.views import oncall as views
from bot.views.text import day_clock, escape, person, several

_SPAN = re.compile(
    r"(?P<head>.*?)\s*\bfrom\s+(?P<start>.+?)\s+(?P<how>to|until|for)\s+(?P<end>.+?)(?:\s+because\s+(?P<why>.+))?",
    re.IGNORECASE,
)
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_EXAMPLE = "/incident oncall override architect @eng-lead from 18:00 to 22:00 because of the dentist"
_COVER_EXAMPLE = "/incident oncall cover me from 18:00 to 22:00 because of the dentist"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    head: list[str]
    start: datetime
    end: datetime
    why: str


def _run(call: Call) -> Reply:
    schedules = call.config.schedules
    wanted = call.text.strip()
    if wanted and wanted not in schedules:
        raise UnknownName("schedule", wanted, schedules)
    if not schedules:
        return Say(text="No on-call schedule is configured. Add one to config/oncall.yaml.")
    lines = []
    for name in [wanted] if wanted else sorted(schedules):
        schedule, now = schedules[name], call.tx.now
        change = next_change(schedule, now)
        people = [_shown(call, each) for each in on_call(schedule, now)]
        later = [_shown(call, each) for each in on_call(schedule, change)] if change else []
        lines.append(views.duty(name, people, later, change))
    made = (each for each in duty.overrides(call.tx) if wanted in {"", each.schedule})
    lines.extend(_override_line(call, each) for each in made)
    for name, why in feeds.troubles(call.tx).items():
        if wanted in {"", name} and schedules[name].feed:
            lines.append(
                f"The plan of {escape(name)} could not be read; the last known one stands. {escape(why)}"
            )
    return Say(text="\n".join(lines))


def _override(call: Call) -> Reply:
    span = _read(call, _EXAMPLE)
    words = [each for each in span.head if each.casefold() not in {"and", "with"}]
    instead = ""
    if "instead" in words:
        at = words.index("instead")
        instead = _handle(call, words[-1])
        words = words[:at]
    if len(words) < 2:
        raise Refusal(f"Name the schedule and who is to be on call. Example: {_EXAMPLE}")
    override = Override(
        start=span.start,
        end=span.end,
        people=tuple(_handle(call, each) for each in words[1:]),
        instead_of=instead,
        why=span.why,
    )
    made = duty.add_override(call.tx, call.config, call.subject, words[0], override)
    return Say(text=f"Done. {_override_line(call, made)}")


def _remove(call: Call) -> Reply:
    number = call.text.strip().removeprefix("#")
    if not number.isascii() or not number.isdigit():
        raise Refusal("Say which override, by its number. Example: /incident oncall remove 3")
    made = duty.remove_override(call.tx, call.config, call.subject, int(number))
    return Say(text=f"Override {made.number} of {made.schedule} is removed.")


def _cover(call: Call) -> Reply:
    span = _read(call, _COVER_EXAMPLE)
    words = [each for each in span.head if each.casefold() != "me"]
    schedule = words[0] if words else _own(call, span)
    override = Override(start=span.start, end=span.end, people=(), why=span.why)
    cover = duty.ask_cover(call.tx, call.config, call.subject, schedule, override)
    return Say(text=f"Your request is in #{cover.channel}. You stay on call until somebody accepts it.")


def _accept(call: Call) -> Reply:
    cover = duty.accept_cover(call.tx, call.config, call.subject, _number(call))
    return Say(text=f"Thank you. You are on call for {cover.schedule} until {day_clock(cover.end)}.")


def _withdraw(call: Call) -> Reply:
    duty.withdraw_cover(call.tx, call.config, call.subject, _number(call))
    return Say(text="The request is withdrawn. You stay on call.")


def _read(call: Call, example: str) -> _Span:
    found = _SPAN.fullmatch(call.text.strip())
    if found is None:
        raise Refusal(f"Say from when to when. Example: {example}")
    handle = call.config.handle_of(call.subject.user)
    tz = call.config.people[handle].tz if handle else "UTC"
    start = read_moment(found["start"], now=call.tx.now, tz=tz)
    if found["how"].casefold() == "for":
        end = start + read_length(found["end"])
    else:
        end = read_moment(found["end"], now=start if _clock_only(found["end"]) else call.tx.now, tz=tz)
    return _Span(head=found["head"].split(), start=start, end=end, why=found["why"] or "")


def _clock_only(text: str) -> bool:
    """Tell whether an end is a mere time of day, which means the next one after the start."""
    return len(text.split()) == 1 and "-" not in text


def _own(call: Call, span: _Span) -> str:
    """Find the one schedule by which who asks has duty then."""
    handle = call.config.handle_of(call.subject.user) or ""
    mine = [name for name, each in call.config.schedules.items() if handle in on_call(each, span.start)]
    if len(mine) > 1:
        listed = ", ".join(mine)
        raise Refusal(f"You are on call for {listed} then. Name one: /incident oncall cover {mine[0]} from …")
    if not mine:
        raise Refusal("You are not on call then, so there is nothing to cover. See /incident oncall.")
    return mine[0]


def _handle(call: Call, word: str) -> str:
    mention = _MENTION.fullmatch(word)
    handle = call.config.handle_of(mention[1]) if mention else word.removeprefix("@")
    if handle is None or handle not in call.config.people:
        raise UnknownName("person", handle or word, call.config.people)
    return handle


def _number(call: Call) -> int:
    return int(call.value) if call.value.isascii() and call.value.isdigit() else 0


def _shown(call: Call, handle: str) -> str:
    known = call.config.people.get(handle)
    return person(known.slack) if known and known.slack else escape(handle)


def _override_line(call: Call, made: duty.Made) -> str:
    override = made.override
    people = several([_shown(call, each) for each in override.people])
    instead = f" instead of {_shown(call, override.instead_of)}" if override.instead_of else ""
    span = f"{day_clock(override.start)} to {day_clock(override.end)}"
    why = f" ({escape(override.why)})" if override.why else ""
    return f"Override {made.number} of {escape(made.schedule)}: {people}{instead}, {span}{why}"


_COVER = Entry(permission="oncall.cover", about=About.NOTHING, run=_cover)

SPEC = Command(
    summary="Show who is on call now and next; ask for cover, or put others on call",
    usage=(
        "[SCHEDULE] | cover [SCHEDULE] from WHEN to WHEN [because …] | "
        "override SCHEDULE @person… from WHEN to WHEN [because …] | remove N"
    ),
    example=_COVER_EXAMPLE,
    entry=Entry(permission="incident.view", about=About.NOTHING, run=_run),
    words={
        "cover": _COVER,
        "override": Entry(permission="oncall.override", about=About.NOTHING, run=_override),
        "remove": Entry(permission="oncall.override", about=About.NOTHING, run=_remove),
    },
    presses={
        views.ACCEPT: Entry(permission="oncall.cover", about=About.NOTHING, run=_accept),
        views.WITHDRAW: Entry(permission="oncall.cover", about=About.NOTHING, run=_withdraw),
    },
)
