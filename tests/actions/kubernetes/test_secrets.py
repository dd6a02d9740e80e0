"""What is secret in a Deployment stays there."""

from pathlib import Path

from bot.adapters.outside import open_outside
from bot.domain.redact import HIDDEN
from bot.ports.action import Context
from tests.actions.kubernetes.stage import ACTIONS, API, FakeGround, manifest
from tests.actions.kubernetes.test_writes import allowed
from tests.fakes.kubernetes.world import real_now

SECRET = "hunter2-hunter2"


async def test_the_value_of_a_secret_variable_is_shown_nowhere(fake: FakeGround) -> None:
    entry = {"name": "DB_PASSWORD", "value": SECRET}
    await fake.edit({"spec": {"template": {"spec": {"containers": [{"name": "api", "env": [entry]}]}}}})
    said = await fake.plan("set_env", deployment=API, name="DB_PASSWORD", value="another-secret-1")
    result = await fake.run("set_env", deployment=API, name="DB_PASSWORD", value="another-secret-1")
    assert HIDDEN in said
    for text in (said, result.summary, str(result.values)):
        assert SECRET not in text
        assert "another-secret-1" not in text


async def test_the_old_deployment_is_kept_without_its_secrets(fake: FakeGround, tmp_path: Path) -> None:
    env = [{"name": "API_TOKEN", "value": SECRET}, {"name": "RATE_LIMIT", "value": "100"}]
    await fake.edit({"spec": {"template": {"spec": {"containers": [{"name": "api", "env": env}]}}}})
    copy = {"kubectl.kubernetes.io/last-applied-configuration": f'{{"value":"{SECRET}"}}'}
    await fake.edit({"metadata": {"annotations": copy}})
    result = await allowed(fake, tmp_path, manifest()).run(
        "reapply_deployment", deployment=API, manifest="api"
    )
    kept = result.attachments[0].content.decode()
    assert SECRET not in kept
    assert '"RATE_LIMIT"' in kept
    assert '"100"' in kept


async def test_the_bots_own_adapters_reach_the_cluster_and_close_cleanly(fake: FakeGround) -> None:
    spec = ACTIONS["kubernetes.pods"]
    async with open_outside(real_now) as outside:
        context = Context(
            target=fake.target, outside=outside, mark="m", progress=fake.said.append, incident={}
        )
        result = await spec.run(context, spec.inputs.model_validate({}))
    assert result.summary == "3 of 3 pods ready"
