"""Pending, CrashLoopBackOff, ImagePullBackOff: what it means and which way out fits."""

from typing import Any

import pytest

from tests.actions.kubernetes.stage import API, FakeGround
from tests.actions.kubernetes.test_looks import crash, unscheduled, wait


async def test_all_is_well(fake: FakeGround) -> None:
    result = await fake.run("diagnose", deployment=API)
    assert (result.ok, result.summary) == (True, "All 3 pods of architect-api are well")
    assert result.values["fix"] == "none"


@pytest.mark.parametrize(
    ("message", "fix"),
    [
        ("0/3 nodes are available: 3 Insufficient cpu.", "resources"),
        ("0/3 nodes are available: 3 node(s) had untolerated taint {dedicated: db}.", "nodes"),
        ("0/3 nodes are available: 3 node(s) were unschedulable.", "nodes"),
        ("0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims.", "storage"),
        ("0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.", "nodes"),
    ],
)
async def test_pending_says_what_the_scheduler_lacks(fake: FakeGround, message: str, fix: str) -> None:
    for each in fake.pods():
        unscheduled(each, message)
    result = await fake.run("diagnose", deployment=API)
    assert result.values["trouble"] == "Pending"
    assert result.values["fix"] == fix
    assert message in result.summary


@pytest.mark.parametrize(
    ("message", "fix", "said"),
    [
        (
            'Failed to pull image "x": unauthorized: authentication required',
            "registry",
            "refuses the credentials",
        ),
        ('Failed to pull image "x": manifest unknown: manifest unknown', "roll_back", "no such image or tag"),
        ('Failed to pull image "x": dial tcp: i/o timeout', "registry", "cannot be reached"),
    ],
)
async def test_an_image_that_cannot_be_pulled_says_why(
    fake: FakeGround, message: str, fix: str, said: str
) -> None:
    pod = fake.pods()[0]
    wait(pod, "ImagePullBackOff", "Back-off pulling image")
    fake.event(pod["metadata"]["name"], "Failed", message)
    result = await fake.run("diagnose", deployment=API)
    assert result.values["trouble"] == "ImagePullBackOff"
    assert result.values["fix"] == fix
    assert said in result.summary


@pytest.mark.parametrize(
    ("code", "reason", "fix", "said"),
    [
        (137, "OOMKilled", "resources", "runs out of memory (OOMKilled, limit 512Mi"),
        (1, "Error", "logs", "ends by itself with an error (exit 1"),
        (127, "Error", "config", "command does not exist in the image"),
        (139, "Error", "logs", "segmentation fault"),
    ],
)
async def test_a_crash_loop_says_how_it_ends(
    fake: FakeGround, code: int, reason: str, fix: str, said: str
) -> None:
    for each in fake.pods():
        crash(each, code=code, reason=reason)
    result = await fake.run("diagnose", deployment=API)
    assert result.values["trouble"] == "CrashLoopBackOff"
    assert result.values["fix"] == fix
    assert said in result.summary


async def test_a_liveness_probe_that_kills_is_named(fake: FakeGround) -> None:
    pod = fake.pods()[0]
    crash(pod, code=137, reason="Error")
    fake.event(pod["metadata"]["name"], "Unhealthy", "Liveness probe failed: HTTP 503")
    result = await fake.run("diagnose", deployment=API)
    assert result.values["fix"] == "probe"
    assert "killed by its liveness probe" in result.summary


async def test_a_missing_secret_is_named(fake: FakeGround) -> None:
    wait(fake.pods()[0], "CreateContainerConfigError", 'secret "db" not found')
    result = await fake.run("diagnose", deployment=API)
    assert (result.values["fix"], 'secret "db" not found' in result.summary) == ("config", True)


async def test_a_volume_that_is_not_mounted_is_named(fake: FakeGround) -> None:
    pod = fake.pods()[0]
    wait(pod, "ContainerCreating")
    fake.event(pod["metadata"]["name"], "FailedMount", "MountVolume.SetUp failed for volume data")
    assert (await fake.run("diagnose", deployment=API)).values["fix"] == "storage"


async def test_pods_that_a_quota_refuses_are_missing_for_that_reason(fake: FakeGround) -> None:
    name = fake.server.world.sets(fake.deployment())[0]["metadata"]["name"]
    for each in fake.pods():
        del fake.server.world.objects["pods", fake.space, each["metadata"]["name"]]
    fake.event(name, "FailedCreate", "exceeded quota: compute", kind="ReplicaSet")
    result = await fake.run("diagnose", deployment=API)
    assert (result.values["trouble"], result.values["fix"]) == ("FailedCreate", "resources")


async def test_trouble_right_after_a_deploy_speaks_for_rolling_back(fake: FakeGround) -> None:
    await fake.deploy("registry.example.com/architect-api:v2")
    crash(fake.pods()[0])
    result = await fake.run("diagnose", deployment=API)
    assert result.values["recent"] is True
    assert any("rolling back is likely to help" in line for line in result.lines)


async def test_the_commonest_trouble_leads(fake: FakeGround) -> None:
    first, *others = fake.pods()
    wait(first, "ImagePullBackOff")
    for each in others:
        crash(each)
    result = await fake.run("diagnose", deployment=API)
    assert result.values["troubled"] == 3
    assert result.values["trouble"] == "CrashLoopBackOff"
    assert result.lines[0].startswith("CrashLoopBackOff (2 pods, such as architect-api-")


async def test_the_evidence_is_kept_in_one_bounded_file(fake: FakeGround) -> None:
    pods: list[dict[str, Any]] = fake.pods()
    crash(pods[0])
    name = pods[0]["metadata"]["name"]
    for each in pods:
        fake.server.world.logs[each["metadata"]["name"], "api", False] = b"now\n" * 200_000
    fake.server.world.logs[name, "api", True] = b"the last words before the crash\n"
    fake.event(name, "BackOff", "Back-off restarting failed container")
    result = await fake.run("log_bundle", deployment=API)
    content = result.attachments[0].content
    assert len(content) <= 448 * 1024
    assert b"the last words before the crash" in content
    assert b"BackOff" in content
    assert b'"revision": 1' in content
    assert result.values["logs"] == 4
    assert len(result.values["sha256"]) == 64


async def test_a_pod_that_prepares_itself_and_fails_is_named(fake: FakeGround) -> None:
    pod = fake.pods()[0]
    pod["spec"]["initContainers"] = [{"name": "migrate", "image": "registry.example.com/migrate:v1"}]
    wait(pod, "PodInitializing")
    pod["status"]["initContainerStatuses"] = [
        {
            "name": "migrate",
            "ready": False,
            "restartCount": 3,
            "state": {"waiting": {"reason": "CrashLoopBackOff"}},
            "lastState": {"terminated": {"exitCode": 1, "reason": "Error"}},
        }
    ]
    listed = await fake.run("pods", deployment=API)
    assert listed.lines[0].startswith("Init:CrashLoopBackOff 0/1")
    result = await fake.run("diagnose", deployment=API)
    assert "preparing container migrate" in result.summary
