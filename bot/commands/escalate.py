"""`/incident escalate`: the next level now, exactly one."""

from bot.commands import About, Call, Command, Entry, Reply, Road, Say
from bot.services.escalations import escalate, hand_on
from bot.services.incidents import note
from bot.views import incidents, pages


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


def _pass_on(call: Call) -> Reply:
    level = _level(call) or call.incident.level
    incident = hand_on(call.tx, call.config, call.channels, call.subject, call.incident.id, level)
    return Say(
        text=f"Passed on: {incident.key} is at level {incident.level} now. You need not do anything more."
    )


def _still_on_it(call: Call) -> Reply:
    incident = note(call.tx, call.config, call.subject, call.incident.id, "Still on it.")
    return Say(text=f"Thank you. {incident.key} stays with you.")


_ENTRY = Entry(permission="incident.escalate", about=About.INCIDENT, run=_run)

SPEC = Command(
    summary="Tell the next level of the escalation policy now",
    usage="[INC-n] [why]",
    example="/incident escalate INC-42 needs a database person",
    entry=_ENTRY,
    presses={
        incidents.ESCALATE: _ENTRY,
        pages.HAND_ON: Entry(permission="incident.ack", about=About.INCIDENT, run=_pass_on),
        pages.STILL_ON_IT: Entry(permission="incident.ack", about=About.INCIDENT, run=_still_on_it),
    },
)
