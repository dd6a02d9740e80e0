"""The second person, whatever is pressed in whatever order: nothing runs on one person's word."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.refusal import Refusal
from bot.domain.run import StepState
from bot.domain.run_approval import AgreedAlready, Asked, expire, turn_down
from bot.domain.run_verb import NotNow, Verb
from tests.domain.run_books import NOW, Play, approval, book, write

PEOPLE = ["U1", "U2", "U3"]
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["ask", "approve", "reject", "lease", "good", "bad", "retry", "wait", "stale"]),
        st.sampled_from(PEOPLE),
    ),
    max_size=50,
)


@given(acts=ACTS, count=st.integers(min_value=1, max_value=2))
def test_nothing_runs_without_enough_other_people_on_exactly_this_request(
    acts: list[tuple[str, str]], count: int
) -> None:
    play, begun = Play(book(write("wipe", approve=approval(count=count)))), 0
    for act, who in acts:
        step = play.run.step("wipe")
        try:
            match act:
                case "ask" | "approve" | "reject" | "retry":
                    verb = {"ask": Verb.RUN}.get(act, Verb(act) if act != "ask" else Verb.RUN)
                    play.press("wipe", verb, by=who)
                case "stale":
                    play.press("wipe", Verb.APPROVE, by=who, turn=step.turn - 1)
                case "lease" if step.state is StepState.QUEUED:
                    play.lease("wipe")
                    begun += 1
                case "good" | "bad" if step.state is StepState.RUNNING:
                    play.finish("wipe", fence=step.fence)
                case "wait":
                    play.now += timedelta(minutes=10)
                    play.run = expire(play.run, play.now)
                case _:
                    pass
        except Refusal:
            continue
        after = play.run.step("wipe")
        if after.state in {StepState.QUEUED, StepState.RUNNING}:
            asked = after.request
            assert asked is not None
            assert asked.decided == "approved"
            assert len(set(asked.approvers)) >= count
            assert asked.by not in asked.approvers
            assert after.by == asked.by
    approved = sum("approval_decided" in line for line in play.told)
    assert begun <= approved


def test_a_request_keeps_what_it_is_bound_to_and_what_is_shown() -> None:
    play = Play(book(write("wipe", approve=approval(expires=timedelta(minutes=15)))))
    play.press("wipe", by="U1", inputs_hash="h7")
    asked = play.run.step("wipe").request
    assert asked is not None
    assert (asked.inputs_hash, asked.why, asked.inputs) == ("h7", "it is full", (("amount", "4"),))
    assert asked.expires_at == NOW + timedelta(minutes=15)
    assert play.told[-1] == "U1 approval_asked"


def test_one_person_agrees_once_where_two_must() -> None:
    play = Play(book(write("wipe", approve=approval(count=3))))
    play.press("wipe", by="U1")
    play.press("wipe", Verb.APPROVE, by="U2")
    with pytest.raises(AgreedAlready, match="it still needs 2 more people"):
        play.press("wipe", Verb.APPROVE, by="U2")


def test_breaking_the_glass_says_by_whom_and_why_and_only_while_it_is_asked() -> None:
    play = Play(book(write("wipe", approve=approval())))
    play.press("wipe", by="U1")
    play.press("wipe", Verb.BREAK, by="U1", reason="fire")
    step = play.run.step("wipe")
    assert step.state is StepState.QUEUED
    assert step.request is not None
    assert (step.request.decided, step.request.decided_by, step.request.reason) == (
        "break-glass",
        "U1",
        "fire",
    )
    late = Play(book(write("wipe", approve=approval())))
    late.press("wipe", by="U1")
    late.now += timedelta(minutes=15)
    with pytest.raises(NotNow):
        late.press("wipe", Verb.BREAK, by="U1", reason="fire")


def test_what_is_turned_down_says_why() -> None:
    play = Play(book(write("wipe", approve=approval())))
    play.press("wipe")
    step = play.run.step("wipe")
    assert turn_down(step, by="U2", now=NOW, reason="").reason == "rejected"
    void = turn_down(step, by="U2", now=NOW, reason="changed", void=True)
    assert (void.reason, void.request and void.request.decided) == ("changed", "void")
    assert Asked().inputs == {}
