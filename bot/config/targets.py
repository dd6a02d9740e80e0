"""`targets.yaml`: named connections that runbooks act on; secrets and addresses come from the environment."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, SecretStr, model_validator

from bot.config.document import Document
from bot.config.fields import Entry, Filled, FilledUrl, Name, Secret, absent_names, fault, needs
from bot.config.parse import choice, parse
from bot.config.problem import Problem
from bot.config.target_entry import FilledPath, TargetEntry, Timeout
from bot.config.target_kubernetes import KubernetesTarget
from bot.config.target_stores import BackupTarget, PostgresTarget, RedisTarget
from bot.ports.action import Target


class HttpTarget(TargetEntry):
    """An HTTP endpoint that may be asked how it is; redirects are not followed."""

    kind: Literal["http"]
    url: FilledUrl
    method: Literal["GET", "HEAD"] = "GET"
    expect_status: tuple[Annotated[int, Field(ge=100, le=599)], ...] = (200,)
    timeout: Timeout = timedelta(seconds=5)
    verify_tls: bool = True
    token: Secret | None = Field(default=None, description="Sent as a bearer token")


class PrometheusTarget(TargetEntry):
    """A Prometheus server to query."""

    kind: Literal["prometheus"]
    url: FilledUrl
    timeout: Timeout = timedelta(seconds=10)
    verify_tls: bool = True
    token: Secret | None = Field(default=None, description="Sent as a bearer token")
    user: Filled | None = None
    password: Secret | None = None

    @model_validator(mode="after")
    def _one_credential(self) -> "PrometheusTarget":
        if (self.user is None) != (self.password is None):
            raise fault("user and password go together")
        if self.token is not None and self.user is not None:
            raise fault("give either token, or user and password")
        return self


class MetricsTarget(TargetEntry):
    """A service's own metrics page in the Prometheus text format."""

    kind: Literal["metrics"]
    url: FilledUrl
    timeout: Timeout = timedelta(seconds=5)
    verify_tls: bool = True
    token: Secret | None = None


class ProcessTarget(TargetEntry):
    """A process on this machine, known by its pid file, with where to see its health and its log."""

    kind: Literal["process"]
    pidfile: FilledPath
    health: FilledUrl | None = None
    log: FilledPath | None = None
    timeout: Timeout = timedelta(seconds=30)


class LogTarget(TargetEntry):
    """A log file on this machine, read from its end."""

    kind: Literal["log"]
    path: FilledPath


AnyTarget = (
    HttpTarget
    | PrometheusTarget
    | MetricsTarget
    | ProcessTarget
    | LogTarget
    | KubernetesTarget
    | PostgresTarget
    | RedisTarget
    | BackupTarget
)

KINDS: Mapping[str, type[TargetEntry]] = {
    get_args(model.model_fields["kind"].annotation)[0]: model for model in get_args(AnyTarget)
}
"""Every kind of target by its word; a new kind is one model and one member of `AnyTarget`."""


class TargetsFile(Entry):
    """The file `targets.yaml`."""

    targets: dict[Name, Annotated[AnyTarget, Field(discriminator="kind")]] = Field(default_factory=dict)


class _Outline(Entry):
    """The same file before each target's kind is looked at."""

    targets: dict[Name, dict[str, Any]] = Field(default_factory=dict)


def read_targets(document: Document, env: Mapping[str, str], problems: list[Problem]) -> dict[str, Target]:
    """Read the targets by name; one whose variables are not set is there, but unavailable, and says why.

    Args:
        document: the file.
        env: the variables that `${ENV_NAME}` is filled from.
        problems: the list that faults are added to.
    """
    outline = parse(document, _Outline, problems)
    found: dict[str, Target] = {}
    for name, raw in outline.targets.items() if outline else ():
        model = KINDS.get(raw["kind"]) if isinstance(raw.get("kind"), str) else None
        if model is None:
            problems.append(_kindless(document, name, raw))
            continue
        absent: list[Problem] = []
        count = len(problems)
        entry = parse(document, model, problems, at=("targets", name), env=env, absent=absent)
        if len(problems) > count:
            continue
        why = f'The target "{name}" {needs(absent_names(raw, env))}.' if absent else ""
        environment = raw.get("environment", "production")
        settings, secrets = _settings(entry) if entry is not None else ({}, frozenset[str]())
        found[name] = Target(
            name=name,
            kind=raw["kind"],
            environment=environment,
            settings=settings,
            unavailable=why,
            secrets=secrets,
        )
    return found


def _kindless(document: Document, name: str, raw: Mapping[str, Any]) -> Problem:
    if "kind" not in raw:
        said = f'the field "kind" is missing; it is one of {", ".join(KINDS)}'
        return document.problem(("targets", name), said, key=True)
    return document.problem(("targets", name, "kind"), choice(raw["kind"], list(KINDS)))


def _settings(entry: TargetEntry) -> tuple[dict[str, Any], frozenset[str]]:
    """Give what an action's adapter needs, secrets in the clear, and those secrets by themselves."""
    values = {field: getattr(entry, field) for field in type(entry).model_fields if field not in _ABOUT}
    secrets = frozenset(each.get_secret_value() for each in values.values() if isinstance(each, SecretStr))
    clear = {
        field: value.get_secret_value() if isinstance(value, SecretStr) else value
        for field, value in values.items()
    }
    return clear, secrets


_ABOUT = frozenset({*TargetEntry.model_fields, "kind"})
"""Fields that are about the target itself and not for its adapter."""
