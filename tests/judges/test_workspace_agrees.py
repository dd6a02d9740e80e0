"""Our workspace refuses and takes the same blocks and views that Slack's types and limits do."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.judges import slack_examples as given
from tests.judges.slack_mistakes import BAD_BLOCKS, BAD_VIEWS
from tests.judges.webapi_stage import Stage, error_of, ours

pytestmark = pytest.mark.needs("slack-types")
Json = dict[str, Any]

# Where the judge is stricter than our workspace, and why. One that is no longer so must leave this table.
STRICTER = {
    "an image with empty alt text": "Slack takes a blank; people who cannot see get nothing",
    "an action id twice where blocks have no ids": "Slack gives such blocks ids; we could not read their state",
    "rich text of strings": "our workspace does not look into rich text",
    "a preselection that is not offered": "our workspace does not compare preselections with options",
    "a typed field with its bounds crossed": "our workspace does not compare min_length with max_length",
}


@pytest.fixture
async def ours_alone() -> AsyncIterator[Stage]:
    async with ours() as made:
        yield made


@pytest.mark.parametrize("name", BAD_BLOCKS)
async def test_it_refuses_what_the_judge_refuses_in_a_message(ours_alone: Stage, name: str) -> None:
    blocks, _ = BAD_BLOCKS[name]
    call = ours_alone.client.chat_postMessage(channel=await ours_alone.incidents(), text="x", blocks=blocks)
    assert await error_of(call) == ("" if name in STRICTER else "invalid_blocks")


@pytest.mark.parametrize("name", BAD_VIEWS)
async def test_it_refuses_what_the_judge_refuses_on_a_screen(ours_alone: Stage, name: str) -> None:
    view, _ = BAD_VIEWS[name]
    client, user = ours_alone.client, ours_alone.people["oncall"]
    if view["type"] == "home":
        error = await error_of(client.views_publish(user_id=user, view=view))
    else:
        error = await error_of(client.views_open(trigger_id=await ours_alone.trigger(user), view=view))
    assert error in ({""} if name in STRICTER else {"invalid_arguments", "view_too_large"})


async def test_it_takes_what_the_judge_takes(ours_alone: Stage) -> None:
    client, user = ours_alone.client, ours_alone.people["oncall"]
    channel = await ours_alone.incidents()
    assert not await error_of(client.chat_postMessage(channel=channel, text="x", blocks=given.card()))
    assert not await error_of(client.views_open(trigger_id=await ours_alone.trigger(user), view=given.form()))
    assert not await error_of(client.views_publish(user_id=user, view=given.home(*given.card())))
