"""The shipped files load as they are, and one typo anywhere is named with its place and the nearest right name."""

from datetime import timedelta
from fnmatch import fnmatchcase

import pytest

from bot.config.load import load
from bot.config.problem import ConfigError
from tests.config.folder import Folder

DEMO = {
    "MUSTER_DEMO_URL": "http://127.0.0.1:8901",
    "MUSTER_DEMO_LOG": "/var/tmp/demo.log",  # noqa: S108 - a path to look at, nothing is written
    "MUSTER_DEMO_PIDFILE": "/var/tmp/demo.pid",  # noqa: S108 - likewise
}


def test_the_shipped_files_pass_with_nothing_set(folder: Folder) -> None:
    report = folder.check()
    assert report.problems == ()
    assert report.status == 0
    assert report.summary.startswith(
        "The configuration is good: 5 services, 9 people, 5 escalation policies, "
    )
    assert (
        'The target "architect-health" needs the environment variable MUSTER_DEMO_URL, which is not set.'
        in (report.remarks)
    )


def test_the_catalog_says_what_the_handbook_says(folder: Folder) -> None:
    config = folder.load()
    service = config.service("architect")
    assert service.title == "Architect Dashboard API"
    assert config.default_service == "architect"
    assert {link.title: link.url for link in service.links} == {
        "War room": "https://meet.example.com/war-room",
        "Status page": "https://status.example.com",
        "Dashboard": "https://grafana.example.com/d/architect",
        "On-call schedule": "https://oncall.example.com",
    }
    scheme = config.scheme_of("architect")
    assert {each.name: each.respond_within for each in scheme.severities} == {
        "P1": timedelta(minutes=5),
        "P2": timedelta(minutes=15),
        "P3": timedelta(hours=1),
        "P4": None,
    }
    assert scheme.find("sev1") is scheme.top
    assert [
        (rule.name, rule.severity, rule.runbook) for rule in config.alerts if rule.service == "architect"
    ] == [
        ("ApiDown", "P1", "architect/api-down"),
        ("HighErrorRate", "P2", ""),
        ("HighLatency", "P3", ""),
    ]
    assert sorted(config.policies) == [
        "architect",
        "pivotal-flow",
        "pyairtable",
        "pynomaly",
        "structured-prompt",
    ]
    assert next(iter(config.schedules)) == "architect"
    assert "architect/api-down" in config.runbooks


def test_the_handbooks_contacts_are_people(folder: Folder) -> None:
    config = folder.load()
    assert {
        "oncall",
        "eng-lead",
        "manager",
        "director",
        "vp-engineering",
        "devops-lead",
        "security-lead",
    } <= set(config.people)
    assert all(str(person.email).endswith("@example.com") for person in config.people.values())
    known = config.with_slack_ids({"oncall": "U0ONCALL"})
    assert known.handle_of("U0ONCALL") == "oncall"


def test_a_target_is_filled_from_the_environment(folder: Folder) -> None:
    targets = folder.load(DEMO).targets
    assert targets["architect-health"].settings["url"] == "http://127.0.0.1:8901/health"
    assert targets["architect-api"].settings["pidfile"] == "/var/tmp/demo.pid"  # noqa: S108 - see above
    assert not any(
        targets[name].unavailable for name in ("architect-health", "architect-metrics", "architect-api")
    )
    assert "8901" not in repr(targets)


def test_a_target_without_its_variables_is_there_but_unavailable(folder: Folder) -> None:
    target = folder.load({"MUSTER_DEMO_URL": "http://127.0.0.1:1"}).targets["architect-api"]
    assert target.kind == "process"
    assert target.settings == {}
    assert target.unavailable == (
        'The target "architect-api" needs the environment variables MUSTER_DEMO_PIDFILE and MUSTER_DEMO_LOG, '
        "which are not set."
    )


def test_a_secret_of_a_target_is_in_the_clear_only_in_its_settings(folder: Folder) -> None:
    folder.change(
        "targets.yaml", "    url: ${MUSTER_DEMO_URL}/metrics", "    token: ${T}\n    url: ${U}/metrics"
    )
    env = {**DEMO, "T": "s3cr3t", "U": "http://127.0.0.1"}
    config = folder.load(env)
    assert config.targets["architect-metrics"].settings["token"] == "s3cr3t"
    assert config.targets["architect-metrics"].secrets == {"s3cr3t"}
    assert "s3cr3t" not in repr(config)


