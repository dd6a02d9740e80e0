"""Written by hand after Slack's reference: things that Slack takes or sends, to try a judge on."""

from typing import Any

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": True}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def option(value: str, text: str | None = None) -> Json:
    return {"text": plain(text or value.title()), "value": value}


def button(action_id: str, **more: Any) -> Json:
    return {
        "type": "button",
        "text": plain("Acknowledge"),
        "action_id": action_id,
        "value": "press-1",
        **more,
    }


def confirm() -> Json:
    return {
        "title": plain("Restart?"),
        "text": mrkdwn("It takes 20 s."),
        "confirm": plain("Restart"),
        "deny": plain("Keep"),
    }


def section(text: str = "*P1* API down", **more: Any) -> Json:
    return {"type": "section", "text": mrkdwn(text), **more}


def actions(*elements: Json, **more: Any) -> Json:
    return {"type": "actions", "elements": list(elements), **more}


def menu(*options: Json, **more: Any) -> Json:
    return {"type": "static_select", "action_id": "severity", "options": list(options), **more}


def field(element: Json, block_id: str = "title", **more: Any) -> Json:
    return {"type": "input", "block_id": block_id, "label": plain("Title"), "element": element, **more}


def typed(**more: Any) -> Json:
    return {"type": "plain_text_input", "action_id": "typed", **more}


def modal(*blocks: Json, **more: Any) -> Json:
    return {
        "type": "modal",
        "title": plain("Declare"),
        "submit": plain("Declare"),
        "blocks": list(blocks),
        **more,
    }


def home(*blocks: Json) -> Json:
    return {"type": "home", "blocks": list(blocks)}


def card() -> list[Json]:
    return [
        {"type": "header", "text": plain("INC-1 API down")},
        {"type": "section", "fields": [mrkdwn("*Severity*\nP1"), mrkdwn("*Status*\nInvestigating")]},
        {"type": "divider"},
        section("See the <https://example.com/runbook|runbook>", accessory=menu(option("p1"), option("p2"))),
        actions(
            button("ack", style="primary"),
            button("restart", style="danger", confirm=confirm()),
            block_id="acts",
        ),
        {"type": "context", "elements": [mrkdwn("Declared <!date^1763650000^{time}|12:46 UTC>")]},
        {
            "type": "image",
            "image_url": "https://example.com/chart.png",
            "alt_text": "Errors rise from 1 to 90 percent",
        },
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [{"type": "text", "text": "Log", "style": {"bold": True}}],
                },
                {
                    "type": "rich_text_preformatted",
                    "elements": [{"type": "text", "text": "500 GET /health"}],
                    "border": 0,
                },
                {
                    "type": "rich_text_list",
                    "style": "bullet",
                    "elements": [
                        {"type": "rich_text_section", "elements": [{"type": "user", "user_id": "U0ONCALL"}]}
                    ],
                },
            ],
        },
    ]


def form() -> Json:
    return modal(
        field(typed(max_length=200, placeholder=plain("What is broken"))),
        field(menu(option("p1"), option("p2"), initial_option=option("p2")), "severity"),
        field({"type": "users_select", "action_id": "who"}, "commander", optional=True),
        field(
            {"type": "checkboxes", "action_id": "flags", "options": [option("private"), option("drill")]},
            "flags",
        ),
        callback_id="declare",
        private_metadata='{"channel":"C0INCIDENTS"}',
        notify_on_close=True,
        close=plain("Cancel"),
    )


def manifest() -> Json:
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {
            "name": "Muster",
            "description": "Incident command",
            "background_color": "#1f2937",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "muster", "always_online": True},
            "shortcuts": [
                {
                    "name": "Add to timeline",
                    "type": "message",
                    "callback_id": "note",
                    "description": "Keep it",
                }
            ],
            "slash_commands": [
                {
                    "command": "/incident",
                    "description": "Run an incident",
                    "url": "https://example.com/slack/events",
                }
            ],
        },
        "oauth_config": {"scopes": {"bot": ["commands", "chat:write"], "bot_optional": ["groups:read"]}},
        "settings": {
            "event_subscriptions": {
                "bot_events": ["app_mention"],
                "request_url": "https://example.com/slack/events",
            },
            "interactivity": {"is_enabled": True, "request_url": "https://example.com/slack/events"},
            "org_deploy_enabled": False,
            "socket_mode_enabled": False,
        },
    }


