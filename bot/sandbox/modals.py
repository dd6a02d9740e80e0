"""Open forms and Home tabs: one stack of at most three views per person, one Home each."""

from typing import Any, Final

from bot.sandbox.blocks import with_ids
from bot.sandbox.errors import SlackError
from bot.sandbox.workspace import Workspace

View = dict[str, Any]
DEEPEST: Final = 3


class Modals:
    """The views that each person has on the screen."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._hashes = 0
        self.stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}

    def find(self, view_id: str) -> tuple[str, View] | None:
        """Find whose screen a view is on, and the view."""
        for user, stack in self.stacks.items():
            for view in stack:
                if view["id"] == view_id:
                    return user, view
        return next(((user, home) for user, home in self.homes.items() if home["id"] == view_id), None)

    def open(self, user: str, view: View) -> View:
        """Put a form on a person's screen in place of whatever form was there."""
        made = self._made(view, previous=None, root=None)
        self._show(user, [made])
        return made

    def push(self, user: str, view: View) -> View:
        """Lay a form over the one that the person sees.

        Raises:
            SlackError: push_limit_reached over three; not_found with nothing to lay it over.
        """
        stack = self.stacks.get(user, [])
        if not stack:
            raise SlackError("not_found")
        if len(stack) >= DEEPEST:
            raise SlackError("push_limit_reached")
        made = self._made(view, previous=stack[-1]["id"], root=stack[0]["id"])
        self._show(user, [*stack, made])
        return made

    def update(self, old: View, user: str, view: View) -> View:
        """Replace a view in its place; it keeps its id and gets a new hash."""
        made = self._made(view, previous=old["previous_view_id"], root=old["root_view_id"])
        made["id"] = old["id"]
        made["root_view_id"] = old["root_view_id"]
        if self.homes.get(user) is old:
            self._show_home(user, made)
        else:
            self._show(user, [made if shown is old else shown for shown in self.stacks[user]])
        return made

    def publish(self, user: str, view: View) -> View:
        """Set a person's Home tab."""
        old = self.homes.get(user)
        made = self._made(view, previous=None, root=None)
        if old is not None:
            made["id"] = made["root_view_id"] = old["id"]
        self._show_home(user, made)
        return made

    def close(self, user: str, view_id: str) -> None:
        """Take a form and what lies over it off the screen."""
        stack = self.stacks.get(user, [])
        kept = [view["id"] for view in stack].index(view_id)
        self._show(user, stack[:kept])

    def clear(self, user: str) -> None:
        """Take every form off a person's screen."""
        self._show(user, [])

    def _show(self, user: str, stack: list[View]) -> None:
        self.stacks[user] = stack
        self._workspace.changed("view", {"user": user, "stack": stack})

    def _show_home(self, user: str, view: View) -> None:
        self.homes[user] = view
        self._workspace.changed("home", {"user": user, "view": view})

    def _made(self, view: View, *, previous: str | None, root: str | None) -> View:
        workspace = self._workspace
        app = workspace.app
        self._hashes += 1
        name = workspace.next_id("V")
        made: View = {
            "id": name,
            "team_id": app.team_id,
            "type": view["type"],
            "blocks": with_ids(view["blocks"], new_id=lambda: workspace.next_id("b")),
            "private_metadata": view.get("private_metadata", ""),
            "callback_id": view.get("callback_id", ""),
            "state": {"values": {}},
            "hash": f"{workspace.seconds()}.{self._hashes:08x}",
            "title": view.get("title"),
            "clear_on_close": view.get("clear_on_close", False),
            "notify_on_close": view.get("notify_on_close", False),
            "close": view.get("close"),
            "submit": view.get("submit"),
            "previous_view_id": previous,
            "root_view_id": root or name,
            "app_id": app.id,
            "external_id": view.get("external_id", ""),
            "app_installed_team_id": app.team_id,
            "bot_id": app.bot_id,
        }
        if made["type"] == "home":
            made["title"] = {"type": "plain_text", "text": "View Title", "emoji": True}
        return made
