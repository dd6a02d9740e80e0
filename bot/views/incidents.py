"""The incident card: what, how bad, who has it, what is next; its buttons are what this state allows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.escalation import Upcoming
from bot.domain.incident import Incident
from bot.domain.lifecycle import Status
from bot.views.block import Block, actions, button, confirmation, context, fields, header, section
from bot.views.text import ago, clock, duration, escape, person, shorten, typed

ACK = "incident:ack"
RUNBOOK = "incident:runbook"
UPDATE = "incident:update"
ESCALATE = "incident:escalate"
RESOLVE = "incident:resolve"
ASSIGN = "incident:assign"
REOPEN = "incident:reopen"
CLOSE = "incident:close"
OPEN_CARD = "incident:open"
JOIN = "incident:join"
CATCHUP = "incident:catchup"
RETRY = "incident:retry"
SNOOZE = "incident:snooze"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is posted: blocks, and the sentence that screen readers and notifications use instead of them."""

    text: str
    blocks: tuple[Block, ...]


def card(incident: Incident, *, title: str, now: datetime, upcoming: Upcoming | None) -> Message:
    """Draw the one message that is always true of an incident.

    Args:
        incident: the facts at this moment.
        title: the service's title for people.
        now: domain time, for the fallback of relative times.
        upcoming: the next rung of the ladder, or None when nothing is to come.
    """
    if not incident.is_open:
        return _ended(incident, title=title)
    where = f"{escape(title)}, {escape(incident.environment)}"
    state = (
        f"*{where}* · {incident.status.value.capitalize()} · started {ago(incident.clock_started_at, now)}"
    )
    blocks = [
        header(headline(incident)),
        section(state),
        fields(f"*Commander*\n{_commander(incident, now)}", f"*Acknowledged*\n{_acknowledged(incident)}"),
        fields(f"*Next*\n{_next(upcoming)}", f"*Updates*\n{_updates(incident, now)}"),
    ]
    blocks += _warnings(incident)
    blocks += [actions(_buttons(incident), block_id=f"card-{incident.id}"), context(_origin(incident))]
    return Message(text=spoken(incident), blocks=tuple(blocks))


def _commander(incident: Incident, now: datetime) -> str:
    """Name who leads; past the response target, say that nobody does."""
    late = now - incident.clock_started_at - timedelta(seconds=incident.respond_within)
    if incident.commander is None and incident.respond_within and late > timedelta(0):
        target = duration(timedelta(seconds=incident.respond_within))
        return f"nobody yet, and the response target of {target} has passed"
    return person(incident.commander)


def _warnings(incident: Incident) -> list[Block]:
    """Say what was owed and did not happen, with one press to try it all again."""
    lost = incident.shortfalls
    if not lost:
        return []
    said = [f"Warning: {typed(each.sentence, 600)}" for each in lost[:3]]
    if len(lost) > 3:
        said.append(f"And {len(lost) - 3} more; /incident timeline has them.")
    again = button("Retry", RETRY, str(incident.id), spoken=f"Try what failed for {incident.key} again")
    return [section("\n".join(said), accessory=again)]


def headline(incident: Incident) -> str:
    """Give the card's first line in plain text."""
    drill = "DRILL · " if incident.drill else ""
    return f"{drill}{incident.severity} · {incident.key} · {incident.title}"


def spoken(incident: Incident) -> str:
    """Give the full sentence that stands for the card where blocks are not shown."""
    held = (
        f"acknowledged by {person(incident.acknowledged_by)}"
        if incident.acknowledged_by
        else "not acknowledged"
    )
    drill = "DRILL: " if incident.drill else ""
    return (
        f"{drill}{incident.severity} incident {incident.key}: {escape(incident.title)}. "
        f"{escape(incident.service)} in {escape(incident.environment)}, {incident.status.value}, {held}."
    )


def _acknowledged(incident: Incident) -> str:
    if incident.acknowledged_at is None:
        return "nobody yet"
    after = duration(incident.acknowledged_at - incident.clock_started_at)
    return f"{person(incident.acknowledged_by)}, {after} after start"


def _next(upcoming: Upcoming | None) -> str:
    if upcoming is None:
        return "no further escalation"
    return f"{escape(upcoming.title)} at {clock(upcoming.at)} unless {upcoming.unless.value}"


def _updates(incident: Incident, now: datetime) -> str:
    """Say when an update is due: from the last one, else from the acknowledgement, as the reminders count."""
    last = f"last {ago(incident.updated_at, now)}" if incident.updated_at else "none yet"
    if not incident.update_every:
        return last
    every = timedelta(seconds=incident.update_every)
    since = incident.updated_at or incident.acknowledged_at
    if since is None:
        return f"{last}, every {duration(every)} once somebody has it"
    due = since + every
    state = f"overdue since {clock(due)}" if due < now else f"next due {clock(due)}"
    return f"{last}, {state} (every {duration(every)})"


