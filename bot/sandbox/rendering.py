"""What the bot's answers make visible: replies in an ack, posts to a response URL, changes of a form."""

from typing import Any

from bot.sandbox.blocks import block_faults, view_faults, with_ids
from bot.sandbox.errors import ActRefusedError, SlackError
from bot.sandbox.modals import Modals
from bot.sandbox.model import Channel
from bot.sandbox.tickets import ResponseTicket
from bot.sandbox.wire import Wire, Write
from bot.sandbox.workspace import Workspace

Json = dict[str, Any]
TROUBLE = "We had some trouble connecting. Try again."


class Rendering:
    """Shows answers to people.

    Args:
        workspace: where messages appear.
        modals: where forms appear.
        wire: told of all blocks and views, accepted or not.
    """

    def __init__(self, *, workspace: Workspace, modals: Modals, wire: Wire) -> None:
        self._workspace = workspace
        self._modals = modals
        self._wire = wire

    def command(self, body: Any, *, user: str, channel: Channel, command: str) -> None:
        """Show the body of a slash command's ack: text or JSON, private unless it says in_channel."""
        answer = {"text": body} if isinstance(body, str) else body
        if not isinstance(answer, dict) or not (answer.get("text") or answer.get("blocks")):
            return
        try:
            self._say(answer, user=user, channel=channel.id, thread_ts=None, road="ack")
        except SlackError as refused:
            self._workspace.tell(
                channel=channel.id, user=user, text=f'{command} failed with the error "{refused.code}"'
            )

    def response(self, ticket: ResponseTicket, body: Json) -> None:
        """Carry out a post to a response URL.

        Raises:
            SlackError: no_text or invalid_blocks.
        """
        original = self._workspace.message(ticket.channel, ticket.ts) if ticket.ts else None
        if body.get("delete_original"):
            if original is not None:
                self._workspace.delete_message(original)
            return
        if body.get("replace_original") and original is not None:
            content = self._content(body, "response_url")
            original.text, original.blocks = content["text"], content["blocks"]
            original.revision += 1
            original.edited_ts = self._workspace.next_ts()
            self._workspace.changed("message", original)
            return
        thread = body.get("thread_ts") or ticket.thread_ts
        self._say(body, user=ticket.user, channel=ticket.channel, thread_ts=thread, road="response_url")

    def _say(self, body: Json, *, user: str, channel: str, thread_ts: str | None, road: str) -> None:
        public = body.get("response_type") == "in_channel"
        self._workspace.add_message(
            channel=channel,
            user=self._workspace.app.user_id,
            thread_ts=thread_ts,
            ephemeral_for=None if public else user,
            **self._content(body, road),
        )

    def _content(self, body: Json, road: str) -> Json:
        text, blocks = str(body.get("text") or ""), body.get("blocks") or []
        if not text and not blocks:
            raise SlackError("no_text")
        if text:
            self._wire.tell(Write(what="text", method=road, value=text, accepted=True))
        if not blocks:
            return {"text": text, "blocks": []}
        faults = block_faults(blocks)
        self._wire.tell(Write(what="blocks", method=road, value=blocks, accepted=not faults))
        if faults:
            raise SlackError("invalid_blocks", errors=faults)
        return {"text": text, "blocks": with_ids(blocks, new_id=lambda: self._workspace.next_id("b"))}

    def submission(self, body: Any, *, user: str, view: Json) -> Json:
        """Carry out the ack of a form: nothing closes it; errors, update, push and clear as Slack does.

        Raises:
            ActRefusedError: with `errors` by block, or when the answer is none that Slack knows.
        """
        action = body.get("response_action") if isinstance(body, dict) else None
        match action:
            case None:
                if any(shown["id"] == view["id"] for shown in self._modals.stacks.get(user, [])):
                    self._modals.close(user, view["id"])
            case "errors":
                raise ActRefusedError("The form needs a correction.", errors=_known_errors(body, view))
            case "update" | "push":
                self._replace(body, user=user, view=view, push=action == "push")
            case "clear":
                self._modals.clear(user)
            case _:
                raise ActRefusedError(TROUBLE)
        return {}

    def _replace(self, body: Json, *, user: str, view: Json, push: bool) -> None:
        new = body.get("view")
        faults = view_faults(new, kind="modal")
        self._wire.tell(Write(what="view", method="ack", value=new, accepted=not faults))
        found = self._modals.find(view["id"])
        if faults or found is None or not isinstance(new, dict):
            raise ActRefusedError(TROUBLE, faults=faults)
        if not push:
            self._modals.update(found[1], user, new)
            return
        try:
            self._modals.push(user, new)
        except SlackError as refused:
            raise ActRefusedError(TROUBLE, faults=[refused.code]) from None


def _known_errors(body: Json, view: Json) -> dict[str, str]:
    known = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
    errors = body.get("errors")
    if not isinstance(errors, dict) or not errors or not known.issuperset(errors):
        raise ActRefusedError(TROUBLE)
    return {str(block): str(sentence) for block, sentence in errors.items()}
