"""Judge what goes to Slack and what comes from it by Slack's own types and documented limits."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema.protocols import Validator

from tests.judges.call_form import read_form
from tests.judges.schema_branch import BranchValidator, Schema, inlined
from tests.judges.slack_limits import block_faults, over_caps, view_faults

HERE = Path(__file__).parent
SCHEMAS = HERE / "schemas"
# Blocks and views are judged by their own validators, once, so the arguments around them need not.
_OPAQUE = (
    "KnownBlock",
    "AnyBlock",
    "Block",
    "View",
    "ModalView",
    "HomeView",
    "WorkflowStepView",
    "ViewOutput",
)
_MESSAGES = ("chat.postMessage", "chat.postEphemeral", "chat.update", "respond")
_FORMS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "channel": (re.compile(r"[CDGUW][A-Z0-9]{2,}"), "an id such as C0123ABC, never a name"),
    "user": (re.compile(r"[UW][A-Z0-9]{2,}"), "a user id"),
    "ts": (re.compile(r"\d{10}\.\d{6}"), "a message timestamp such as 1763650000.000100"),
    "thread_ts": (re.compile(r"\d{10}\.\d{6}"), "a message timestamp such as 1763650000.000100"),
    "timestamp": (re.compile(r"\d{10}\.\d{6}"), "a message timestamp such as 1763650000.000100"),
}
_NULLS = ("enterprise", "enterprise_id", "context_enterprise_id")
_CHANNEL_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_NAMED = ("conversations.create", "conversations.rename")


class SchemaViolation(AssertionError):  # noqa: N818 - the name that the judge's users know
    """Something said to or by Slack is not what Slack's own types and documents allow."""

    def __init__(self, subject: str, faults: list[str]) -> None:
        self.faults = faults
        super().__init__(f"{subject}:\n  " + "\n  ".join(faults))


class SlackJudge:
    """Raise SchemaViolation for a call, surface or payload that Slack would not take or send."""

    def __init__(self, schemas: Path = SCHEMAS) -> None:
        surface, thin = (
            _schemas(schemas / "surface.json", opaque=False),
            _schemas(schemas / "surface.json", opaque=True),
        )
        self._shapes = {"respond": thin["respond"]}
        for file in sorted(schemas.glob("*.json")):
            if file.stem not in {"inbound", "surface"} and not file.stem.startswith("answer"):
                self._shapes |= _schemas(file, opaque=True)
        self._calls = _validators(self._shapes)
        self._answers = {
            method: validator
            for file in sorted(schemas.glob("answer*.json"))
            for method, validator in _validators(_schemas(file, opaque=False)).items()
        }
        self._surfaces = _validators(surface)
        self._payloads = _validators(_schemas(schemas / "inbound.json", opaque=False))

    @property
    def methods(self) -> frozenset[str]:
        """The Web API methods whose arguments this judge knows, and `respond`."""
        return frozenset(self._shapes)

    def check_call(self, method: str, arguments: Mapping[str, Any]) -> None:
        """Judge one Web API call, or a post to a response_url as the method `respond`.

        Args:
            method: for example `chat.postMessage`.
            arguments: as Python values or as form fields; JSON text and `1` for true are understood.
        """
        validator = self._calls.get(method)
        if validator is None:
            raise SchemaViolation(method, [f"{method} is not named in tests/judges/types/outbound.ts"])
        said = read_form(arguments, self._shapes[method])
        blocks, view = said.get("blocks"), said.get("view")
        _settle(method, said, [*_explained(validator, said), *_call_faults(method, said)])
        if blocks is not None:
            self.check_blocks(blocks)
        if view is not None:
            self.check_view(view)

    def check_answer(self, method: str, answer: Mapping[str, Any]) -> None:
        """Judge what a Slack-compatible server answered to a call; methods without a type pass.

        A null passes anywhere: Slack's reference shows them, and its types for answers forget them.
        """
        validator = self._answers.get(method)
        faults = [] if validator is None else list(_explained(validator, _without_nulls(answer)))
        if answer.get("ok") is not (not answer.get("error")):
            faults.append("an answer is either ok or has an error")
        _settle(f"answer of {method}", answer, faults)

    def check_blocks(self, blocks: Any) -> None:
        """Judge a list of blocks, by type and by count."""
        _settle(
            "blocks", blocks, [*_explained(self._surfaces["blocks"], blocks), *_counted(block_faults, blocks)]
        )

    def check_view(self, view: Mapping[str, Any]) -> None:
        """Judge a modal or a home tab, by type and by count."""
        kind = view.get("type")
        if kind not in {"modal", "home"}:
            raise SchemaViolation("view", [f"view.type is {kind!r}; Slack knows modal and home"])
        _settle(
            "view",
            view,
            [*_explained(self._surfaces[kind], {**view, "blocks": []}), *_counted(view_faults, view)],
        )
        self.check_blocks(view.get("blocks"))

    def check_ack(self, kind: str, body: Any) -> None:
        """Judge the body of an acknowledgement.

        Args:
            kind: `slash_command`, `view_submission` or `block_suggestion`; other kinds take no body.
            body: parsed JSON, a sentence, or nothing.
        """
        if body in (None, "", {}):
            return
        if kind == "slash_command":
            self.check_call("respond", {"text": body} if isinstance(body, str) else body)
            return
        surface = {"view_submission": "view_response", "block_suggestion": "options"}.get(kind)
        if surface is None:
            raise SchemaViolation(
                f"ack of {kind}", [f"Slack takes no body here, and was sent {_short(body, 160)}"]
            )
        view = body.get("view") if isinstance(body, Mapping) else None
        seen = {**body, "view": {"type": "home", "blocks": []}} if isinstance(view, Mapping) else body
        counted = over_caps("options", body, "ack") if surface == "options" else iter(())
        _settle(f"ack of {kind}", body, [*_explained(self._surfaces[surface], seen), *counted])
        if isinstance(view, Mapping):
            self.check_view(view)

    def check_payload(self, kind: str, payload: Mapping[str, Any]) -> None:
        """Judge what a Slack-compatible server delivered.

        Args:
            kind: `slash_command`, `block_actions`, `view_submission`, `view_closed`, `shortcut`,
                `message_action`, `block_suggestion` or `event:` and an event's type.
            payload: the parsed body, for events with its envelope.
        """
        validator = self._payloads.get(kind)
        if validator is None:
            raise SchemaViolation(kind, [f"{kind} is not named in tests/judges/types/inbound.ts"])
        _settle(kind, payload, list(_explained(validator, _as_typed(payload))))

    def check_manifest(self, manifest: Mapping[str, Any]) -> None:
        """Judge an app manifest by the type that @slack/web-api sends to apps.manifest.validate."""
        faults = [
            *_explained(self._surfaces["manifest"], manifest),
            *over_caps("manifest", manifest, "manifest"),
        ]
        if not faults:
            faults = list(_manifest_faults(manifest))
        _settle("manifest", manifest, faults)


