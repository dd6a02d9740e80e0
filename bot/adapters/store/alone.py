"""One process serves one SQLite file; a second one would take what the first has under way for abandoned."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from bot.adapters.store.engine import flavour_of
from bot.domain.refusal import Refusal


class ServedAlready(Refusal):
    """Refuse to serve a SQLite file that another living process serves."""

    def __init__(self, file: Path) -> None:
        super().__init__(
            f"Another muster serves {file}. Stop it first, or use PostgreSQL, which several replicas may share."
        )


@contextmanager
def serving_alone(url: str) -> Iterator[None]:
    """Hold the right to serve a SQLite file, by a lock that ends with the process; PostgreSQL needs none.

    Raises:
        ServedAlready: another process holds it.
    """
    if flavour_of(url) == "postgresql":
        yield
        return
    file = Path(sa.make_url(url).database or "")
    with file.with_name(f"{file.name}.serving").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ServedAlready(file) from None
        yield
