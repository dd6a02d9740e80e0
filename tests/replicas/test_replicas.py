"""Three replicas on one PostgreSQL, killed at random under load: nothing is lost and nothing is sent twice."""

import asyncio
from pathlib import Path
from random import Random  # noqa: TID251 - a seeded draw of whom to kill and when

import pytest

from bot.domain.effects import Page, ParcelState
from bot.domain.escalation import TimerState
from bot.domain.timeline import SYSTEM, Acknowledged, Escalated
from bot.ports.store import Tx
from tests.postgres import Server
from tests.replicas.stage import Cluster, cluster, pause

pytestmark = [pytest.mark.needs("postgresql"), pytest.mark.timeout(300)]

INCIDENTS = 60
KILLS = 6
ACKNOWLEDGED = 2
"""Every how many-th incident is acknowledged, by two people at once."""


async def test_killed_at_random_they_lose_nothing_and_send_nothing_twice(
    tmp_path: Path, postgresql_server: Server
) -> None:
    chance = Random(20261120)  # noqa: S311 - not for secrets
    async with cluster(tmp_path, postgresql_server.migrated()) as three:
        await three.ready()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_kill(three, chance))
            for number in range(1, INCIDENTS + 1):
                await three.types("oncall", f"declare P1 trouble {number}", first=number)
                if number % ACKNOWLEDGED == 0:
                    tasks.create_task(_acknowledge(three, number, chance.uniform(2.5, 5.5)))
                await pause(0.1)
        await three.ready()
        await _all_done(three)

        sent, told = three.posted(), await three.store.read(_told)
        pages = {key: times for key, times in sent.items() if key.startswith("page:")}
        assert {key: times for key, times in sent.items() if times > 1} == {}, "doubled"
        assert told.owed - set(pages) == set(), "lost"
        assert set(pages) - told.owed - told.overtaken == set(), "nothing else was sent"
        assert told.dead == []
        assert told.incidents == INCIDENTS
        assert told.late_pings == [], "no page that an acknowledgement stops is created after it"
        assert told.answers == {1}, "of two people one acknowledged"
        assert told.climbed == INCIDENTS * 2, "the first and the third level of each"


async def test_a_commit_of_one_replica_wakes_the_others(tmp_path: Path, postgresql_server: Server) -> None:
    async with cluster(tmp_path, postgresql_server.migrated(), replicas=2) as two:
        await two.ready()
        first, second = two.replicas
        await two.types("oncall", "declare P1 trouble", first=0)
        await first.kill()
        async with asyncio.timeout(60):
            while not any(key.startswith("page:1:1:third") for key in two.posted()):
                await pause(0.05)
        assert second.process is not None
        assert second.process.returncode is None, "the one that lives climbed the ladder alone"
        await _all_done(two)
        assert set(two.posted().values()) == {1}


async def _kill(three: Cluster, chance: Random) -> None:
    for _ in range(KILLS):
        await pause(chance.uniform(0.8, 2.0))
        victim = chance.choice(three.replicas)
        await victim.kill()
        await victim.start()


async def _acknowledge(three: Cluster, number: int, after: float) -> None:
    await pause(after)
    name = f"ack INC-{number}"
    await asyncio.gather(
        three.types("oncall", name, first=number), three.types("director", name, first=number + 1)
    )


async def _all_done(three: Cluster) -> None:
    """Wait until no deadline is pending and nothing is owed; a parcel of the dead waits for its lease."""

    def look(tx: Tx) -> bool:
        waiting = {ParcelState.WAITING, ParcelState.LEASED, ParcelState.UNCERTAIN}
        climbing = any(each.kind == "escalation" for each in tx.pending_timers())
        return not climbing and not any(each.state in waiting for each in tx.parcels())

    async with asyncio.timeout(120):
        while not await three.store.read(look):
            await pause(0.5)


class _Told:
    """What the database says about the whole story."""

    def __init__(self, tx: Tx) -> None:
        parcels = tx.parcels()
        pages = [each for each in parcels if isinstance(each.effect, Page)]
        # Overtaken by an acknowledgement; when its sender was killed before it could say so, it may have been sent.
        self.overtaken = {
            each.key for each in pages if (got := tx.receipt(each.key)) and got.note == "no longer needed"
        }
        self.owed = {each.key for each in pages} - self.overtaken
        self.dead = [each.key for each in parcels if each.state is ParcelState.DEAD]
        self.incidents = len(tx.latest_incidents(10_000))
        self.late_pings = list[str]()
        self.answers = set[int]()
        self.climbed = 0
        for incident in tx.latest_incidents(10_000):
            entries = tx.entries(incident.id)
            answered = [each for each in entries if isinstance(each.event, Acknowledged)]
            climbs = [each for each in entries if isinstance(each.event, Escalated) and each.actor == SYSTEM]
            self.climbed += len([each for each in climbs if each.event.step != "second"])  # type: ignore[union-attr] # climbs are Escalated
            if answered:
                self.answers.add(len(answered))
                self.late_pings += [
                    incident.key
                    for each in climbs
                    if each.event.step == "second" and each.seq > answered[0].seq  # type: ignore[union-attr] # as above
                ]
            climbing = (each for each in tx.timers(incident.id) if each.kind == "escalation")
            assert all(each.state is not TimerState.PENDING for each in climbing)


def _told(tx: Tx) -> _Told:
    return _Told(tx)
