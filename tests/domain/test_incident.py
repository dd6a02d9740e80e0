from dataclasses import replace
from datetime import datetime

import pytest

from bot.domain.incident import UnknownIncident, parse_key
from bot.domain.lifecycle import Status
from tests.domain.incidents import declared


def test_an_incident_has_a_key_and_is_open_until_it_is_over() -> None:
    incident = declared()
    assert incident.key == "INC-42"
    assert incident.is_open
    assert incident.commander is None
    assert not replace(incident, status=Status.RESOLVED).is_open


def test_a_naive_instant_is_refused_where_it_enters() -> None:
    with pytest.raises(ValueError, match="clock_started_at of an incident must be an aware instant"):
        replace(declared(), clock_started_at=datetime(2026, 1, 1))  # noqa: DTZ001 - the fault under test


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("INC-42", 42),
        ("inc42", 42),
        ("#42", 42),
        ("42", 42),
        ("inc-", None),
        ("", None),
        ("INC-x", None),
        ("INC-99999999999", None),
        ("٤٢", None),
    ],
)
def test_a_key_is_read_the_ways_people_write_it(word: str, number: int | None) -> None:
    assert parse_key(word) == number


def test_an_unknown_incident_says_where_the_open_ones_are() -> None:
    assert str(UnknownIncident("INC-9")) == "There is no INC-9. /incident list shows the open ones."
