"""Restart, roll back, scale, set a variable: told on the fake, and on a real API server when one is given."""

import pytest

from bot.actions.kubernetes.objects.change import MARK
from bot.ports.action import Landed
from bot.ports.failure import PermanentError
from bot.ports.kubernetes import RefusedError
from tests.actions.kubernetes.stage import API, Ground

OLD, NEW, NEWEST = (f"registry.example.com/architect-api:v{number}" for number in (1, 2, 3))


def image(deployment: dict) -> str:  # type: ignore[type-arg] # raw JSON
    return str(deployment["spec"]["template"]["spec"]["containers"][0]["image"])


async def test_a_restart_replaces_the_pods_and_can_be_recognised_afterwards(ground: Ground) -> None:
    assert "Replaces 3 pods of architect-api" in await ground.plan("rollout_restart", deployment=API)
    assert await ground.probe("rollout_restart", deployment=API) is Landed.NO

    result = await ground.run("rollout_restart", deployment=API)
    await ground.settled()

    after = await ground.get()
    template = after["spec"]["template"]["metadata"]["annotations"]
    assert template["kubectl.kubernetes.io/restartedAt"] == result.values["restarted_at"]
    assert MARK not in template
    assert after["metadata"]["annotations"][MARK] == ground.mark
    assert await ground.probe("rollout_restart", deployment=API) is Landed.YES
    history = await ground.run("rollout_history", deployment=API)
    assert history.values["revisions"] == [2, 1]


async def test_a_preview_changes_nothing(ground: Ground) -> None:
    await ground.deploy(NEW)
    before = await ground.get()
    await ground.plan("rollout_restart", deployment=API)
    await ground.plan("rollout_undo", deployment=API)
    await ground.plan("scale", deployment=API, replicas=9)
    await ground.plan("set_env", deployment=API, name="RATE_LIMIT", value="100")
    after = await ground.get()
    assert after["spec"] == before["spec"]
    assert after["metadata"]["generation"] == before["metadata"]["generation"]
    assert MARK not in after["metadata"].get("annotations", {})


async def test_an_undo_brings_back_the_image_before(ground: Ground) -> None:
    await ground.deploy(NEW)
    said = await ground.plan("rollout_undo", deployment=API)
    assert "from revision 2 back to 1" in said
    assert "api: architect-api:v2 → architect-api:v1" in said

    result = await ground.run("rollout_undo", deployment=API)
    await ground.settled()

    assert image(await ground.get()) == OLD
    assert result.values["revision_before"] == 2
    assert (await ground.run("rollout_history", deployment=API)).values["revisions"] == [3, 2]
    assert await ground.probe("rollout_undo", deployment=API) is Landed.YES


async def test_an_undo_can_itself_be_undone_by_its_number(ground: Ground) -> None:
    await ground.deploy(NEW)
    first = await ground.run("rollout_undo", deployment=API)
    await ground.settled()
    await ground.run("rollout_undo", deployment=API, to_revision=first.values["revision_before"])
    assert image(await ground.get()) == NEW


async def test_revisions_are_numbers_so_ten_comes_after_nine(ground: Ground) -> None:
    for number in range(2, 11):
        await ground.deploy(f"registry.example.com/architect-api:v{number}")
    history = await ground.run("rollout_history", deployment=API)
    assert history.values["current"] == 10
    assert history.values["previous"] == 9
    await ground.run("rollout_undo", deployment=API)
    assert image(await ground.get()).endswith(":v9")


async def test_an_undo_to_what_runs_already_is_skipped(ground: Ground) -> None:
    await ground.deploy(NEW)
    result = await ground.run("rollout_undo", deployment=API, to_revision=2)
    assert result.values["skipped"] is True
    assert image(await ground.get()) == NEW


async def test_there_is_nothing_to_undo_after_the_first_deploy(ground: Ground) -> None:
    with pytest.raises(PermanentError, match="no earlier revision"):
        await ground.run("rollout_undo", deployment=API)
    with pytest.raises(PermanentError, match="no revision 7 any more; there is 1"):
        await ground.run("rollout_undo", deployment=API, to_revision=7)


