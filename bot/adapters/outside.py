"""The adapters that actions find by name, built in one place and closed together."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from bot.adapters.http import HttpClient
from bot.adapters.kubernetes.cluster import Kubernetes
from bot.adapters.late import Late
from bot.adapters.process import Process
from bot.adapters.prometheus import Metrics


@asynccontextmanager
async def open_outside(real: Callable[[], datetime]) -> AsyncIterator[Mapping[str, Any]]:
    """Open what actions need of the world, by the names under which they ask for it.

    Args:
        real: tells the wall clock, as `Clock.real` does.
    """
    http, kubernetes = HttpClient(), Kubernetes(real)
    try:
        yield {
            "http": http,
            "kubernetes": kubernetes,
            "metrics": Metrics(http),
            "process": Process(http, real),
            "postgres": Late("bot.adapters.targets_postgres", "Postgres"),
            "redis": Late("bot.adapters.targets_redis", "Redis"),
            "backup": Late("bot.adapters.backups", "Backups"),
        }
    finally:
        await kubernetes.close()
        await http.close()
