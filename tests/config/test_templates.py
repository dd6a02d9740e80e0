"""Message templates: the handbook's words, values made harmless, and no way to run long or reach out."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.config.model import Template
from bot.config.problem import Problem
from bot.config.templates import SAMPLE, read_templates, template_documents
from bot.domain.incident import Incident
from bot.domain.lifecycle import Status
from bot.services.status import Wording, values
from tests.config.folder import CONFIG, Folder

HEADER = "---\naudience: responders\n---\n"


def made(tmp_path: Path, text: str) -> tuple[dict[str, Template], list[str]]:
    (tmp_path / "update.md").write_text(text, encoding="utf-8")
    problems: list[Problem] = []
    templates = read_templates(template_documents(tmp_path, problems), problems)
    return templates, [str(each).replace(f"{tmp_path}/", "") for each in sorted(problems)]


def rendered(tmp_path: Path, body: str, values: Mapping[str, str] = SAMPLE) -> str:
    templates, said = made(tmp_path, HEADER + body)
    assert said == []
    return templates["update"].render(values)


def test_the_communication_template_has_every_line_of_the_handbooks(folder: Folder) -> None:
    text = folder.load().templates["architect-update"].render(SAMPLE)
    assert text == (
        ":rotating_light: *INCIDENT ALERT*\n"
        "\n"
        "*Service:* Architect Dashboard API\n"
        "*Severity:* P1\n"
        "*Status:* INVESTIGATING\n"
        "\n"
        "*Affected:* All dashboards &amp; exports\n"
        "*Customers:* about 40 %\n"
        "*Started:* 2026-11-20T10:02:00Z\n"
        "*ETA resolution:* 11:00 UTC\n"
        "\n"
        "*Latest update (10:20 UTC):*\n"
        "A rollback is under way; the error rate is falling.\n"
        "\n"
        "Follow updates: https://status.example.com\n"
        "Questions: #incidents"
    )


def test_a_service_without_a_status_page_has_no_empty_line_for_it(folder: Folder) -> None:
    text = folder.load().templates["architect-update"].render({**SAMPLE, "status_page": ""})
    assert "Follow updates" not in text
    assert "\n\n\n" not in text


def test_each_shipped_template_has_at_most_one_emoji() -> None:
    for path in (CONFIG / "templates").glob("*.md"):
        body = path.read_text(encoding="utf-8")
        assert body.count(":rotating_light:") <= 1
        assert body.isascii()


def test_what_somebody_typed_is_harmless(tmp_path: Path) -> None:
    hostile = {**SAMPLE, "latest": "<!channel> <https://evil.example.com|status> & {{ title }}"}
    assert rendered(tmp_path, "{{ latest }}", hostile) == (
        "&lt;!channel&gt; &lt;https://evil.example.com|status&gt; &amp; {{ title }}"
    )


@pytest.mark.parametrize(
    "body", ["{{ latest|upper }}", "{{ latest|replace('a', '<') }}", "{{ latest|trim }}"]
)
def test_no_filter_gets_round_the_escape(tmp_path: Path, body: str) -> None:
    text = rendered(tmp_path, body, {**SAMPLE, "latest": "a<!here>"})
    assert "<" not in text


def test_the_commanders_mention_stays_one_and_nothing_else_becomes_one(tmp_path: Path) -> None:
    assert rendered(tmp_path, "{{ commander }}") == "<@U024BE7LH>"
    assert rendered(tmp_path, "{{ commander }}", {**SAMPLE, "commander": "nobody yet"}) == "nobody yet"
    assert rendered(tmp_path, "{{ commander }}", {**SAMPLE, "commander": "<!channel>"}) == "&lt;!channel&gt;"
    assert rendered(tmp_path, "{{ eta }}", {**SAMPLE, "eta": "<@U024BE7LH>"}) == "&lt;@U024BE7LH&gt;"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "Hello\n{{ sevrity }}\n",
            'update.md:5:4 sevrity: there is no variable "sevrity"; did you mean "severity"?',
        ),
        (
            "{% if xyzzy %}a{% endif %}",
            f'update.md:4:7 xyzzy: there is no variable "xyzzy"; known: {", ".join(SAMPLE)}',
        ),
        (
            "{{ latest|safe }}",
            (
                'update.md:4:11 safe: the filter "safe" is not available; there are capitalize, default, lower, '
                "replace, title, trim, truncate, upper"
            ),
        ),
        (
            "{% for a in latest %}x{% endfor %}",
            "update.md:4:1 a template holds only variables, filters and if, not for",
        ),
        ("{{ 'a' * 9999999999 }}", "update.md:4:1 a template holds only variables, filters and if, not mul"),
        (
            "{{ latest.__class__ }}",
            "update.md:4:1 a template holds only variables, filters and if, not getattr",
        ),
        ("{{ latest[0] }}", "update.md:4:1 a template holds only variables, filters and if, not getitem"),
        (
            "{% include 'x' %}",
            "update.md:4:1 a template holds only variables, filters and if, not include",
        ),
        (
            "{{ latest\n",
            "update.md:4:1 the template cannot be read: unexpected end of template, expected 'end of print statement'",
        ),
        (
            "{% if %}",
            "update.md:4:1 the template cannot be read: expected an expression, got 'end of statement block'",
        ),
        ("", "update.md:4:1 the sample has 0 characters; it must have 1 to 3000"),
        ("x" * 4000, "update.md:4:1 the sample has 4000 characters; it must have 1 to 3000"),
    ],
)
def test_a_fault_is_named_with_its_line(tmp_path: Path, body: str, said: str) -> None:
    assert said in made(tmp_path, HEADER + body)[1]


def test_a_header_is_needed_and_checked(tmp_path: Path) -> None:
    assert made(tmp_path, "Hello")[1] == [
        "update.md:1:1 a template begins with a header between two lines of ---, with at least audience"
    ]
    assert made(tmp_path, "---\naudience: responder\n---\nHello")[1] == [
        (
            'update.md:2:11 audience: "responder" is not one of responders, company, executives, customers; '
            'did you mean "responders"?'
        )
    ]
    assert made(tmp_path, "---\nservice: x\n---\n{{ titel }}")[1] == [
        'update.md:2:1 audience: the field "audience" is missing',
        'update.md:4:4 titel: there is no variable "titel"; did you mean "title"?',
    ]


def test_two_templates_for_the_same_readers_are_refused(tmp_path: Path) -> None:
    (tmp_path / "again.md").write_text(f"{HEADER}Hello", encoding="utf-8")
    assert made(tmp_path, f"{HEADER}Hello")[1] == [
        'update.md:2:11 audience: "again" already is the template for responders of *'
    ]


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "raw.md").write_bytes(b"---\n\xff")
    assert made(tmp_path, f"{HEADER}Hello")[1] == [
        "raw.md:1:1 byte 5 of the file is not UTF-8; save the file as UTF-8"
    ]


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    deep = "{{ " + "(" * 5000 + "title" + ")" * 5000 + " }}"
    assert made(tmp_path, HEADER + deep)[1] == ["update.md:1:1 the template is nested too deeply"]


def test_the_sample_names_exactly_what_an_incident_gives(folder: Folder) -> None:
    config = folder.load()
    began = datetime(2026, 11, 20, 10, 2, tzinfo=UTC)
    incident = Incident(
        id=42,
        title="API completely down",
        service="architect",
        environment="production",
        severity="P1",
        rank=1,
        status=Status.INVESTIGATING,
        declared_at=began,
        declared_by="U1",
        clock_started_at=began,
        policy=config.policies["architect"],
    )
    given = values(config, incident, Wording(latest="Working on it"), began)
    assert set(given) == set(SAMPLE)
    assert "Architect Dashboard API" in config.templates["architect-update"].render(given)
