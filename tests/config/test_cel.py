"""Conditions: type-checked when they are read, and never true by accident."""

import time

import pytest

from bot.config.cel import CelFault, compile_condition, decide

NAMES = {
    "health.status": "int",
    "health.ok": "bool",
    "ratio": "double",
    "kinds": "list(string)",
    "by_type": "map(string,int)",
}


@pytest.mark.parametrize(
    ("source", "values", "holds"),
    [
        ("health.status == 200", {"health.status": 200}, True),
        ("health.status != 200 && ratio < 0.05", {"health.status": 503, "ratio": 0.01}, True),
        ("ratio < 1.0", {"ratio": 1}, False),
        ("!health.ok", {"health.ok": False}, True),
        ('"OOMKilled" in by_type', {"by_type": {"OOMKilled": 9}}, True),
        ('kinds.all(k, k == "a")', {"kinds": ["a", "a"]}, True),
        ("true", {}, True),
    ],
)
def test_what_is_clear_is_decided(source: str, values: dict[str, object], holds: bool) -> None:
    verdict = decide(compile_condition(source, NAMES), values)
    assert (verdict.holds, verdict.fault) == (holds, "")


@pytest.mark.parametrize(
    ("source", "said", "column"),
    [
        ("health.statu == 200", 'unknown name "health.statu"; did you mean health.status?', 7),
        ("zzz", 'unknown name "zzz"; known here: health.status', 1),
        ("ratio < 1", "write 1.0 beside a double", 7),
        ('health.status == "200"', "these types do not go together", 15),
        ("health.status", "must be true or false, but gives INT", 0),
        ("health.ok ==", "Syntax error", 13),
        ('kinds.filter(k, k != "a").all(k, k == "b")', "all() is true over nothing", 0),
        ("true || " * 100 + "true", "more than 500", 0),
    ],
)
def test_what_is_wrong_is_said_at_load(source: str, said: str, column: int) -> None:
    with pytest.raises(CelFault) as found:
        compile_condition(source, NAMES)
    assert said in str(found.value)
    assert found.value.column == column


@pytest.mark.parametrize(
    ("source", "values", "fault"),
    [
        ("health.status == 200", {}, "health.status not known"),
        ("ratio < 1.0", {"ratio": None}, "ratio not known"),
        ("ratio < 1.0", {"ratio": "high"}, "Unexpected value type"),
        ('by_type["x"] > 1', {"by_type": {}}, "Key not found"),
        ("10 / health.status > 1", {"health.status": 0}, "divi"),
        ('kinds.all(k, k == "a")', {"kinds": []}, "kinds holds nothing, and that proves nothing"),
    ],
)
def test_errors_come_back_as_faults_and_never_as_true(
    source: str, values: dict[str, object], fault: str
) -> None:
    verdict = decide(compile_condition(source, NAMES), values)
    assert not verdict.holds
    assert fault in verdict.fault


def test_all_over_nothing_holds_only_where_the_file_says_so() -> None:
    allowed = compile_condition('kinds.all(k, k == "a")', NAMES, allow_empty=True)
    assert decide(allowed, {"kinds": []}).holds


def test_a_condition_keeps_only_the_names_it_reads() -> None:
    condition = compile_condition('health.status == 200 && "ratio" != ""', NAMES)
    assert condition.names == (("health.status", "int"),)


def test_a_runaway_is_stopped() -> None:
    big = ",".join("1" * 1 for _ in range(100))
    source = f"[{big}].exists(a, [{big}].exists(b, a + b > 3))"
    began = time.monotonic()
    decide(compile_condition(source, NAMES), {})
    assert time.monotonic() - began < 2
