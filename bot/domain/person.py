"""People and the services they look after, as the configuration names them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot.domain.quiet import Quiet


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRule:
    """Reach a person by one channel, some time after they are first to be reached."""

    via: str
    after: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with a handle; `slack` is a user id, known from the file or looked up by e-mail."""

    handle: str
    name: str
    slack: str | None = None
    email: str | None = None
    title: str = ""
    tz: str = "UTC"
    contact: tuple[ContactRule, ...] = ()
    quiet: Quiet | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A titled address shown beside an incident: a dashboard, the war room, the status page."""

    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Where an audience of status updates is reached: channels, people by handle, addresses, the status page."""

    channels: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    mail: tuple[str, ...] = ()
    status_page: bool = False

    @property
    def anywhere(self) -> bool:
        """Tell whether it is reached at all."""
        return bool(self.channels or self.people or self.mail or self.status_page)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One entry of the service catalog; names point at other configuration values."""

    name: str
    title: str
    scheme: str
    policy: str
    environment: str = "production"
    team: str = ""
    tier: str = ""
    summary: str = ""
    channel: str = "incidents"
    announce: str = ""
    status_page: str = ""
    questions: str = ""
    oncall: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    runbooks: tuple[str, ...] = ()
    targets: Mapping[str, str] = field(default_factory=dict)
    components: tuple[str, ...] = ()
    audiences: Mapping[str, Audience] = field(default_factory=dict)
    own_channel: tuple[str, ...] = ()
    slo: str = ""
    contacts: Mapping[str, str] = field(default_factory=dict)
    alerts: tuple[str, ...] = ()
