"""Slack comes in: Bolt listeners that read a payload, let the desk commit it, and acknowledge."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.commands import Invalid, OpenForm, Reply, Say, ShowForm, Silent
from bot.domain.permission import Kind
from bot.entrypoints import slack_payload
from bot.entrypoints.desk import Desk, Repeated, Request
from bot.entrypoints.metrics import Metrics
from bot.ports.chat import Chat
from bot.ports.failure import PermanentError, TemporaryError
from bot.ports.store import StoreBusy

PATIENCE = 2.5
"""Seconds a listener may take; Slack gives up after three."""

log = logging.getLogger("muster.slack")


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """What the listeners need: the desk, the chat for forms and private words, and what sort of account asks."""

    desk: Desk
    chat: Chat
    kind_of: Callable[[str], Awaitable[Kind]]
    fresh_reference: Callable[[], str]
    home: Callable[[str], Awaitable[None]]
    own: Callable[[Awaitable[None]], None]
    metrics: Metrics


def build(
    client: AsyncWebClient, *, token: str, signing_secret: str, identity: Callable[[], Mapping[str, str]]
) -> AsyncApp:
    """Build the Bolt application; who we are is answered from memory, so that no listener waits for Slack."""

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        known = identity()
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_user_id=known.get("user_id", ""),
            bot_id=known.get("bot_id", ""),
            bot_token=token,
        )

    return AsyncApp(
        client=client,
        signing_secret=signing_secret or None,
        authorize=authorize,
        process_before_response=True,
        request_verification_enabled=bool(signing_secret),
    )


def register(app: AsyncApp, doors: Doors) -> None:
    """Register the few listeners everything comes through; our own tables do the rest."""

    @app.command("/incident")
    async def on_command(ack: AsyncAck, body: dict[str, Any]) -> None:
        reply = await _serve(doors, slack_payload.command(body))
        await ack(**await _as_ack(doors, reply, body))

    @app.action({"action_id": slack_payload.ANY})
    async def on_press(ack: AsyncAck, body: dict[str, Any]) -> None:
        if not slack_payload.acts(body):
            await ack()
            return
        reply = await _serve(doors, slack_payload.press(body))
        await _open_now(doors, reply, body)
        await ack()
        _whisper(doors, reply, body)

    @app.view(slack_payload.ANY)
    async def on_form(ack: AsyncAck, body: dict[str, Any]) -> None:
        reply = await _serve(doors, slack_payload.form(body))
        await ack(**_as_form_ack(reply))
        _whisper(doors, reply, body)

    @app.shortcut(slack_payload.ANY)
    async def on_shortcut(ack: AsyncAck, body: dict[str, Any]) -> None:
        reply = await _serve(doors, slack_payload.shortcut(body))
        await _open_now(doors, reply, body)
        await ack()
        _whisper(doors, reply, body)

    _register_events(app, doors)


def _register_events(app: AsyncApp, doors: Doors) -> None:
    @app.event("app_mention")
    async def on_mention(ack: AsyncAck, body: dict[str, Any]) -> None:
        reply = await _serve(doors, slack_payload.mention(body))
        await ack()
        _whisper(doors, reply, body["event"])

    @app.event("app_home_opened")
    async def on_home(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        doors.own(doors.home(str(body["event"]["user"])))

    @app.event("message")
    async def on_message(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        event = body["event"]
        if event.get("channel_type") == "im" and not event.get("bot_id") and not event.get("subtype"):
            _whisper(doors, await _serve(doors, slack_payload.mention(body)), event)


async def _serve(doors: Doors, request: Request) -> Reply:
    try:
        async with asyncio.timeout(PATIENCE), doors.metrics.answering(request.road.value):
            kind = await doors.kind_of(request.user)
            return await doors.desk.serve(slack_payload.of_kind(request, kind))
    except Repeated:
        return Silent()
    except (TimeoutError, StoreBusy):
        return Say(
            text="Still working on it: what you asked is kept if it was taken, and the card will show it."
        )
    except Exception:
        reference = doors.fresh_reference()[:4].upper()
        log.exception("request failed", extra={"reference": reference, "road": request.road.value})
        return Say(text=f"Something went wrong on our side (ref {reference}). Nothing was changed.")


async def _as_ack(doors: Doors, reply: Reply, body: Mapping[str, Any]) -> dict[str, Any]:
    match reply:
        case Say():
            kind = "in_channel" if reply.public else "ephemeral"
            return {"text": reply.text, "blocks": list(reply.blocks) or None, "response_type": kind}
        case _:
            refused = await _open_now(doors, reply, body)
            return {"text": refused, "response_type": "ephemeral"} if refused else {}


async def _open_now(doors: Doors, reply: Reply, body: Mapping[str, Any]) -> str:
    if not isinstance(reply, OpenForm | ShowForm):
        return ""
    try:
        if isinstance(reply, ShowForm):
            await doors.chat.update_form(str((body.get("view") or {}).get("id", "")), reply.view)
        else:
            await doors.chat.open_form(str(body.get("trigger_id", "")), reply.view)
    except (TemporaryError, PermanentError) as failed:
        said = f"Slack would not open the form ({failed}). Press again, or type the command with its words."
        _whisper(doors, Say(text=said), body)
        return said
    return ""


def _as_form_ack(reply: Reply) -> dict[str, Any]:
    match reply:
        case Invalid():
            return {"response_action": "errors", "errors": dict(reply.errors)}
        case ShowForm():
            return {"response_action": "update", "view": dict(reply.view)}
        case _:
            return {}


def _whisper(doors: Doors, reply: Reply, body: Mapping[str, Any]) -> None:
    if not isinstance(reply, Say):
        return
    said = reply
    place = slack_payload.place(body)

    async def tell() -> None:
        try:
            if place.channel:
                await doors.chat.whisper(
                    place.channel, place.user, text=said.text, blocks=said.blocks, thread_ts=place.thread_ts
                )
            else:
                await doors.chat.post(place.user, text=said.text, blocks=said.blocks, key="")
        except (TemporaryError, PermanentError) as failed:
            log.warning("a private answer was not delivered: %s", failed)

    doors.own(tell())