def test_all_problems_of_all_files_come_at_once_in_order(folder: Folder) -> None:
    folder.change("people.yaml", "name: Priya Raman", "nam: Priya Raman")
    folder.change("services.yaml", "policy: architect", "policy: nothing")
    folder.change("services.yaml", 'tier: "1"', "tier: 1")
    folder.change("alerts.yaml", "runbook: architect/api-down", "runbook: architect/api-up")
    folder.change("roles.yaml", "who: person:director", "who: person:directr")
    folder.change("oncall.yaml", "people: oncall", "people: on-call")
    folder.change("templates/architect-update.md", "{{ latest }}", "{{ lastest }}")
    (folder.runbooks / "architect" / "new.yaml").write_text("schema: 1\nname: New\n", encoding="utf-8")
    (folder.config / "targets.yaml").write_text("targets:\n\tx: 1\n", encoding="utf-8")
    files = [each.partition(":")[0] for each in folder.said()]
    assert files == sorted(files)
    assert {name: files.count(name) for name in files} == {
        "config/alerts.yaml": 1,
        "config/oncall.yaml": 1,
        "config/people.yaml": 1,
        "config/roles.yaml": 1,
        "config/services.yaml": 2,
        "config/targets.yaml": 1,
        "config/templates/architect-update.md": 1,
        "runbooks/architect/new.yaml": 1,
    }
    report = folder.check()
    assert report.status == 1
    assert report.summary == "9 problems in 8 files."


def test_a_file_that_cannot_be_read_causes_no_other_complaints(folder: Folder) -> None:
    for file in ("people.yaml", "services.yaml", "oncall.yaml", "targets.yaml"):
        folder.write(file, "[")
    assert [each.partition(":")[0] for each in folder.said()] == [
        "config/oncall.yaml",
        "config/people.yaml",
        "config/services.yaml",
        "config/targets.yaml",
    ]


def test_a_missing_file_is_named_if_it_is_needed(folder: Folder) -> None:
    for file in ("alerts.yaml", "roles.yaml"):
        (folder.config / file).unlink()
    assert folder.said() == ["config/roles.yaml:1:1 the file does not exist"]


def test_a_missing_folder_says_how_to_begin(folder: Folder) -> None:
    with pytest.raises(ConfigError) as refusal:
        load(folder.config / "nowhere", folder.runbooks, {}, actions={}, channels={})
    assert str(refusal.value).endswith(
        "nowhere:1:1 the folder does not exist; muster init writes a first configuration"
    )


def test_the_digest_changes_with_any_file_and_only_then(folder: Folder) -> None:
    before = folder.load().digest
    assert folder.load({"UNRELATED": "1"}).digest == before
    folder.change("alerts.yaml", "# What", "# That which")
    assert folder.load().digest != before


def test_alert_patterns_are_globs_over_labels(folder: Folder) -> None:
    folder.write(
        "alerts.yaml",
        "alerts:\n  - name: any\n    match: {alertname: 'Api*', env: prod}\n    service: architect\n    severity: P1\n",
    )
    (rule,) = folder.load().alerts
    assert fnmatchcase("ApiDown", rule.match["alertname"])


def test_a_runbook_names_severities_and_roles_that_exist(folder: Folder) -> None:
    path = folder.runbooks / "architect" / "api-down.yaml"
    text = path.read_text(encoding="utf-8").replace("severity: P1", "severity: P11")
    path.write_text(text.replace("severities: [P1]", "severities: [P1, PP2]"), encoding="utf-8")
    (folder.runbooks / "architect" / "strict.yaml").write_text(STRICT, encoding="utf-8")
    assert [each.partition(" ")[2] for each in folder.said()] == [
        'severity: there is no severity "P11"; did you mean "P1"?',
        'suggest.severities[1]: there is no severity "PP2"; did you mean "P2"?',
        'steps[0].approve.roles[1]: there is no role "ownr"; did you mean "owner"?',
    ]


STRICT = """schema: 1
name: Restart with a second person
target: architect-api
steps:
  - id: restart
    title: Restart
    action: service.restart
    approve: {roles: [admin, ownr]}
"""


def test_a_file_that_nothing_reads_is_named(folder: Folder) -> None:
    for name in (
        "alert.yaml",
        "people.yml",
        "zzz.yaml",
        "escalation/new.yml",
        "templates/new.md.j2",
        "templates/.swp",
    ):
        folder.write(name, "x: 1\n")
    files = "alerts.yaml, oncall.yaml, people.yaml, queries.yaml, roles.yaml, services.yaml, targets.yaml"
    assert folder.said() == [
        'config/alert.yaml:1:1 nothing reads a file of this name; did you mean "alerts.yaml"?',
        "config/escalation/new.yml:1:1 nothing reads this file: in escalation/ the names end in .yaml",
        'config/people.yml:1:1 nothing reads a file of this name; did you mean "people.yaml"?',
        "config/templates/new.md.j2:1:1 nothing reads this file: in templates/ the names end in .md",
        f"config/zzz.yaml:1:1 nothing reads a file of this name; there are {files}",
    ]
