"""A workshop for stories about escalation in a real database: the shipped policy and people with Slack ids."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bot import actions
from bot.adapters.store.store import open_store
from bot.channels import registry
from bot.config.load import load
from bot.config.model import Configuration
from bot.domain.effects import OfferDraft, Page
from bot.domain.incident import Incident
from bot.domain.permission import Subject
from bot.entrypoints.ticks import Engine
from bot.ports.store import Store
from bot.services import escalations, incidents
from bot.services.incidents import Wish
from tests.adapters.stage import CountingIds, HandClock

ROOT = Path(__file__).parents[2]


def slack_id(handle: str) -> str:
    return "U" + "".join(letter for letter in handle.upper() if letter.isalnum())


def configuration() -> Configuration:
    """The shipped configuration, with everybody known to Slack."""
    shipped = load(ROOT / "config", ROOT / "runbooks", {}, actions=actions.registry(), channels=registry())
    return shipped.with_slack_ids({handle: slack_id(handle) for handle in shipped.people})


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
