"""Removing keys: by an allowed prefix, or all of a database; refused wherever it should be."""

import asyncio
import socket
from collections.abc import Iterator
from datetime import timedelta

import pytest
from redis.exceptions import NoPermissionError

from bot.actions import registry
from bot.ports.action import Danger, Landed
from bot.ports.failure import PermanentError, TemporaryError, UncertainError
from tests.actions.redis.conftest import Place, Server, free_port, started, stopped

pytestmark = pytest.mark.needs("redis")

ACT, FLUSH = "muster_act", "muster_flush"


@pytest.fixture
def replica(master: Server) -> Iterator[Server]:
    server = started("--replicaof", f"127.0.0.1 {master.port}", "--replica-read-only", "no")
    yield server
    stopped(server)


async def test_the_preview_counts_and_names_what_would_go(place: Place) -> None:
    for name in ("cache:1", "cache:2", "cache:3", "cache:4", "session:1"):
        place.server.do("SET", name, "x")
    said = await place.plan("redis.unlink_prefix", {"prefix": "cache:"}, ACT)
    assert said.startswith(
        "Removes 4 keys of database 0 that begin with cache:: cache:1, cache:2, cache:3 …."
    )
    assert place.server.do("DBSIZE") == 5


async def test_only_the_keys_under_the_prefix_go(place: Place) -> None:
    place.server.admin.mset({f"cache:{number}": "x" for number in range(950)})
    place.server.admin.mset({"cachet": "x", "session:1": "x", "rate_limit:1": "x"})
    result = await place.run("redis.unlink_prefix", {"prefix": "cache:"}, ACT)
    assert result.summary == "950 keys under cache: removed"
    assert sorted(place.server.do("KEYS", "*")) == [b"cachet", b"rate_limit:1", b"session:1"]
    assert place.said[-1] == "950 of 950 keys"
    assert await place.probe("redis.unlink_prefix", {"prefix": "cache:"}, ACT) is Landed.YES


@pytest.mark.parametrize("inner", ["*", "?", "[0-9]", "\\*", "*\r\nFLUSHALL\r\n", "'; FLUSHDB"])
async def test_a_pattern_or_a_command_in_the_prefix_removes_nothing_else(place: Place, inner: str) -> None:
    place.server.admin.mset({"cache:1": "x", "cache:ab": "x", f"cache:{inner}": "x"})
    result = await place.run("redis.unlink_prefix", {"prefix": f"cache:{inner}"}, ACT)
    assert result.values == {"removed": 1}
    assert sorted(place.server.do("KEYS", "*")) == [b"cache:1", b"cache:ab"]


@pytest.mark.parametrize("prefix", ["session:", "*", "cache", "c", " cache:", "\0"])
async def test_a_prefix_that_is_not_allowed_is_refused(place: Place, prefix: str) -> None:
    place.server.admin.mset({"session:1": "x", "cache:1": "x"})
    with pytest.raises(PermanentError, match="is not under a prefix that target cache allows"):
        await place.run("redis.unlink_prefix", {"prefix": prefix}, ACT)
    assert place.server.do("DBSIZE") == 2


async def test_more_keys_than_the_cap_are_all_left(place: Place) -> None:
    place.server.admin.mset({f"cache:{number}": "x" for number in range(50)})
    given = {"prefix": "cache:", "most": 49}
    assert "that is its cap, so it would be refused" in await place.plan("redis.unlink_prefix", given, ACT)
    with pytest.raises(PermanentError, match=r"More than 49 keys begin with cache:\. Nothing was removed\."):
        await place.run("redis.unlink_prefix", given, ACT)
    assert place.server.do("DBSIZE") == 50


async def test_a_target_for_reading_removes_nothing(place: Place) -> None:
    place.server.do("SET", "cache:1", "x")
    with pytest.raises(PermanentError, match="is for reading only"):
        await place.run("redis.unlink_prefix", {"prefix": "cache:"}, prefixes=("cache:",))
    with pytest.raises(PermanentError, match="is for reading only"):
        await place.run("redis.flushdb", flush=True)
    assert place.server.do("DBSIZE") == 1


async def test_a_replica_is_refused_also_when_it_would_take_the_write(place: Place, replica: Server) -> None:
    place.server.do("SET", "cache:1", "x")
    while replica.do("DBSIZE") != 1:
        await asyncio.to_thread(replica.do, "PING")
    place.server = replica
    for name, given in (("redis.unlink_prefix", {"prefix": "cache:"}), ("redis.flushdb", {})):
        with pytest.raises(
            PermanentError, match=r"cache is not the master but a replica\. Nothing was removed\."
        ):
            await place.run(name, given, ACT, flush=True, login=None, password=None)
    assert replica.do("DBSIZE") == 1