@cache
def _schemas(file: Path, *, opaque: bool) -> Mapping[str, Schema]:
    document = json.loads(file.read_text(encoding="utf-8"))
    return inlined(document, {name: {"type": "object"} for name in _OPAQUE} if opaque else {})


def _validators(schemas: Mapping[str, Schema]) -> dict[str, Validator]:
    return {name: BranchValidator(schema) for name, schema in schemas.items()}


def _as_typed(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Undo what Slack documents and its types forget: nulls outside an enterprise, presses in views."""
    said = {key: value for key, value in payload.items() if value is not None or key not in _NULLS}
    if said.get("type") == "block_actions" and "view" in said:
        said.setdefault("response_url", "")
    return said


def _without_nulls(thing: Any) -> Any:
    if isinstance(thing, Mapping):
        return {key: _without_nulls(value) for key, value in thing.items() if value is not None}
    return [_without_nulls(value) for value in thing] if isinstance(thing, list) else thing


def _call_faults(method: str, said: Mapping[str, Any]) -> Iterator[str]:
    yield from over_caps(method, said, method)
    for key, (form, wanted) in _FORMS.items():
        if isinstance(said.get(key), str) and not form.fullmatch(said[key]):
            yield f"{key} is {said[key]!r}; Slack wants {wanted}"
    if method in _NAMED and not _CHANNEL_NAME.fullmatch(str(said.get("name", ""))):
        yield f"name is {said.get('name')!r}; Slack wants lower case letters, digits, hyphens and underscores"
    if method in _MESSAGES:
        yield from over_caps("message", said, method)
        if not str(said.get("text", "")).strip() and not said.get("delete_original"):
            yield "text is missing; screen readers and notifications read it instead of the blocks"


def _manifest_faults(manifest: Mapping[str, Any]) -> Iterator[str]:
    settings = manifest.get("settings", {})
    features = manifest.get("features", {})
    socket = settings.get("socket_mode_enabled", False)
    commands = features.get("slash_commands", [])
    for command in commands:
        if not re.fullmatch(r"/[a-z0-9_-]+", command["command"]):
            yield f"slash command {command['command']!r} is not a slash and lower case letters"
    urls = [
        ("settings.event_subscriptions", settings.get("event_subscriptions", {}), "request_url"),
        ("settings.interactivity", settings.get("interactivity", {}), "request_url"),
        *((f"slash command {command['command']}", command, "url") for command in commands),
    ]
    for place, group, key in urls:
        url = group.get(key)
        if url is None and group and group.get("is_enabled", True) and not socket:
            yield f"{place} has no {key}, and Socket Mode is off"
        if url is not None and not str(url).startswith("https://"):
            yield f"{place}.{key} is {url!r}; Slack calls https only"
    if commands and "commands" not in manifest.get("oauth_config", {}).get("scopes", {}).get("bot", []):
        yield "slash commands need the scope commands"


def _explained(validator: Validator, instance: Any) -> Iterator[str]:
    for error in validator.iter_errors(instance):
        message = error.message if len(error.message) < 500 else f"does not satisfy {error.validator}"
        yield f"{error.json_path}: {message}, in {_short(error.instance, 160)}"


def _counted(rule: Callable[[Any], Iterator[str]], thing: Any) -> list[str]:
    try:
        return list(rule(thing))
    except (AttributeError, TypeError, KeyError):  # the shape is wrong, which the schema has said better
        return []


def _settle(subject: str, thing: Any, faults: list[str]) -> None:
    if faults:
        raise SchemaViolation(subject, [*dict.fromkeys(faults), f"all of it: {_short(thing, 600)}"])


def _short(thing: Any, length: int) -> str:
    text = json.dumps(thing, ensure_ascii=False, default=str)
    return text if len(text) <= length else f"{text[:length]}…"
