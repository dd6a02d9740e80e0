"""What the trouble of a pod means, and which way out fits it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.actions.kubernetes.objects.happenings import Happening
from bot.actions.kubernetes.objects.pod_state import ContainerState, PodState

FIXES = (
    "none",
    "wait",
    "resources",
    "registry",
    "logs",
    "roll_back",
    "config",
    "storage",
    "probe",
    "nodes",
    "delete_pod",
)

_IMAGE = frozenset(
    {"ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable"}
)
_CONFIG = frozenset({"CreateContainerConfigError", "CreateContainerError", "RunContainerError"})
_EXITS = {
    1: "it ends by itself with an error",
    126: "its command cannot be executed",
    127: "its command does not exist in the image",
    134: "it aborts",
    137: "it is killed",
    139: "it crashes with a segmentation fault",
    143: "it is asked to end (SIGTERM)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`trouble` is one word, `meaning` a sentence, `fix` one of FIXES and `advice` what to do."""

    trouble: str
    meaning: str
    fix: str
    advice: str


def verdict(pod: PodState, events: Sequence[Happening]) -> Verdict | None:
    """Judge one pod by its state and its events; None for one that is well."""
    if pod.well:
        return None
    if pod.status == "Terminating":
        return _terminating(pod)
    for each in pod.containers:
        found = _image(each, events) or _config(each) or _crash(each, events)
        if found is not None:
            return found
    if pod.status == "Evicted":
        said = _last(events, "Evicted") or "the node ran short of something"
        return Verdict(
            trouble="Evicted",
            meaning=said,
            fix="resources",
            advice="Set requests that match its use, or add nodes.",
        )
    if not pod.node:
        return _unscheduled(pod)
    return _starting(pod, events) or _not_ready(pod, events)


def _terminating(pod: PodState) -> Verdict:
    return Verdict(
        trouble="Terminating",
        meaning=f"it was asked to end and still runs on {pod.node or 'no node'}",
        fix="wait",
        advice="Wait for its grace period; if the node is gone, remove the node.",
    )


def _image(each: ContainerState, events: Sequence[Happening]) -> Verdict | None:
    if each.state != "waiting" or each.reason not in _IMAGE:
        return None
    said = next(
        (one.message for one in events if one.reason == "Failed" and "pull" in one.message.lower()), ""
    )
    said = f"{said} {each.message}".lower()
    if re.search(r"unauthorized|authentication|denied|forbidden|no basic auth", said):
        why, fix, advice = (
            "the registry refuses the credentials",
            "registry",
            "Check the pull secret and the registry's credentials.",
        )
    elif (
        re.search(r"not found|manifest unknown|does not exist|invalidimagename|couldn't parse", said)
        or each.reason == "InvalidImageName"
    ):
        why, fix, advice = (
            "there is no such image or tag",
            "roll_back",
            "Roll back, or push the image under this name.",
        )
    elif re.search(r"timeout|timed out|no such host|connection refused|tls|toomanyrequests|429", said):
        why, fix, advice = (
            "the registry cannot be reached or limits pulls",
            "registry",
            "Check the registry and the way to it.",
        )
    else:
        why, fix, advice = (
            "its image cannot be pulled",
            "registry",
            "Check the image's name and the registry's credentials.",
        )
    return Verdict(trouble="ImagePullBackOff", meaning=f"{why}: {each.image}", fix=fix, advice=advice)


def _config(each: ContainerState) -> Verdict | None:
    if each.state != "waiting" or each.reason not in _CONFIG:
        return None
    return Verdict(
        trouble=each.reason,
        meaning=f"{each.name} cannot be created: {each.message or 'no reason given'}",
        fix="config",
        advice="Create the missing Secret, ConfigMap or key, or roll back.",
    )


