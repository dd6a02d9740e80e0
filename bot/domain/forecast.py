"""Say in advance what the ladder will do, by running the same planner over an imagined incident."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from bot.domain.effects import OfferDraft, Page
from bot.domain.escalation import Policy, Resolution, Road, Timer, TimerState
from bot.domain.incident import Incident
from bot.domain.ladder import reconcile, wanted
from bot.domain.lifecycle import Status
from bot.domain.outcome import Outcome
from bot.domain.paging import Means, fire
from bot.domain.timeline import NobodyToPage

HORIZON = timedelta(days=14)
"""How far a forecast looks; an incident that nobody touches for so long is not planned further."""
_PAGES_AT_MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPage:
    """One message that would be sent: when, on which level, to whom, by which road, and why."""

    at: datetime
    after: timedelta
    level: int
    step: str
    title: str
    deed: str
    people: tuple[str, ...]
    via: str
    room: str
    why: str
    warning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """An imagined incident: what, since when, and when somebody would acknowledge and resolve it."""

    policy: Policy
    service: str
    severity: str
    at: datetime
    ack_after: timedelta | None = None
    resolve_after: timedelta | None = None
    labels: Mapping[str, str] | None = None
    everyone: bool = False
    rank: int = 1


def preview(
    question: Question, resolve: Callable[[str, datetime], Resolution], roads: Mapping[str, Road]
) -> tuple[PlannedPage, ...]:
    """List every message in the order in which it would be sent.

    Args:
        question: the imagined incident.
        resolve: tells whom a target means at an instant, so that a hand-over in mid-ladder shows.
        roads: the channels there are.
    """
    incident, timers = _begin(question), dict[tuple[object, ...], Timer]()
    acknowledged_at = None if question.ack_after is None else question.at + question.ack_after
    resolved_at = question.at + (HORIZON if question.resolve_after is None else question.resolve_after)
    planned = list[PlannedPage]()
    while len(planned) < _PAGES_AT_MOST:
        timers |= {timer.key: timer for timer in reconcile(wanted(incident), timers.values())}
        pending = [timer for timer in timers.values() if timer.state is TimerState.PENDING]
        moment = min((timer.due_at for timer in pending), default=resolved_at)
        if acknowledged_at is not None and acknowledged_at <= min(moment, resolved_at):
            incident = replace(incident, acknowledged_at=acknowledged_at, acknowledged_by="somebody")
            acknowledged_at = None
            continue
        if moment >= resolved_at:
            break
        means = Means(resolve=partial(_at, resolve, moment), roads=roads)
        outcome = fire(incident, [each for each in pending if each.due_at <= moment], means, now=moment)
        incident = outcome.incident
        timers |= {timer.key: timer for timer in outcome.timers}
        planned += _planned(question, moment, outcome)
    return tuple(planned)


def _at(resolve: Callable[[str, datetime], Resolution], moment: datetime, target: str) -> Resolution:
    return resolve(target, moment)


def _begin(question: Question) -> Incident:
    return Incident(
        id=0,
        title="Preview",
        service=question.service,
        environment="production",
        severity=question.severity,
        rank=question.rank,
        status=Status.INVESTIGATING,
        declared_at=question.at,
        declared_by="somebody",
        clock_started_at=question.at,
        policy=question.policy,
        labels=question.labels or {},
        everyone=question.everyone,
    )


def _planned(question: Question, moment: datetime, outcome: Outcome) -> list[PlannedPage]:
    warning = "; ".join(
        f"nobody for {event.subject}: {event.instead}"
        for _, event in outcome.events
        if isinstance(event, NobodyToPage)
    )
    effects = [parcel.effect for parcel in outcome.parcels]
    pages = [_page(question, moment, each, warning) for each in effects if isinstance(each, Page)]
    drafts = (each for each in effects if isinstance(each, OfferDraft))
    return [*pages, *(_draft(question, moment, outcome.incident, each) for each in drafts)]


def _page(question: Question, moment: datetime, page: Page, warning: str) -> PlannedPage:
    again = " again" if page.occurrence else ""
    return PlannedPage(
        at=moment,
        after=moment - question.at,
        level=page.level,
        step=page.step,
        title=page.role + again,
        deed=page.deed,
        people=page.people,
        via=page.via,
        room="" if page.people else page.room,
        why=page.why,
        warning=warning,
    )


def _draft(question: Question, moment: datetime, incident: Incident, draft: OfferDraft) -> PlannedPage:
    return PlannedPage(
        at=moment,
        after=moment - question.at,
        level=incident.level,
        step="draft",
        title=f"Draft for {draft.audience}",
        deed="draft",
        people=(),
        via="",
        room=incident.channel,
        why="a person approves it",
    )
