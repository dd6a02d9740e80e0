"""Whatever a file holds, reading it gives values or Problems, and no other exception."""

from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.config import alerts, people, roles, services, targets, templates
from bot.config.document import Document, load_document
from bot.config.parse import parse
from bot.config.problem import ConfigError, Problem
from bot.config.reference import check_references
from bot.config.schema import FILES
from tests.config.folder import CONFIG

OURS = sorted(path for path in CONFIG.rglob("*.yaml") if "rights" not in path.parts)
"""The files that Muster reads; what `rights/` holds is for other systems."""

WORDS = sorted(
    {
        word
        for path in OURS
        for word in path.read_text(encoding="utf-8").replace(":", " ").replace("[", " ").split()
    }
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from(WORDS),
    st.text(max_size=12),
    st.sampled_from(["5m", "-5m", "${X}", "https://[", "1e999", "*", "person:", ":", "P1"]),
)
KEYS = st.one_of(st.sampled_from(WORDS), st.text(min_size=1, max_size=8))
DATA = st.recursive(
    SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=5))
)
NAMES = {
    kind: frozenset({"architect"}) for kind in ("person", "service", "channel", "role", "target", "action")
}


def read(text: str) -> Document | None:
    try:
        return load_document(Path("x.yaml"), text)
    except ConfigError as error:
        problems = error.problems
    assert problems
    assert not any("\n" in str(each) for each in problems)
    return None


def through_everything(document: Document) -> None:
    problems: list[Problem] = []
    for _, model in FILES.values():
        parse(document, model, problems, env={"X": "s3cr3t"})
    people.read_people(document, problems)
    roles.read_roles(document, problems)
    roles.check_patterns(document, NAMES, problems)
    services.read_services(document, problems)
    words = services.severity_words(document)
    services.severities_by_policy(document)
    alerts.read_alerts(document, problems)
    alerts.check_severities(document, words, problems)
    targets.read_targets(document, {"X": "s3cr3t"}, problems)
    templates.read_templates({"x": (document, "{{ title }}")}, problems)
    for uses in (people.USES, roles.USES, services.USES, alerts.USES):
        check_references(document, uses, NAMES, problems)
    for problem in problems:
        assert problem.line >= 1
        assert problem.column >= 1
        assert problem.message
        assert "\n" not in str(problem)
        assert "s3cr3t" not in str(problem)


def spoiled(data: Any, path: tuple[int, ...], value: Any) -> Any:
    """Put a value somewhere into a structure; `path` chooses the way by remainders."""
    if not path or not isinstance(data, (dict, list)) or not data:
        return value
    keys = list(data) if isinstance(data, dict) else list(range(len(data)))
    chosen = keys[path[0] % len(keys)]
    pairs = [(key, spoiled(data[key], path[1:], value) if key == chosen else data[key]) for key in keys]
    return dict(pairs) if isinstance(data, dict) else [inner for _, inner in pairs]


@settings(max_examples=300, deadline=None)
@given(
    st.text(
        alphabet=st.one_of(st.sampled_from(list("abc:-[]{}&*!%#|>'\"\\ \n\t,?@`~0159.")), st.characters())
    )
)
def test_any_text(text: str) -> None:
    document = read(text)
    if document is not None:
        through_everything(document)


@settings(max_examples=150, deadline=None)
@given(DATA)
def test_any_data(data: Any) -> None:
    document = read(yaml.safe_dump(data, allow_unicode=True))
    if document is not None:
        through_everything(document)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(OURS),
    st.lists(st.integers(0, 50), min_size=1, max_size=6),
    DATA,
)
def test_a_shipped_file_with_one_part_spoiled(file: Path, path: list[int], value: Any) -> None:
    data = spoiled(load_document(file).data, tuple(path), value)
    document = read(yaml.safe_dump(data, allow_unicode=True))
    if document is not None:
        through_everything(document)