async def test_flushdb_shows_the_count_and_the_gentler_way(place: Place) -> None:
    place.server.admin.mset({f"cache:{number}": "x" for number in range(7)})
    place.server.do("SET", "cache:x", "x", "EX", "60")
    said = await place.plan("redis.flushdb", user=FLUSH)
    assert said.startswith("Removes all 8 keys of database 0 on cache (master), 7 of which never expire.")
    assert said.endswith("redis.unlink_prefix removes one kind of key only.")
    assert registry()["redis.flushdb"].danger is Danger.DESTRUCTIVE


async def test_flushdb_empties_its_database_and_no_other(place: Place) -> None:
    place.server.admin.mset({"a": "1", "b": "1"})
    place.server.do("COPY", "a", "a", "DB", "4")
    assert (await place.run("redis.flushdb", user=FLUSH)).summary == "Database 0 is empty; 2 keys removed"
    assert place.server.do("DBSIZE") == 0
    assert (await place.run("redis.dbsize", database=4)).values == {"keys": 1}
    assert await place.probe("redis.flushdb", user=FLUSH) is Landed.YES


async def test_flushdb_is_refused_beyond_what_was_foreseen_or_where_it_is_not_allowed(place: Place) -> None:
    place.server.admin.mset({"a": "1", "b": "1"})
    with pytest.raises(PermanentError, match="holds 2 keys, more than the 1 that were foreseen"):
        await place.run("redis.flushdb", {"most": 1}, FLUSH)
    with pytest.raises(PermanentError, match="does not allow FLUSHDB"):
        await place.run("redis.flushdb", user=ACT)
    assert place.server.do("DBSIZE") == 2
    assert await place.probe("redis.flushdb", user=FLUSH) is Landed.CANNOT_TELL


@pytest.mark.parametrize(
    ("user", "words"),
    [
        (ACT, ("UNLINK", "session:1")),
        (ACT, ("DEL", "cache:1")),
        (ACT, ("SET", "cache:1", "x")),
        (ACT, ("FLUSHDB",)),
        (FLUSH, ("UNLINK", "cache:1")),
        (FLUSH, ("FLUSHALL",)),
        (FLUSH, ("SCAN", "0")),
    ],
)
async def test_the_acting_users_can_do_nothing_else(place: Place, user: str, words: tuple[str, ...]) -> None:
    with pytest.raises(NoPermissionError):
        place.server.as_user(user, *words)


async def test_a_wrong_password_is_said_in_words(place: Place) -> None:
    place.server.do("SET", "cache:1", "x")
    result = await place.run("redis.ping", password="old-password")
    assert result.summary == "Redis did not let us in: the user or password of target cache is wrong."
    with pytest.raises(
        PermanentError, match=r"the user or password of target cache is wrong\. Nothing was removed"
    ):
        await place.run("redis.unlink_prefix", {"prefix": "cache:"}, ACT, password="old-password")
    assert "old-password" not in result.summary


async def test_a_server_that_is_down_is_said_in_words(place: Place) -> None:
    port = free_port()
    assert (await place.run("redis.ping", port=port)).summary == "Connection refused"
    with pytest.raises(TemporaryError, match="connection refused"):
        await place.run("redis.dbsize", port=port)
    with pytest.raises(PermanentError, match=r"Connection refused\. Nothing was removed\."):
        await place.run("redis.flushdb", user=FLUSH, port=port)
    assert "cannot be looked at now: connection refused" in await place.plan(
        "redis.flushdb", user=FLUSH, port=port
    )


async def test_a_server_that_says_nothing_is_given_up_in_time(place: Place) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        silent = {"port": deaf.getsockname()[1], "timeout": timedelta(milliseconds=300)}
        assert (await place.run("redis.ping", **silent)).summary == "No answer within 0.3 s"


async def test_a_server_gone_in_the_middle_of_flushing_leaves_the_end_unknown(place: Place) -> None:
    server = started()
    try:
        server.do("SET", "a", "1")
        server.do(
            "ACL", "SETUSER", "muster_flush", "on", ">only-for-tests", "-@all", "+info", "+dbsize", "+flushdb"
        )
        server.do("CLIENT", "PAUSE", "60000", "WRITE")
        place.server = server
        async with asyncio.TaskGroup() as group:
            flushing = group.create_task(_ended(place))
            while b"cmd=flushdb" not in await asyncio.to_thread(server.do, "CLIENT", "LIST"):
                pass
            server.process.kill()
            assert isinstance(await flushing, UncertainError)
    finally:
        stopped(server)


async def _ended(place: Place) -> Exception | None:
    try:
        await place.run("redis.flushdb", user=FLUSH)
    except UncertainError as error:
        return error
    return None
