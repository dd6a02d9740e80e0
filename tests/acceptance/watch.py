"""What the page is told: the state at first, kept current by every change, and how to read a message of it."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import aiohttp

BOT = "U0MUSTER01"
Json = dict[str, Any]
T = TypeVar("T")


class Watch:
    """The page's connection: the state as it was told, kept current by every delta.

    `posted` counts how often each parcel's key was stored by the workspace; `places` tells where.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, state: Json) -> None:
        self._socket = socket
        self._changed = asyncio.Event()
        self.state = state
        self.messages: dict[tuple[str, str], Json] = {
            (each["channel"], each["ts"]): each for some in state["messages"].values() for each in some
        }
        self.wire: dict[int, Json] = {each["id"]: each for each in state["wire"]}

    async def follow(self) -> None:
        """Take in every delta until the connection ends."""
        async for frame in self._socket:
            self._take(frame.json())
            self._changed.set()

    async def until(self, look: Callable[[], T | None], what: str, seconds: float = 20) -> T:
        """Wait for a change that makes `look` find something, and give that."""
        try:
            async with asyncio.timeout(seconds):
                while not (found := look()):
                    self._changed.clear()
                    await self._changed.wait()
                return found
        except TimeoutError:
            late = f"not seen within {seconds} s: {what}"
        raise AssertionError(f"{late}\n{self.transcript()}\n{self.last_exchanges()}")

    def _take(self, frame: Json) -> None:
        entity: str = frame["entity"]
        value: Any = frame.get("value")
        match entity:
            case "message":
                self.messages[value["channel"], value["ts"]] = value
            case "wire":
                self.wire[value["id"]] = value
            case "view":
                self.state["views"][value["user"]] = value["stack"]
            case "channel":
                others = [each for each in self.state["channels"] if each["id"] != value["id"]]
                self.state["channels"] = [*others, value]
            case _:
                self.state[entity] = value

    @property
    def stored(self) -> Mapping[tuple[str, str], str]:
        """Tell of each message that the bot posted which parcel's key it carries; empty where it has none."""
        found = {}
        for each in self.wire.values():
            answer = each["response"] or {}
            if each["label"] == "chat.postMessage" and answer.get("ok"):
                payload = (each["request"].get("metadata") or {}).get("event_payload") or {}
                found[answer["channel"], answer["ts"]] = str(payload.get("key", ""))
        return found

    @property
    def keys(self) -> Counter[str]:
        """Count the messages of each parcel."""
        return Counter(self.stored.values())

    def public(self) -> list[Json]:
        """List what the bot said for everybody, in order."""
        return [
            each
            for _, each in sorted(self.messages.items(), key=lambda item: item[1]["ts"])
            if each["user"] == BOT and each["ephemeral_for"] is None and not each["deleted"]
        ]

    def transcript(self) -> str:
        """Write down what everybody sees, for the message of a failed assertion."""
        return "\n".join(
            f"  {'  ' if each['thread_ts'] else ''}{each['text'].splitlines()[0] if each['text'] else '?'}"
            f"{' (only for ' + each['ephemeral_for'] + ')' if each['ephemeral_for'] else ''}"
            for _, each in sorted(self.messages.items(), key=lambda item: item[1]["ts"])
        )

    def last_exchanges(self) -> str:
        """Write down the end of the wire, for the message of a failed assertion."""
        return "\n".join(
            f"  {each['at']} {each['kind']} {each['label']} {each['status']} {each['error'] or ''}"
            for each in list(self.wire.values())[-12:]
        )


def shown(message: Json) -> str:
    """Give everything that stands on a message as one text."""
    texts = [str(message["text"])]

    def walk(value: Any) -> None:
        if isinstance(value, Mapping):
            if isinstance(value.get("text"), str):
                texts.append(value["text"])
            for each in value.values():
                walk(each)
        elif isinstance(value, list):
            for each in value:
                walk(each)

    walk(message["blocks"])
    return "\n".join(texts)


def labels(message: Json) -> list[str]:
    """List the visible labels of a message's buttons."""
    return [each["text"]["text"] for each in _buttons(message)]


def press_of(message: Json, label: str) -> Json:
    """Find a button of a message by its label."""
    found = [each for each in _buttons(message) if each["text"]["text"] == label]
    assert found, f"no button {label} among {labels(message)}"
    return found[0]


def _buttons(message: Json) -> list[Json]:
    found = []
    for block in message["blocks"]:
        elements = [*block.get("elements", []), *([block["accessory"]] if "accessory" in block else [])]
        found += [
            {**each, "block_id": block["block_id"]} for each in elements if each.get("type") == "button"
        ]
    return found
