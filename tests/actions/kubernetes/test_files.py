"""A runbook and a target of Kubernetes as files: what loads, what is refused, and that nothing heavy is imported."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.actions import registry
from bot.config.document import load_document
from bot.config.problem import Problem
from bot.config.runbooks import load_runbooks
from bot.config.targets import read_targets
from bot.domain.runbook import ActionStep, Danger, Runbook
from bot.ports.action import Target

TARGET = """
targets:
  architect-cluster:
    kind: kubernetes
    server: https://kubernetes.example.com:6443
    token: ${MUSTER_KUBERNETES_TOKEN}
    namespaces: [architect-production]
    manifests: {api: /srv/manifests/deployment.yaml}
    most_replicas: 20
"""
RUNBOOK = """
schema: 1
name: Story
target: architect-cluster
params:
  replicas: {type: integer, title: How many replicas, default: 15, min: 1, max: 20}
steps:
  - {id: pods, title: Pods, action: kubernetes.pods, auto: true}
  - {id: events, title: Events, action: kubernetes.events, auto: true}
  - {id: logs, title: Logs, action: kubernetes.logs, with: {deployment: architect-api}, auto: true}
  - {id: why, title: Diagnosis, action: kubernetes.diagnose, with: {deployment: architect-api}, auto: true}
  - id: out
    title: Pick one way out
    choose: Which
    options:
      - id: restart
        title: Restart
        steps: [{id: restart, title: Restart, action: kubernetes.rollout_restart, with: {deployment: architect-api}}]
      - id: back
        title: Roll back
        if: "why.fix == 'roll_back' || why.recent"
        steps: [{id: undo, title: Undo, action: kubernetes.rollout_undo, with: {deployment: architect-api}}]
      - id: scale
        title: Scale up
        steps:
          - id: scale_up
            title: Scale
            action: kubernetes.scale
            with: {deployment: architect-api, replicas: "${params.replicas}"}
            undo: {action: kubernetes.scale, with: {deployment: architect-api, replicas: "${scale_up.before}"}}
  - id: anew
    title: Delete and create anew
    action: kubernetes.reapply_deployment
    with: {deployment: architect-api, manifest: api}
    approve: {count: 1}
  - id: rolled
    title: Rolled out
    verify:
      - id: status
        title: Rollout
        action: kubernetes.rollout_status
        with: {deployment: architect-api}
        expect: "done && available >= 1"
    within: 10m
"""


def targets(folder: Path, text: str, **env: str) -> tuple[dict[str, Target], list[str]]:
    path = folder / "targets.yaml"
    path.write_text(text, encoding="utf-8")
    problems = list[Problem]()
    variables = {"MUSTER_KUBERNETES_TOKEN": "a-long-secret", **env}
    found = read_targets(load_document(path), variables, problems)
    return found, [f"{each.field}: {each.message}" for each in problems]


def runbook(folder: Path, text: str) -> tuple[dict[str, Runbook], list[str]]:
    place = folder / "architect"
    place.mkdir()
    (place / "story.yaml").write_text(text, encoding="utf-8")
    found, _ = targets(folder, TARGET)
    problems = list[Problem]()
    return load_runbooks(folder, registry(), problems, targets=found), [str(each) for each in problems]


def test_a_runbook_of_the_handbooks_commands_loads(tmp_path: Path) -> None:
    found, problems = runbook(tmp_path, RUNBOOK)
    assert problems == []
    anew = found["architect/story"].place("anew").step
    assert isinstance(anew, ActionStep)
    assert anew.call.danger is Danger.DESTRUCTIVE


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kubernetes.pods,", "kubernetes.pod,", "pod"),
        ('replicas: "${params.replicas}"', "replicas: -1", "replicas"),
        ("deployment: architect-api, manifest: api", "deployment: ../secrets, manifest: api", "deployment"),
        ("kubernetes.diagnose", "kubernetes.diagnosis", "did you mean kubernetes.diagnose?"),
        ("why.fix ==", "why.fxi ==", "why.fxi"),
    ],
)
def test_a_mistake_in_it_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in RUNBOOK
    _, problems = runbook(tmp_path, RUNBOOK.replace(old, new, 1))
    assert any(said in each for each in problems), problems


def test_a_target_keeps_its_token_to_itself(tmp_path: Path) -> None:
    found, problems = targets(tmp_path, TARGET)
    assert problems == []
    assert found["architect-cluster"].secrets == {"a-long-secret"}
    assert "a-long-secret" not in repr(found)


def test_a_target_whose_token_is_not_set_says_so(tmp_path: Path) -> None:
    found, _ = targets(tmp_path, TARGET, MUSTER_KUBERNETES_TOKEN="")
    assert "MUSTER_KUBERNETES_TOKEN" in found["architect-cluster"].unavailable


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "    server: https://kubernetes.example.com:6443\n    token: ${MUSTER_KUBERNETES_TOKEN}\n",
            "",
            "give one of",
        ),
        ("namespaces: [architect-production]", "namespaces: []", "namespaces"),
        ("namespaces: [architect-production]", "namespaces: [../x]", "namespaces"),
        ("token: ${MUSTER_KUBERNETES_TOKEN}", "token: abc", "never written in a file"),
        ("most_replicas: 20", "in_cluster: true", "give one of"),
        ("most_replicas: 20", "context: main", "context belongs to kubeconfig"),
        ("/srv/manifests/deployment.yaml", "deployment.yaml", "absolute path"),
    ],
)
def test_a_mistake_in_a_target_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in TARGET
    _, problems = targets(tmp_path, TARGET.replace(old, new, 1))
    assert any(said in each for each in problems), problems


def test_loading_every_action_imports_no_client() -> None:
    code = (
        "import sys; from bot.actions import registry; import bot.adapters.outside; registry(); "
        "sys.exit('kubernetes' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
