import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.lifecycle import OPEN, TRANSITIONS, Move, NotPossibleNow, Status, advance


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("move", Move)
def test_a_move_leads_where_the_table_says_and_a_missing_key_is_the_refusal(
    status: Status, move: Move
) -> None:
    if (status, move) in TRANSITIONS:
        assert advance("INC-1", status, move) is TRANSITIONS[status, move]
    else:
        with pytest.raises(NotPossibleNow, match=f"INC-1 is {status.value}, so it can't be {move.value}"):
            advance("INC-1", status, move)


def test_a_refusal_says_what_can_be_done_instead() -> None:
    with pytest.raises(NotPossibleNow, match="It can now be closed, reopened"):
        advance("INC-7", Status.RESOLVED, Move.RESOLVE)
    with pytest.raises(NotPossibleNow, match="Nothing more can be done with it"):
        advance("INC-7", Status.MERGED, Move.REOPEN)


@given(st.lists(st.sampled_from(Move)))
def test_whatever_people_ask_a_merged_incident_stays_merged_and_only_reopening_leads_back(
    moves: list[Move],
) -> None:
    status = Status.INVESTIGATING
    for move in moves:
        before = status
        try:
            status = advance("INC-1", status, move)
        except NotPossibleNow:
            continue
        assert before is not Status.MERGED
        if before not in OPEN and status in OPEN:
            assert move is Move.REOPEN