def _buttons(incident: Incident) -> Sequence[Block]:
    value = str(incident.id)
    first = (
        button("Acknowledge", ACK, value, style="primary", spoken=f"Acknowledge {incident.key}")
        if incident.acknowledged_at is None
        else button("Assign role", ASSIGN, value, spoken=f"Assign a role in {incident.key}")
    )
    leading = (
        "primary" if incident.acknowledged_at is not None and incident.status is Status.MONITORING else ""
    )
    return (
        first,
        button("Run runbook", RUNBOOK, value),
        button("Post update", UPDATE, value),
        button("Escalate", ESCALATE, f"{incident.id}:{incident.level}", confirm=_escalate_confirm(incident)),
        button("Resolve", RESOLVE, value, style=leading, confirm=_resolve_confirm(incident)),
    )


def _escalate_confirm(incident: Incident) -> Block:
    return confirmation(
        f"Escalate {incident.key}?",
        f"The next level of the escalation policy is told about {incident.key} now, not later.",
        "Escalate",
    )


def _resolve_confirm(incident: Incident) -> Block:
    return confirmation(
        f"Resolve {incident.key}?",
        f"{incident.key} becomes resolved, its pending escalations stop, and the card says so. It can be reopened.",
        "Resolve",
    )


def _origin(incident: Incident) -> str:
    source = (
        f"from alert {typed(incident.labels['alertname'], 100)}" if "alertname" in incident.labels else ""
    )
    parts = [f"Declared by {person(incident.declared_by)} {source}".strip()]
    parts += [f"<{url}|{typed(name, 60)}>" for name, url in incident.links[:8]]
    return " · ".join(parts)


def _ended(incident: Incident, *, title: str) -> Message:
    value = str(incident.id)
    blocks = [header(headline(incident)), section(_ending(incident, title))]
    facts = [f"*Time to acknowledge*\n{_time_to_acknowledge(incident)}", f"*Pages sent*\n{incident.pages}"]
    if incident.status is Status.RESOLVED:
        facts.insert(0, f"*Duration*\n{_length(incident)}")
        blocks.append(fields(*facts))
        blocks.append(actions((button("Reopen", REOPEN, value), button("Close", CLOSE, value))))
    elif incident.status is not Status.MERGED:
        blocks.append(fields(*facts))
        blocks.append(actions((button("Reopen", REOPEN, value),)))
    blocks += _warnings(incident)
    blocks.append(context(_origin(incident)))
    return Message(text=spoken(incident), blocks=tuple(blocks))


def _ending(incident: Incident, title: str) -> str:
    where = f"*{escape(title)}, {escape(incident.environment)}*"
    if incident.status is Status.MERGED:
        return f"{where} · Merged into INC-{incident.merged_into}"
    if incident.resolved_at is not None:
        by = person(incident.resolved_by)
        return f"{where} · {incident.status.value.capitalize()} · resolved by {by} at {clock(incident.resolved_at)}"
    return f"{where} · {incident.status.value.capitalize()}"


def _length(incident: Incident) -> str:
    end = incident.resolved_at or incident.ended_at or incident.clock_started_at
    return duration(end - incident.clock_started_at)


def _time_to_acknowledge(incident: Incident) -> str:
    if incident.acknowledged_at is None:
        return "never acknowledged"
    return duration(incident.acknowledged_at - incident.clock_started_at)


def listing(some: Sequence[Incident], *, now: datetime) -> Message:
    """List incidents one to a line; short enough for a phone."""
    if not some:
        return Message(text="No incident is open.", blocks=(section("No incident is open."),))
    lines = [_row(each, now) for each in some[:40]]
    if len(some) > 40:
        lines.append(f"And {len(some) - 40} more: name one with /incident status INC-n.")
    blocks = tuple(section("\n".join(lines[at : at + 10])) for at in range(0, len(lines), 10))
    return Message(text="\n".join(lines), blocks=blocks)


def _row(incident: Incident, now: datetime) -> str:
    where = f"<#{incident.card.channel}>" if incident.card else f"#{incident.channel}"
    marks = ("DRILL · " if incident.drill else "") + ("private · " if incident.private else "")
    return (
        f"{marks}*{incident.severity} · {incident.key}* · {escape(incident.title)} · {incident.status.value} · "
        f"started {ago(incident.clock_started_at, now)} · commander {person(incident.commander)} · {where}"
    )


def picker(some: Sequence[Incident], *, word: str, text: str) -> Message:
    """Ask which of several open incidents a command means; a press carries on with the typed text."""
    rows = [
        button(
            f"{each.severity} {each.key} {each.title}", f"pick:{word}:{each.id}", f"{each.id} {text}"[:2000]
        )
        for each in some[:20]
    ]
    blocks = [section(f"Several incidents are open here. Which one is meant by *{word}*?")]
    blocks += [actions(rows[at : at + 5]) for at in range(0, len(rows), 5)]
    return Message(
        text=f"Several incidents are open here. Which one is meant by {word}?", blocks=tuple(blocks)
    )


def update(incident: Incident, text: str) -> Message:
    """Show a status update; the text comes from a template that has escaped its values."""
    drill = "DRILL · " if incident.drill else ""
    return Message(
        text=shorten(f"{drill}Status update of {incident.key}: {text}", 3900),
        blocks=(section(f"{drill}{text}"), context(headline_small(incident))),
    )


def headline_small(incident: Incident) -> str:
    """Name the incident in a line of small text."""
    return f"{incident.key} · {escape(incident.title)}"
