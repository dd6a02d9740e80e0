"""A few of the server's own checks, those that the actions can run into."""

from typing import Any


def invalid(resource: str, item: dict[str, Any]) -> str:
    """Say what the server would refuse; empty for nothing."""
    if resource != "deployments":
        return ""
    spec = item.get("spec") or {}
    if spec.get("replicas", 1) < 0:
        return "spec.replicas: Invalid value: must be greater than or equal to 0"
    labels = (spec.get("template") or {}).get("metadata", {}).get("labels") or {}
    wanted = (spec.get("selector") or {}).get("matchLabels") or {}
    if not wanted:
        return "spec.selector: Required value"
    if any(labels.get(name) != value for name, value in wanted.items()):
        return "spec.template.metadata.labels: Invalid value: `selector` does not match template `labels`"
    for at, each in enumerate(spec["template"]["spec"].get("containers") or ()):
        if not each.get("image"):
            return f"spec.template.spec.containers[{at}].image: Required value"
        for one in each.get("env") or ():
            if "value" in one and one["value"] and "valueFrom" in one:
                return (
                    f"spec.template.spec.containers[{at}].env: may not be specified when `value` is not empty"
                )
    return ""
