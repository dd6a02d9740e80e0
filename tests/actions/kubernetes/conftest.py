"""The grounds: every story of `ground` is told on the fake, and on a real API server when one is given."""

from collections.abc import AsyncIterator

import pytest

from tests.actions.kubernetes.stage import FakeGround, Ground, on_fake, on_real


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.needs("kubernetes"))])
async def ground(request: pytest.FixtureRequest) -> AsyncIterator[Ground]:
    if request.param == "real":
        async with on_real() as real:
            yield real
    else:
        async with on_fake() as fake:
            yield fake


@pytest.fixture
async def fake() -> AsyncIterator[FakeGround]:
    async with on_fake() as found:
        yield found
