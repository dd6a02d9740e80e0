"""Alerts come in by webhook: offered once, declared once, told to the incident they became."""

from base64 import b64encode
from typing import Any

import pytest

from tests.acceptance.world import World, labels


def firing(
    name: str = "ApiDown", *, starts: str = "2026-11-20T10:00:00Z", status: str = "firing"
) -> dict[str, Any]:
    """Give a notification as Alertmanager posts it, unknown keys included."""
    return {
        "version": "4",
        "groupKey": '{}:{alertname="' + name + '"}',
        "status": status,
        "receiver": "muster\\.webhook",
        "groupLabels": {"alertname": name},
        "commonLabels": {"alertname": name},
        "routeLabels": {},
        "truncatedAlerts": 0,
        "alerts": [
            {
                "status": status,
                "labels": {"alertname": name, "instance": "api-1"},
                "annotations": {"summary": "The API answers no health check"},
                "startsAt": starts,
                "endsAt": "0001-01-01T00:00:00Z" if status == "firing" else "2026-11-20T10:30:00Z",
                "generatorURL": "http://127.0.0.1:9090/graph",
                "fingerprint": "a1b2c3",
            }
        ],
    }


async def test_a_firing_alert_is_offered_and_one_press_declares_it(here: World) -> None:
    assert (await here.alert(firing()))[0] == 200
    offer = await here.sees("ApiDown", "Declare", top=True)

    await here.presses("oncall", "Declare", offer)
    await here.card(1, "P1", "The API answers no health check", "from alert ApiDown")
    became = await here.sees("ApiDown", "became INC-1", top=True)
    assert labels(became) == []


async def test_the_same_notification_again_and_again_is_one_offer(here: World) -> None:
    for _ in range(3):
        assert (await here.alert(firing()))[0] == 200
    await here.sees("ApiDown", top=True)
    await here.settled()
    assert len(here.slack.seen.top("incidents")) == 1


async def test_two_people_press_declare_and_one_incident_opens(here: World) -> None:
    await here.alert(firing())
    offer = await here.sees("ApiDown", "Declare", top=True)
    await here.presses("oncall", "Declare", offer)
    await here.presses("manager", "Declare", offer) if labels(offer) else None
    await here.settled()
    assert len(await here.muster.store.read(lambda tx: tx.open_incidents())) == 1


async def test_an_alert_that_stops_is_told_to_its_incident_and_an_offer_says_so(here: World) -> None:
    await here.alert(firing())
    await here.presses("oncall", "Declare", await here.sees("ApiDown", "Declare", top=True))
    await here.card(1)
    await here.alert(firing(status="resolved"))
    await here.sees("Alert ApiDown is resolved.")

    await here.alert(firing("HighLatency"))
    await here.sees("HighLatency", "Declare", top=True)
    await here.alert(firing("HighLatency", status="resolved"))
    quiet = await here.sees("HighLatency", "stopped by itself", top=True)
    assert labels(quiet) == []


async def test_firing_again_later_is_a_new_episode_with_an_offer_of_its_own(here: World) -> None:
    await here.alert(firing())
    await here.sees("ApiDown", "Declare", top=True)
    await here.alert(firing(status="resolved"))
    await here.sees("stopped by itself", top=True)
    await here.alert(firing(starts="2026-11-20T12:00:00Z"))
    await here.sees("ApiDown", "Declare", top=True)
    await here.settled()
    assert len(here.slack.seen.top("incidents")) == 2


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({}, 400, "alerts"),
        ([], 400, "body"),
        ({"alerts": [{"labels": {}}]}, 400, "startsAt"),
        ({"alerts": [{"labels": {}, "startsAt": "yesterday"}]}, 400, "startsAt"),
        ({"alerts": []}, 400, "alerts"),
    ],
)
async def test_a_bad_body_is_refused_with_the_field_that_is_wrong(
    here: World, body: Any, status: int, words: str
) -> None:
    answered, said = await here.alert(body)
    assert answered == status
    assert words in said["error"]


@pytest.mark.parametrize("token", ["", "wrong"])
async def test_without_the_token_nothing_is_taken(here: World, token: str) -> None:
    answered, _ = await here.alert(firing(), token=token)
    assert answered == 401
    await here.settled()
    assert here.slack.seen.top("incidents") == []


async def test_a_body_that_is_not_json_is_a_400(here: World) -> None:
    headers = {"Authorization": "Bearer webhook-token-of-the-tests"}
    for body in (b"{", b"\xff\xfe", b""):
        async with here.http.post(
            f"{here.muster.url}/webhooks/alertmanager", data=body, headers=headers
        ) as answer:
            assert answer.status == 400


async def test_the_generic_webhook_takes_a_plain_alert_by_basic_auth(here: World) -> None:
    headers = {"Authorization": f"Basic {b64encode(b'anybody:webhook-token-of-the-tests').decode()}"}
    body = {"name": "ApiDown", "summary": "Synthetic check failed", "labels": {"alertname": "ApiDown"}}
    async with here.http.post(f"{here.muster.url}/webhooks/alerts", json=body, headers=headers) as answer:
        assert answer.status == 200
    await here.sees("ApiDown", "Synthetic check failed", top=True)
