"""What people do to an incident, as pure decisions: facts in, facts and events out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.escalation import Policy
from bot.domain.incident import TITLE_LIMIT, UNTITLED, Incident
from bot.domain.lifecycle import Move, Status, advance
from bot.domain.outcome import Outcome
from bot.domain.refusal import Refusal
from bot.domain.room import OVER, homeless
from bot.domain.severity import Severity
from bot.domain.teamwork import NoteEdited, NoteHidden, PersonJoined
from bot.domain.timeline import (
    Acknowledged,
    Declared,
    DeclaredMajor,
    Event,
    Merged,
    NoteAdded,
    Reopened,
    Resolved,
    RoleAssigned,
    SeverityChanged,
    StatusChanged,
    TitleChanged,
    UpdatePosted,
)

ROLES = ("commander", "communications", "scribe", "operations")
"""The roles one incident has; they are not permissions, though a grant may name them."""


class AlreadySo(Refusal):
    """Refuse an act whose result is already true, saying since when and by whom."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """Everything a declaration needs to know; `policy` is copied onto the incident and pinned there."""

    id: int
    title: str
    service: str
    environment: str
    severity: Severity
    policy: Policy
    channel: str
    by: str
    source: str
    private: bool = False
    drill: bool = False
    everyone: bool = False
    alert: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    links: tuple[tuple[str, str], ...] = ()
    own_channel: bool = False


def declare(asked: Declaration, *, now: datetime) -> Outcome:
    """Open an incident; a title past the limit is cut at a word, and the whole of it is kept as a note."""
    title, rest = fit_title(asked.title)
    update_every, respond_within = asked.severity.update_every, asked.severity.respond_within
    own = room_name(asked) if asked.own_channel or asked.private else ""
    incident = Incident(
        id=asked.id,
        title=title,
        service=asked.service,
        environment=asked.environment,
        severity=asked.severity.name,
        rank=asked.severity.rank,
        status=Status.INVESTIGATING,
        declared_at=now,
        declared_by=asked.by,
        clock_started_at=now,
        policy=asked.policy,
        source=asked.source,
        channel=own or asked.channel,
        home=asked.channel,
        dedicated=own,
        private=asked.private,
        drill=asked.drill,
        everyone=asked.everyone,
        alert=asked.alert,
        labels=asked.labels,
        links=asked.links,
        update_every=int(update_every.total_seconds()) if update_every else 0,
        respond_within=int(respond_within.total_seconds()) if respond_within else 0,
    )
    declared = Declared(title=title, severity=incident.severity, service=asked.service, source=asked.source)
    events: list[tuple[str, Event]] = [(asked.by, declared)]
    if rest:
        events.append((asked.by, NoteAdded(text=asked.title.strip())))
    return Outcome(incident=incident, events=tuple(events))


def room_name(asked: Declaration) -> str:
    """Name a channel of the incident's own: `inc-42-api-down`; Slack takes 80 characters, a private one tells no title."""
    title = "private" if asked.private else asked.title.casefold()
    words = "-".join("".join(each if each.isascii() and each.isalnum() else " " for each in title).split())
    prefix = "drill-" if asked.drill else ""
    return f"{prefix}inc-{asked.id}-{words}"[:60].rstrip("-")


def fit_title(text: str) -> tuple[str, str]:
    """Bring a title into one line of at most TITLE_LIMIT characters; give it and what did not fit."""
    title = " ".join(text.split())
    if not title:
        return UNTITLED, ""
    if len(title) <= TITLE_LIMIT:
        return title, ""
    cut = title.rfind(" ", 0, TITLE_LIMIT - 1)
    at = cut if cut > TITLE_LIMIT // 2 else TITLE_LIMIT - 1
    return title[:at] + "…", title[at:].strip()


