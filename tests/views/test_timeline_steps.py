"""What the thread says when a step of a runbook has ended."""

import pytest

from bot.domain.timeline import StepEnded
from bot.views.timeline import sentence


@pytest.mark.parametrize(
    ("effect", "state", "result", "said"),
    [
        ("manual", "done", "Restart", "<@U1> chose Restart (Pick one way out)."),
        ("manual", "done", "", "<@U1> marked Pick one way out as done."),
        ("write", "done", "Process 1 → 2", "<@U1> ran Pick one way out: done, Process 1 → 2."),
        ("write", "failed", "", "<@U1> ran Pick one way out: failed."),
        ("read", "done", "200", None),
    ],
)
def test_a_step_that_ended_is_told_in_words(effect: str, state: str, result: str, said: str | None) -> None:
    ended = StepEnded(
        run=1,
        step="recover",
        title="Pick one way out",
        state=state,
        effect=effect,
        result=result,
        seconds=0.0,
    )
    assert sentence("U1", ended) == said
