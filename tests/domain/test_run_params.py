"""Parameters: typed values, and a battery of what does not get in."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.run_params import BadParameter, fault_of, settle_params
from bot.domain.runbook import Param, Runbook

FACTS = {"service": "architect", "severity": "P1"}


def runbook(*params: Param) -> Runbook:
    return Runbook(id="a/b", name="B", service="a", steps=(), digest="d", params=params)


def param(type_: str, **more: Any) -> Param:
    return Param(name="x", type=type_, title="X", **more)


@pytest.mark.parametrize(
    ("type_", "typed", "value"),
    [
        ("integer", "15", 15),
        ("integer", 15, 15),
        ("number", " 1.5 ", 1.5),
        ("boolean", "TRUE", True),
        ("boolean", False, False),
        ("string", "abc", "abc"),
        ("name", "architect-api", "architect-api"),
        ("duration", "1h30m", "1h30m"),
    ],
)
def test_what_forms_give_becomes_typed(type_: str, typed: Any, value: Any) -> None:
    assert settle_params(runbook(param(type_)), {"x": typed}, FACTS) == {"x": value}


def test_the_incident_and_the_default_fill_what_was_not_typed() -> None:
    book = runbook(
        Param(name="s", type="string", title="S", source="incident.service"), param("integer", default=3)
    )
    assert settle_params(book, {"x": ""}, FACTS) == {"s": "architect", "x": 3}


def test_every_fault_is_named() -> None:
    book = runbook(param("integer", minimum=1, maximum=20), Param(name="y", type="string", title="Y"))
    with pytest.raises(BadParameter) as refused:
        settle_params(book, {"x": "99", "z": "1"}, FACTS)
    assert refused.value.faults == {"x": "must be at most 20", "y": "is needed", "z": "unknown parameter"}
    with pytest.raises(BadParameter, match="did you mean replicas"):
        settle_params(
            runbook(Param(name="replicas", type="integer", title="R", default=1)), {"replica": "1"}, FACTS
        )


@pytest.mark.parametrize(
    ("declared", "value", "said"),
    [
        (param("integer"), "x", "must be a whole number"),
        (param("integer"), True, "must be a whole number"),
        (param("integer", minimum=1), 0, "must be at least 1"),
        (param("number"), "x", "must be a number"),
        (param("number", minimum=1), float("nan"), "must be at least 1"),
        (param("boolean"), "perhaps", "must be true or false"),
        (param("string"), 5, "must be text"),
        (param("string"), "x" * 254, "has 254 characters, more than 253"),
        (param("enum", choices=("a", "b")), "c", "must be one of a, b"),
        (param("name"), "Architect", "must be a Kubernetes name: small letters, digits, hyphens and dots"),
        (param("duration"), "5 minutes", "must be a duration such as 5m or 90s"),
        (param("string", pattern="[a-z]+"), "a1", "does not match [a-z]+"),
    ],
)
def test_what_does_not_fit_is_said(declared: Param, value: Any, said: str) -> None:
    assert fault_of(declared, value) == said


@pytest.mark.parametrize("value", ["-rf", "a\nb", "a\x00", "a\u200bb", "\u0430pi", "a\u202eb", "a\tb"])
def test_hostile_text_is_refused_whatever_the_pattern(value: str) -> None:
    assert fault_of(param("string"), value) is not None


@given(st.text())
def test_a_name_is_only_ever_a_name(text: str) -> None:
    if fault_of(param("name"), text) is None:
        assert set(text) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-")
        assert text[0] not in ".-"
