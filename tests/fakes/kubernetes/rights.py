"""Who may do what: the shipped manifest's Roles, as the server's RBAC reads them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

MANIFEST = Path(__file__).parents[3] / "config" / "rights" / "kubernetes.yaml"


@dataclass(frozen=True)
class Rule:
    groups: frozenset[str]
    resources: frozenset[str]
    verbs: frozenset[str]
    names: frozenset[str]
    space: str

    def allows(self, verb: str, group: str, resource: str, space: str, name: str) -> bool:
        return (
            verb in self.verbs
            and group in self.groups
            and resource in self.resources
            and self.space in {"", space}
            and (not self.names or name in self.names)
        )


def shipped() -> tuple[Rule, ...]:
    """Read the rules that the manifest binds to Muster's own ServiceAccount, with the namespaces they hold in."""
    documents = [each for each in yaml.safe_load_all(MANIFEST.read_text(encoding="utf-8")) if each]
    roles = {
        (each["kind"], each["metadata"]["name"]): each for each in documents if each["kind"].endswith("Role")
    }
    found: list[Rule] = []
    for each in documents:
        if each["kind"] in {"RoleBinding", "ClusterRoleBinding"}:
            role = roles[each["roleRef"]["kind"], each["roleRef"]["name"]]
            space = each["metadata"]["namespace"] if each["kind"] == "RoleBinding" else ""
            found += _rules(role["rules"], space)
    return tuple(found)


def _rules(rules: Iterable[Mapping[str, Any]], space: str) -> Iterable[Rule]:
    for each in rules:
        yield Rule(
            groups=frozenset(each["apiGroups"]),
            resources=frozenset(each["resources"]),
            verbs=frozenset(each["verbs"]),
            names=frozenset(each.get("resourceNames") or ()),
            space=space,
        )
