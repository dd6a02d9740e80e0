"""The subcommands of `/incident`, one file each: its words, its buttons, its forms, and the permission of each."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from bot.config.model import Configuration
from bot.domain.incident import Incident, MessageRef
from bot.domain.permission import Subject
from bot.ports.action import Action
from bot.ports.channel import Channel
from bot.ports.store import Tx


class Road(StrEnum):
    """How a request reached us."""

    SLASH = "slash"
    MENTION = "mention"
    PRESS = "press"
    FORM = "form"
    SHORTCUT = "shortcut"
    HOME = "home"


class About(StrEnum):
    """What a request is about, and so what the gate is asked for before the request is carried out."""

    NOTHING = "nothing"
    INCIDENT = "incident"
    SERVICE = "service"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request of one person, with everything its handler may use; channels and people are Slack ids."""

    tx: Tx
    config: Configuration
    actions: Mapping[str, Action]
    channels: Mapping[str, Channel]
    subject: Subject
    road: Road
    text: str = ""
    channel: str = ""
    channel_name: str = ""
    thread_ts: str = ""
    trigger: str = ""
    value: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    meta: str = ""
    message: MessageRef | None = None
    link: str = ""
    key: str = ""
    seed: str = ""
    found: Incident | None = None

    @property
    def incident(self) -> Incident:
        """The incident this is about; the dispatcher found it before the handler was called."""
        if self.found is None:
            raise LookupError("this entry is about an incident, yet none was found")
        return self.found

    def about(self, incident: Incident, text: str) -> "Call":
        """Give the same call with its incident found and that incident's name taken off the text."""
        return replace(self, found=incident, text=text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Answer in words; only the person who asked sees it unless `public`."""

    text: str
    blocks: tuple[Mapping[str, Any], ...] = ()
    public: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenForm:
    """Open a modal at once; its trigger lives three seconds."""

    view: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invalid:
    """Keep the form open and say under each field what to mend."""

    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowForm:
    """Replace the form that was submitted by another one."""

    view: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """Say nothing: the card and the thread show what happened."""


Reply = Say | OpenForm | Invalid | ShowForm | Silent
Handler = Callable[[Call], Reply]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One way in: what it needs permission for, what it is about, and the function that answers."""

    permission: str
    about: About
    run: Handler


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One subcommand with its buttons (by action id), forms (by callback id) and shortcuts.

    `words` are further words after its own, each a way in of its own: `escalate preview`, `oncall cover`.
    """

    summary: str
    usage: str
    example: str
    entry: Entry
    presses: Mapping[str, Entry] = field(default_factory=dict)
    forms: Mapping[str, Entry] = field(default_factory=dict)
    shortcuts: Mapping[str, Entry] = field(default_factory=dict)
    words: Mapping[str, Entry] = field(default_factory=dict)
    word: str = ""


def registry() -> Mapping[str, Command]:
    """Find every subcommand: one module, one `SPEC`, and the word is the module's name."""
    found: dict[str, Command] = {}
    for module in pkgutil.iter_modules(__path__):
        spec = importlib.import_module(f"{__name__}.{module.name}").SPEC
        found[module.name] = replace(spec, word=module.name)
    return found
