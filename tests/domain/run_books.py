"""Runbooks as values, and a run to play with, for the stories about its state machine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.run import Change, Run, Verdict
from bot.domain.run_approval import Asked
from bot.domain.run_press import Press, begin, press
from bot.domain.run_verb import Verb
from bot.domain.run_work import Finding, due, finish, lease
from bot.domain.runbook import (
    ActionStep,
    Approval,
    Call,
    Check,
    ChooseStep,
    Condition,
    Danger,
    Input,
    ManualStep,
    Option,
    Runbook,
    Section,
    Step,
    VerifyStep,
)

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
GOOD = Finding(ok=True, summary="good", values={"status": 200})
BAD = Finding(ok=False, summary="bad", values={"status": 503})
YES, NO, UNSURE = Condition(source="yes"), Condition(source="no"), Condition(source="unsure")


def judge(condition: Condition, values: Mapping[str, Any]) -> Verdict:
    if condition.source == "unsure":
        return Verdict(holds=False, fault="health.status not known")
    return Verdict(holds=condition.source == "yes")


def call(danger: Danger = Danger.READ, *refs: str) -> Call:
    inputs = tuple(Input(name=f"i{number}", ref=ref) for number, ref in enumerate(refs))
    return Call(action="thing.do", danger=danger, target="api", inputs=inputs)


def read(id_: str, *refs: str, **more: Any) -> ActionStep:
    return ActionStep(
        id=id_, title=id_, section=Section.IMMEDIATE, call=call(Danger.READ, *refs), **{"auto": True, **more}
    )


def write(id_: str, **more: Any) -> ActionStep:
    return ActionStep(
        id=id_,
        title=id_,
        section=Section.RESOLUTION,
        call=call(Danger.WRITE),
        **{"on_failure": "stop", **more},
    )


def manual(id_: str, **more: Any) -> ManualStep:
    return ManualStep(id=id_, title=id_, section=Section.RESOLUTION, text="do it", **more)


def choose(id_: str, *options: Option) -> ChooseStep:
    return ChooseStep(id=id_, title=id_, section=Section.RESOLUTION, prompt="which", options=options)


def option(id_: str, *steps: ActionStep | ManualStep, when: Condition | None = None) -> Option:
    return Option(id=id_, title=id_.capitalize(), steps=steps, when=when)


def verify(id_: str, **more: Any) -> VerifyStep:
    check = Check(id="fine", title="Fine", call=call(), expect=YES)
    spans = {"within": timedelta(seconds=30), "every": timedelta(seconds=5), "hold": timedelta(seconds=10)}
    return VerifyStep(id=id_, title=id_, section=Section.VERIFICATION, checks=(check,), **{**spans, **more})


def book(*steps: Step) -> Runbook:
    return Runbook(id="architect/story", name="Story", service="architect", steps=steps, digest="d1")


def approval(**more: Any) -> Approval:
    return Approval(**more)


@dataclass
class Play:
    """A run moved along by hand, with everything it told."""

    book: Runbook
    run: Run = field(init=False)
    now: datetime = NOW
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.take(
            begin(
                self.book,
                run=7,
                incident=42,
                by="U1",
                now=self.now,
                seed="s",
                facts={"service": "architect"},
                params={"n": 1},
                judge=judge,
            )
        )

    def take(self, change: Change) -> None:
        self.run = change.run
        self.told += [
            f"{actor} {event.kind} {getattr(event, 'state', '')}".strip() for actor, event in change.events
        ]

    def state(self, id_: str) -> str:
        return self.run.step(id_).state.name

    def press(
        self,
        id_: str,
        verb: Verb = Verb.RUN,
        by: str = "U1",
        turn: int | None = None,
        inputs_hash: str = "h",
        **more: Any,
    ) -> None:
        held = self.run.step(id_).turn if turn is None else turn
        asked = Asked(inputs_hash=inputs_hash, why="it is full", inputs={"amount": 4})
        what = Press(by=by, now=self.now, judge=judge, turn=held, asked=asked, **more)
        self.take(press(self.book, self.run, id_, verb, what))

    def lease(self, id_: str, owner: str = "r1") -> int:
        until = self.now + timedelta(seconds=6)
        self.take(
            lease(
                self.book,
                self.run,
                id_,
                owner=owner,
                now=self.now,
                real=self.now,
                until=until,
                inputs_hash="h",
            )
        )
        return self.run.step(id_).fence

    def finish(self, id_: str, found: Finding = GOOD, fence: int | None = None) -> bool:
        held = self.run.step(id_).fence if fence is None else fence
        change = finish(self.book, self.run, id_, found, fence=held, now=self.now, seconds=1.5, judge=judge)
        if change is not None:
            self.take(change)
        return change is not None

    def do(self, id_: str, found: Finding = GOOD) -> None:
        self.lease(id_)
        assert self.finish(id_, found)

    def due(self) -> tuple[str, ...]:
        return due(self.book, self.run, self.now)
