"""What people do on the page: write, command, press, send forms, use shortcuts, react, look around."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from bot.sandbox.answers import complaints, state_values
from bot.sandbox.cast import Person
from bot.sandbox.delivery import TIMEOUT, Delivery, Reply
from bot.sandbox.errors import ActRefusedError
from bot.sandbox.modals import Modals
from bot.sandbox.model import Channel, Message
from bot.sandbox.payloads import Payloads
from bot.sandbox.rendering import TROUBLE, Rendering
from bot.sandbox.typing_text import as_sent
from bot.sandbox.workspace import Workspace

Json = dict[str, Any]


class PeopleActs:
    """Carries out the acts of people; a refusal is a sentence that the page shows.

    Args:
        base: gives this server's address.
        delivery: the way to the bot.
    """

    def __init__(
        self,
        *,
        workspace: Workspace,
        modals: Modals,
        payloads: Callable[[], Payloads],
        delivery: Callable[[], Delivery],
        rendering: Rendering,
    ) -> None:
        self._workspace = workspace
        self._modals = modals
        self._payloads = payloads
        self._delivery = delivery
        self._rendering = rendering
        self.table: Final[Mapping[str, Callable[[Json], Awaitable[Json]]]] = {
            "message": self._message,
            "command": self._command,
            "block_action": self._block_action,
            "view_submit": self._view_submit,
            "view_close": self._view_close,
            "options": self._options,
            "shortcut": self._shortcut,
            "message_shortcut": self._message_shortcut,
            "reaction": self._reaction,
            "open_home": self._open_home,
            "open_im": self._open_im,
            "join": self._join,
        }

    def _who(self, act: Json) -> Person:
        person = self._workspace.users.get(str(act.get("as")))
        if person is None or person.kind == "bot":
            raise ActRefusedError("Nobody by that id is here. Choose a person first.")
        return person

    def _where(self, act: Json, person: Person) -> Channel:
        channel = self._workspace.channels.get(str(act.get("channel")))
        if channel is None or (self._workspace.is_closed(channel) and person.id not in channel.members):
            raise ActRefusedError("That conversation is not yours to see. Choose another.")
        if person.id not in channel.members:
            raise ActRefusedError(f"{person.name} is not in #{channel.name}. Join it first.")
        if channel.archived:
            raise ActRefusedError(f"#{channel.name} is archived. Choose another channel.")
        return channel

    def _which(self, channel: Channel, ts: Any, person: Person) -> Message:
        message = self._workspace.message(channel.id, str(ts))
        if message is None or message.ephemeral_for not in (None, person.id):
            raise ActRefusedError("That message is gone. Look at the channel again.")
        return message

    async def _message(self, act: Json) -> Json:
        person = self._who(act)
        channel = self._where(act, person)
        typed = str(act.get("text") or "").strip()
        if not typed:
            raise ActRefusedError("There is nothing to send. Type something first.")
        root = self._which(channel, act["thread_ts"], person) if act.get("thread_ts") else None
        message = self._workspace.add_message(
            channel=channel.id,
            user=person.id,
            text=as_sent(self._workspace, typed),
            thread_ts=(root.thread_ts or root.ts) if root else None,
        )
        await self._announce(message, channel)
        return {"channel": channel.id, "ts": message.ts}

    async def _announce(self, message: Message, channel: Channel) -> None:
        app = self._workspace.app
        payloads = self._payloads()
        if channel.is_im and app.user_id in channel.members:
            if "message.im" in app.events:
                await self._delivery().publish(payloads.event(payloads.said(message, "message")))
            return
        if f"<@{app.user_id}>" not in message.text or "app_mention" not in app.events:
            return
        if app.user_id not in channel.members:
            note = f"<@{app.user_id}> is not in this channel, so it did not see your message."
            self._workspace.tell(channel=channel.id, user=message.user, text=note)
            return
        await self._delivery().publish(payloads.event(payloads.said(message, "app_mention")))

    async def _command(self, act: Json) -> Json:
        person = self._who(act)
        channel = self._where(act, person)
        command, _, rest = str(act.get("text") or "").strip().partition(" ")
        if act.get("thread_ts"):
            raise ActRefusedError(
                f"{command} can't be used in a thread. Mention @{self._workspace.app.handle} there, or use the channel."
            )
        known = [str(each["command"]) for each in self._workspace.app.commands]
        if not command.startswith("/") or (known and command not in known):
            raise ActRefusedError(
                f"{command} is not a valid command. Use {', '.join(known) or 'one with a slash'}."
            )
        text = as_sent(self._workspace, rest.strip(), named=True)
        reply = await self._delivery().send(self._payloads().command(person, channel, command, text))
        if reply.ok:
            self._rendering.command(reply.body, user=person.id, channel=channel, command=command)
            return {}
        word = TIMEOUT if reply.error == TIMEOUT else "dispatch_failed"
        sentence = f'{command} failed with the error "{word}"'
        self._workspace.tell(channel=channel.id, user=person.id, text=sentence)
        raise ActRefusedError(f"{sentence}. Try again.")

    async def _block_action(self, act: Json) -> Json:
        person = self._who(act)
        container, action = _object(act, "container"), dict(_object(act, "action"))
        given = _object(act, "state", {}).get("values", {})
        action.setdefault("action_ts", self._workspace.next_ts())
        payloads = self._payloads()
        if container.get("type") == "view":
            view = self._view(person, container.get("view_id"))
            state = state_values(view["blocks"], given)
            _check(await self._delivery().send(payloads.view_action(person, view, action, state)))
            return {}
        channel = self._where(container, person)
        message = self._which(channel, container.get("ts"), person)
        state = state_values(message.blocks, given)
        _check(await self._delivery().send(payloads.message_action(person, channel, message, action, state)))
        return {}

    def _view(self, person: Person, view_id: Any) -> Json:
        found = self._modals.find(str(view_id))
        if found is None or found[0] != person.id:
            raise ActRefusedError("That form is no longer open. Open it again.")
        return found[1]

    async def _view_submit(self, act: Json) -> Json:
        person = self._who(act)
        view = self._view(person, act.get("view_id"))
        values = state_values(view["blocks"], _object(act, "state", {}).get("values", {}))
        missing = complaints(view["blocks"], values)
        if missing:
            raise ActRefusedError("The form needs a correction.", errors=missing)
        reply = await self._delivery().send(self._payloads().submission(person, view, values))
        _check(reply)
        return self._rendering.submission(reply.body, user=person.id, view=view)

    async def _view_close(self, act: Json) -> Json:
        person = self._who(act)
        view = self._view(person, act.get("view_id"))
        stack = self._modals.stacks[person.id]
        cleared = bool(view["clear_on_close"])
        gone = stack if cleared else stack[stack.index(view) :]
        if cleared:
            self._modals.clear(person.id)
        else:
            self._modals.close(person.id, view["id"])
        for closed in reversed(gone):
            if closed["notify_on_close"]:
                await self._delivery().send(self._payloads().closing(person, closed, cleared=cleared))
        return {}

    async def _options(self, act: Json) -> Json:
        person = self._who(act)
        container = _object(act, "container")
        payloads = self._payloads()
        if container.get("type") == "view":
            view = self._view(person, container.get("view_id"))
            place: Json = {"container": {"type": "view", "view_id": view["id"]}, "view": view}
        else:
            channel = self._where(container, person)
            place = payloads.place_of(channel, self._which(channel, container.get("ts"), person))
        ids = str(act.get("block_id", "")), str(act.get("action_id", ""))
        reply = await self._delivery().send(
            payloads.suggestion(person, place, *ids, str(act.get("query", "")))
        )
        _check(reply)
        body = reply.body if isinstance(reply.body, dict) else {}
        return {"options": body.get("options", []), "option_groups": body.get("option_groups", [])}

    async def _shortcut(self, act: Json) -> Json:
        person = self._who(act)
        _check(await self._delivery().send(self._payloads().shortcut(person, str(act.get("callback_id")))))
        return {}

    async def _message_shortcut(self, act: Json) -> Json:
        person = self._who(act)
        channel = self._where(act, person)
        message = self._which(channel, act.get("ts"), person)
        callback = str(act.get("callback_id"))
        _check(
            await self._delivery().send(self._payloads().message_shortcut(person, callback, channel, message))
        )
        return {}

    async def _reaction(self, act: Json) -> Json:
        person = self._who(act)
        channel = self._where(act, person)
        message = self._which(channel, act.get("ts"), person)
        name = str(act.get("name") or "").strip(":")
        people = message.reactions.setdefault(name, [])
        added = person.id not in people
        if added:
            people.append(person.id)
        else:
            people.remove(person.id)
            if not people:
                del message.reactions[name]
        self._workspace.changed("message", message)
        app = self._workspace.app
        if added and "reaction_added" in app.events and app.user_id in channel.members:
            event = {
                "type": "reaction_added",
                "user": person.id,
                "reaction": name,
                "item": {"type": "message", "channel": channel.id, "ts": message.ts},
                "item_user": message.user,
                "event_ts": self._workspace.next_ts(),
            }
            await self._delivery().publish(self._payloads().event(event))
        return {}

    async def _open_home(self, act: Json) -> Json:
        person = self._who(act)
        app = self._workspace.app
        channel, _ = self._workspace.direct([person.id, app.user_id])
        if "app_home_opened" in app.events:
            event: Json = {
                "type": "app_home_opened",
                "user": person.id,
                "channel": channel.id,
                "tab": "home",
                "event_ts": self._workspace.next_ts(),
            }
            home = self._modals.homes.get(person.id)
            await self._delivery().publish(self._payloads().event(event | ({"view": home} if home else {})))
        return {"channel": channel.id}

    async def _open_im(self, act: Json) -> Json:
        person = self._who(act)
        other = self._workspace.users.get(str(act.get("user")))
        if other is None:
            raise ActRefusedError("Nobody by that id is here. Choose another person.")
        return {"channel": self._workspace.direct([person.id, other.id])[0].id}

    async def _join(self, act: Json) -> Json:
        person = self._who(act)
        channel = self._workspace.channels.get(str(act.get("channel")))
        if channel is None or self._workspace.is_closed(channel):
            raise ActRefusedError("That channel is not open to everybody. Ask a member to invite you.")
        self._workspace.join(channel, person.id)
        return {}


def _object(act: Json, name: str, default: Json | None = None) -> Json:
    value = act.get(name, default)
    if not isinstance(value, dict):
        raise ActRefusedError(f'The act lacks "{name}". Send it as an object.')
    return value


def _check(reply: Reply) -> None:
    if not reply.ok:
        raise ActRefusedError(TROUBLE, reason=reply.error)
