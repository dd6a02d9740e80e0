"""One typo in a shipped file gives one sentence, at the exact place, with the nearest right name."""

import pytest

from bot.config.targets import KINDS
from tests.config.folder import Folder

GOLDEN = [
    (
        "services.yaml",
        "policy: architect",
        "policy: architct",
        "architct",
        'services.architect.policy: there is no escalation policy "architct"; did you mean "architect"?',
    ),
    (
        "services.yaml",
        "scheme: architect",
        "scheme: other",
        "other",
        'services.architect.scheme: there is no severity scheme "other"; known: architect, pivotal-flow, pyairtable, pynomaly, structured-prompt',
    ),
    (
        "services.yaml",
        "oncall: [architect]",
        "oncall: [architects]",
        "architects",
        'services.architect.oncall[0]: there is no schedule "architects"; did you mean "architect"?',
    ),
    (
        "services.yaml",
        "default_service: architect",
        "default_service: architecture",
        "architecture",
        'default_service: there is no service "architecture"; did you mean "architect"?',
    ),
    (
        "services.yaml",
        "runbooks: [architect/api-down]",
        "runbooks: [architect/api-dwn]",
        "architect/api-dwn",
        'services.architect.runbooks[0]: there is no runbook "architect/api-dwn"; did you mean "architect/api-down"?',
    ),
    (
        "services.yaml",
        "health: architect-health",
        "health: architect-heath",
        "architect-heath",
        'services.architect.targets.health: there is no target "architect-heath"; did you mean "architect-health"?',
    ),
    (
        "services.yaml",
        "title: Architect Dashboard API",
        "titel: Architect Dashboard API",
        "titel",
        'services.architect.titel: unknown key "titel"; did you mean "title"?',
    ),
    (
        "services.yaml",
        "respond_within: 5m",
        "respond_within: 5",
        "5\n",
        "schemes.architect.severities[0].respond_within: 5 needs a unit, such as 5m or 5s",
    ),
    (
        "services.yaml",
        "rank: 2",
        "rank: 1",
        "1\n",
        "schemes.architect.severities[1].rank: must be larger than the rank before it: worst first",
    ),
    (
        "services.yaml",
        "[sev2, high]",
        "[sev1, high]",
        "^name: P2",
        'schemes.architect.severities[1]: "sev1" already means P1',
    ),
    (
        "services.yaml",
        "default: P3",
        "default: P9",
        "P9",
        'schemes.architect.default: "P9" is not one of its severities: P1, P2, P3, P4',
    ),
    (
        "alerts.yaml",
        "severity: P2",
        "severity: P22",
        "P22",
        'alerts[1].severity: the service architect has no severity "P22"; did you mean "P2"?',
    ),
    (
        "alerts.yaml",
        "- name: HighLatency",
        "- name: ApiDown",
        "name: ApiDown",
        "alerts[2]: never fits: alerts[0] matches the same and stands first",
    ),
    (
        "alerts.yaml",
        "severity: P1",
        "severity: P1\n    action: declear",
        "declear",
        'alerts[0].action: "declear" is not one of offer, declare, ignore; did you mean "declare"?',
    ),
    (
        "people.yaml",
        "email: oncall@example.com",
        "email: manager@example.com",
        ">manager@example.com",
        'people.manager.email: "manager@example.com" already belongs to oncall; each person needs their own',
    ),
    (
        "people.yaml",
        "    email: oncall@example.com\n",
        "",
        "^oncall:",
        "people.oncall: needs slack (a user id such as U024BE7LH) or email, else nobody can be reached",
    ),
    (
        "people.yaml",
        "tz: Europe/Dublin",
        "tz: Europe/Dubln",
        "Europe/Dubln",
        'people.oncall.tz: "Europe/Dubln" is not a time zone; write a name such as Europe/Berlin or UTC',
    ),
    (
        "people.yaml",
        "tz: Europe/Dublin",
        "contact: [{via: slack_dn}]",
        "slack_dn",
        'people.oncall.contact[0].via: there is no channel "slack_dn"; did you mean "slack_dm"?',
    ),
    (
        "roles.yaml",
        "who: person:devops-lead",
        "who: person:devop-lead",
        "person:devop-lead",
        'roles.responder.holders[1].who: there is no person "devop-lead"; did you mean "devops-lead"?',
    ),
    (
        "roles.yaml",
        "who: person:devops-lead",
        "who: devops-lead",
        "devops-lead",
        'roles.responder.holders[1].who: "devops-lead" needs its kind in front, such as person:devops-lead or oncall:devops-lead',
    ),
    (
        "roles.yaml",
        "who: person:devops-lead",
        "who: persn:devops-lead",
        "persn:devops-lead",
        'roles.responder.holders[1].who: "persn" is not one of person, oncall, group, slack; did you mean "person"?',
    ),
    (
        "roles.yaml",
        "includes: [viewer]",
        "includes: [viewers]",
        "viewers",
        'roles.responder.includes[0]: there is no role "viewers"; did you mean "viewer"?',
    ),
    (
        "roles.yaml",
        "allow: [runbook.write]",
        "allow: [runbook.wirte]",
        "runbook.wirte",
        'grants[4].allow[0]: there is no permission "runbook.wirte"; did you mean "runbook.write"?',
    ),
    (
        "roles.yaml",
        "allow: [runbook.write]",
        "allow: [runbook.write]\n    actions: [service.restrt]",
        "service.restrt",
        'grants[4].actions[0]: there is no action "service.restrt"; did you mean "service.restart"?',
    ),
    (
        "roles.yaml",
        "allow: [runbook.write]",
        "allow: [runbook.write]\n    deny: [runbook.read]",
        "^id: responders-repair",
        "grants[4]: needs either allow or deny, and not both",
    ),
    (
        "roles.yaml",
        "- id: owners-approve",
        "- id: owners-destroy",
        "owners-destroy",
        'grants[6].id: the id "owners-destroy" is already that of grants[5]',
    ),
    (
        "targets.yaml",
        "kind: metrics",
        "kind: metric",
        "metric\n",
        f'targets.architect-metrics.kind: "metric" is not one of {", ".join(KINDS)}; did you mean "metrics"?',
    ),
    (
        "targets.yaml",
        "timeout: 3s",
        "timeout: 3m",
        "3m",
        "targets.architect-health.timeout: must be more than 0s and at most 1m",
    ),
    (
        "escalation/architect.yaml",
        "template: customers",
        "template: customer",
        "customer\n",
        'there is no template "customer"; did you mean "customers"?',
    ),
    (
        "templates/architect-update.md",
        "service: architect",
        "service: architekt",
        "architekt",
        'service: there is no service "architekt"; did you mean "architect"?',
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "mark", "sentence"), GOLDEN)
def test_one_typo_gives_one_sentence(
    folder: Folder, file: str, old: str, new: str, mark: str, sentence: str
) -> None:
    """The place is where `mark` begins: from the change on, or with ^ in front of it, or with > the next one."""
    changed = (folder.config / file).read_text(encoding="utf-8").index(old)
    folder.change(file, old, new)
    text = (folder.config / file).read_text(encoding="utf-8")
    if mark.startswith("^"):
        offset = text.rindex(mark[1:], 0, changed)
    else:
        offset = text.index(mark.lstrip(">"), changed + (len(new) if mark.startswith(">") else 0))
    line, column = text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
    found = folder.said()
    assert len(found) == 1, found
    assert found[0].startswith(f"config/{file}:{line}:{column} ")
    assert found[0].endswith(sentence)
