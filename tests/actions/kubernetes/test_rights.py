"""The shipped rights are enough for every action, and none of them is left over."""

from pathlib import Path
from typing import Any

import yaml

from tests.actions.kubernetes.stage import ACTIONS, API, FakeGround, manifest
from tests.actions.kubernetes.test_looks import measured


async def test_every_action_works_with_the_shipped_rights_and_needs_all_of_them(
    fake: FakeGround, tmp_path: Path
) -> None:
    path = tmp_path / "deployment.yaml"
    path.write_text(yaml.safe_dump(manifest()), encoding="utf-8")
    ours = fake.with_settings(cordon=True, manifests={"api": str(path)})
    measured(fake)
    await ours.deploy("registry.example.com/architect-api:v2")
    one, pod = {"deployment": API}, fake.pods()[0]["metadata"]["name"]
    given: dict[str, dict[str, Any]] = {
        "pods": {}, "pod": {"pod": pod}, "events": {}, "logs": one, "rollout_status": one, "rollout_history": one,
        "deployments": {}, "hpa": {}, "top_pods": {}, "top_nodes": {}, "nodes": {}, "diagnose": one,
        "log_bundle": one, "rollout_restart": one, "rollout_undo": one, "scale": {**one, "replicas": 4},
        "set_env": {**one, "name": "RATE_LIMIT", "value": "1"}, "cordon": {"node": "node-1"},
        "uncordon": {"node": "node-1"}, "reapply_deployment": {**one, "manifest": "api"}, "delete_pod": {},
    }  # fmt: skip
    assert {f"kubernetes.{verb}" for verb in given} == {
        each for each in ACTIONS if each.startswith("kubernetes.")
    }
    fake.server.used.clear()
    for verb, inputs in given.items():
        if verb == "delete_pod":
            inputs["pod"] = fake.pods()[0]["metadata"]["name"]
        if ACTIONS[f"kubernetes.{verb}"].plan is not None:
            said = await ours.plan(verb, **inputs)
            assert "refused" not in said
            assert len(said) <= 400
        await ours.run(verb, **inputs)
        if ACTIONS[f"kubernetes.{verb}"].probe is not None:
            await ours.probe(verb, **inputs)
    assert set(fake.server.rules) - fake.server.used == set()


async def test_the_rights_hold_in_no_other_namespace(fake: FakeGround) -> None:
    result = await fake.plan("scale", namespace="architect-staging", deployment=API, replicas=4)
    assert result.startswith("As things are it would be refused")
    assert "architect-staging" in result
