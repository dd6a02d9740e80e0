"""The files of a configuration as documents, and every name that they give, whether or not they have faults."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.config.document import Document, load_document
from bot.config.problem import ConfigError, Problem
from bot.config.reference import names_under
from bot.config.templates import template_documents
from bot.domain.refusal import nearest

REQUIRED = ("people", "roles", "services")
OPTIONAL = ("alerts", "oncall", "queries", "targets")
"""Files of the configuration folder; an optional one that is absent is the same as an empty one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """The documents that could be read, the faults found so far, and the names that references may use.

    A kind of name is absent from `known` when its file could not be read: what refers to it is then not checked.
    """

    documents: dict[str, Document] = field(default_factory=dict)
    policies: dict[str, Document] = field(default_factory=dict)
    templates: dict[str, tuple[Document, str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    known: dict[str, frozenset[str]] = field(default_factory=dict)


def read_files(config: Path, runbooks: Path, *, actions: Collection[str], channels: Collection[str]) -> Files:
    """Read every file of a configuration.

    Args:
        config: the folder of the configuration files.
        runbooks: the folder of the runbooks, of which only the names are read.
        actions: the names of the actions that exist.
        channels: the names of the escalation channels that exist.

    Raises:
        ConfigError: there is no such folder.
    """
    if not config.is_dir():
        said = "the folder does not exist; muster init writes a first configuration"
        raise ConfigError([Problem(str(config), 1, 1, "", said)])
    files = Files()
    for name in REQUIRED + OPTIONAL:
        path = config / f"{name}.yaml"
        if name in REQUIRED or path.exists():
            _read(path, name, files.documents, files.problems)
    for path in sorted((config / "escalation").glob("*.yaml")):
        _read(path, path.stem, files.policies, files.problems)
    files.templates.update(template_documents(config / "templates", files.problems))
    files.problems.extend(_unread(config))
    files.known.update(_names(files, config, runbooks))
    files.known["action"], files.known["channel"] = frozenset(actions), frozenset(channels)
    return files


def _read(path: Path, name: str, into: dict[str, Document], problems: list[Problem]) -> None:
    try:
        into[name] = load_document(path)
    except ConfigError as error:
        problems.extend(error.problems)


def _unread(config: Path) -> Iterator[Problem]:
    """Report files that nothing reads, for a misspelt name would otherwise be passed over in silence."""
    wanted = {f"{name}.yaml" for name in REQUIRED + OPTIONAL}
    for path in sorted((*config.glob("*.y*ml"), *config.glob("escalation/*"), *config.glob("templates/*"))):
        name, folder = path.name, path.parent.name
        if name.startswith(".") or name.endswith("~") or path.is_dir():
            continue
        said = ""
        if path.parent == config and name not in wanted:
            near = nearest(path.stem, REQUIRED + OPTIONAL)
            meant = f'did you mean "{near}.yaml"?' if near else f"there are {', '.join(sorted(wanted))}"
            said = f"nothing reads a file of this name; {meant}"
        elif path.parent != config and path.suffix != _SUFFIXES[folder]:
            said = f"nothing reads this file: in {folder}/ the names end in {_SUFFIXES[folder]}"
        if said:
            yield Problem(str(path), 1, 1, "", said)


_SUFFIXES = {"escalation": ".yaml", "templates": ".md"}


def _names(files: Files, config: Path, runbooks: Path) -> dict[str, frozenset[str]]:
    headers = (document.get(("audience",)) for document, _ in files.templates.values())
    policies = frozenset(path.stem for path in (config / "escalation").glob("*.yaml"))
    books = (*runbooks.glob("*/*.yaml"), *runbooks.glob("*/*.yml"))
    named = {
        "escalation policy": policies,
        "runbook": frozenset(f"{path.parent.name}/{path.stem}" for path in books),
        "template": frozenset(files.templates) | {each for each in headers if isinstance(each, str)},
    }
    for kind, file, key in _KEYS:
        absent = file in OPTIONAL and not (config / f"{file}.yaml").exists()
        names = frozenset[str]() if absent else names_under(files.documents.get(file), key)
        if names is not None:
            named[kind] = names
    return named


_KEYS = (
    ("person", "people", "people"),
    ("role", "roles", "roles"),
    ("service", "services", "services"),
    ("severity scheme", "services", "schemes"),
    ("schedule", "oncall", "schedules"),
    ("target", "targets", "targets"),
)
"""Kinds of name, with the file and the key under which they stand."""
