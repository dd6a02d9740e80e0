"""What a person reads about pods, events, logs and rollouts on a phone."""

from datetime import timedelta
from typing import Any

import pytest
from typing_extensions import override

from bot.ports.action import Result
from bot.ports.failure import PermanentError
from bot.ports.kubernetes import Patch, RefusedError
from tests.actions.kubernetes.stage import API, SPACE, FakeGround
from tests.actions.kubernetes.test_writes import autoscaler
from tests.fakes.kubernetes.world import set_ready


def crash(pod: dict[str, Any], *, code: int = 1, reason: str = "Error", restarts: int = 7) -> None:
    set_ready(pod, ready=False)
    pod["status"]["containerStatuses"] = [
        {
            "name": "api",
            "ready": False,
            "restartCount": restarts,
            "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s"}},
            "lastState": {"terminated": {"exitCode": code, "reason": reason}},
        }
    ]


def wait(pod: dict[str, Any], reason: str, message: str = "") -> None:
    set_ready(pod, ready=False)
    pod["status"]["phase"] = "Pending"
    pod["status"]["containerStatuses"] = [
        {
            "name": "api",
            "ready": False,
            "restartCount": 0,
            "state": {"waiting": {"reason": reason, "message": message}},
        }
    ]


def unscheduled(pod: dict[str, Any], message: str) -> None:
    pod["spec"].pop("nodeName")
    pod["status"] = {
        "phase": "Pending",
        "conditions": [
            {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
        ],
    }


async def test_pods_in_trouble_come_first(fake: FakeGround) -> None:
    crash(fake.pods()[2])
    result = await fake.run("pods", deployment=API)
    assert result.ok is False
    assert result.summary == "2 of 3 pods ready: 1 CrashLoopBackOff"
    assert result.lines[0].startswith("CrashLoopBackOff 0/1 7x 0s  architect-api-")
    assert result.values["worst"] == "CrashLoopBackOff"


async def test_no_pods_is_not_all_well(fake: FakeGround) -> None:
    await fake.run("scale", deployment=API, replicas=0)
    result = await fake.run("pods", deployment=API)
    assert (result.ok, result.summary) == (False, "No pods")


async def test_a_pod_is_summed_up_with_its_owners_and_exit_code(fake: FakeGround) -> None:
    pod = fake.pods()[0]
    crash(pod, code=137, reason="OOMKilled")
    fake.event(pod["metadata"]["name"], "BackOff", "Back-off restarting failed container")
    result = await fake.run("pod", pod=pod["metadata"]["name"])
    said = "\n".join(result.lines)
    assert "on node-1" in said
    assert "of ReplicaSet architect-api-" in said
    assert "of Deployment architect-api" in said
    assert "last exit 137 OOMKilled, 7 restarts, limits memory 512Mi" in said
    assert "runs out of memory (OOMKilled, limit 512Mi, 7 restarts)" in said
    assert "Warning 0s BackOff" in said
    assert result.values["exit_code"] == 137
    assert result.values["fix"] == "resources"


async def test_events_put_warnings_first_whatever_their_generation(fake: FakeGround) -> None:
    world = fake.server.world
    fake.event("a", "Scheduled", "assigned", type="Normal")
    fake.event("b", "BackOff", "old style", lastTimestamp=world.stamp(timedelta(minutes=5)), count=12)
    newer = {
        "lastTimestamp": None,
        "count": None,
        "eventTime": world.stamp(timedelta(minutes=9))[:-1] + ".000123Z",
    }
    series = {"series": {"count": 4, "lastObservedTime": world.stamp(timedelta(minutes=1))}}
    fake.event("c", "FailedScheduling", "new style", **newer, **series)
    fake.event("d", "FailedMount", "long ago", lastTimestamp=world.stamp(timedelta(hours=3)))
    result = await fake.run("events")
    assert [line.split(" ")[0] for line in result.lines] == ["Warning", "Warning", "Normal"]
    assert "4x FailedScheduling pod/c: new style" in result.lines[0]
    assert "12x BackOff" in result.lines[1]
    assert result.values["by_reason"] == {"BackOff": 12, "FailedScheduling": 4}
    assert "2 warnings in 60 min" in result.summary


async def test_logs_of_a_deployment_are_those_of_all_its_pods(fake: FakeGround) -> None:
    for number, pod in enumerate(fake.pods()):
        fake.server.world.logs[pod["metadata"]["name"], "api", False] = (
            f"10.0.0.{number} GET /health 200\nERROR ConnectionError: database is away\n203.0.113.9 GET / 500\n".encode()
        )
    result = await fake.run("logs", deployment=API)
    assert result.values["read"] == 9
    assert result.values["by_type"] == {"ConnectionError": 3}
    assert result.values["top_address"] == "203.0.113.9"
    assert result.values["addresses"]["203.0.113.9"] == 3
    assert "3 errors in 9 lines of 3 logs: ConnectionError 3x" in result.summary
    assert result.attachments[0].content.count(b"==> architect-api-") == 3


async def test_a_byte_that_is_no_utf_8_does_not_stop_the_log(fake: FakeGround) -> None:
    name = fake.pods()[0]["metadata"]["name"]
    fake.server.world.logs[name, "api", False] = b"fine\n\xff\xfe broken ERROR DecodeError\nfine again\n"
    result = await fake.run("logs", pod=name, container="api")
    assert result.values["read"] == 3
    assert result.values["by_type"] == {"DecodeError": 1}


async def test_only_matching_lines_are_counted(fake: FakeGround) -> None:
    name = fake.pods()[0]["metadata"]["name"]
    fake.server.world.logs[name, "api", False] = b"req-1 ERROR AError\nreq-2 ERROR BError\n"
    result = await fake.run("logs", pod=name, container="api", grep="REQ-2")
    assert (result.values["matched"], result.values["worst"]) == (1, "BError")


async def test_no_log_from_before_a_restart_is_said_in_words(fake: FakeGround) -> None:
    name = fake.pods()[0]["metadata"]["name"]
    with pytest.raises(PermanentError, match=r"previous terminated container .* not found"):
        await fake.run("logs", pod=name, container="api", previous=True)


async def test_one_log_that_cannot_be_read_does_not_hide_the_others(fake: FakeGround) -> None:
    first, second, third = fake.pods()
    wait(first, "ImagePullBackOff")
    fake.server.world.logs[second["metadata"]["name"], "api", False] = b"hello\n"
    result = await fake.run("logs", deployment=API)
    assert result.ok
    assert any("is waiting to start: trying and failing to pull image" in line for line in result.lines)
    assert any("hello" in line for line in result.lines)
    del third


async def test_the_byte_limit_leaves_the_newest_lines(fake: FakeGround) -> None:
    """The server stops at the limit counted from the oldest line of the tail, which would lose the newest."""
    name = fake.pods()[0]["metadata"]["name"]
    lines = [f"{number:05d} {'x' * 90}" for number in range(5000)]
    fake.server.world.logs[name, "api", False] = ("\n".join(lines) + "\n").encode()
    result = await fake.run("logs", pod=name, container="api", tail=5000, limit_kb=16)
    assert "04999" in result.lines[-1]
    assert len(result.attachments[0].content) <= 17 * 1024
    assert "cut at its limit" in result.attachments[0].title


async def test_versions_and_times_are_not_taken_for_addresses(fake: FakeGround) -> None:
    name = fake.pods()[0]["metadata"]["name"]
    fake.server.world.logs[name, "api", False] = (
        b"v1.2.3.4.5 at 12:30:45 999.1.1.1 2001:db8::7 client=198.51.100.4:443 10.0.0.1.\n"
    )
    result = await fake.run("logs", pod=name, container="api")
    assert set(result.values["addresses"]) == {"2001:db8::7", "198.51.100.4", "10.0.0.1"}


async def test_a_log_needs_one_source(fake: FakeGround) -> None:
    with pytest.raises(ValueError, match="give either deployment or pod"):
        await fake.run("logs")


async def test_a_rollout_is_followed_in_kubectls_order(fake: FakeGround) -> None:
    world, item = fake.server.world, fake.deployment()

    async def said() -> Result:
        return await fake.run("rollout_status", deployment=API)

    assert (await said()).values["done"] is True
    world.awake = False
    await fake.adapter.patch(
        fake.target,
        fake.path("deployments", API),
        [{"op": "add", "path": "/spec/replicas", "value": 4}],
        Patch.JSON,
    )
    assert "has not been noticed" in (await said()).summary
    world.awake, world.at_once = True, False
    item = fake.deployment()
    item["spec"]["template"]["spec"]["containers"][0]["image"] = "registry.example.com/architect-api:v2"
    world.notice(item)
    world.begin(item, new=1, old=3, ready=0)
    assert "1 of 4 new pods are there" in (await said()).summary
    world.begin(item, new=4, old=1, ready=4)
    assert "Waits for 1 old pod to end" in (await said()).summary
    world.begin(item, new=4, old=0, ready=2)
    assert "2 of 4 new pods are available" in (await said()).summary
    world.finish(item)
    result = await said()
    assert (result.ok, result.summary) == (True, "Done, 4 of 4 available")


async def test_a_rollout_that_missed_its_deadline_fails_at_once(fake: FakeGround) -> None:
    fake.server.world.expire(fake.deployment())
    result = await fake.run("rollout_status", deployment=API, wait_s=500)
    assert result.ok is False
    assert result.values["failed"] is True
    assert "no progress within 600 s" in result.summary
    assert len(fake.server.asked) == 1


async def test_waiting_for_a_rollout_tells_how_far_it_is(fake: FakeGround) -> None:
    world, item = fake.server.world, fake.deployment()
    world.at_once = False
    world.begin(item, new=3, old=0, ready=1)

    def finish(text: str) -> None:
        assert "1 of 3 new pods are available" in text
        world.finish(item)
        for each in fake.pods():
            set_ready(each, ready=True)
        world.finish(item)

    fake.said = Listener(finish)
    assert (await fake.run("rollout_status", deployment=API, wait_s=30)).values["done"] is True


async def test_waiting_ends_when_its_time_is_over(fake: FakeGround) -> None:
    fake.server.world.begin(fake.deployment(), new=3, old=0, ready=1)
    result = await fake.run("rollout_status", deployment=API, wait_s=1)
    assert (result.ok, result.values["done"]) == (False, False)
    assert "Not done within 1 s" in result.summary


async def test_deployments_short_of_pods_come_first(fake: FakeGround) -> None:
    for each in fake.pods():
        set_ready(each, ready=False)
    fake.server.world._count(fake.deployment())
    result = await fake.run("deployments")
    assert result.summary == "1 deployment, 1 short of pods: architect-api"
    assert result.lines[0].startswith("rolling 0/3")


async def test_an_autoscaler_shows_what_it_sees_and_wants(fake: FakeGround) -> None:
    fake.server.world.put("horizontalpodautoscalers", autoscaler())
    result = await fake.run("hpa", deployment=API)
    assert result.lines[0] == "architect-api: 3 of 3 to 12, wants 5; cpu 91% of 70%"
    assert result.values["at_most"] is False


async def test_an_autoscaler_without_metrics_is_red(fake: FakeGround) -> None:
    item = autoscaler()
    item["status"]["conditions"] = [
        {
            "type": "ScalingActive",
            "status": "False",
            "reason": "FailedGetResourceMetric",
            "message": "no metrics",
        }
    ]
    fake.server.world.put("horizontalpodautoscalers", item)
    result = await fake.run("hpa")
    assert (result.ok, "not working: architect-api" in result.summary) == (False, True)


async def test_no_autoscaler_is_an_answer(fake: FakeGround) -> None:
    result = await fake.run("hpa", deployment=API)
    assert (result.ok, result.summary) == (True, "No autoscaler for architect-api")


def measured(fake: FakeGround) -> None:
    world = fake.server.world
    for number, pod in enumerate(fake.pods(), 1):
        usage = {"cpu": f"{number * 100_000_000}n", "memory": f"{number * 131072}Ki"}
        meta = {"name": pod["metadata"]["name"], "namespace": SPACE, "labels": pod["metadata"]["labels"]}
        world.put("metrics/pods", {"metadata": meta, "containers": [{"name": "api", "usage": usage}]})
    for name, cpu in (("node-1", "3800m"), ("node-2", "400m")):
        world.put("metrics/nodes", {"metadata": {"name": name}, "usage": {"cpu": cpu, "memory": "2Gi"}})


async def test_the_hungriest_pods_come_first(fake: FakeGround) -> None:
    measured(fake)
    result = await fake.run("top_pods", deployment=API, sort_by="memory")
    assert result.summary == "3 pods use 600m CPU and 768Mi"
    assert result.lines[0].startswith("300m 384Mi  architect-api-")
    assert result.values["top_cpu_cores"] == pytest.approx(0.3)


@pytest.mark.parametrize(("status", "said"), [(404, "has no metrics server"), (503, "does not answer")])
@pytest.mark.parametrize("verb", ["top_pods", "top_nodes"])
async def test_without_a_metrics_server_nothing_is_zero(
    fake: FakeGround, status: int, said: str, verb: str
) -> None:
    fake.server.metrics = status
    with pytest.raises(RefusedError, match=said):
        await fake.run(verb)


async def test_a_node_near_its_end_is_red(fake: FakeGround) -> None:
    measured(fake)
    result = await fake.run("top_nodes")
    assert result.ok is False
    assert result.values["hot"] == ["node-1"]
    assert "node-3: not measured" in result.lines


async def test_nodes_show_what_is_promised(fake: FakeGround) -> None:
    for pod in fake.pods():
        pod["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "500m", "memory": "1Gi"}}
    fake.server.world.get("nodes", "", "node-2")["status"]["conditions"][0]["status"] = "Unknown"
    result = await fake.run("nodes")
    assert result.values["cpu_ratio"] == pytest.approx(0.375)
    assert result.lines[0].startswith("node-2 not ready")
    assert "node-1 ready: 3/110 pods, promised CPU 38%, memory 38% of 8.0Gi" in result.lines
    assert result.values["usable"] == 2


class Listener(list[str]):
    """What an action says of its progress, told on to somebody."""

    def __init__(self, told: Any) -> None:
        super().__init__()
        self.told = told

    @override
    def append(self, item: str) -> None:
        super().append(item)
        self.told(item)
