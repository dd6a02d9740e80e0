"""Not measured yet."""

from bench.figures import Figure


async def measure(*, smallest: bool) -> list[Figure]:
    del smallest
    return []
