from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.forecast import PlannedPage
from bot.views.ladder import COLUMNS, as_data, as_svg, as_text, picture, rows, summary

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


def test_a_forecast_is_drawn_as_a_timeline_with_a_mark_where_somebody_is_told() -> None:
    again = replace(FIRST, title="On-call engineer again", after=timedelta(minutes=5))
    director = replace(FIRST, level=3, title="Director", after=timedelta(minutes=15))
    assert picture((FIRST, again, director)) == (
        "                    0     5min  15min ",
        "1 On-call engineer  ●─────●",
        "3 Director          ────────────●",
    )
    assert picture(()) == ()


def test_a_long_forecast_is_cut_at_its_right_end() -> None:
    many = [replace(FIRST, after=timedelta(minutes=each)) for each in range(14)]
    assert picture(many)[0].endswith("11min …")


def test_the_picture_for_a_browser_escapes_what_people_wrote() -> None:
    drawn = as_svg((replace(FIRST, title="<b>&"),))
    assert drawn.startswith("<svg ")
    assert "&lt;b&gt;&amp;" in drawn


def test_a_forecast_for_the_chat_says_who_when_and_why() -> None:
    said = as_text((FIRST, LATER), ZoneInfo("Europe/Dublin"))
    assert "Sun 03:00  at once     L1 On-call engineer: @oncall, by slack_room\n    at once" in said
    assert said.endswith("    ! careful")
