"""Which outside peers this machine has, and how to get the ones it lacks."""

import importlib.util
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

HERE = Path(__file__).parent


def _program(name: str, package: str, *places: str) -> Callable[[], str | None]:
    def probe() -> str | None:
        if shutil.which(name) or any(list(Path("/").glob(place)) for place in places):
            return None
        return f"{name} is not installed (Debian package {package})"

    return probe


def _judge(name: str) -> Callable[[], str | None]:
    def probe() -> str | None:
        path = HERE / "judges" / "peers.py"
        if not path.exists():
            return "tests/judges is not there"
        spec = importlib.util.spec_from_file_location("tests.judges.peers", path)
        if spec is None or spec.loader is None:
            return "tests/judges/peers.py cannot be loaded"
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        missing = module.present(name)
        return None if missing is None else str(missing)

    return probe


def _kubeconfig() -> str | None:
    if os.environ.get("MUSTER_TEST_KUBECONFIG"):
        return None
    return "MUSTER_TEST_KUBECONFIG names no kubeconfig of a cluster made for tests"


PEERS: Mapping[str, Callable[[], str | None]] = {
    "postgresql": _program("initdb", "postgresql", "usr/lib/postgresql/*/bin/initdb"),
    "redis": _program("redis-server", "redis-server"),
    "prometheus": _program("prometheus", "prometheus"),
    "alertmanager": _program("prometheus-alertmanager", "prometheus-alertmanager"),
    "docker": _program("dockerd", "docker.io"),
    "kubernetes": _kubeconfig,
    "chromium": _program("chromium", "chromium"),
    "slack-types": _judge("slack-types"),
    "emulate": _judge("emulate"),
    "node-bolt": _judge("node-bolt"),
}

OPTIONAL = frozenset({"kubernetes"})
"""Peers whose absence is a named gap in CI too: a cluster is given by hand, and a faithful fake tells the same stories."""


def in_ci() -> bool:
    """Tell whether an absent peer is a failure (CI=true) rather than a named gap."""
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}
