"""A workshop for stories about escalation in a real database: the shipped policy and people with Slack ids."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bot.adapters.store.store import open_store
from bot.channels import registry
from bot.config.escalation import Names, load_policies
from bot.config.model import Configuration, Membership
from bot.config.oncall import load_schedules
from bot.config.problem import Problem
from bot.domain.effects import OfferDraft, Page
from bot.domain.incident import Incident
from bot.domain.permission import Grant, Rules, Subject
from bot.domain.person import Person, Service
from bot.domain.severity import Scheme, Severity
from bot.entrypoints.ticks import Engine
from bot.ports.store import Store
from bot.services import escalations, incidents
from bot.services.incidents import Wish
from tests.adapters.stage import CountingIds, HandClock

CONFIG = Path(__file__).parents[2] / "config"
HANDLES = (
    "oncall",
    "manager",
    "eng-lead",
    "director",
    "vp-engineering",
    "comms",
    "devops-lead",
    "security-lead",
    "product",
)


def slack_id(handle: str) -> str:
    return "U" + "".join(letter for letter in handle.upper() if letter.isalnum())


def configuration() -> Configuration:
    problems = list[Problem]()
    oncall = load_schedules(CONFIG / "oncall.yaml", problems, people=HANDLES)
    names = Names(
        people=HANDLES,
        schedules=oncall.schedules,
        channels=registry(),
        services=("architect",),
        hours=oncall.hours,
    )
    policies = load_policies(CONFIG / "escalation", problems, names)
    severities = tuple(Severity(name=f"P{rank}", rank=rank) for rank in range(1, 5))
    return Configuration(
        people={each: Person(handle=each, name=each, slack=slack_id(each)) for each in HANDLES},
        services={
            "architect": Service(
                name="architect", title="Architect API", scheme="p", policy="architect", oncall=("architect",)
            )
        },
        schemes={"p": Scheme(name="p", severities=severities, default="P3")},
        policies=policies,
        schedules=oncall.schedules,
        rules=Rules(grants=(Grant(id="all", role="responder", permissions=("*",)),)),
        memberships=tuple(Membership(role="responder", holder=f"person:{each}") for each in HANDLES),
        default_service="architect",
    )


@dataclass
class Workshop:
    """The engine over a real store, with a clock to move; everything owed is listed."""

    store: Store
    clock: HandClock
    config: Configuration = field(default_factory=configuration)

    def __post_init__(self) -> None:
        handler = lambda tx, due: escalations.fire(tx, self.config, registry(), due)  # noqa: E731 - one line of wiring
        self.engine = Engine(self.store, self.clock, {"escalation": handler, "reminder": handler})

    def subject(self, handle: str) -> Subject:
        return Subject(user=slack_id(handle), roles=frozenset({("responder", "*")}))

    async def declare(self, severity: str, **wish: bool) -> Incident:
        asked = Wish(title="API down", severity=severity, service="architect", **wish)  # type: ignore[arg-type] # flags only
        made = await self.store.run(
            lambda tx: incidents.declare(tx, self.config, self.subject("oncall"), asked)
        )
        await self.engine.pass_now()
        return made

    async def wait(self, minutes: float) -> None:
        self.clock.domain += timedelta(minutes=minutes)
        await self.engine.pass_now()

    async def pages(self) -> list[str]:
        parcels = await self.store.read(lambda tx: tx.parcels())
        found = list[str]()
        for parcel in parcels:
            if isinstance(parcel.effect, Page):
                found.append(" ".join(parcel.effect.people) or f"#{parcel.effect.room}")
            elif isinstance(parcel.effect, OfferDraft):
                found.append(f"draft for {parcel.effect.audience}")
        return found


def open_workshop(url: str) -> Workshop:
    clock = HandClock()
    return Workshop(store=open_store(url, clock=clock, ids=CountingIds()), clock=clock)