_TEAM = {"id": "T0LOCAL", "domain": "local"}
_USER = {"id": "U0ONCALL", "name": "oncall", "username": "oncall", "team_id": "T0LOCAL"}
_FROM = {"team": _TEAM, "user": _USER, "token": "legacy", "api_app_id": "A0MUSTER"}
_VIEW = {
    "id": "V1",
    "callback_id": "declare",
    "team_id": "T0LOCAL",
    "app_id": "A0MUSTER",
    "bot_id": "B0MUSTER",
    "title": plain("Declare"),
    "type": "modal",
    "blocks": [field(typed())],
    "close": None,
    "submit": plain("Declare"),
    "state": {"values": {"title": {"typed": {"type": "plain_text_input", "value": "API down"}}}},
    "hash": "1.a",
    "private_metadata": "",
    "root_view_id": "V1",
    "previous_view_id": None,
    "clear_on_close": False,
    "notify_on_close": False,
}


def event(inner: Json) -> Json:
    envelope = {"token": "legacy", "team_id": "T0LOCAL", "api_app_id": "A0MUSTER", "type": "event_callback"}
    return {**envelope, "event": inner, "event_id": "Ev1", "event_time": 1763650000}


def payloads() -> dict[str, Json]:
    channel = {"id": "C0INCIDENTS", "name": "incidents"}
    message = {"type": "message", "ts": "1763650000.000100", "text": "API down", "user": "U0BOT"}
    pressed = {
        "type": "button",
        "block_id": "acts",
        "action_id": "ack",
        "text": plain("Ack"),
        "action_ts": "1763650001.1",
    }
    reply = {"trigger_id": "1.2.x", "response_url": "http://127.0.0.1/response/1"}
    said = {
        "user": "U0ONCALL",
        "channel": "C0INCIDENTS",
        "ts": "1763650000.000100",
        "event_ts": "1763650000.000100",
    }
    return {
        "slash_command": {
            "token": "legacy",
            "command": "/incident",
            "text": "declare P1 API down",
            "user_id": "U0ONCALL",
            "user_name": "oncall",
            "team_id": "T0LOCAL",
            "team_domain": "local",
            "channel_id": "C0INCIDENTS",
            "channel_name": "incidents",
            "api_app_id": "A0MUSTER",
            "is_enterprise_install": "false",
            **reply,
        },
        "block_actions": {
            "type": "block_actions",
            **_FROM,
            **reply,
            "actions": [pressed],
            "channel": channel,
            "message": message,
            "container": {"type": "message", "message_ts": message["ts"], "channel_id": channel["id"]},
        },
        "view_submission": {"type": "view_submission", **_FROM, "view": _VIEW, "trigger_id": "1.2.x"},
        "view_closed": {"type": "view_closed", **_FROM, "view": _VIEW, "is_cleared": False},
        "shortcut": {
            "type": "shortcut",
            **_FROM,
            "callback_id": "new",
            "trigger_id": "1.2.x",
            "action_ts": "1763650001.1",
        },
        "message_action": {
            "type": "message_action",
            **_FROM,
            **reply,
            "callback_id": "note",
            "message_ts": message["ts"],
            "message": message,
            "channel": channel,
            "action_ts": "1763650001.1",
        },
        "block_suggestion": {
            "type": "block_suggestion",
            **_FROM,
            "block_id": "service",
            "action_id": "service",
            "value": "arch",
            "container": {"type": "view", "view_id": "V1"},
            "view": _VIEW,
        },
        "event:app_mention": event({"type": "app_mention", **said, "text": "<@U0BOT> help"}),
        "event:app_home_opened": event(
            {
                "type": "app_home_opened",
                "user": "U0ONCALL",
                "channel": "D0HOME",
                "tab": "home",
                "event_ts": "1763650000.1",
            }
        ),
        "event:message": event({"type": "message", **said, "text": "hello", "channel_type": "im"}),
        "event:reaction_added": event(
            {
                "type": "reaction_added",
                "user": "U0ONCALL",
                "reaction": "eyes",
                "item_user": "U0BOT",
                "item": {"type": "message", "channel": "C0INCIDENTS", "ts": "1763650000.000100"},
                "event_ts": "1763650000.1",
            }
        ),
    }
