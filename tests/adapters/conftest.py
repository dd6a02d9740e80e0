"""Each story of the store is told twice: on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from bot.adapters.store.schema import migrate
from bot.adapters.store.store import open_store
from bot.ports.clock import Clock
from bot.ports.store import Store
from tests import postgres
from tests.adapters.stage import CountingIds, HandClock, incident

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))]


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgres.Server]:
    with postgres.running() as server:
        yield server


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh database with the present schema."""
    if request.param == "postgresql":
        server: postgres.Server = request.getfixturevalue("postgresql_server")
        return server.migrated()
    url = f"sqlite:///{tmp_path}/muster.db"
    migrate(url)
    return url


@pytest.fixture(params=BOTH)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh database without tables."""
    if request.param == "postgresql":
        server: postgres.Server = request.getfixturevalue("postgresql_server")
        return server.empty()
    return f"sqlite:///{tmp_path}/muster.db"


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


Opener = Callable[..., Store]


@pytest.fixture
async def opened(database_url: str, clock: HandClock) -> AsyncIterator[Opener]:
    """Open any number of stores on one database; they are closed at the end."""
    stores: list[Store] = []

    def opener(other: Clock | None = None) -> Store:
        ids = CountingIds(prefix=f"store{len(stores)}")
        stores.append(open_store(database_url, clock=other or clock, ids=ids))
        return stores[-1]

    yield opener
    for store in stores:
        await store.close()


@pytest.fixture
async def store(opened: Opener) -> Store:
    """A store in which INC-1 is open."""
    store = opened()
    await store.run(lambda tx: tx.put_incident(incident()))
    return store
