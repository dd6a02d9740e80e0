"""Redis servers that runbooks look at and act on: a connection per call, no retries, every walk bounded."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from redis import exceptions
from redis.asyncio import Redis as Client
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from bot.adapters.redis_words import monitored, reason, slow_command
from bot.ports.action import Target
from bot.ports.failure import PermanentError, TemporaryError, UncertainError
from bot.ports.keyvalue import Scan, SlowCommand, Weight

STRIDE = 500
"""Keys that one SCAN looks at; a few hundred microseconds of the server's only thread."""

BATCH = 200
"""Keys of one UNLINK or of one round of measuring."""

LINE_BYTES = 4096


class Redis:
    """Connects with exactly what the target says and closes after each call."""

    async def ping(self, target: Target) -> float:
        """Time PING on a connection that stands already."""
        async with self._client(target) as client:
            await _ask(client, "PING")
            began = time.monotonic()
            await _ask(client, "PING")
            return time.monotonic() - began

    async def info(self, target: Target, *sections: str) -> Mapping[str, str]:
        """Read each section as the server writes it."""
        found: dict[str, str] = {}
        async with self._client(target) as client:
            for section in sections:
                found.update(await _info(client, section))
        return found

    async def size(self, target: Target) -> int:
        """Ask DBSIZE."""
        async with self._client(target) as client:
            return int(await _ask(client, "DBSIZE"))

    async def slow(self, target: Target, most: int) -> tuple[SlowCommand, ...]:
        """Ask SLOWLOG GET."""
        async with self._client(target) as client:
            client.response_callbacks.clear()
            entries = await _ask(client, "SLOWLOG", "GET", most)
        return tuple(slow_command(entry) for entry in entries)

    async def scan(self, target: Target, prefix: bytes, *, most: int, seconds: float) -> Scan:
        """Walk with SCAN until all is seen, or enough, or time is up."""
        async with self._client(target, seconds) as client:
            return await _scanned(client, prefix, most, time.monotonic() + seconds)

    async def weigh(self, target: Target, *, sample: int, seconds: float) -> tuple[Scan, tuple[Weight, ...]]:
        """Measure with MEMORY USAGE, a batch of keys at a time."""
        until = time.monotonic() + seconds
        async with self._client(target, seconds) as client:
            found = await _scanned(client, b"", sample, until)
            weights = list[Weight]()
            for at in range(0, len(found.keys), BATCH):
                if time.monotonic() > until:
                    break
                weights.extend(await _weighed(client, found.keys[at : at + BATCH]))
        return found, tuple(weights)

    async def monitor(self, target: Target, *, seconds: float, most: int) -> tuple[str, ...]:
        """Speak the protocol ourselves for this one, so that the watching ends exactly when it must."""
        seen = list[str]()
        async with self._client(target, seconds) as client:
            connection = await client.connection_pool.get_connection()  # type: ignore[no-untyped-call]  # a decorator of theirs hides the type
            try:
                await connection.send_command("MONITOR")
                await connection.read_response()
                async with asyncio.timeout(seconds):
                    while len(seen) < most:
                        line = await connection.read_response(timeout=seconds + 1)
                        seen.append(monitored(line[:LINE_BYTES]))
            except TimeoutError:
                return tuple(seen)
            finally:
                await connection.disconnect()
                await client.connection_pool.release(connection)
        return tuple(seen)

    async def unlink(
        self, target: Target, prefix: bytes, *, most: int, progress: Callable[[str], None]
    ) -> int:
        """Collect first and refuse too many; then unlink in batches. After the first batch an end is uncertain."""
        done, began = 0, False
        try:
            async with self._client(target, 60.0) as client:
                await _master(client, target)
                found = await _scanned(client, prefix, most + 1, time.monotonic() + 30.0)
                _refuse(found, prefix, most)
                for at in range(0, len(found.keys), BATCH):
                    began = True
                    done += int(await _ask(client, "UNLINK", *found.keys[at : at + BATCH]))
                    progress(f"{min(at + BATCH, len(found.keys)):,} of {len(found.keys):,} keys")
        except (TemporaryError, PermanentError) as error:
            raise _ended(error, began=began) from None
        return done

    async def flush(self, target: Target, *, most: int) -> int:
        """Count, then FLUSHDB ASYNC; the memory is given back in the background."""
        began = False
        try:
            async with self._client(target) as client:
                await _master(client, target)
                count = int(await _ask(client, "DBSIZE"))
                _refuse_flush(target, count, most)
                began = True
                await _ask(client, "FLUSHDB", "ASYNC")
        except (TemporaryError, PermanentError) as error:
            raise _ended(error, began=began) from None
        return count

    @asynccontextmanager
    async def _client(self, target: Target, extra: float = 0.0) -> AsyncIterator[Client]:
        """Open a connection, and say every failure in our words."""
        timeout = _timeout(target)
        client = Client(**_parameters(target, timeout))
        try:
            async with asyncio.timeout(timeout + extra):
                yield client
        except (exceptions.RedisError, OSError, TimeoutError) as error:
            raise reason(target, error, timeout + extra) from None
        finally:
            await client.aclose()


