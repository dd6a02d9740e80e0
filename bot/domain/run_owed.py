"""What runs owe the world beside their message: a card for each request, and what everybody must hear."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowApproval:
    """Post a request for approval in the incident's thread, or edit it in place; `card` names the request."""

    incident: int
    card: str
    kind: Literal["show_approval"] = "show_approval"


@dataclass(frozen=True, slots=True, kw_only=True)
class Announce:
    """Say something to a whole channel, or to one person directly; `channel` is a channel or a Slack user id.

    `in_thread` puts it under the incident's card instead.
    """

    incident: int
    channel: str
    text: str
    in_thread: bool = False
    kind: Literal["announce"] = "announce"


RunEffect = ShowApproval | Announce
