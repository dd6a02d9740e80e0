"""Actions are found by their place, and none that changes something may lack what keeps people safe."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.actions import checked, registry
from bot.config.runbook_bind import outputs_of
from bot.ports.action import Action, Danger


def test_every_action_is_named_by_its_place() -> None:
    found = registry()
    assert {
        "http.check",
        "prometheus.query",
        "metrics.scrape",
        "service.logs",
        "service.restart",
        "service.status",
    } <= set(found)
    assert all(action.name == name and action.summary for name, action in found.items())
    assert all(outputs_of(action) for action in found.values())


@pytest.mark.parametrize(
    "lacking",
    [
        lambda each: replace(each, plan=None),
        lambda each: replace(each, probe=None),
        lambda each: replace(each, lock=None),
    ],
)
def test_a_write_without_its_safeguards_is_refused(lacking: Callable[[Action], Action]) -> None:
    spec = lacking(registry()["service.restart"])
    with pytest.raises(TypeError, match="needs plan, probe and lock"):
        checked("service.restart", spec)
    checked("service.restart", replace(spec, danger=Danger.READ))


def test_what_is_no_action_is_refused() -> None:
    with pytest.raises(TypeError, match="no SPEC"):
        checked("service.none", None)
    with pytest.raises(TypeError, match="badly named"):
        checked("Service.x", registry()["service.status"])
    long = replace(registry()["service.status"], timeout=registry()["service.status"].longest * 2)
    with pytest.raises(TypeError, match="beyond its longest"):
        checked("service.status", long)
