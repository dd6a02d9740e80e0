"""The table of known differences stays true: it covers what differs, and gives up what no longer does."""

from collections.abc import Iterator

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.judges.differences import DIFFERENCES
from tests.judges.webapi_stage import MET, Stage


async def _trigger(user: str) -> str:
    return user


@pytest.fixture
def emulate_like() -> Iterator[Stage]:
    before = dict(MET)
    yield Stage(name="emulate", client=AsyncWebClient(), people={}, trigger=_trigger)
    MET.clear()
    MET.update(before)  # the summary tells of real workspaces only


def test_a_claim_that_holds_is_quiet(emulate_like: Stage) -> None:
    emulate_like.claim("water is wet", "wet", "wet")
    assert emulate_like.wrong == []


def test_a_claim_that_fails_is_wrong_unless_it_is_listed(emulate_like: Stage) -> None:
    emulate_like.claim("water is wet", "dry", "wet")
    emulate_like.claim("no name", "invalid_name_specials", "invalid_name_required")
    assert emulate_like.wrong == ["water is wet: emulate says 'dry', Slack says 'wet'"]


def test_a_listed_difference_that_has_gone_is_wrong(emulate_like: Stage) -> None:
    assert "no name" in DIFFERENCES["emulate"]
    emulate_like.claim("no name", "invalid_name_required", "invalid_name_required")
    assert emulate_like.wrong == ["no name: emulate agrees with Slack now; take it out of DIFFERENCES"]
