"""The Slack app manifest, generated from what the code uses, so that both always agree."""

from collections.abc import Mapping, Sequence
from typing import Any

SCOPES = (
    "app_mentions:read",
    "bookmarks:write",
    "channels:join",
    "channels:manage",
    "channels:read",
    "chat:write",
    "commands",
    "files:write",
    "im:history",
    "im:write",
    "pins:write",
    "users:read",
    "users:read.email",
)
"""What the bot needs; the history scope of its direct messages lets it be spoken to there."""

OPTIONAL_SCOPES = (
    "channels:history",
    "groups:history",
    "groups:read",
    "groups:write",
    "reactions:read",
    "usergroups:read",
    "usergroups:write",
)
"""What the bot can do without; history is read for nothing but our own message after a crash in mid-send."""

EVENTS = ("app_home_opened", "app_mention", "message.im")

SHORTCUTS: Sequence[tuple[str, str, str, str]] = (
    ("Declare an incident", "global", "declare", "Opens the form to declare an incident"),
    ("Declare incident", "message", "declare_from_message", "Declares an incident from this message"),
    ("Add to timeline", "message", "add_to_timeline", "Adds this message to an incident's timeline"),
)


def manifest(*, url: str, socket_mode: bool, history: bool = True) -> Mapping[str, Any]:
    """Give the manifest to paste into Slack's "Create an app".

    Args:
        url: where Slack reaches `serve`, ending in `/slack/events`; unused in Socket Mode.
        socket_mode: whether Slack is reached by Socket Mode.
        history: whether to ask for the optional scopes.
    """
    endpoint: dict[str, str] = {} if socket_mode else {"url": url}
    events: dict[str, Any] = {"bot_events": list(EVENTS)}
    interactivity: dict[str, Any] = {"is_enabled": True}
    if not socket_mode:
        events["request_url"] = url
        interactivity["request_url"] = url
    return {
        "display_information": {
            "name": "Muster",
            "description": "Declare, escalate, run the runbook, tell people, learn.",
            "background_color": "#1f2937",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "muster", "always_online": True},
            "slash_commands": [
                {
                    "command": "/incident",
                    "description": "Declare an incident and work on it",
                    "usage_hint": "declare P1 API down | ack | update | resolve | help",
                    "should_escape": True,
                    **endpoint,
                }
            ],
            "shortcuts": [
                {"name": name, "type": kind, "callback_id": callback, "description": description}
                for name, kind, callback, description in SHORTCUTS
            ],
        },
        "oauth_config": {"scopes": {"bot": sorted({*SCOPES, *(OPTIONAL_SCOPES if history else ())})}},
        "settings": {
            "event_subscriptions": events,
            "interactivity": interactivity,
            "org_deploy_enabled": False,
            "socket_mode_enabled": socket_mode,
            "token_rotation_enabled": False,
        },
    }
