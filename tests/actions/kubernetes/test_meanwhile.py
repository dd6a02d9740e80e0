"""Somebody else acts at the same moment: nothing of theirs is undone by accident."""

from dataclasses import replace
from typing import Any, cast

import pytest

from bot.ports.action import Landed
from bot.ports.failure import PermanentError
from bot.ports.kubernetes import Cluster, Patch, RefusedError
from tests.actions.kubernetes.stage import API, FakeGround, Ground, Meanwhile

NEW, NEWEST = "registry.example.com/architect-api:v2", "registry.example.com/architect-api:v3"


def raced(ground: Ground, deed: Any) -> Ground:
    return replace(ground, adapter=cast("Cluster", Meanwhile(ground.adapter, deed)))


async def test_a_deploy_in_between_fails_the_undo(ground: Ground) -> None:
    await ground.deploy(NEW)
    between = raced(ground, lambda: ground.deploy(NEWEST))
    with pytest.raises(RefusedError, match=r"changed by somebody else in the meantime. Nothing was changed"):
        await between.run("rollout_undo", deployment=API)
    assert (await ground.get())["spec"]["template"]["spec"]["containers"][0]["image"] == NEWEST
    assert await ground.probe("rollout_undo", deployment=API) is Landed.NO


async def test_a_status_write_in_between_does_not_fail_it(ground: Ground) -> None:
    await ground.deploy(NEW)

    async def crash() -> None:
        body = {"metadata": {"annotations": {"somebody/noted": "a crash"}}}
        await ground.adapter.patch(ground.target, ground.path("deployments", API), body, Patch.MERGE)

    result = await raced(ground, crash).run("rollout_undo", deployment=API)
    assert result.values["to_revision"] == 1


async def test_a_deploy_in_between_fails_the_new_value_of_a_variable(ground: Ground) -> None:
    between = raced(ground, lambda: ground.deploy(NEWEST))
    with pytest.raises(RefusedError, match="changed by somebody else"):
        await between.run("set_env", deployment=API, name="RATE_LIMIT", value="1")
    assert not (await ground.get())["spec"]["template"]["spec"]["containers"][0].get("env")


async def test_a_scaling_in_between_is_not_overwritten(ground: Ground) -> None:
    async def another() -> None:
        path = ground.path("deployments", API) + "/scale"
        await ground.adapter.patch(ground.target, path, {"spec": {"replicas": 8}}, Patch.MERGE)

    with pytest.raises(RefusedError, match="Somebody else has scaled architect-api"):
        await raced(ground, another).run("scale", deployment=API, replicas=5)
    assert (await ground.get())["spec"]["replicas"] == 8
    assert await ground.probe("scale", deployment=API, replicas=5) is Landed.NO


async def test_a_replica_set_of_a_namesake_is_not_taken_for_ours(fake: FakeGround) -> None:
    stray = fake.server.world.sets(fake.deployment())[0]
    fake.server.world.put(
        "replicasets",
        {
            **stray,
            "metadata": {
                **stray["metadata"],
                "name": "architect-api-stray",
                "uid": "uid-stray",
                "annotations": {"deployment.kubernetes.io/revision": "99"},
                "ownerReferences": [
                    {"kind": "Deployment", "name": API, "uid": "uid-of-the-one-before", "controller": True}
                ],
            },
        },
    )
    history = await fake.run("rollout_history", deployment=API)
    assert history.values["revisions"] == [1]
    assert (await fake.run("pods", deployment=API)).values["total"] == 3


async def test_two_restarts_within_a_second_are_one(fake: FakeGround) -> None:
    world = fake.server.world
    frozen = world.now().replace(microsecond=0)
    world.frozen = frozen
    await fake.run("rollout_restart", deployment=API)
    with pytest.raises(PermanentError, match=r"within this very second already. Nothing was changed"):
        await fake.run("rollout_restart", deployment=API)
    assert len(world.sets(fake.deployment())) == 2


async def test_a_template_is_put_back_with_fields_that_nobody_here_knows(fake: FakeGround) -> None:
    template = fake.deployment()["spec"]["template"]["spec"]
    assert "fromTheFuture" not in template
    await fake.edit({"spec": {"template": {"spec": {"fromTheFuture": {"depth": 2}}}}})
    await fake.edit({"spec": {"template": {"spec": {"fromTheFuture": None}}}})
    await fake.run("rollout_undo", deployment=API, to_revision=2)
    assert fake.deployment()["spec"]["template"]["spec"]["fromTheFuture"] == {"depth": 2}
