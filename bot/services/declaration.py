"""What somebody typed after `declare`: severity, title and options, told apart."""

import re
import shlex
from dataclasses import dataclass

from bot.config.model import Configuration
from bot.domain.refusal import Refusal, UnknownName, nearest

_DASHES = " -:\N{EN DASH}\N{EM DASH}"
_LOOKS_LIKE_SEVERITY = re.compile(r"(?:p|s|sev|severity)-?\d{1,2}", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A declaration as typed; `given` tells whether anything was."""

    severity: str
    title: str
    service: str
    private: bool
    drill: bool
    given: bool


def parse(config: Configuration, typed: str, *, rooms: tuple[str, str]) -> Words:
    """Read the words of a declaration.

    Args:
        config: services and their severities.
        typed: what came after `declare`.
        rooms: id and name of the channel it was typed in.

    Raises:
        UnknownName: no such service, severity or option.
    """
    service, text = _option(typed, "service")
    private, text = _flag(text, "private")
    drill, text = _flag(text, "drill")
    unknown = re.search(r"(?:^|\s)--(\w[\w-]*)", text)
    if unknown:
        near = nearest(unknown[1], ["service", "private", "drill"])
        raise Refusal(
            f'Unknown option "--{unknown[1]}". '
            + (f"Did you mean --{near}? " if near else "")
            + f"Your text: {typed}"
        )
    name = service or default_service(config, rooms)
    if name:
        name = config.service(name).name
    severity, title = _split_severity(config, name, text)
    return Words(
        severity=severity,
        title=title,
        service=name,
        private=private,
        drill=drill,
        given=bool(typed.strip()),
    )


def default_service(config: Configuration, rooms: tuple[str, str]) -> str:
    """Give the service of the channel if exactly one lives there, else the configured default, else nothing."""
    here = [each.name for each in config.services.values() if each.channel in rooms]
    if len(here) == 1:
        return here[0]
    return config.default_service


def _split_severity(config: Configuration, service: str, text: str) -> tuple[str, str]:
    first, _, rest = text.strip().partition(" ")
    word = first.rstrip(":,-")
    scheme = config.scheme_of(service) if service else None
    if scheme is not None and scheme.get(word) is not None:
        return scheme.find(word).name, rest.lstrip(_DASHES)
    if _LOOKS_LIKE_SEVERITY.fullmatch(word):
        if scheme is not None:
            raise UnknownName("severity", word, [each.name for each in scheme.severities])
        return word, rest.lstrip(_DASHES)
    return "", text.strip()


def _option(text: str, name: str) -> tuple[str, str]:
    found = re.search(rf"(?:^|\s)--{name}(?:[= ]\s*(\"[^\"]*\"|\S+))?", text)
    if found is None:
        return "", text
    if not found[1]:
        raise Refusal(f"--{name} needs a name. Example: /incident declare P1 API down --{name} architect")
    value = " ".join(shlex.split(found[1])) if found[1].startswith('"') else found[1]
    return value, (text[: found.start()] + text[found.end() :]).strip()


def _flag(text: str, name: str) -> tuple[bool, str]:
    found = re.search(rf"(?:^|\s)--{name}(?=\s|$)", text)
    if found is None:
        return False, text
    return True, (text[: found.start()] + text[found.end() :]).strip()