async def test_a_paused_deployment_is_neither_restarted_nor_rolled_back(ground: Ground) -> None:
    await ground.deploy(NEW)
    await ground.edit({"spec": {"paused": True}})
    for verb in ("rollout_restart", "rollout_undo"):
        with pytest.raises(PermanentError, match=r"is paused.*kubectl rollout resume"):
            await ground.run(verb, deployment=API)
        assert "As things are it would be refused" in await ground.plan(verb, deployment=API)
    assert image(await ground.get()) == NEW


async def test_annotations_of_the_earlier_revision_come_back_with_it(ground: Ground) -> None:
    await ground.edit({"metadata": {"annotations": {"kubernetes.io/change-cause": "first"}}})
    await ground.edit(
        {
            "metadata": {"annotations": {"kubernetes.io/change-cause": "second"}},
            "spec": {"template": {"spec": {"containers": [{"name": "api", "image": NEW}]}}},
        }
    )
    await ground.run("rollout_undo", deployment=API)
    assert (await ground.get())["metadata"]["annotations"]["kubernetes.io/change-cause"] == "first"


async def test_scaling_keeps_the_number_before_for_its_undo(ground: Ground) -> None:
    assert "from 3 to 5" in await ground.plan("scale", deployment=API, replicas=5)
    result = await ground.run("scale", deployment=API, replicas=5)
    assert (await ground.get())["spec"]["replicas"] == 5
    assert await ground.probe("scale", deployment=API, replicas=5) is Landed.YES
    await ground.run("scale", deployment=API, replicas=result.values["before"])
    assert (await ground.get())["spec"]["replicas"] == 3


async def test_scaling_to_nothing_and_back(ground: Ground) -> None:
    assert "Nothing of it is left running" in await ground.plan("scale", deployment=API, replicas=0)
    await ground.run("scale", deployment=API, replicas=0)
    result = await ground.run("scale", deployment=API, replicas=2)
    assert result.values["before"] == 0
    assert (await ground.get())["spec"]["replicas"] == 2


async def test_a_variable_is_set_changed_and_removed(ground: Ground) -> None:
    first = await ground.run("set_env", deployment=API, name="RATE_LIMIT", value="100")
    assert first.values["existed"] is False
    await ground.settled()
    said = await ground.plan("set_env", deployment=API, name="RATE_LIMIT", value="50")
    assert 'RATE_LIMIT of api: "100" → "50"' in said
    second = await ground.run("set_env", deployment=API, name="RATE_LIMIT", value="50")
    assert second.values["before"] == "100"
    env = (await ground.get())["spec"]["template"]["spec"]["containers"][0]["env"]
    assert env == [{"name": "RATE_LIMIT", "value": "50"}]
    await ground.run("set_env", deployment=API, name="RATE_LIMIT")
    assert not (await ground.get())["spec"]["template"]["spec"]["containers"][0].get("env")


async def test_a_variable_that_is_as_wanted_replaces_no_pod(ground: Ground) -> None:
    await ground.run("set_env", deployment=API, name="RATE_LIMIT", value="100")
    before = (await ground.get())["metadata"]["generation"]
    again = await ground.run("set_env", deployment=API, name="RATE_LIMIT", value="100")
    assert again.values["changed"] is False
    assert (await ground.get())["metadata"]["generation"] == before


async def test_what_does_not_exist_is_named(ground: Ground) -> None:
    with pytest.raises(RefusedError, match="There is no Deployment architect-web in"):
        await ground.run("rollout_restart", deployment="architect-web")


async def test_a_bad_value_is_refused_in_the_servers_words(ground: Ground) -> None:
    body = {"spec": {"template": {"metadata": {"labels": {"app": "another"}}}}}
    with pytest.raises(RefusedError, match="does not match template `labels`"):
        await ground.edit(body)
