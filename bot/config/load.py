"""All files into one Configuration: every fault of every file at once, and every reference checked."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from bot.config import alerts, people, queries, roles, services, targets, templates
from bot.config.document import load_document
from bot.config.escalation import Names, PolicyFile, read_policy
from bot.config.files import Files, read_files
from bot.config.model import Configuration
from bot.config.oncall import OnCall, OnCallFile, read_oncall
from bot.config.parse import parse
from bot.config.problem import ConfigError, Problem
from bot.config.query_calls import check_calls
from bot.config.reference import EVERY, check_references
from bot.config.reference import Path as Pattern
from bot.config.runbooks import load_runbooks
from bot.domain.escalation import Policy
from bot.domain.runbook import ActionStep, Runbook
from bot.ports.action import Action
from bot.ports.channel import Channel

_USES = {
    "people": people.USES,
    "roles": roles.USES,
    "services": services.USES,
    "alerts": alerts.USES,
    "queries": queries.USES,
}
_RUNBOOK_USES: Mapping[Pattern, str] = {
    ("severity",): "severity",
    ("suggest", "severities", EVERY): "severity",
    ("steps", EVERY, "approve", "roles", EVERY): "role",
    ("steps", EVERY, "options", EVERY, "steps", EVERY, "approve", "roles", EVERY): "role",
}
_POLICY_USES: Mapping[Pattern, str] = {("steps", EVERY, "template"): "template"}


def load(
    config: Path,
    runbooks: Path,
    env: Mapping[str, str],
    *,
    actions: Mapping[str, Action],
    channels: Mapping[str, Channel],
) -> Configuration:
    """Load, validate and bind everything that the files say.

    Args:
        config: the folder of the configuration files.
        runbooks: the folder of the runbooks; absent is the same as empty.
        env: the variables that `${ENV_NAME}` references of the files are filled from.
        actions: the actions that runbooks may name.
        channels: the escalation channels that policies and people may name.

    Raises:
        ConfigError: with all problems of all files at once.
    """
    made, problems = _loaded(config, runbooks, env, actions, channels, None)
    if problems:
        raise ConfigError(problems)
    return made


def load_again(
    config: Path,
    runbooks: Path,
    env: Mapping[str, str],
    *,
    actions: Mapping[str, Action],
    channels: Mapping[str, Channel],
    previous: Configuration,
) -> tuple[Configuration, tuple[Problem, ...]]:
    """Load anew while serving: what is broken leaves the last good version in force.

    Runbooks stand and fall each by itself. The configuration files name one another, so they do so together.

    Returns:
        What is in force from now on, and every problem that was found.
    """
    made, found = _loaded(config, runbooks, env, actions, channels, previous.runbooks)
    problems = ConfigError(found).problems
    mended = {problem.file for problem in problems}
    if any(not Path(file).is_relative_to(runbooks) for file in mended):
        return previous, problems
    books = {
        id_: previous.runbooks.get(id_) if book.source in mended else book
        for id_, book in made.runbooks.items()
    }
    good = {id_: book for id_, book in books.items() if book is not None}
    return replace(made, runbooks=good), problems


def _loaded(
    config: Path,
    runbooks: Path,
    env: Mapping[str, str],
    actions: Mapping[str, Action],
    channels: Mapping[str, Channel],
    previous: Mapping[str, Runbook] | None,
) -> tuple[Configuration, list[Problem]]:
    files = read_files(config, runbooks, actions=actions, channels=channels)
    _check(files)
    made = _bound(files, env)
    whole = not any(problem.file == str(config / "targets.yaml") for problem in files.problems)
    found = load_runbooks(
        runbooks,
        actions,
        files.problems,
        targets=made.targets if whole else None,
        services=files.known.get("service"),
        previous=previous,
    )
    _check_runbooks(files, found)
    check_calls(found, made.queries, files.problems)
    return replace(made, runbooks=found, digest=_digest(config, runbooks)), files.problems


def _check(files: Files) -> None:
    """Check every reference between files, also in files that have other faults."""
    for name, uses in _USES.items():
        if name in files.documents:
            check_references(files.documents[name], uses, files.known, files.problems)
    for document in files.policies.values():
        check_references(document, _POLICY_USES, files.known, files.problems)
    for document, _ in files.templates.values():
        check_references(document, templates.USES, files.known, files.problems)
    if "roles" in files.documents:
        roles.check_patterns(files.documents["roles"], files.known, files.problems)
    if "alerts" in files.documents and "services" in files.documents:
        words = services.severity_words(files.documents["services"])
        alerts.check_severities(files.documents["alerts"], words, files.problems)


def _check_runbooks(files: Files, found: Mapping[str, Runbook]) -> None:
    """Check the severities and roles that good runbooks name; a file is read again only to say where it is wrong."""
    if not {"services", "roles"} <= files.documents.keys():
        return
    words = services.severity_words(files.documents["services"])
    for runbook in found.values():
        severities = words.get(runbook.service)
        if severities is None:
            continue
        named = {runbook.severity, *runbook.suggest.severities} - {""}
        steps = (placed.step for placed in runbook.placed())
        roles_named = {
            role
            for step in steps
            if isinstance(step, ActionStep) and step.approve
            for role in step.approve.roles
        }
        if not (named <= severities and roles_named <= files.known["role"]):
            known = {"severity": severities, "role": files.known["role"]}
            check_references(load_document(Path(runbook.source)), _RUNBOOK_USES, known, files.problems)


def _bound(files: Files, env: Mapping[str, str]) -> Configuration:
    documents, problems = files.documents, files.problems
    made = Configuration()
    if "people" in documents:
        made = replace(made, people=people.read_people(documents["people"], problems))
    if "roles" in documents:
        rules, memberships = roles.read_roles(documents["roles"], problems)
        lists = roles.read_access(documents["roles"], problems)
        made = replace(made, rules=rules, memberships=memberships, access=lists)
    if "services" in documents:
        catalog = services.read_services(documents["services"], problems)
        made = replace(
            made,
            services=catalog.services,
            schemes=catalog.schemes,
            default_service=catalog.default_service,
        )
    if "alerts" in documents:
        made = replace(made, alerts=alerts.read_alerts(documents["alerts"], problems))
    if "targets" in documents:
        made = replace(made, targets=targets.read_targets(documents["targets"], env, problems))
    if "queries" in documents:
        bound = queries.bind_queries(documents["queries"], made.targets, problems)
        made = replace(made, queries=bound.queries, targets=bound.targets)
    oncall = _oncall(files)
    return replace(
        made,
        schedules=oncall.schedules,
        hours=oncall.hours,
        policies=_policies(files, oncall),
        templates=templates.read_templates(files.templates, problems),
    )


def _oncall(files: Files) -> OnCall:
    document, handles = files.documents.get("oncall"), files.known.get("person")
    if document is None:
        return OnCall()
    if handles is None:
        parse(document, OnCallFile, files.problems)
        return OnCall()
    return read_oncall(document, files.problems, people=handles)


def _policies(files: Files, oncall: OnCall) -> dict[str, Policy]:
    if not {"person", "schedule", "service"} <= files.known.keys():
        for document in files.policies.values():
            parse(document, PolicyFile, files.problems)
        return {}
    names = Names(
        people=files.known["person"],
        schedules=files.known["schedule"],
        channels=files.known["channel"],
        services=files.known["service"],
        hours=oncall.hours,
        severities=services.severities_by_policy(files.documents["services"]),
    )
    read = ((name, read_policy(name, each, files.problems, names)) for name, each in files.policies.items())
    return {name: policy for name, policy in read if policy is not None}


def _digest(*folders: Path) -> str:
    """Give one number for the text of all files, so that two replicas can tell whether they run the same."""
    digest = sha256()
    for folder in folders:
        for path in _texts(folder):
            digest.update(f"{path.relative_to(folder)}\0".encode())
            digest.update(sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _texts(folder: Path) -> Iterator[Path]:
    for pattern in ("*.yaml", "*/*.yaml", "*/*.yml", "templates/*.md"):
        yield from sorted(folder.glob(pattern))
