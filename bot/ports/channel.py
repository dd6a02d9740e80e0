"""What an escalation channel is: one road by which a page reaches people."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.effects import Page, Receipt
from bot.domain.incident import Incident
from bot.domain.person import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A page ready to be sent: the effect, present facts, the words for it, and the key the vendor gets too.

    `people` are those of the page whom the configuration knows, with their addresses.
    """

    page: Page
    incident: Incident
    text: str
    blocks: tuple[Mapping[str, Any], ...]
    key: str
    uncertain: bool = False
    people: tuple[Person, ...] = ()


Send = Callable[[Notice, Mapping[str, Any]], Awaitable[Receipt]]
"""Send a notice through the adapters found by name; raises TemporaryError, UncertainError or PermanentError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """The spec of a channel; its name is its module's name, used as `via:` in a policy.

    `destination` names the queue a page waits in (a Slack channel, a vendor), so that order and limits hold there.
    A `shared` channel reaches several people with one message; one that is `on_slack` needs their Slack ids,
    one that goes `by_mail` their addresses.
    """

    summary: str
    destination: Callable[[Page], str]
    send: Send
    shared: bool = False
    on_slack: bool = True
    by_mail: bool = False
    name: str = ""