def acknowledge(incident: Incident, *, by: str, now: datetime) -> Outcome:
    """Take note that somebody works on it; with no commander yet, that person takes command."""
    _must_be_open(incident, "acknowledged")
    if incident.acknowledged_at is not None:
        when = f"<!date^{int(incident.acknowledged_at.timestamp())}^{{time}}|{incident.acknowledged_at:%H:%M UTC}>"
        raise AlreadySo(
            f"{incident.key} was already acknowledged by <@{incident.acknowledged_by}> at {when}."
        )
    after = int((now - incident.clock_started_at).total_seconds())
    events: list[tuple[str, Event]] = [(by, Acknowledged(after_seconds=after))]
    roles = dict(incident.roles)
    if "commander" not in roles:
        roles["commander"] = by
        events.append((by, RoleAssigned(role="commander", person=by)))
    after_ack = replace(incident, acknowledged_by=by, acknowledged_at=now, roles=roles)
    return Outcome(incident=after_ack, events=tuple(events))


def move(incident: Incident, to: Move, *, by: str, why: str = "") -> Outcome:
    """Change the status of an open incident between investigating, identified and monitoring."""
    status = advance(incident.key, incident.status, to)
    event = StatusChanged(old=incident.status.value, new=status.value, why=why)
    return Outcome(incident=replace(incident, status=status), events=((by, event),))


def resolve(incident: Incident, *, by: str, now: datetime, summary: str = "") -> Outcome:
    """End the trouble: every pending escalation vanishes with the next reconciliation."""
    status = advance(incident.key, incident.status, Move.RESOLVE)
    after = int((now - incident.clock_started_at).total_seconds())
    resolved = replace(incident, status=status, resolved_at=now, resolved_by=by)
    return Outcome(incident=resolved, events=((by, Resolved(after_seconds=after, summary=summary)),))


def reopen(incident: Incident, *, by: str, now: datetime, why: str = "") -> Outcome:
    """Begin again: a new generation of the ladder, and the clock restarts."""
    status = advance(incident.key, incident.status, Move.REOPEN)
    again = replace(
        incident,
        status=status,
        clock_started_at=now,
        generation=incident.generation + 1,
        level=0,
        acknowledged_by=None,
        acknowledged_at=None,
        resolved_at=None,
        resolved_by=None,
        ended_at=None,
        major_at=None,
        snoozed_at=None,
    )
    if incident.room and incident.status in OVER:
        again = homeless(again)
    return Outcome(incident=again, events=((by, Reopened(why=why)),))


def end(incident: Incident, to: Move, *, by: str, now: datetime, why: str = "") -> Outcome:
    """Close a resolved incident, or cancel an open one as a false alarm."""
    status = advance(incident.key, incident.status, to)
    event = StatusChanged(old=incident.status.value, new=status.value, why=why)
    return Outcome(incident=replace(incident, status=status, ended_at=now), events=((by, event),))


def merge(incident: Incident, into: Incident, *, by: str, now: datetime) -> Outcome:
    """Fold a duplicate into the incident that goes on."""
    if incident.id == into.id:
        raise Refusal(f"{incident.key} can't be merged into itself. Name the incident that goes on.")
    if not into.is_open:
        raise Refusal(f"{into.key} is {into.status.value}. Merge into an open incident, or reopen it first.")
    status = advance(incident.key, incident.status, Move.MERGE)
    merged = replace(incident, status=status, merged_into=into.id, ended_at=now)
    return Outcome(incident=merged, events=((by, Merged(into=into.id)),))


def change_severity(incident: Incident, to: Severity, *, by: str, why: str = "") -> Outcome:
    """Change how bad it is; what has fired stays fired, what has not is planned anew from the declaration."""
    _must_be_open(incident, "given another severity")
    if to.name == incident.severity:
        raise AlreadySo(f"{incident.key} is already {to.name}.")
    every = int(to.update_every.total_seconds()) if to.update_every else 0
    within = int(to.respond_within.total_seconds()) if to.respond_within else 0
    event = SeverityChanged(old=incident.severity, new=to.name, why=why)
    changed = replace(incident, severity=to.name, rank=to.rank, update_every=every, respond_within=within)
    return Outcome(incident=changed, events=((by, event),))


