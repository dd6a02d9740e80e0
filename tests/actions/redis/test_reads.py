"""What the reads of Redis say, under a user that can read and nothing else."""

import asyncio

import pytest
from redis.exceptions import NoPermissionError

from bot.ports.failure import PermanentError
from tests.actions.redis.conftest import Place

pytestmark = pytest.mark.needs("redis")


async def test_a_ping_is_answered(place: Place) -> None:
    result = await place.run("redis.ping")
    assert result.ok
    assert result.summary.startswith("PONG in ")
    assert result.values["latency_ms"] > 0


async def test_info_tells_memory_keys_and_role(place: Place) -> None:
    place.server.do("SET", "cache:a", "1", "EX", "60")
    place.server.do("SET", "b", "1")
    result = await place.run("redis.info")
    assert "2 keys, master, up " in result.summary
    assert result.values["keys"] == 2
    assert "database  keys  with expiry" in result.lines
    assert "db0          2            1" in result.lines


async def test_dbsize_counts_the_keys_of_its_database(place: Place) -> None:
    place.server.do("SET", "a", "1")
    assert (await place.run("redis.dbsize")).summary == "1 key in database 0"
    assert (await place.run("redis.dbsize", database=3)).summary == "0 keys in database 3"


async def test_the_slow_log_names_commands_and_never_their_values(place: Place) -> None:
    place.server.do("SET", "session:7", "the-secret-of-ana")
    result = await place.run("redis.slowlog", {"most": 40})
    assert any("SET session:7" in line for line in result.lines)
    assert "the-secret-of-ana" not in str(result)


async def test_a_password_given_to_auth_is_in_no_slow_log_line(place: Place) -> None:
    place.server.do("CONFIG", "SET", "appendonly", "no")
    result = await place.run("redis.slowlog", {"most": 40})
    assert any(line.split()[-1] == "CONFIG" for line in result.lines)
    assert "appendonly" not in str(result)


async def test_the_largest_keys_are_found_in_a_sample(place: Place) -> None:
    for number in range(50):
        place.server.do("SET", f"small:{number}", "x")
    place.server.do("SET", "reports:all", "x" * 200_000)
    result = await place.run("redis.bigkeys")
    assert result.summary.startswith("Largest of all 51 keys: reports:all, ")
    assert result.lines[1].split()[:2] == ["reports:all", "string"]
    assert result.values["whole"]


async def test_an_empty_database_has_no_largest_key(place: Place) -> None:
    assert (await place.run("redis.bigkeys")).summary == "The database is empty"


async def test_keys_are_counted_by_what_follows_the_prefix(place: Place) -> None:
    for name in ("cache:user:1", "cache:user:2", "cache:page:1", "other"):
        place.server.do("SET", name, "x")
    result = await place.run("redis.keys", {"prefix": "cache:"})
    assert result.summary == "3 keys under cache:"
    assert result.values["by_kind"] == {"cache:user:": 2, "cache:page:": 1}


async def test_counting_keys_ends_at_its_bound_and_says_so(place: Place) -> None:
    place.server.admin.mset({f"cache:{number}": "x" for number in range(3000)})
    result = await place.run("redis.keys", {"prefix": "cache:", "most": 100})
    assert result.summary == "At least 100 keys under cache:"
    assert not result.values["whole"]


@pytest.mark.parametrize("prefix", ["*", "[ab]", "?", "a*", "\\", "[^b]", "a\\*"])
async def test_a_pattern_in_a_prefix_is_a_text_and_finds_only_itself(place: Place, prefix: str) -> None:
    for name in ("a", "b", "ab", prefix + "x"):
        place.server.do("SET", name, "x")
    result = await place.run("redis.keys", {"prefix": prefix})
    assert result.values["keys"] == 1


async def test_a_key_that_is_no_text_is_shown_escaped(place: Place) -> None:
    place.server.do("SET", b"cache:\xff\xfe", "x")
    result = await place.run("redis.keys", {"prefix": "cache:"})
    assert any("\\xff\\xfe" in line for line in result.lines)


async def test_the_hit_ratio_counts_hits_and_misses(place: Place) -> None:
    place.server.do("SET", "a", "1")
    for name in ("a", "a", "a", "b"):
        place.server.do("GET", name)
    result = await place.run("redis.hit_ratio", {"red_below": 0.8})
    assert result.summary.startswith("75.0% hits: 3 of 4")
    assert not result.ok


@pytest.mark.parametrize(("on_empty", "ok"), [("fail", False), ("skip", True), ("zero", True)])
async def test_no_traffic_means_what_the_runbook_says(place: Place, on_empty: str, ok: bool) -> None:
    result = await place.run("redis.hit_ratio", {"on_empty": on_empty})
    assert result.ok is ok


async def test_monitor_watches_for_a_while_and_keeps_no_values(place: Place) -> None:
    async def traffic() -> None:
        while True:
            await asyncio.to_thread(place.server.do, "SET", "cache:7", "the-secret-of-ana")

    async with asyncio.TaskGroup() as group:
        busy = group.create_task(traffic())
        result = await place.run("redis.monitor", {"seconds": 0.5, "most": 10})
        busy.cancel()
    assert result.values["by_command"] == {"SET": 10}
    assert result.values["full"]
    assert result.lines == ("    10  SET cache:*",)
    assert "the-secret-of-ana" not in str(result)


async def test_monitor_ends_by_itself_when_nothing_happens(place: Place) -> None:
    result = await place.run("redis.monitor", {"seconds": 0.5})
    assert result.summary == "0 commands in 0.5 s"


async def test_the_plan_of_monitor_says_what_it_costs(place: Place) -> None:
    assert "MONITOR can halve what a busy Redis gets done" in await place.plan("redis.monitor")


@pytest.mark.parametrize(
    "words",
    [
        ("SET", "cache:a", "1"),
        ("GET", "cache:a"),
        ("DEL", "cache:a"),
        ("UNLINK", "cache:a"),
        ("FLUSHDB",),
        ("FLUSHALL",),
        ("CONFIG", "GET", "*"),
        ("KEYS", "*"),
        ("EVAL", "return 1", "0"),
        ("ACL", "LIST"),
        ("SHUTDOWN",),
        ("REPLICAOF", "NO", "ONE"),
        ("SLOWLOG", "RESET"),
    ],
)
async def test_the_reading_user_can_do_nothing_else(place: Place, words: tuple[str, ...]) -> None:
    with pytest.raises(NoPermissionError):
        place.server.as_user("muster_read", *words)


async def test_a_right_that_is_missing_is_named(place: Place) -> None:
    with pytest.raises(PermanentError, match="The user of target cache lacks a right for this"):
        await place.run("redis.slowlog", user="muster_flush")
