"""Hear of other replicas' commits, and tell them that this one lives."""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import psycopg
from psycopg import sql

from bot.adapters.store.engine import postgresql_options, postgresql_url
from bot.ports.store import Matter

log = logging.getLogger(__name__)

CHANNEL: Final = "muster"
BEAT: Final = 1.0
"""Seconds between two signs of life, and until a lost connection is made anew."""

GLANCES: Final = 10
"""How often in a beat the thread asks whether it should end."""

_BEAT: Final = (
    "INSERT INTO replica (owner, last_seen) VALUES (%s, clock_timestamp()) "
    "ON CONFLICT (owner) DO UPDATE SET last_seen = excluded.last_seen"
)
_BURY: Final = "DELETE FROM replica WHERE owner = %s OR last_seen < clock_timestamp() - interval '1 hour'"


class Listener:
    """A thread with a connection of its own that LISTENs; notifications of its own replica are passed over.

    Args:
        url: the database.
        owner: this replica's name.
        wake: called on the thread with what other replicas touched.
    """

    def __init__(self, url: str, *, owner: str, wake: Callable[[set[Matter]], None]) -> None:
        plain = postgresql_url(url).set(drivername="postgresql")
        self._address = plain.render_as_string(hide_password=False)
        self._owner = owner
        self._wake = wake
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="muster-listener", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread; blocks for at most a beat."""
        self._closing.set()
        self._thread.join()

    def _serve(self) -> None:
        while not self._closing.is_set():
            try:
                with self._connect() as connection:
                    self._listen(connection)
            except psycopg.Error as error:
                log.warning(
                    "No longer hearing of other replicas (%s); connecting again.", type(error).__name__
                )
                self._closing.wait(BEAT)

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(self._address, autocommit=True, **postgresql_options())

    def _listen(self, connection: psycopg.Connection) -> None:
        connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
        # Whatever was committed while nobody listened.
        self._wake(set(Matter))
        while not self._closing.is_set():
            connection.execute(_BEAT, [self._owner])
            for _ in range(GLANCES):
                for heard in connection.notifies(timeout=BEAT / GLANCES):
                    self._hear(heard.payload)
                if self._closing.is_set():
                    break
        with suppress(psycopg.Error):
            connection.execute(_BURY, [self._owner])

    def _hear(self, payload: str) -> None:
        owner, *words = payload.split()
        if owner != self._owner:
            self._wake({Matter(word) for word in words if word in set(Matter)})
