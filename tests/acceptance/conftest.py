"""The world that most acceptance tests act in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.acceptance.world import World, world


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made
