"""One line per event for the thread: a sentence, past tense, with who and when."""

import re
from datetime import timedelta
from typing import assert_never

from bot.domain.answer_event import AnswerEvent, HandedOver, Snoozed, Unacknowledged
from bot.domain.duty import DutyChanged, OverrideAdded, OverrideRemoved, WasDown
from bot.domain.run_event import (
    ApprovalAsked,
    ApprovalDecided,
    Checkpoint,
    ChosenAgain,
    Compared,
    GlassBroken,
    RunEvent,
)
from bot.domain.teamwork import CommanderMissing, NoteEdited, NoteHidden, PersonJoined
from bot.domain.timeline import (
    Acknowledged,
    AlertSeen,
    ClockStepped,
    Declared,
    DeclaredMajor,
    DeliveryFailed,
    Entry,
    Escalated,
    Event,
    Merged,
    NobodyToPage,
    NoteAdded,
    Paged,
    PageHeld,
    PermissionGranted,
    PermissionRefused,
    Reopened,
    Resolved,
    RoleAssigned,
    RunEnded,
    RunStarted,
    SeverityChanged,
    StatusChanged,
    StepEnded,
    StepStarted,
    TitleChanged,
    UpdatePosted,
)
from bot.views.run_story import told
from bot.views.text import clock, duration, person, several, typed

_LINK = re.compile(r"https?://[^\s<>|]{1,500}")
"""An address that cannot end the markup around it."""


def line(entry: Entry) -> str | None:
    """Give the thread's line for an event, or None for what the thread does not show."""
    said = sentence(entry.actor, entry.event)
    return None if said is None else f"{clock(entry.at)} {said}"


def sentence(actor: str, event: Event) -> str | None:
    """Say in one past-tense sentence who did what; None for events that only the audit trail keeps."""
    who = person(actor)
    match event:
        case Declared():
            return f"{who} declared {typed(event.severity)}: {typed(event.title)} ({typed(event.service)}, {_source(event.source)})."
        case Acknowledged():
            return f"{who} acknowledged ({duration(timedelta(seconds=event.after_seconds))} after start)."
        case StatusChanged():
            return f"{who} set the status to {typed(event.new)} (was {typed(event.old)}){_why(event.why)}."
        case Resolved():
            said = f": {typed(event.summary)}" if event.summary else ""
            return f"{who} resolved it after {duration(timedelta(seconds=event.after_seconds))}{said}."
        case Reopened():
            return f"{who} reopened it{_why(event.why)}; the escalation clock started again."
        case Merged():
            return f"{who} merged it into INC-{event.into}."
        case SeverityChanged():
            return f"{who} changed the severity from {typed(event.old)} to {typed(event.new)}{_why(event.why)}; escalation was planned anew."
        case TitleChanged():
            return f"{who} renamed it to {typed(event.new)} (was {typed(event.old)})."
        case RoleAssigned():
            if actor == event.person:
                return f"{who} took the role of {typed(event.role)}."
            return f"{who} made {person(event.person)} {typed(event.role)}."
        case DeclaredMajor():
            return f"{who} declared a major incident{_why(event.why)}."
        case UpdatePosted():
            return f"{who} posted a status update ({typed(event.audience)}): {typed(event.text, 300)}"
        case NoteAdded():
            link = f" (<{event.link}|message>)" if _LINK.fullmatch(event.link) else ""
            return f"{who} noted: {typed(event.text, 2500)}{link}"
        case DutyChanged() | OverrideAdded() | OverrideRemoved() | WasDown():
            return None
        case Unacknowledged() | Snoozed() | HandedOver():
            return _answer(who, event)
        case NoteEdited():
            return f"{who} edited note {event.of}: {typed(event.text, 2500)}"
        case NoteHidden():
            return f"{who} took note {event.of} off the timeline{_why(event.why)}."
        case PersonJoined():
            return f"{who} joined."
        case _:
            return _machine(who, event)


def _answer(who: str, event: AnswerEvent) -> str:
    match event:
        case Unacknowledged():
            return f"{who} took the acknowledgement back{_why(event.why)}; the escalation goes on."
        case Snoozed():
            return f"{who} put paging off until {clock(event.until)}{_why(event.why)}."
        case HandedOver():
            return f"{who} handed it over to {person(event.person)}{_why(event.why)}."
        case _:
            assert_never(event)


def _machine(
    who: str,
    event: Escalated
    | NobodyToPage
    | PageHeld
    | Paged
    | DeliveryFailed
    | AlertSeen
    | CommanderMissing
    | RunStarted
    | StepStarted
    | StepEnded
    | RunEnded
    | PermissionRefused
    | PermissionGranted
    | ClockStepped
    | RunEvent,
) -> str | None:
    match event:
        case Escalated():
            late = (
                f", {duration(timedelta(seconds=event.late_seconds))} late" if event.late_seconds >= 5 else ""
            )
            reached = several([person(each) for each in event.people[:30]]) or "nobody"
            return f"Escalated to level {event.level}: {typed(event.title)} ({reached}; {typed(event.why)}{late})."
        case NobodyToPage():
            return f"Nobody could be reached for {typed(event.subject)}: {typed(event.instead)}."
        case PageHeld():
            return f"{person(event.person)} has quiet hours; the page ({typed(event.title)}) waits until {clock(event.until)}."
        case DeliveryFailed():
            instead = f" {typed(event.instead)}" if event.instead else ""
            return f"Not delivered: {typed(event.what)}: {typed(event.why)}.{instead}"
        case AlertSeen():
            return f"Alert {typed(event.name)} is {typed(event.state)}."
        case CommanderMissing():
            within = duration(timedelta(seconds=event.after_seconds))
            return f"Nobody has taken command within the response target of {within}."
        case RunStarted():
            return f"{who} started the runbook {typed(event.title)}."
        case StepEnded():
            if event.effect == "read" or event.state == "skipped":
                return None
            return _step_ended(who, event)
        case RunEnded():
            return f"The runbook {typed(event.title)} is {typed(event.state)}."
        case Paged() | StepStarted() | PermissionRefused() | PermissionGranted() | ClockStepped():
            return None
        case ApprovalAsked() | ApprovalDecided() | GlassBroken() | ChosenAgain() | Compared() | Checkpoint():
            return told(who, event)
        case _:
            assert_never(event)


def _step_ended(who: str, event: StepEnded) -> str:
    title, result = typed(event.title), typed(event.result, 500)
    if event.effect == "manual" and event.state == "done":
        return f"{who} chose {result} ({title})." if result else f"{who} marked {title} as done."
    return f"{who} ran {title}: {typed(event.state)}{f', {result}' if result else ''}."


def _why(why: str) -> str:
    return f": {typed(why)}" if why else ""


def _source(source: str) -> str:
    return {
        "slash": "by command",
        "mention": "by mention",
        "form": "by form",
        "alert": "from an alert",
        "shortcut": "from a message",
    }.get(source, typed(source))
