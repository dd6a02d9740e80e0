"""The payloads that Slack sends to an app, field for field (https://api.slack.com/reference/interaction-payloads)."""

import re
from dataclasses import dataclass
from typing import Any, Final

from bot.sandbox.cast import Person
from bot.sandbox.delivery import Parcel
from bot.sandbox.model import Channel, Message
from bot.sandbox.shapes import api_message
from bot.sandbox.tickets import Tickets
from bot.sandbox.workspace import Workspace

Json = dict[str, Any]
_MENTION: Final = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Payloads:
    """Builds payloads with the workspace's own ids and fresh triggers; `base` is the server's address."""

    workspace: Workspace
    tickets: Tickets
    base: str

    def command(self, person: Person, channel: Channel, command: str, text: str) -> Parcel:
        """Build a slash command."""
        app = self.workspace.app
        payload = {
            "token": app.verification_token,
            "team_id": app.team_id,
            "team_domain": app.team_domain,
            "channel_id": channel.id,
            "channel_name": _channel_name(channel),
            "user_id": person.id,
            "user_name": person.handle,
            "command": command,
            "text": text,
            "api_app_id": app.id,
            "is_enterprise_install": "false",
            "response_url": self.response_url(person, channel, None),
            "trigger_id": self.tickets.trigger(person.id),
        }
        return Parcel(
            road="command", kind="slash_command", label=f"{command} {text}".strip(), payload=payload
        )

    def response_url(self, person: Person, channel: Channel, message: Message | None) -> str:
        """Hand out a response URL for an interaction of this person here."""
        ticket = self.tickets.response(
            user=person.id,
            channel=channel.id,
            ts=message.ts if message else None,
            thread_ts=message.thread_ts if message else None,
        )
        return f"{self.base}/response/{ticket}"

    def _common(self, kind: str, person: Person, *, trigger: bool = True) -> Json:
        app = self.workspace.app
        common: Json = {
            "type": kind,
            "user": {
                "id": person.id,
                "username": person.handle,
                "name": person.handle,
                "team_id": app.team_id,
            },
            "api_app_id": app.id,
            "token": app.verification_token,
            "team": {"id": app.team_id, "domain": app.team_domain},
            "enterprise": None,
            "is_enterprise_install": False,
        }
        return common | ({"trigger_id": self.tickets.trigger(person.id)} if trigger else {})

    def _in_message(self, channel: Channel, message: Message) -> Json:
        container: Json = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": message.ephemeral_for is not None,
        }
        if message.thread_ts is not None:
            container["thread_ts"] = message.thread_ts
        place: Json = {"container": container, "channel": {"id": channel.id, "name": _channel_name(channel)}}
        if message.ephemeral_for is None:
            place["message"] = api_message(self.workspace, message, metadata=True, base=self.base)
        return place

    def message_action(
        self, person: Person, channel: Channel, message: Message, action: Json, state: Json
    ) -> Parcel:
        """Build a press of something in a message."""
        payload = self._common("block_actions", person) | self._in_message(channel, message)
        payload |= {
            "state": {"values": state},
            "response_url": self.response_url(person, channel, message),
            "actions": [action],
        }
        return Parcel(road="interactive", kind="block_actions", label=_pressed(action), payload=payload)

    def view_action(self, person: Person, view: Json, action: Json, state: Json) -> Parcel:
        """Build a press of something in a form or a Home tab."""
        container = {"type": "view", "view_id": view["id"]}
        payload = self._common("block_actions", person) | {
            "container": container,
            "view": view | {"state": {"values": state}},
            "actions": [action],
        }
        return Parcel(road="interactive", kind="block_actions", label=_pressed(action), payload=payload)

    def submission(self, person: Person, view: Json, state: Json) -> Parcel:
        """Build a form that was sent."""
        payload = self._common("view_submission", person) | {
            "view": view | {"state": {"values": state}},
            "response_urls": [],
        }
        return Parcel(road="interactive", kind="view_submission", label=_titled(view), payload=payload)

    def closing(self, person: Person, view: Json, *, cleared: bool) -> Parcel:
        """Build a form that was closed without sending it."""
        payload = self._common("view_closed", person, trigger=False) | {"view": view, "is_cleared": cleared}
        return Parcel(road="interactive", kind="view_closed", label=_titled(view), payload=payload)

    def suggestion(self, person: Person, place: Json, block_id: str, action_id: str, query: str) -> Parcel:
        """Build a question for the options of an external select; `place` says where it is."""
        payload = self._common("block_suggestion", person, trigger=False) | place
        payload |= {"block_id": block_id, "action_id": action_id, "value": query}
        return Parcel(
            road="interactive", kind="block_suggestion", label=f"{action_id}: {query}", payload=payload
        )

    def place_of(self, channel: Channel, message: Message) -> Json:
        """Describe a message as the place of a select."""
        return self._in_message(channel, message)

    def shortcut(self, person: Person, callback_id: str) -> Parcel:
        """Build a global shortcut."""
        payload = self._common("shortcut", person) | {
            "callback_id": callback_id,
            "action_ts": self.workspace.next_ts(),
        }
        return Parcel(road="interactive", kind="shortcut", label=callback_id, payload=payload)

    def message_shortcut(
        self, person: Person, callback_id: str, channel: Channel, message: Message
    ) -> Parcel:
        """Build a shortcut from a message's menu."""
        payload = self._common("message_action", person) | {
            "callback_id": callback_id,
            "action_ts": self.workspace.next_ts(),
            "message_ts": message.ts,
            "channel": {"id": channel.id, "name": _channel_name(channel)},
            "message": api_message(self.workspace, message, metadata=True, base=self.base),
            "response_url": self.response_url(person, channel, None),
        }
        return Parcel(road="interactive", kind="message_action", label=callback_id, payload=payload)

    def event(self, event: Json) -> Parcel:
        """Wrap an event of the Events API."""
        workspace = self.workspace
        app = workspace.app
        who = {"enterprise_id": None, "team_id": app.team_id, "user_id": app.user_id, "is_bot": True}
        payload = {
            "token": app.verification_token,
            "team_id": app.team_id,
            "context_team_id": app.team_id,
            "context_enterprise_id": None,
            "api_app_id": app.id,
            "event": event,
            "type": "event_callback",
            "event_id": workspace.next_id("Ev"),
            "event_time": workspace.seconds(),
            "authorizations": [who | {"is_enterprise_install": False}],
            "is_ext_shared_channel": False,
            "event_context": f"4-{workspace.next_id('')}",
        }
        label = str(event.get("text") or event["type"])
        return Parcel(road="event", kind=f"event:{event['type']}", label=label, payload=payload)

    def said(self, message: Message, kind: str) -> Json:
        """Build the event of a person's message: `app_mention`, or `message` in a direct one."""
        event: Json = {
            "type": kind,
            "user": message.user,
            "client_msg_id": f"{int(message.ts.replace('.', '')):032x}",
            "ts": message.ts,
            "text": message.text,
            "team": self.workspace.app.team_id,
            "blocks": [_rich_text(message.text, self.workspace.next_id("b"))],
            "channel": message.channel,
            "event_ts": message.ts,
        }
        if kind == "message":
            event["channel_type"] = "im"
        if message.thread_ts is not None:
            event["thread_ts"] = message.thread_ts
        return event


def _channel_name(channel: Channel) -> str:
    return "directmessage" if channel.is_im else channel.name


def _pressed(action: Json) -> str:
    text = action.get("text")
    return str(text["text"]) if isinstance(text, dict) else str(action.get("action_id", ""))


def _titled(view: Json) -> str:
    return str((view.get("title") or {}).get("text", view["callback_id"]))


def _rich_text(text: str, block_id: str) -> Json:
    elements: list[Json] = []
    start = 0
    for found in _MENTION.finditer(text):
        if found.start() > start:
            elements.append({"type": "text", "text": _plain(text[start : found.start()])})
        elements.append({"type": "user", "user_id": found.group(1)})
        start = found.end()
    if start < len(text):
        elements.append({"type": "text", "text": _plain(text[start:])})
    section = {"type": "rich_text_section", "elements": elements}
    return {"type": "rich_text", "block_id": block_id, "elements": [section]}


def _plain(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
