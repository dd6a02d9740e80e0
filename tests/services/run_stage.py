"""A stage for stories about runs: a real store, a runner, people, and a world that records what was done to it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from bot.adapters.store.schema import migrate
from bot.adapters.store.store import open_store
from bot.config.model import Configuration, Membership
from bot.config.problem import Problem
from bot.config.runbooks import load_runbooks
from bot.domain.effects import ShowRun
from bot.domain.permission import Grant, Rules, Subject
from bot.domain.person import Service
from bot.domain.run import Run, press_id
from bot.domain.run_event import ApprovalDecided
from bot.domain.runbook import Danger
from bot.domain.severity import Scheme, Severity
from bot.domain.timeline import StepEnded, StepStarted
from bot.ports.action import Action, Attachment, Context, Landed, Result, Target
from bot.ports.clock import Clock
from bot.ports.store import Store, Tx
from bot.services import runbooks
from bot.services.run_records import load_run
from bot.services.runner import Runner
from bot.views.incidents import Message
from bot.views.runs import run_message
from tests.adapters.stage import CountingIds, HandClock, incident

ONCALL, LEAD, OWNER, SECOND, VIEWER = "UONCALL", "ULEAD", "UOWNER", "USECOND", "UVIEWER"
GUARD = "UGUARD"


class Inputs(BaseModel):
    model_config = ConfigDict(extra="forbid")

    amount: int = 1
    name: str = "api"


class Outputs(BaseModel):
    status: int
    worst: str | None
    ratio: float


@dataclass
class World:
    """What actions find outside: each answer can be set, each deed is written down."""

    status: int = 503
    lines: tuple[str, ...] = ()
    attachment: bytes = b""
    deeds: list[str] = field(default_factory=list)
    landed: Landed = Landed.CANNOT_TELL
    before_end: Callable[[], Any] | None = None
    trouble: Exception | None = None
    plans: list[str] = field(default_factory=list)


def _world(context: Context) -> World:
    found = context.outside["world"]
    assert isinstance(found, World)
    return found


async def _look(context: Context, inputs: Inputs) -> Result:
    world = _world(context)
    world.deeds.append(f"look {context.mark}")
    if world.trouble is not None:
        raise world.trouble
    values = {"status": world.status, "worst": None, "ratio": 0.5}
    files = (Attachment(name="all.txt", title="All", content=world.attachment),) if world.attachment else ()
    return Result(
        ok=world.status == 200, summary=f"{world.status}", lines=world.lines, values=values, attachments=files
    )


async def _mend(context: Context, inputs: Inputs) -> Result:
    world = _world(context)
    world.deeds.append(f"mend {inputs.amount} {context.mark}")
    if world.before_end is not None:
        await world.before_end()
    if world.trouble is not None:
        raise world.trouble
    world.status = 200
    return Result(ok=True, summary="mended", values={"status": 200, "ratio": 0.0})


async def _plan(context: Context, inputs: Inputs) -> str:
    _world(context).plans.append(context.target.name)
    return f"Mends {inputs.amount} of {context.target.name} in {context.target.environment}."


async def _probe(context: Context, inputs: Inputs) -> Landed:
    _world(context).deeds.append(f"probe {context.mark}")
    return _world(context).landed


def _lock(target: Target, inputs: Inputs) -> str:
    return f"thing:{target.name}"


def _action(name: str, danger: Danger, run: Any) -> Action:
    write = danger is not Danger.READ
    return Action(
        summary=name,
        inputs=Inputs,
        outputs=Outputs,
        danger=danger,
        kinds=("thing",),
        run=run,
        plan=_plan if write else None,
        probe=_probe if write else None,
        lock=_lock if write else None,
        timeout=timedelta(seconds=5),
        name=name,
    )


ACTIONS: Mapping[str, Action] = {
    "thing.look": _action("thing.look", Danger.READ, _look),
    "thing.mend": _action("thing.mend", Danger.WRITE, _mend),
    "thing.wipe": _action("thing.wipe", Danger.DESTRUCTIVE, _mend),
}

TARGETS = {
    "api": Target(
        name="api",
        kind="thing",
        environment="production",
        settings={"token": "s3cr3t-token-value"},
        secrets=frozenset({"s3cr3t-token-value"}),
    ),
    "gone": Target(
        name="gone", kind="thing", environment="production", settings={}, unavailable="THING_URL is not set."
    ),
}

GRANTS = (
    Grant(id="read", role="viewer", permissions=("*.view",)),
    Grant(id="diagnose", role="responder", permissions=("runbook.read", "incident.*")),
    Grant(id="repair", role="responder", permissions=("runbook.write",)),
    Grant(id="destroy", role="owner", permissions=("runbook.destructive", "runbook.approve")),
    Grant(id="emergency", role="breaker", permissions=("runbook.break_glass",)),
)


def configuration(folder: Path, text: str) -> Configuration:
    place = folder / "runbooks" / "architect"
    place.mkdir(parents=True, exist_ok=True)
    (place / "story.yaml").write_text(text, encoding="utf-8")
    problems = list[Problem]()
    books = load_runbooks(folder / "runbooks", ACTIONS, problems, targets=TARGETS, services=["architect"])
    assert problems == []
    holders = (
        ("responder", ONCALL),
        ("responder", LEAD),
        ("owner", OWNER),
        ("owner", SECOND),
        ("viewer", VIEWER),
        ("breaker", OWNER),
        ("security", GUARD),
    )
    return Configuration(
        services={
            "architect": Service(name="architect", title="Architect API", scheme="p", policy="architect")
        },
        schemes={"p": Scheme(name="p", severities=(Severity(name="P1", rank=1),), default="P1")},
        rules=Rules(grants=GRANTS, includes={"owner": ("responder",), "responder": ("viewer",)}),
        memberships=tuple(Membership(role=role, holder=f"slack:{user}") for role, user in holders),
        targets=TARGETS,
        runbooks=books,
        default_service="architect",
    )


def subject(user: str) -> Subject:
    role = {OWNER: "owner", SECOND: "owner", VIEWER: "viewer"}.get(user, "responder")
    more = {("breaker", "*")} if user == OWNER else set()
    return Subject(user=user, roles=frozenset({(role, "*")} | more))


@dataclass
class Stage:
    """Everything a story needs, in its own words."""

    store: Store
    config: Configuration
    clock: HandClock
    world: World = field(default_factory=World)
    actions: Mapping[str, Action] = field(default_factory=lambda: ACTIONS)
    outside: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.runner = self.another_runner("first")

    def another_runner(self, owner: str, clock: Clock | None = None) -> Runner:
        outside = {"world": self.world, **self.outside}
        return Runner(self.store, lambda: self.config, self.actions, outside, clock or self.clock, owner)

    async def start(self, by: str = ONCALL, incident_id: int = 1, **params: Any) -> Run:
        started = await self.start_only(by, incident_id, **params)
        await self.runner.drain()
        return await self.run(started.id)

    async def start_only(self, by: str = ONCALL, incident_id: int = 1, **params: Any) -> Run:
        book = next(iter(self.config.runbooks))
        seed = f"seed-{by}-{incident_id}"
        return await self.store.run(
            lambda tx: runbooks.start(
                tx, self.config, self.actions, subject(by), incident_id, book, seed=seed, params=params
            )
        )

    async def run(self, id_: int = 1) -> Run:
        return await self.store.read(lambda tx: load_run(tx, id_))

    async def press(self, name: str, by: str = ONCALL, reason: str = "") -> None:
        await self.press_only(name, by, reason)
        await self.runner.drain()

    async def press_only(self, name: str, by: str = ONCALL, reason: str = "") -> None:
        await self.store.run(
            lambda tx: runbooks.press(tx, self.config, self.actions, subject(by), name, reason=reason)
        )

    async def button(self, step: str, verb: str, option: str = "", run: int = 1) -> str:
        return press_id(await self.run(run), step, verb, option)

    async def do(self, step: str, verb: str, option: str = "", by: str = ONCALL, reason: str = "") -> None:
        await self.press(await self.button(step, verb, option), by, reason)

    async def states(self, id_: int = 1) -> dict[str, str]:
        return {step.id: step.state.value for step in (await self.run(id_)).steps}

    async def message(self, id_: int = 1) -> Message:
        return run_message(await self.store.read(lambda tx: runbooks.shown(tx, self.config, id_)))

    async def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)
        await self.runner.drain()

    async def told(self) -> list[str]:
        entries = await self.store.read(lambda tx: tx.entries(1))
        found = list[str]()
        for entry in entries:
            if isinstance(entry.event, StepStarted):
                found.append(f"{entry.actor} began {entry.event.step}")
            elif isinstance(entry.event, StepEnded):
                found.append(f"{entry.actor} ended {entry.event.step}: {entry.event.state}")
        return found

    async def decisions(self) -> list[ApprovalDecided]:
        entries = await self.store.read(lambda tx: tx.entries(1))
        return [each.event for each in entries if isinstance(each.event, ApprovalDecided)]

    async def events(self, kind: str) -> list[Any]:
        entries = await self.store.read(lambda tx: tx.entries(1))
        return [each.event for each in entries if each.event.kind == kind]

    async def owed(self) -> list[str]:
        parcels = await self.store.read(lambda tx: tx.parcels(1))
        return [parcel.effect.kind for parcel in parcels if not isinstance(parcel.effect, ShowRun)]


def open_stage(folder: Path, text: str, clock: HandClock | None = None, url: str = "") -> Stage:
    clock = clock or HandClock()
    if not url:
        url = f"sqlite:///{folder}/muster.db"
        migrate(url)
    store = open_store(url, clock=clock, ids=CountingIds())
    return Stage(store=store, config=configuration(folder, text), clock=clock)


async def set_up(stage: Stage) -> None:
    def put(tx: Tx) -> None:
        for number in (1, 2):
            tx.put_incident(incident(number))

    await stage.store.run(put)


def texts(message: Message) -> str:
    """Gather everything a message shows, buttons by their labels."""
    found = list[str]()

    def walk(thing: Any) -> None:
        if isinstance(thing, Mapping):
            if isinstance(thing.get("text"), str):
                found.append(thing["text"])
            for each in thing.values():
                walk(each)
        elif isinstance(thing, list | tuple):
            for each in thing:
                walk(each)

    walk(message.blocks)
    return "\n".join(found)


def labels(message: Message) -> list[str]:
    """List the buttons on steps; the one that stops the whole run is left out."""
    return [
        element["text"]["text"]
        for block in message.blocks
        if block["type"] == "actions" and not block["block_id"].endswith("-stop")
        for element in block["elements"]
    ]


async def never() -> None:
    """Wait for what never comes, as an action does whose process is about to die."""
    await asyncio.Event().wait()
