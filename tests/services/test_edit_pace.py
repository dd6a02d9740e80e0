"""Edits share what Slack allows: at most one in three seconds for a message, forty in a minute for all."""

from bot.services.edit_pace import EDITS, EditPace


class Moment:
    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def test_only_edits_rest() -> None:
    pace = EditPace(Moment())
    assert pace.rest("incidents") == 0.0
    assert pace.rest(f"{EDITS}1") == 3.0
    assert EditPace(Moment(), least=0).rest(f"{EDITS}1") == 0.0


def test_three_cards_are_edited_every_four_and_a_half_seconds_and_ten_share_the_rest() -> None:
    moment = Moment()
    pace = EditPace(moment)
    assert max(pace.rest(f"{EDITS}{number}") for number in range(3)) == 4.5
    assert max(pace.rest(f"{EDITS}{number}") for number in range(10)) == 15.0


def test_many_cards_changing_all_the_time_stay_within_forty_a_minute() -> None:
    moment = Moment()
    pace = EditPace(moment)
    free = dict.fromkeys((f"{EDITS}{number}" for number in range(12)), 0.0)
    times: list[float] = []
    while moment.at < 400.0:
        for destination, when in free.items():
            if when <= moment.at:
                times.append(moment.at)
                free[destination] = moment.at + pace.rest(destination)
        moment.at += 0.25
    for start in range(140, 340, 10):
        assert sum(1 for at in times if start <= at < start + 60) <= 44
    assert min(sum(1 for at in times if start <= at < start + 60) for start in range(140, 340, 10)) >= 30


def test_a_card_that_no_longer_changes_leaves_its_share_to_the_others() -> None:
    moment = Moment()
    pace = EditPace(moment)
    for number in range(8):
        pace.rest(f"{EDITS}{number}")
    moment.at += 61
    assert pace.rest(f"{EDITS}0") == 3.0
