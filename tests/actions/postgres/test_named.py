"""Named queries and writes of the shipped file, on a database like the handbook's."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.actions import registry
from bot.config.document import load_document
from bot.config.problem import Problem
from bot.config.queries import bind_queries
from bot.ports.action import Danger, Landed
from bot.ports.database import NamedQuery
from bot.ports.failure import PermanentError, UncertainError
from tests.actions.postgres.conftest import Place

pytestmark = pytest.mark.needs("postgresql")

SHIPPED = Path(__file__).parents[3] / "config" / "queries.yaml"
ACT = "muster_act"
GIVEN: dict[str, Any] = {"name": "raise_rate_limit", "params": {"customer": "vip-customer", "limit": 10_000}}


def shipped() -> dict[str, NamedQuery]:
    problems = list[Problem]()
    found = bind_queries(load_document(SHIPPED), {}, problems).queries
    assert problems == []
    return dict(found)


@pytest.fixture
async def shop(place: Place) -> Place:
    """The tables of the handbook, with the rights that the shipped file tells to grant."""
    await place.admin(
        "CREATE TABLE api_keys (id int PRIMARY KEY, name text, secret text, rate_limit_per_hour int)",
        "INSERT INTO api_keys VALUES (1, 'vip-customer', 'key-1', 1000), (2, 'other', 'key-2', 1000)",
        "CREATE TABLE request_logs (api_key_id int, created_at timestamptz DEFAULT now())",
        "INSERT INTO request_logs SELECT 1 FROM generate_series(1, 30)",
        "INSERT INTO request_logs SELECT 2 FROM generate_series(1, 5)",
        "GRANT SELECT (id, name, rate_limit_per_hour) ON api_keys TO muster_read",
        "GRANT SELECT ON request_logs TO muster_read",
        "GRANT SELECT (name, rate_limit_per_hour), UPDATE (rate_limit_per_hour) ON api_keys TO muster_act",
    )
    return place


async def test_a_named_read_shows_an_aligned_table(shop: Place) -> None:
    result = await shop.run("postgres.query", {"name": "busiest_customers", "first": 15}, queries=shipped())
    assert result.lines == ("name          requests", "vip-customer        30", "other                5")
    assert result.values == {"rows": 2, "value": None, "text": "vip-customer"}


async def test_a_default_stands_where_nothing_is_given(shop: Place) -> None:
    result = await shop.run("postgres.query", {"name": "busiest_customers"}, queries=shipped())
    assert result.values["rows"] == 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"name": "zzz"},
            'has no read "zzz" for target orders-db. There are: busiest_customers, rate_limit',
        ),
        ({"name": "rate_limits"}, 'Did you mean "rate_limit"?'),
        ({"name": "raise_rate_limit"}, 'has no read "raise_rate_limit"'),
        ({"name": "SELECT 1"}, 'has no read "SELECT 1"'),
        ({"name": "rate_limit"}, 'rate_limit needs "customer", which was not given'),
        ({"name": "rate_limit", "first": "x' OR '1'='1"}, "must match"),
        ({"name": "rate_limit", "first": "vip-customer\n"}, "must match"),
        ({"name": "rate_limit", "first": 7}, "must be a text"),
        ({"name": "rate_limit", "first": "a", "second": "b"}, "takes fewer values than it was given"),
        (
            {"name": "rate_limit", "params": {"custmer": "a"}},
            'takes no "custmer"; its parameters are: customer',
        ),
        ({"name": "busiest_customers", "first": 0}, "must be at least 1"),
        ({"name": "busiest_customers", "first": 1441}, "must be at most 1440"),
        ({"name": "busiest_customers", "first": True}, "must be an integer"),
        ({"name": "busiest_customers", "first": 1.5}, "must be an integer"),
        ({"name": "busiest_customers", "first": 10**40}, "is out of a database's range"),
    ],
)
async def test_a_wrong_name_or_value_is_refused_in_words(
    shop: Place, given: dict[str, Any], said: str
) -> None:
    with pytest.raises(PermanentError) as refused:
        await shop.run("postgres.query", given, queries=shipped())
    assert said in str(refused.value)


async def test_a_column_that_was_not_granted_is_not_read(shop: Place) -> None:
    query = shipped()["rate_limit"]
    greedy = {"rate_limit": replace(query, sql=query.sql.replace("rate_limit_per_hour", "secret"))}
    with pytest.raises(PermanentError, match="The role muster_read lacks a right for this"):
        await shop.run("postgres.query", {"name": "rate_limit", "first": "other"}, queries=greedy)


async def test_the_handbooks_rate_limit_is_previewed_then_raised(shop: Place) -> None:
    said = await shop.plan("postgres.write", GIVEN, ACT, queries=shipped())
    assert said == (
        "Sets the hourly limit of one customer (customer = 'vip-customer', limit = 10000). Changes 1 row, "
        "now name=vip-customer, rate_limit_per_hour=1000. Refused beyond 1 row."
    )
    assert await shop.probe("postgres.write", GIVEN, ACT, queries=shipped()) is Landed.NO
    result = await shop.run("postgres.write", GIVEN, ACT, queries=shipped())
    assert result.summary == "raise_rate_limit: 1 row changed"
    assert result.lines[1].split() == ["vip-customer", "10,000"] or result.lines[1].split() == [
        "vip-customer",
        "10000",
    ]
    assert await shop.probe("postgres.write", GIVEN, ACT, queries=shipped()) is Landed.YES
    assert await shop.value("SELECT rate_limit_per_hour FROM api_keys WHERE name = 'other'") == 1000
    assert registry()["postgres.write"].danger is Danger.DESTRUCTIVE


async def test_more_rows_than_the_cap_are_all_left(shop: Place) -> None:
    await shop.admin("INSERT INTO api_keys VALUES (3, 'vip-customer', 'key-3', 1000)")
    assert "That is more than its cap of 1, so it would be refused." in await shop.plan(
        "postgres.write", GIVEN, ACT, queries=shipped()
    )
    with pytest.raises(
        PermanentError, match=r"It would change 2 rows, and its cap is 1\. Nothing was changed\."
    ):
        await shop.run("postgres.write", GIVEN, ACT, queries=shipped())
    assert await shop.value("SELECT max(rate_limit_per_hour) FROM api_keys") == 1000


async def test_a_write_that_matches_nothing_is_red(shop: Place) -> None:
    given = {**GIVEN, "params": {"customer": "nobody", "limit": 5}}
    result = await shop.run("postgres.write", given, ACT, queries=shipped())
    assert not result.ok
    assert result.summary == "raise_rate_limit: no row matched; nothing was changed"


async def test_a_write_needs_a_target_for_writing_and_its_rights(shop: Place) -> None:
    with pytest.raises(PermanentError, match="is for reading only"):
        await shop.run("postgres.write", GIVEN, queries=shipped())
    with pytest.raises(PermanentError, match=r"lacks a right for this: .*\. Nothing was changed\."):
        await shop.run("postgres.write", GIVEN, "app", queries=shipped())


async def test_a_row_held_by_somebody_else_is_not_waited_for_long(shop: Place) -> None:
    holder = await shop.session("muster")
    await holder.execute("BEGIN")
    await holder.execute("SELECT * FROM api_keys FOR UPDATE")
    with pytest.raises(PermanentError, match="Somebody else holds a lock that this needs") as why:
        await shop.run("postgres.write", GIVEN, ACT, queries=shipped())
    assert not isinstance(why.value, UncertainError)


async def test_a_constraint_says_no_at_commit_and_nothing_is_changed(shop: Place) -> None:
    await shop.admin(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'limits are frozen'; END $$",
        "CREATE CONSTRAINT TRIGGER frozen AFTER UPDATE ON api_keys DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION refuse()",
    )
    with pytest.raises(PermanentError, match=r"limits are frozen .*Nothing was changed\."):
        await shop.run("postgres.write", GIVEN, ACT, queries=shipped())
    assert await shop.value("SELECT max(rate_limit_per_hour) FROM api_keys") == 1000


async def test_a_server_that_is_down_changes_nothing_and_says_so(shop: Place) -> None:
    with pytest.raises(PermanentError, match=r"Connection refused\. Nothing was changed\."):
        await shop.run("postgres.write", GIVEN, ACT, queries=shipped(), host="/nowhere")
    assert await shop.plan("postgres.write", GIVEN, ACT, queries=shipped(), host="/nowhere") == (
        "It cannot be previewed now: connection refused"
    )