def _crash(each: ContainerState, events: Sequence[Happening]) -> Verdict | None:
    looping = each.reason == "CrashLoopBackOff"
    ended = each.state == "terminated" and each.exit_code != 0
    if not looping and not ended:
        return None
    word = "CrashLoopBackOff" if looping else "Error"
    times = f", {each.restarts} restarts"
    if "OOMKilled" in {each.last_reason, each.reason}:
        limit = each.limits.get("memory", "none set")
        return Verdict(
            trouble=word,
            meaning=f"{each.name} runs out of memory (OOMKilled, limit {limit}{times})",
            fix="resources",
            advice="Raise its memory limit, or roll back if it grew with the last deploy.",
        )
    probe = next(
        (one.message for one in events if one.reason == "Unhealthy" and "iveness" in one.message), ""
    )
    if probe and each.exit_code in {137, 143, 0}:
        return Verdict(
            trouble=word,
            meaning=f"{each.name} is killed by its liveness probe: {probe}",
            fix="probe",
            advice="See why it does not answer; a longer initial delay helps a slow start.",
        )
    why = _EXITS.get(each.exit_code, "it ends with an error")
    fix, advice = (
        ("config", "Check command and image.")
        if each.exit_code in {126, 127}
        else (
            "logs",
            "Read its previous log (kubernetes.logs with previous: true); roll back if it began with a deploy.",
        )
    )
    part = "preparing container " if each.init else ""
    return Verdict(
        trouble=word,
        meaning=f"{part}{each.name}: {why} (exit {each.exit_code}{times})",
        fix=fix,
        advice=advice,
    )


def _unscheduled(pod: PodState) -> Verdict:
    scheduled = pod.conditions.get("PodScheduled") or {}
    said = str(scheduled.get("message") or "")
    if scheduled.get("reason") == "SchedulingGated":
        return Verdict(
            trouble="Pending",
            meaning="it is held back by a scheduling gate",
            fix="wait",
            advice="See who set the gate.",
        )
    cases: tuple[tuple[str, str, str], ...] = (
        ("Insufficient", "resources", "Free or add nodes, or ask for less."),
        ("unbound immediate PersistentVolumeClaims", "storage", "Check the claim and its storage class."),
        ("volume node affinity", "storage", "Its volume lives in another zone than the free nodes."),
        ("untolerated taint", "nodes", "Untaint or uncordon a node, or tolerate the taint."),
        ("unschedulable", "nodes", "Uncordon a node."),
        ("node affinity", "nodes", "No node has the labels that it asks for."),
        ("selector", "nodes", "No node has the labels that it asks for."),
        ("anti-affinity", "nodes", "It may not share a node; add nodes."),
    )
    fix, advice = next(
        ((fix, advice) for word, fix, advice in cases if word in said),
        ("wait", "The scheduler has not placed it yet."),
    )
    return Verdict(trouble="Pending", meaning=said or "no node was chosen yet", fix=fix, advice=advice)


def _starting(pod: PodState, events: Sequence[Happening]) -> Verdict | None:
    if pod.status not in {"ContainerCreating", "Pending", "PodInitializing"} and not pod.status.startswith(
        "Init:"
    ):
        return None
    mount = _last(events, "FailedMount") or _last(events, "FailedAttachVolume")
    if mount:
        return Verdict(
            trouble="Pending",
            meaning=mount,
            fix="storage",
            advice="Check the volume, Secret or ConfigMap it mounts.",
        )
    network = _last(events, "FailedCreatePodSandBox")
    if network:
        return Verdict(
            trouble="Pending",
            meaning=network,
            fix="nodes",
            advice="Check the network of its node; delete the pod to try another.",
        )
    return Verdict(
        trouble=pod.status,
        meaning="its containers are being started",
        fix="wait",
        advice="Look again in a minute.",
    )


def _not_ready(pod: PodState, events: Sequence[Happening]) -> Verdict:
    ready = pod.conditions.get("Ready") or {}
    if ready.get("reason") == "NodeNotReady" or pod.status in {"NodeLost", "Unknown"}:
        return Verdict(
            trouble="NodeLost",
            meaning=f"its node {pod.node} does not answer",
            fix="nodes",
            advice="Check the node; cordon it and delete the pod.",
        )
    probe = next((one.message for one in events if one.reason == "Unhealthy"), "")
    if probe:
        return Verdict(
            trouble="NotReady",
            meaning=f"its readiness probe fails: {probe}",
            fix="probe",
            advice="Read its log; it gets no requests meanwhile.",
        )
    return Verdict(
        trouble="NotReady",
        meaning=f"{pod.ready} of {pod.total} containers are ready",
        fix="logs",
        advice="Read its log.",
    )


def _last(events: Sequence[Happening], reason: str) -> str:
    return next((each.message for each in events if each.reason == reason), "")