_ROLES = {"slave": "replica"}


def _parameters(target: Target, timeout: float) -> dict[str, Any]:
    settings = target.settings
    made: dict[str, Any] = {
        "host": str(settings["host"]),
        "port": int(settings["port"]),
        "db": int(settings.get("database", 0)),
        "username": settings.get("user") or None,
        "password": settings.get("password") or None,
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
        "single_connection_client": False,
        "max_connections": 1,
        "driver_info": None,
    }
    if settings.get("tls", "verify-full") != "disable":
        made |= {"ssl": True, "ssl_cert_reqs": "required", "ssl_check_hostname": True}
        if settings.get("tls_ca"):
            made["ssl_ca_certs"] = str(settings["tls_ca"])
    return made


def _timeout(target: Target) -> float:
    timeout = target.settings.get("timeout", timedelta(seconds=5))
    return float(timeout.total_seconds())


async def _ask(client: Client, *words: Any) -> Any:
    return await client.execute_command(*words)  # type: ignore[no-untyped-call]  # they type their own commands only


async def _info(client: Client, section: str) -> dict[str, str]:
    client.response_callbacks.pop("INFO", None)
    raw = await _ask(client, "INFO", section)
    lines = raw.decode("utf-8", errors="replace").splitlines()
    return {name: value for name, colon, value in (line.partition(":") for line in lines) if colon}


async def _master(client: Client, target: Target) -> None:
    """Refuse to write to a replica: it forbids it, or worse, it takes it and forgets it."""
    if target.settings.get("access") != "write":
        raise PermanentError(
            f"Target {target.name} is for reading only; write access: write in config/targets.yaml to change that."
        )
    found = await _info(client, "replication")
    if found.get("role") != "master":
        raise PermanentError(
            f"{target.name} is not the master but a {_ROLES.get(found.get('role', ''), 'server of unknown role')}. "
            "Nothing was removed."
        )
    if (await _info(client, "cluster")).get("cluster_enabled") == "1":
        raise PermanentError(
            f"{target.name} is one node of a cluster, which is not handled. Nothing was removed."
        )


async def _scanned(client: Client, prefix: bytes, most: int, until: float) -> Scan:
    client.response_callbacks.pop("SCAN", None)
    pattern = (
        b"".join(b"\\" + bytes([each]) if each in b"*?[]\\^-" else bytes([each]) for each in prefix) + b"*"
    )
    cursor, walked, found = b"0", 0, dict[bytes, None]()
    while True:
        wanted = ("MATCH", pattern) if prefix else ()
        cursor, keys = await _ask(client, "SCAN", cursor, *wanted, "COUNT", STRIDE)
        walked += STRIDE
        found.update(dict.fromkeys(key for key in keys if key.startswith(prefix)))
        if cursor == b"0" or len(found) >= most or time.monotonic() > until:
            return Scan(keys=tuple(found)[:most], walked=walked, whole=cursor == b"0" and len(found) <= most)


async def _weighed(client: Client, keys: tuple[bytes, ...]) -> list[Weight]:
    """Ask type and size of several keys at once; a key that went away meanwhile is left out."""
    async with client.pipeline(transaction=False) as pipe:
        for key in keys:
            pipe.execute_command("TYPE", key)
            pipe.execute_command("MEMORY", "USAGE", key)
        answers = await pipe.execute()
    return [
        Weight(key=key, type=kind.decode() if isinstance(kind, bytes) else str(kind), size=int(size))
        for key, kind, size in zip(keys, answers[::2], answers[1::2], strict=True)
        if size is not None
    ]


def _refuse(found: Scan, prefix: bytes, most: int) -> None:
    if len(found.keys) > most:
        raise PermanentError(
            f"More than {most:,} keys begin with {prefix.decode(errors='replace')}. Nothing was removed."
        )
    if not found.whole:
        raise PermanentError("Walking the keys took longer than 30 s. Nothing was removed.")


def _refuse_flush(target: Target, count: int, most: int) -> None:
    if count > most:
        raise PermanentError(
            f"Database {target.settings.get('database', 0)} holds {count:,} keys, more than the {most:,} that were "
            "foreseen. Nothing was removed."
        )


def _ended(error: TemporaryError | PermanentError, *, began: bool) -> UncertainError | PermanentError:
    """Say what an end means: before anything was sent nothing has changed, after it nobody knows."""
    if began:
        return UncertainError(str(error))
    said = str(error)
    if isinstance(error, PermanentError):
        return PermanentError(said if "Nothing was" in said else f"{said} Nothing was removed.")
    return PermanentError(f"{said[:1].upper()}{said[1:]}. Nothing was removed.")