def declare_major(incident: Incident, *, by: str, now: datetime, why: str = "") -> Outcome:
    """Declare a major incident: rungs anchored on it become due."""
    _must_be_open(incident, "declared major")
    if incident.major_at is not None:
        raise AlreadySo(f"{incident.key} is already a major incident.")
    return Outcome(incident=replace(incident, major_at=now), events=((by, DeclaredMajor(why=why)),))


def assign(incident: Incident, role: str, person: str, *, by: str) -> Outcome:
    """Give a role in the incident to a person; whoever had it is named in the event."""
    before = incident.roles.get(role)
    if before == person:
        raise AlreadySo(f"<@{person}> already is {role} of {incident.key}.")
    roles = {**incident.roles, role: person}
    event = RoleAssigned(role=role, person=person, before=before)
    return Outcome(incident=replace(incident, roles=roles), events=((by, event),))


def rename(incident: Incident, title: str, *, by: str) -> Outcome:
    """Give the incident a better title."""
    fitted, _ = fit_title(title)
    if fitted == UNTITLED:
        raise Refusal("A title needs at least one word. Say in a few words what is broken.")
    event = TitleChanged(old=incident.title, new=fitted)
    return Outcome(incident=replace(incident, title=fitted), events=((by, event),))


def note(incident: Incident, text: str, *, by: str, link: str = "") -> Outcome:
    """Write a note into the timeline; allowed in every status."""
    if not text.strip():
        raise Refusal("A note needs some text. Example: /incident note cache looks cold since 10:02")
    return Outcome(incident=incident, events=((by, NoteAdded(text=text.strip(), link=link)),))


def edit_note(incident: Incident, of: int, text: str, *, by: str) -> Outcome:
    """Give a note other words; the old ones stay in the trail."""
    if not text.strip():
        raise Refusal("A note needs some text. To take it off the timeline, hide it: /incident note hide 12")
    return Outcome(incident=incident, events=((by, NoteEdited(of=of, text=text.strip())),))


def hide_note(incident: Incident, of: int, *, by: str, why: str = "") -> Outcome:
    """Take a note off the timeline; the trail keeps it, and the timeline says that one was hidden."""
    return Outcome(incident=incident, events=((by, NoteHidden(of=of, why=why)),))


def join(incident: Incident, *, by: str) -> Outcome:
    """Take part in an incident that is open already, instead of declaring a second one."""
    _must_be_open(incident, "joined")
    if by in incident.people:
        return Outcome(incident=incident)
    joined = replace(incident, joined=(*incident.joined, by))
    return Outcome(incident=joined, events=((by, PersonJoined(person=by)),))


def snooze(incident: Incident, *, by: str, now: datetime) -> Outcome:
    """Put off the next reminder of a status update, once between two updates; the rhythm stays."""
    _must_be_open(incident, "snoozed")
    last = incident.updated_at or incident.clock_started_at
    if incident.snoozed_at is not None and incident.snoozed_at >= last:
        raise Refusal(
            f"The reminder of {incident.key} was put off once already. Post an update, however short: "
            "/incident update still investigating"
        )
    event = NoteAdded(text="Put off the next reminder of a status update.")
    return Outcome(incident=replace(incident, snoozed_at=now), events=((by, event),))


def record_update(incident: Incident, text: str, *, by: str, audience: str, now: datetime) -> Outcome:
    """Keep the latest status update as a fact, so that cards and catch-ups can show it."""
    if not text.strip():
        raise Refusal("A status update needs one or two sentences. Say what is known and what happens next.")
    updated = replace(incident, update=text.strip(), updated_at=now)
    return Outcome(incident=updated, events=((by, UpdatePosted(text=text.strip(), audience=audience)),))


def _must_be_open(incident: Incident, what: str) -> None:
    if not incident.is_open:
        raise Refusal(
            f"{incident.key} is {incident.status.value}, so it can't be {what}. Reopen it first if it is back."
        )
