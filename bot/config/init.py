"""`muster init`: a first configuration for one service from five answers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from string import Template

from pydantic import TypeAdapter, ValidationError

from bot.config.fields import ChannelName, Email, Name, SlackUser, Url
from bot.config.parse import choice
from bot.domain.refusal import Refusal

SCHEMES: Mapping[str, tuple[str, ...]] = {
    "p1-p4": ("P1", "P2", "P3", "P4"),
    "sev1-sev4": ("SEV1", "SEV2", "SEV3", "SEV4"),
    "critical-info": ("Critical", "High", "Warning", "Info"),
}
"""Severity schemes to choose from, worst first; the third level is the default one."""

_PROMISES = (("5m", "15m"), ("15m", "30m"), ("1h", "2h"), (None, None))
"""Response target and update interval of each level."""

_PLACES = {
    "people.yaml": "people.yaml",
    "roles.yaml": "roles.yaml",
    "services.yaml": "services.yaml",
    "oncall.yaml": "oncall.yaml",
    "alerts.yaml": "alerts.yaml",
    "targets.yaml": "targets.yaml",
    "escalation/policy.yaml": "escalation/{service}.yaml",
    "templates/update.md": "templates/update.md",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What `muster init` asks; `contact` is a Slack user id or an e-mail address."""

    service: str
    channel: str
    contact: str
    health_url: str
    scheme: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question: the flag and field that hold its answer, its words, and what is meant by an empty answer."""

    name: str
    prompt: str
    example: str
    default: str = ""


QUESTIONS = (
    Question(name="service", prompt="Name of the service", example="payments-api"),
    Question(
        name="channel", prompt="Slack channel for its incidents", example="incidents", default="incidents"
    ),
    Question(name="contact", prompt="Your Slack user id or e-mail address", example="you@example.com"),
    Question(
        name="health_url", prompt="Its health check address", example="https://payments.example.com/health"
    ),
    Question(name="scheme", prompt="Severities", example=" or ".join(SCHEMES), default="p1-p4"),
)
"""The five questions, in order."""


class AlreadyConfigured(Refusal):
    """Refuse to write over files that exist."""

    def __init__(self, existing: list[Path]) -> None:
        listed = ", ".join(str(path) for path in existing)
        super().__init__(
            f"There is a configuration already: {listed}. Nothing was written. Name another --config."
        )


def tidy(name: str, answer: str) -> str:
    """Take off what people type around an answer, or raise Refusal saying what is wrong with it.

    Args:
        name: the question's name.
        answer: what was typed.
    """
    text = answer.strip().removeprefix("#" if name == "channel" else "")
    if name == "scheme":
        if text.casefold() not in SCHEMES:
            raise Refusal(f"Severities: {choice(text, list(SCHEMES))}")
        return text.casefold()
    kinds = {"service": Name, "channel": ChannelName, "health_url": Url}
    kind = kinds.get(name, Email if "@" in text else SlackUser)
    try:
        TypeAdapter[str](kind).validate_python(text)
    except ValidationError as error:
        prompt = next(question.prompt for question in QUESTIONS if question.name == name)
        raise Refusal(f"{prompt}: {error.errors()[0]['msg']}.") from None
    return text


def write_first(config: Path, runbooks: Path, answers: Answers) -> tuple[Path, ...]:
    """Write a configuration that passes `muster check`, with an admin and a person who can be paged.

    Args:
        config: the folder for configuration files.
        runbooks: the folder for runbooks.
        answers: the five answers, each as `tidy` gives it.

    Returns:
        The files written.

    Raises:
        AlreadyConfigured: a file is there already; nothing is written then.
        Refusal: an answer cannot be used.
    """
    given = {field.name: tidy(field.name, getattr(answers, field.name)) for field in fields(answers)}
    service = given["service"]
    texts = {config / place.format(service=service): name for name, place in _PLACES.items()}
    texts[runbooks / service / "service-down.yaml"] = "runbooks/service-down.yaml"
    existing = [path for path in texts if path.exists()]
    if existing:
        raise AlreadyConfigured(existing)
    words = _words(given)
    shipped = files("bot.config") / "init"
    for path, name in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        text = (shipped / name).read_text(encoding="utf-8")
        path.write_text(text if name.endswith(".md") else Template(text).substitute(words), encoding="utf-8")
    return tuple(texts)


def _words(given: Mapping[str, str]) -> dict[str, str]:
    by_mail = "@" in given["contact"]
    names = SCHEMES[given["scheme"]]
    return {
        "service": given["service"],
        "title": json.dumps(given["service"].replace("-", " ").replace("_", " ").capitalize()),
        "channel": json.dumps(given["channel"]),
        "room": json.dumps(f"channel:{given['channel']}"),
        "person": json.dumps(_called(given["contact"]) if by_mail else "First responder"),
        "contact": f"{'email' if by_mail else 'slack'}: {json.dumps(given['contact'])}",
        "health_url": json.dumps(given["health_url"]),
        "scheme": given["scheme"],
        "default": names[2],
        "severities": "\n".join(_severity(rank, name) for rank, name in enumerate(names, start=1)),
    }


def _called(email: str) -> str:
    words = email.partition("@")[0].replace(".", " ").replace("_", " ").replace("-", " ").split()
    return " ".join(word.capitalize() for word in words) or "First responder"


def _severity(rank: int, name: str) -> str:
    respond, update = _PROMISES[rank - 1]
    lines = [f"      - name: {name}", f"        rank: {rank}"]
    lines += [f"        respond_within: {respond}"] if respond else []
    lines += [f"        update_every: {update}"] if update else []
    return "\n".join(lines)
