"""A private PostgreSQL for the stories of several replicas."""

from collections.abc import Iterator

import pytest

from tests import postgres


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgres.Server]:
    with postgres.running() as server:
        yield server
