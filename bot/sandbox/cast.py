"""Who and what the local workspace has at the start: people, channels, and the app that the bot is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

# Everything the bot's manifest may ask for.
ALL_SCOPES: Final = frozenset(
    [
        "commands",
        "chat:write",
        "channels:manage",
        "channels:read",
        "channels:join",
        "channels:history",
        "groups:read",
        "groups:write",
        "groups:history",
        "im:write",
        "im:read",
        "im:history",
        "mpim:write",
        "mpim:read",
        "users:read",
        "users:read.email",
        "app_mentions:read",
        "pins:write",
        "pins:read",
        "bookmarks:write",
        "bookmarks:read",
        "usergroups:read",
        "usergroups:write",
        "files:read",
        "files:write",
        "reactions:read",
        "reactions:write",
    ]
)
ALL_EVENTS: Final = frozenset({"app_mention", "message.im", "app_home_opened", "reaction_added"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person of the workspace; `tz` is an IANA zone name."""

    id: str
    handle: str
    name: str
    title: str = ""
    email: str = ""
    tz: str = "Etc/UTC"
    kind: Literal["member", "guest", "bot"] = "member"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSpec:
    """A channel that exists at the start; `members` of None means everybody but guests."""

    name: str
    topic: str = ""
    is_private: bool = False
    bot_joined: bool = True
    members: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The installed app: its ids, its credentials (obviously not real ones), scopes and subscriptions."""

    id: str = "A0MUSTER01"
    bot_id: str = "B0MUSTER01"
    user_id: str = "U0MUSTER01"
    handle: str = "muster"
    name: str = "Muster"
    team_id: str = "T0LOCAL001"
    team_domain: str = "local-workspace"
    team_name: str = "Local workspace"
    token: str = "xoxb-sandbox-bot"  # noqa: S105  shaped like a token, opens nothing
    app_token: str = "xapp-sandbox-app"  # noqa: S105  shaped like a token, opens nothing
    signing_secret: str = "sandbox-signing-secret"  # noqa: S105  known to everyone on purpose
    verification_token: str = "sandbox-verification"  # noqa: S105  Slack's deprecated field
    scopes: frozenset[str] = ALL_SCOPES
    events: frozenset[str] = ALL_EVENTS
    commands: Sequence[Mapping[str, object]] = ()
    shortcuts: Mapping[str, Sequence[Mapping[str, str]]] = field(
        default_factory=lambda: {"global": (), "message": ()}
    )


DEFAULT_PEOPLE: Final = (
    Person(
        id="U0ONCALL01",
        handle="oncall",
        name="Olivia On-Call",
        title="On-call engineer",
        email="oncall@example.com",
        tz="Europe/Berlin",
    ),
    Person(
        id="U0ENGLEAD1",
        handle="eng-lead",
        name="Leo Lead",
        title="Lead engineer",
        email="eng-lead@example.com",
        tz="Europe/London",
    ),
    Person(
        id="U0MANAGER1",
        handle="manager",
        name="Mara Manager",
        title="Engineering manager",
        email="manager@example.com",
        tz="America/New_York",
    ),
    Person(
        id="U0DIRECTR1",
        handle="director",
        name="Dana Director",
        title="Director of engineering",
        email="director@example.com",
        tz="America/New_York",
    ),
    Person(
        id="U0VPENGRG1",
        handle="vp-engineering",
        name="Victor Vance",
        title="VP Engineering",
        email="vp-engineering@example.com",
        tz="America/Los_Angeles",
    ),
    Person(
        id="U0DEVOPSL1",
        handle="devops-lead",
        name="Devin Ops",
        title="DevOps lead",
        email="devops-lead@example.com",
        tz="Asia/Kolkata",
    ),
    Person(
        id="U0SECURTY1",
        handle="security-lead",
        name="Sara Secure",
        title="Security lead",
        email="security-lead@example.com",
        tz="Europe/Paris",
    ),
    Person(
        id="U0COMMS001",
        handle="comms",
        name="Cleo Comms",
        title="Communications lead",
        email="comms@example.com",
        tz="Europe/London",
    ),
    Person(
        id="U0PRODUCT1",
        handle="product",
        name="Pia Product",
        title="Product manager",
        email="product@example.com",
        tz="Australia/Sydney",
    ),
    Person(
        id="U0GUEST001",
        handle="guest",
        name="Gus Guest",
        title="Contractor",
        email="guest@partner.example.com",
        tz="Etc/UTC",
        kind="guest",
    ),
)

DEFAULT_CHANNELS: Final = (
    ChannelSpec(name="incidents", topic="Every incident, one card each"),
    ChannelSpec(name="general", topic="Company-wide", members=tuple(person.id for person in DEFAULT_PEOPLE)),
    ChannelSpec(name="announcements", topic="Read by everybody"),
    ChannelSpec(name="alerts-critical"),
    ChannelSpec(name="alerts-warnings"),
    ChannelSpec(name="alerts-info"),
)
