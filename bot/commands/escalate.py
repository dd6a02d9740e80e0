"""`/incident escalate`: the next level now, exactly one."""

import shlex
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.commands import About, Call, Command, Entry, Reply, Road, Say
from bot.domain.forecast import Question
from bot.domain.moment import read_length, read_moment
from bot.domain.refusal import Refusal, UnknownName
from bot.services.escalations import escalate, forecast, hand_on, still_on_it
from bot.views import incidents, pages
from bot.views.block import section
from bot.views.ladder import as_text, summary
from bot.views.text import escape, in_parts

_QUOTES = str.maketrans("“”\u2018\u2019", "\"\"''")
"""The quotation marks that phones type by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What a preview was asked about; empty where nothing was said."""

    severity: str = ""
    service: str = ""
    at: str = ""
    ack_after: str = ""
    resolve_after: str = ""


def _read(text: str) -> _Asked:
    try:
        words = shlex.split(text.translate(_QUOTES))
    except ValueError:
        raise Refusal(
            'A quote is not closed. Example: /incident escalate preview P1 --at "Sun 03:00"'
        ) from None
    options = {
        f"--{name.replace('_', '-')}": name for name in ("service", "at", "ack_after", "resolve_after")
    }
    found = dict[str, str]()
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if name in options:
            found[options[name]] = value if equals else next(rest, "")
        elif name.startswith("-") or "severity" in found:
            raise UnknownName("option", word, options)
        else:
            found["severity"] = word
    return _Asked(**found)


def _run(call: Call) -> Reply:
    why = "" if call.road is Road.PRESS else call.text
    incident = escalate(
        call.tx, call.config, call.channels, call.subject, call.incident.id, from_level=_level(call), why=why
    )
    return Say(text=f"{incident.key} is escalated to level {incident.level}.")


def _level(call: Call) -> int | None:
    """Read the level that the pressed card showed; a typed command names none."""
    level = call.value.partition(":")[2]
    return int(level) if level.isascii() and level.isdigit() else None


def _preview(call: Call) -> Reply:
    asked = _read(call.text)
    service = call.config.service(asked.service or _service_here(call))
    scheme = call.config.scheme_of(service.name)
    severity = scheme.find(asked.severity or scheme.default)
    known = call.config.handle_of(call.subject.user)
    tz = call.config.people[known].tz if known else "UTC"
    question = Question(
        policy=call.config.policies[service.policy],
        service=service.name,
        severity=severity.name,
        rank=severity.rank,
        at=read_moment(asked.at, now=call.tx.now, tz=tz),
        ack_after=read_length(asked.ack_after) if asked.ack_after else None,
        resolve_after=read_length(asked.resolve_after) if asked.resolve_after else None,
    )
    pages = forecast(call.config, call.channels, question)
    said = summary(service.title, question.severity, question.at.astimezone(ZoneInfo(tz)), pages)
    if not pages:
        return Say(text=said)
    table = escape(as_text(pages, ZoneInfo(tz)))
    parts = [f"```{part}```" for part in in_parts(table, 2900)[:5]]
    return Say(text=f"{said}\n{parts[0]}", blocks=(section(said), *(section(part) for part in parts)))


def _service_here(call: Call) -> str:
    here = [each.name for each in call.config.services.values() if each.channel == call.channel_name]
    return call.config.default_service if call.config.default_service in here or not here else here[0]


def _pass_on(call: Call) -> Reply:
    level = _level(call) or call.incident.level
    incident = hand_on(call.tx, call.config, call.channels, call.subject, call.incident.id, level)
    return Say(
        text=f"Passed on: {incident.key} is at level {incident.level} now. You need not do anything more."
    )


def _still_on_it(call: Call) -> Reply:
    incident = still_on_it(call.tx, call.config, call.subject, call.incident.id)
    return Say(text=f"Thank you. {incident.key} stays with you.")


_ENTRY = Entry(permission="incident.escalate", about=About.INCIDENT, run=_run)

SPEC = Command(
    summary="Tell the next level of the escalation policy now",
    usage="[INC-n] [why] | preview [SEVERITY] [--service NAME] [--at WHEN] [--ack-after 4m] [--resolve-after 2h]",
    example='/incident escalate preview P1 --at "Sun 03:00"',
    entry=_ENTRY,
    words={"preview": Entry(permission="incident.view", about=About.NOTHING, run=_preview)},
    presses={
        incidents.ESCALATE: _ENTRY,
        pages.HAND_ON: Entry(permission="incident.ack", about=About.INCIDENT, run=_pass_on),
        pages.STILL_ON_IT: Entry(permission="incident.ack", about=About.INCIDENT, run=_still_on_it),
    },
)
