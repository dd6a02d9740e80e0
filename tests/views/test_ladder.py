from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.domain.forecast import PlannedPage
from bot.views.ladder import COLUMNS, as_data, rows, summary

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
FIRST = PlannedPage(
    at=AT,
    after=timedelta(0),
    level=1,
    step="on-call",
    title="On-call engineer",
    deed="page",
    people=("oncall",),
    via="slack_room",
    room="",
    why="at once",
)
LATER = replace(
    FIRST,
    at=AT + timedelta(minutes=90),
    after=timedelta(minutes=90),
    people=(),
    room="incidents",
    warning="careful",
)


def test_a_forecast_reads_as_a_table() -> None:
    first, later = rows((FIRST, LATER))
    assert first.cells == (
        "at once",
        "Sun 2026-11-22 03:00 UTC",
        "1",
        "On-call engineer: @oncall",
        "slack_room",
        "page",
        "at once",
    )
    assert len(first.cells) == len(COLUMNS)
    assert later.cells[0] == "1 h 30 min"
    assert later.cells[3] == "On-call engineer: #incidents"
    assert later.warning == "careful"


def test_a_forecast_is_data_for_programs() -> None:
    (first,) = as_data((FIRST,))
    assert first["at"] == "2026-11-22T03:00:00+00:00"
    assert (first["after_seconds"], first["people"], first["does"]) == (0, ["oncall"], "page")


def test_a_forecast_amounts_to_one_sentence() -> None:
    assert summary("architect", "P1", AT, (FIRST, LATER)) == (
        "A P1 of architect declared Sun 2026-11-22 03:00 UTC would send 2 messages to 1 people, "
        "the last after 1 h 30 min."
    )
    assert summary("architect", "P5", AT, ()).endswith("would reach nobody.")
