"""Deleting pods, cordoning nodes, re-creating a Deployment, and who takes a change back."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.ports.action import Landed
from bot.ports.failure import PermanentError, UncertainError
from bot.ports.kubernetes import RefusedError
from tests.actions.kubernetes.stage import ACTIONS, API, SPACE, FakeGround, Ground, a_target, manifest
from tests.fakes.kubernetes.faults import Fault
from tests.fakes.kubernetes.world import set_ready


async def test_a_deleted_pod_is_made_anew(fake: FakeGround) -> None:
    name = fake.pods()[0]["metadata"]["name"]
    said = await fake.plan("delete_pod", pod=name)
    assert f"Deletes {name} (Running" in said
    assert "makes a new one" in said
    assert "only ready one" not in said
    await fake.run("delete_pod", pod=name)
    assert name not in [each["metadata"]["name"] for each in fake.pods()]
    assert len(fake.pods()) == 3
    assert await fake.probe("delete_pod", pod=name) is Landed.YES


async def test_the_only_ready_pod_is_pointed_out(fake: FakeGround) -> None:
    first, *others = fake.pods()
    for each in others:
        set_ready(each, ready=False)
    assert "It is the only ready one" in await fake.plan("delete_pod", pod=first["metadata"]["name"])


async def test_a_pod_that_nobody_makes_anew_is_not_deleted(fake: FakeGround) -> None:
    item = fake.pods()[0]
    fake.server.world.put("pods", {**item, "metadata": {"name": "by-hand", "namespace": SPACE}})
    with pytest.raises(PermanentError, match=r"has no owner that would make a new one. Nothing was deleted"):
        await fake.run("delete_pod", pod="by-hand")


async def test_a_delete_that_never_arrived_leaves_the_pod_and_says_so(fake: FakeGround) -> None:
    name = fake.pods()[0]["metadata"]["name"]
    fake.server.faults.add(Fault("drop_before", method="DELETE"))
    with pytest.raises(UncertainError):
        await fake.run("delete_pod", pod=name)
    assert await fake.probe("delete_pod", pod=name) is Landed.NO


async def test_a_node_is_cordoned_and_let_back(fake: FakeGround) -> None:
    ours = fake.with_settings(cordon=True)
    assert "2 of 3 nodes still take pods" in await ours.plan("cordon", node="node-1")
    result = await ours.run("cordon", node="node-1")
    assert result.values == {"changed": True, "usable": 2}
    assert fake.server.world.get("nodes", "", "node-1")["spec"]["unschedulable"] is True
    assert await ours.probe("cordon", node="node-1") is Landed.YES
    again = await ours.run("cordon", node="node-1")
    assert again.values["changed"] is False
    assert "Lets new pods on node-1 again" in await ours.plan("uncordon", node="node-1")
    await ours.run("uncordon", node="node-1")
    assert "unschedulable" not in fake.server.world.get("nodes", "", "node-1")["spec"]


async def test_less_than_half_of_the_nodes_is_not_left_over(fake: FakeGround) -> None:
    ours = fake.with_settings(cordon=True)
    await ours.run("cordon", node="node-1")
    with pytest.raises(PermanentError, match="only 1 of 3 ready nodes would take pods, less than half"):
        await ours.run("cordon", node="node-2")
    assert "less than half" in await ours.plan("cordon", node="node-2")


async def test_a_target_that_does_not_allow_cordoning(fake: FakeGround) -> None:
    with pytest.raises(PermanentError, match="does not allow cordoning"):
        await fake.run("cordon", node="node-1")
    assert not fake.server.asked


async def test_two_cordons_share_one_lock() -> None:
    spec = ACTIONS["kubernetes.cordon"]
    where = a_target(namespaces=(SPACE,))
    assert spec.lock is not None
    names = {spec.lock(where, spec.inputs.model_validate({"node": name})) for name in ("node-1", "node-2")}
    assert len(names) == 1


def allowed(fake: FakeGround, folder: Path, body: dict[str, Any]) -> FakeGround:
    path = folder / "deployment.yaml"
    path.write_text(yaml.safe_dump(body), encoding="utf-8")
    return fake.with_settings(manifests={"api": str(path)})


async def test_a_deployment_is_deleted_and_created_anew(fake: FakeGround, tmp_path: Path) -> None:
    ours = allowed(fake, tmp_path, manifest("registry.example.com/architect-api:v9", replicas=10))
    uid = fake.deployment()["metadata"]["uid"]
    said = await ours.plan("reapply_deployment", deployment=API, manifest="api")
    assert "It is down in between" in said
    assert "architect-api:v1 → architect-api:v9" in said
    assert "Replicas: 3 → 10" in said
    assert fake.deployment()["metadata"]["uid"] == uid

    fake.server.lingering = 3
    result = await ours.run("reapply_deployment", deployment=API, manifest="api")

    assert result.values == {"deleted": True, "created": True, "replicas": 10}
    assert fake.deployment()["metadata"]["uid"] != uid
    assert len(fake.pods()) == 10
    assert b'"architect-api:v1' not in result.attachments[0].content
    assert b"architect-api:v1" in result.attachments[0].content
    notes = fake.deployment()["metadata"]["annotations"]
    assert "architect-api:v9" in notes["kubectl.kubernetes.io/last-applied-configuration"]
    assert "muster/run" not in notes["kubectl.kubernetes.io/last-applied-configuration"]
    assert await ours.probe("reapply_deployment", deployment=API, manifest="api") is Landed.YES


async def test_a_bad_manifest_is_found_before_anything_is_deleted(fake: FakeGround, tmp_path: Path) -> None:
    body = manifest()
    body["spec"]["template"]["metadata"]["labels"] = {"app": "another"}
    ours = allowed(fake, tmp_path, body)
    with pytest.raises(RefusedError, match="does not match template"):
        await ours.run("reapply_deployment", deployment=API, manifest="api")
    assert not fake.server.writes


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "Service"}, "is no Deployment"),
        ({"metadata": {"name": "another"}}, "describes architect-production/another, not"),
        ({"metadata": {"name": API, "namespace": "kube-system"}}, "describes kube-system/architect-api, not"),
        ({"spec": {}}, "is no Deployment"),
    ],
)
async def test_a_manifest_of_something_else_is_refused(
    fake: FakeGround, tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    ours = allowed(fake, tmp_path, {**manifest(), **change})
    with pytest.raises(PermanentError, match=said):
        await ours.run("reapply_deployment", deployment=API, manifest="api")
    assert not fake.server.writes


async def test_a_manifest_that_is_not_on_the_list(fake: FakeGround) -> None:
    with pytest.raises(
        PermanentError, match=r"etc-passwd is not among the manifests that architect-cluster allows \(none\)"
    ):
        await fake.run("reapply_deployment", deployment=API, manifest="etc-passwd")


async def test_deleted_but_not_created_is_said_loudly_and_keeps_the_old_one(
    fake: FakeGround, tmp_path: Path
) -> None:
    ours = allowed(fake, tmp_path, manifest())
    fake.server.faults.add(Fault("answer", method="POST", status=403, message="exceeded quota"))
    result = await ours.run("reapply_deployment", deployment=API, manifest="api")
    assert result.ok is False
    assert "was deleted but NOT created" in result.summary
    assert result.values["deleted"] is True
    assert b'"uid"' in result.attachments[0].content
    assert await ours.probe("reapply_deployment", deployment=API, manifest="api") is Landed.CANNOT_TELL
    retried = await ours.run("reapply_deployment", deployment=API, manifest="api")
    assert retried.values == {"deleted": False, "created": True, "replicas": 3}


def autoscaler(name: str = API, **meta: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "namespace": SPACE, **meta},
        "spec": {
            "minReplicas": 3,
            "maxReplicas": 12,
            "scaleTargetRef": {"kind": "Deployment", "name": API, "apiVersion": "apps/v1"},
            "metrics": [
                {"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": 70}}}
            ],
        },
        "status": {
            "currentReplicas": 3,
            "desiredReplicas": 5,
            "currentMetrics": [
                {"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": 91}}}
            ],
        },
    }


async def test_a_scaling_says_that_an_autoscaler_will_take_it_back(fake: FakeGround) -> None:
    fake.server.world.put("horizontalpodautoscalers", autoscaler())
    said = await fake.plan("scale", deployment=API, replicas=9)
    assert "It belongs to the autoscaler architect-api (3 to 12), which will set its own number again" in said
    result = await fake.run("scale", deployment=API, replicas=9)
    assert result.values["reverts"] is True


@pytest.mark.parametrize(
    ("labels", "tool"),
    [
        ({"argocd.argoproj.io/instance": "architect"}, "Argo CD"),
        ({"kustomize.toolkit.fluxcd.io/name": "architect"}, "Flux"),
    ],
)
async def test_a_scaling_names_the_tool_that_follows_a_repository(
    fake: FakeGround, labels: dict[str, str], tool: str
) -> None:
    fake.deployment()["metadata"]["labels"].update(labels)
    assert f"{tool} manages it and may take the change back" in await fake.plan(
        "scale", deployment=API, replicas=9
    )


async def test_keda_is_called_by_its_name(fake: FakeGround) -> None:
    fake.server.world.put(
        "horizontalpodautoscalers", autoscaler("keda-hpa-api", labels={"scaledobject.keda.sh/name": "api"})
    )
    assert "the KEDA scaler keda-hpa-api" in await fake.plan("scale", deployment=API, replicas=9)


async def test_an_autoscaler_that_took_it_back_leaves_the_probe_unsure(fake: FakeGround) -> None:
    fake.server.world.put("horizontalpodautoscalers", autoscaler())
    fake.server.faults.add(Fault("drop_after", method="PATCH", path="/scale"))
    with pytest.raises(UncertainError):
        await fake.run("scale", deployment=API, replicas=9)
    fake.deployment()["spec"]["replicas"] = 5
    assert await fake.probe("scale", deployment=API, replicas=9) is Landed.CANNOT_TELL


async def test_without_the_right_to_see_autoscalers_that_is_said(fake: FakeGround) -> None:
    fake.server.rules = tuple(
        each for each in fake.server.rules if "horizontalpodautoscalers" not in each.resources
    )
    assert "Whether an autoscaler owns it cannot be seen (403)" in await fake.plan(
        "scale", deployment=API, replicas=9
    )


async def test_a_value_from_a_secret_is_not_overwritten(fake: FakeGround) -> None:
    entry = {"name": "RATE_LIMIT", "valueFrom": {"secretKeyRef": {"name": "limits", "key": "rate"}}}
    await fake.edit({"spec": {"template": {"spec": {"containers": [{"name": "api", "env": [entry]}]}}}})
    with pytest.raises(PermanentError, match="comes from a Secret"):
        await fake.run("set_env", deployment=API, name="RATE_LIMIT", value="1")


async def test_among_several_containers_one_must_be_named(fake: FakeGround) -> None:
    body = [{"name": "sidecar", "image": "registry.example.com/sidecar:v1"}]
    await fake.edit({"spec": {"template": {"spec": {"containers": body}}}})
    with pytest.raises(PermanentError, match="has several containers; name one: api, sidecar"):
        await fake.run("set_env", deployment=API, name="RATE_LIMIT", value="1")
    with pytest.raises(PermanentError, match="has no container web"):
        await fake.run("set_env", deployment=API, container="web", name="RATE_LIMIT", value="1")
    await fake.run("set_env", deployment=API, container="sidecar", name="RATE_LIMIT", value="1")
    after = fake.deployment()["spec"]["template"]["spec"]["containers"]
    assert [each.get("env") for each in after] == [None, [{"name": "RATE_LIMIT", "value": "1"}]]


async def test_targets_of_one_cluster_share_their_locks(ground: Ground) -> None:
    spec = ACTIONS["kubernetes.scale"]
    assert spec.lock is not None
    inputs = spec.inputs.model_validate({"deployment": API, "replicas": 3})
    settings = {**ground.target.settings, "cluster": "main"}
    one, other = (replace(ground.target, name=name, settings=settings) for name in ("a", "b"))
    assert spec.lock(one, inputs) == spec.lock(other, inputs)
    restart = ACTIONS["kubernetes.rollout_restart"]
    assert restart.lock is not None
    assert restart.lock(one, restart.inputs.model_validate({"deployment": API})) == spec.lock(one, inputs)
