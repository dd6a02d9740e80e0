from datetime import UTC, datetime, timedelta

import pytest

from bot.adapters.ical import shifts
from bot.ports.failure import PermanentError

SINCE = datetime(2026, 11, 16, tzinfo=UTC)
UNTIL = datetime(2026, 12, 14, tzinfo=UTC)


def calendar(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", ""])


def read(*lines: str) -> list[tuple[str, str, str]]:
    return [
        (f"{each.start:%m-%d %H:%M}", f"{each.end:%m-%d %H:%M}", each.who)
        for each in shifts(calendar(*lines), since=SINCE, until=UNTIL)
    ]


def test_a_single_event_says_who_and_when() -> None:
    assert read("DTSTART:20261120T090000Z", "DTEND:20261120T170000Z", "SUMMARY:Priya Raman") == [
        ("11-20 09:00", "11-20 17:00", "Priya Raman")
    ]


def test_an_attendee_beats_the_summary_and_long_lines_are_folded() -> None:
    folded = "ATTENDEE;CN=Priya;ROLE=REQ-PARTICIPANT:mailto:oncall@exam\r\n ple.com"
    assert read("DTSTART;VALUE=DATE:20261120", folded, "SUMMARY:On call") == [
        ("11-20 00:00", "11-21 00:00", "oncall@example.com")
    ]


def test_a_rule_repeats_by_the_wall_clock_of_its_zone_with_exceptions() -> None:
    found = read(
        "DTSTART;TZID=America/New_York:20261016T090000",
        "DURATION:P1W",
        "RRULE:FREQ=WEEKLY;INTERVAL=1",
        "EXDATE;TZID=America/New_York:20261127T090000",
        "RDATE;TZID=America/New_York:20261128T090000",
        "SUMMARY:eng-lead",
    )
    assert [start for start, _, _ in found] == [
        "11-13 14:00",
        "11-20 14:00",
        "11-28 14:00",
        "12-04 14:00",
        "12-11 14:00",
    ]


def test_what_lies_outside_the_span_or_was_canceled_is_left_out() -> None:
    assert read("DTSTART:20250101T000000Z", "DTEND:20250102T000000Z", "SUMMARY:a") == []
    assert read("DTSTART:20261120T000000Z", "STATUS:CANCELLED", "SUMMARY:a") == []
    assert shifts("BEGIN:VCALENDAR\nEND:VCALENDAR\n", since=SINCE, until=UNTIL) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "<!DOCTYPE html>\n<html><body>Sign in</body></html>",
            "line 1 is '<!DOCTYPE html>', not BEGIN:VCALENDAR (it is a web page)",
        ),
        ("", "line 1 is 'nothing', not BEGIN:VCALENDAR"),
        (calendar("SUMMARY:a"), "the event on line 2 has no DTSTART"),
        (calendar("DTSTART:yesterday"), "the time on line 3 cannot be read: yesterday"),
        (calendar("DTSTART:20261340T000000Z"), "the time on line 3 cannot be read"),
        (calendar("DTSTART;TZID=Nowhere/Land:20261120T000000"), "the time on line 3 cannot be read"),
        (
            calendar("DTSTART:20261120T000000Z", "DTEND:20261119T000000Z"),
            "the event on line 2 ends before it starts",
        ),
        (
            calendar("DTSTART:20261120T000000Z", "DURATION:long"),
            "the duration on line 4 cannot be read: long",
        ),
        (calendar("DTSTART:20261120T000000Z", "RRULE:FREQ=SOMETIMES"), "the rule on line 4 cannot be read"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(text: str, said: str) -> None:
    with pytest.raises(PermanentError) as caught:
        shifts(text, since=SINCE, until=UNTIL)
    assert said in str(caught.value)


def test_a_shift_that_runs_when_the_span_begins_is_in_it() -> None:
    (found,) = shifts(
        calendar("DTSTART:20261101T000000Z", "DURATION:P4W", "SUMMARY:a"), since=SINCE, until=UNTIL
    )
    assert found.end - found.start == timedelta(weeks=4)
