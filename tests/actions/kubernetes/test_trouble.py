"""The API server is slow, down, forbidding, or cut off: one sentence each, and what is unknown stays unknown."""

import asyncio
import socket
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.ports.action import Landed
from bot.ports.failure import PermanentError, TemporaryError, UncertainError
from bot.ports.kubernetes import RefusedError
from tests.actions.kubernetes.stage import API, FakeGround
from tests.fakes.kubernetes.faults import Fault
from tests.fakes.kubernetes.server import TOKEN

WRITES: dict[str, dict[str, Any]] = {
    "rollout_restart": {"deployment": API},
    "rollout_undo": {"deployment": API},
    "scale": {"deployment": API, "replicas": 5},
    "set_env": {"deployment": API, "name": "RATE_LIMIT", "value": "100"},
}


async def deployed_twice(fake: FakeGround) -> None:
    await fake.deploy("registry.example.com/architect-api:v2")
    fake.server.asked.clear()


async def test_an_expired_token_is_named_and_read_anew_next_time(fake: FakeGround) -> None:
    fake.server.expired = True
    with pytest.raises(RefusedError, match=r"the token is wrong or has expired \(401\)"):
        await fake.run("pods")
    fake.server.expired = False
    assert (await fake.run("pods")).ok


async def test_a_missing_right_is_named_with_where_to_find_it(fake: FakeGround) -> None:
    fake.server.rules = tuple(each for each in fake.server.rules if "patch" not in each.verbs)
    with pytest.raises(
        RefusedError, match=r"cannot patch resource .*Nothing was changed.*kubernetes-rights.md"
    ):
        await fake.run("rollout_restart", deployment=API)
    said = await fake.plan("rollout_restart", deployment=API)
    assert said.startswith("As things are it would be refused")


async def test_an_expired_token_in_many_calls_at_once_stays_a_sentence(fake: FakeGround) -> None:
    await fake.run("pods")
    fake.server.expired = True
    found = await asyncio.gather(*(fake.run("pods") for _ in range(40)), return_exceptions=True)
    assert {type(each) for each in found} == {RefusedError}
    fake.server.expired = False
    assert (await fake.run("pods")).ok


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (404, "does not have it"),
        (409, "changed it at the same moment"),
        (429, "too busy"),
        (503, "not available"),
        (500, "answered 500"),
    ],
)
async def test_every_refusal_is_a_sentence(fake: FakeGround, status: int, said: str) -> None:
    fake.server.faults.add(Fault("answer", path="/events", status=status, message="the fake says so"))
    with pytest.raises(RefusedError, match=said):
        await fake.run("events")


async def test_a_list_that_was_forgotten_half_way_is_begun_again(fake: FakeGround) -> None:
    for number in range(600):
        fake.event(f"architect-api-{number}", "BackOff", "restarting")
    fake.server.forget_pages = True
    result = await fake.run("events")
    assert result.values["warnings"] == 600


async def test_a_list_that_is_forgotten_again_and_again_is_given_up(fake: FakeGround) -> None:
    fake.server.faults.add(Fault("answer", path="/events", status=410, reason="Expired", times=2))
    with pytest.raises(RefusedError, match=r"has moved on from what was being read \(410\). Run this again"):
        await fake.run("events")


async def test_nobody_listens(fake: FakeGround) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    gone = fake.with_settings(server=f"http://127.0.0.1:{port}")
    with pytest.raises(PermanentError, match=r"architect-cluster cannot be reached: connection refused.$"):
        await gone.run("pods")
    with pytest.raises(PermanentError, match="connection refused"):
        await gone.run("rollout_restart", deployment=API)


async def test_a_read_that_hangs_ends_at_its_deadline(fake: FakeGround) -> None:
    fake.server.faults.add(Fault("hang", path="/pods"))
    hasty = fake.with_settings(timeout=timedelta(seconds=0.2))
    with pytest.raises(TemporaryError, match=r"gave no answer within 0.2 s") as caught:
        await hasty.run("pods")
    assert not isinstance(caught.value, UncertainError)
    assert (await fake.run("pods")).ok


@pytest.mark.parametrize("verb", WRITES)
@pytest.mark.parametrize("kind", ["hang", "drop_before"])
async def test_a_write_that_never_arrived_is_unknown_until_its_probe_says_no(
    fake: FakeGround, verb: str, kind: Any
) -> None:
    await deployed_twice(fake)
    before = fake.deployment()["metadata"]["generation"]
    path = "/scale" if verb == "scale" else "/deployments"
    fake.server.faults.add(Fault(kind, method="PATCH", path=path))
    hasty = fake.with_settings(timeout=timedelta(seconds=0.3))
    with pytest.raises(UncertainError):
        await hasty.run(verb, **WRITES[verb])
    assert fake.deployment()["metadata"]["generation"] == before
    assert await fake.probe(verb, **WRITES[verb]) is Landed.NO


@pytest.mark.parametrize("verb", WRITES)
async def test_a_write_that_arrived_before_the_line_broke_is_found_by_its_probe(
    fake: FakeGround, verb: str
) -> None:
    await deployed_twice(fake)
    before = fake.deployment()["metadata"]["generation"]
    path = "/scale" if verb == "scale" else "/deployments"
    fake.server.faults.add(Fault("drop_after", method="PATCH", path=path))
    with pytest.raises(
        UncertainError, match=r"the connection was closed without an answer|the connection broke"
    ):
        await fake.run(verb, **WRITES[verb])
    assert fake.deployment()["metadata"]["generation"] == before + 1
    assert await fake.probe(verb, **WRITES[verb]) is Landed.YES


