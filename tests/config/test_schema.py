"""The JSON Schemas that editors use agree with the files that are shipped."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from bot.config.document import load_document
from bot.config.schema import FILES, schema, schemas
from bot.config.templates import template_documents
from tests.config.folder import CONFIG, RUNBOOKS

SHIPPED = [
    *(
        (kind, CONFIG / f"{kind}.yaml")
        for kind in ("people", "roles", "services", "alerts", "targets", "oncall")
    ),
    *(("escalation", path) for path in sorted((CONFIG / "escalation").glob("*.yaml"))),
    *(("runbook", path) for path in sorted(RUNBOOKS.glob("*/*.yaml"))),
]


@pytest.mark.parametrize(("kind", "path"), SHIPPED, ids=[path.stem for _, path in SHIPPED])
def test_a_shipped_file_fits_its_schema(kind: str, path: Path) -> None:
    errors = [
        error.message for error in Draft202012Validator(schema(kind)).iter_errors(load_document(path).data)
    ]
    assert errors == []


def test_a_shipped_template_header_fits_its_schema() -> None:
    for document, _ in template_documents(CONFIG / "templates", []).values():
        Draft202012Validator(schema("template")).validate(document.data)


@pytest.mark.parametrize("kind", FILES)
def test_a_schema_is_one_and_closed(kind: str) -> None:
    made = schema(kind)
    Draft202012Validator.check_schema(made)
    assert made["additionalProperties"] is False
    assert json.loads(json.dumps(made)) == made


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("people", {"people": {"ana": {"name": "Ana", "mail": "ana@example.com"}}}),
        ("people", {"people": {"ana": {"name": 5}}}),
        ("services", {"services": {}}),
        ("targets", {"targets": {"x": {"kind": "htp"}}}),
        ("targets", {"targets": {"x": {"kind": "http", "url": "https://x", "token": "hunter2"}}}),
        ("alerts", {"alerts": [{"name": "x", "service": "x", "severity": "P1", "action": "shout"}]}),
    ],
)
def test_a_schema_refuses_what_the_loader_refuses(kind: str, data: object) -> None:
    assert list(Draft202012Validator(schema(kind)).iter_errors(data))


def test_durations_stand_in_schemas_as_in_files() -> None:
    assert '"PT' not in json.dumps(schemas())
