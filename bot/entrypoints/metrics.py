"""Muster's own numbers for Prometheus; a registry of its own, so that several can live in one test process."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest

from bot.domain.effects import Receipt
from bot.ports.store import Leased

Deliver = Callable[[Leased], Awaitable[Receipt]]


class Metrics:
    """Counters of what came in, what went out and how late deadlines were obeyed."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "muster_requests",
            "Requests of people by road and outcome",
            ["road", "outcome"],
            registry=self._registry,
        )
        self.answer_seconds = Histogram(
            "muster_answer_seconds",
            "Seconds from a request to its durable answer",
            ["road"],
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5),
            registry=self._registry,
        )
        self.deliveries = Counter(
            "muster_deliveries", "Parcels by kind and outcome", ["kind", "outcome"], registry=self._registry
        )
        self.content_type = CONTENT_TYPE_LATEST

    @asynccontextmanager
    async def answering(self, road: str) -> AsyncIterator[None]:
        """Count one request of a person and time its answer."""
        with self.answer_seconds.labels(road).time():
            try:
                yield
            except BaseException as failed:
                self.requests.labels(road, type(failed).__name__).inc()
                raise
        self.requests.labels(road, "answered").inc()

    def counting(self, deliver: Deliver) -> Deliver:
        """Count what a delivery function delivers and fails to."""

        async def counted(leased: Leased) -> Receipt:
            kind = leased.parcel.effect.kind
            try:
                receipt = await deliver(leased)
            except Exception as failed:
                self.deliveries.labels(kind, type(failed).__name__).inc()
                raise
            self.deliveries.labels(kind, "delivered").inc()
            return receipt

        return counted

    def page(self) -> bytes:
        """Give the exposition."""
        return generate_latest(self._registry)