async def test_a_server_error_leaves_a_write_unknown(fake: FakeGround) -> None:
    fake.server.faults.add(Fault("answer", method="PATCH", status=504, message="context deadline exceeded"))
    with pytest.raises(UncertainError, match="answered 504"):
        await fake.run("rollout_restart", deployment=API)


async def test_a_write_is_sent_once(fake: FakeGround) -> None:
    fake.server.faults.add(Fault("drop_before", method="PATCH", path="/deployments"))
    with pytest.raises(UncertainError):
        await fake.run("rollout_restart", deployment=API)
    assert len(fake.server.writes) == 1


async def test_a_redirect_is_not_followed(fake: FakeGround) -> None:
    fake.server.faults.add(Fault("redirect", path="/pods"))
    with pytest.raises(RefusedError, match=r"a redirect, which is not followed \(302\)"):
        await fake.run("pods")


async def test_a_page_that_is_no_api_is_named(fake: FakeGround) -> None:
    fake.server.faults.add(Fault("garbage", path="/pods"))
    with pytest.raises(PermanentError, match="answered with something that is not JSON"):
        await fake.run("pods")


async def test_an_action_that_is_canceled_leaves_nothing_behind(fake: FakeGround) -> None:
    fake.server.faults.add(Fault("hang", path="/pods"))
    task = asyncio.ensure_future(fake.run("pods"))
    while not fake.server.asked:
        await fake.adapter.pause()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await fake.run("pods")).ok


async def test_a_namespace_that_is_not_allowed_is_not_even_asked_for(fake: FakeGround) -> None:
    with pytest.raises(
        PermanentError, match="The namespace kube-system is not one that architect-cluster allows"
    ):
        await fake.run("pods", namespace="kube-system")
    assert not fake.server.asked


@pytest.mark.parametrize("name", ["../nodes", "a/b", "a?x=1", "A", "", "a b", "a%2fb", "x" * 300])
async def test_a_name_that_would_leave_its_place_is_refused_at_the_door(fake: FakeGround, name: str) -> None:
    with pytest.raises(ValueError, match="deployment"):
        await fake.run("rollout_restart", deployment=name)


async def test_more_replicas_than_allowed_are_refused(fake: FakeGround) -> None:
    with pytest.raises(
        PermanentError, match="51 replicas are more than the 50 that architect-cluster allows"
    ):
        await fake.run("scale", deployment=API, replicas=51)
    assert not fake.server.writes


async def test_credentials_that_cannot_be_read_are_named(fake: FakeGround) -> None:
    settings = {**fake.target.settings, "server": None, "token": None, "kubeconfig": "/nowhere/kubeconfig"}
    lost = replace(fake, target=replace(fake.target, settings=settings))
    with pytest.raises(PermanentError, match="The credentials of architect-cluster cannot be read"):
        await lost.run("pods")


def kubeconfig(folder: Path, server: str, token: str) -> str:
    path = folder / "kubeconfig"
    body = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "other",
        "clusters": [
            {"name": "main", "cluster": {"server": server}},
            {"name": "other", "cluster": {"server": "http://127.0.0.1:1"}},
        ],
        "users": [{"name": "muster", "user": {"token": token}}],
        "contexts": [
            {"name": "main", "context": {"cluster": "main", "user": "muster"}},
            {"name": "other", "context": {"cluster": "other", "user": "muster"}},
        ],
    }
    path.write_text(yaml.safe_dump(body), encoding="utf-8")
    return str(path)


async def test_a_kubeconfig_and_its_context_are_a_way_in(fake: FakeGround, tmp_path: Path) -> None:
    path = kubeconfig(tmp_path, fake.server.url, TOKEN)
    ours = fake.with_settings(server=None, token=None, kubeconfig=path, context="main")
    assert (await ours.run("pods")).ok
    lost = fake.with_settings(server=None, token=None, kubeconfig=path, context="nowhere")
    with pytest.raises(PermanentError, match="credentials of architect-cluster cannot be read"):
        await lost.run("pods")


async def test_a_renewed_kubeconfig_is_read_after_a_refusal(fake: FakeGround, tmp_path: Path) -> None:
    path = kubeconfig(tmp_path, fake.server.url, "an-expired-token")
    ours = fake.with_settings(server=None, token=None, kubeconfig=path, context="main")
    with pytest.raises(RefusedError, match="401"):
        await ours.run("pods")
    kubeconfig(tmp_path, fake.server.url, TOKEN)
    assert (await ours.run("pods")).ok


async def test_the_target_can_be_the_cluster_that_muster_runs_in_only_there(fake: FakeGround) -> None:
    ours = fake.with_settings(server=None, token=None, in_cluster=True)
    with pytest.raises(PermanentError, match="credentials of architect-cluster cannot be read"):
        await ours.run("pods")


async def test_a_certificate_file_that_is_not_there_is_named(fake: FakeGround) -> None:
    ours = fake.with_settings(ca_file="/nowhere/ca.pem")
    with pytest.raises(PermanentError, match="certificate files of architect-cluster cannot be read"):
        await ours.run("pods")
