"""The door of the Web API: arguments, token, scopes, limits, faults; then the method's table entry."""

import json
from collections.abc import Callable
from typing import Any, Final

from aiohttp import web

from bot.sandbox import (
    webapi_chat,
    webapi_conversations,
    webapi_files,
    webapi_history,
    webapi_marks,
    webapi_misc,
    webapi_users,
    webapi_views,
)
from bot.sandbox.calls import Call, Method
from bot.sandbox.errors import SlackError
from bot.sandbox.faults import Faults
from bot.sandbox.limits import RateLimits
from bot.sandbox.modals import Modals
from bot.sandbox.realtime import pause
from bot.sandbox.tickets import Tickets
from bot.sandbox.wire import Wire
from bot.sandbox.workspace import Workspace

Json = dict[str, Any]
METHODS: Final[dict[str, Method]] = {
    **webapi_chat.METHODS,
    **webapi_conversations.METHODS,
    **webapi_files.METHODS,
    **webapi_history.METHODS,
    **webapi_marks.METHODS,
    **webapi_misc.METHODS,
    **webapi_users.METHODS,
    **webapi_views.METHODS,
}

FORMS: Final = frozenset(
    {"conversations.replies", "users.info", "users.lookupByEmail", "files.getUploadURLExternal"}
)
"""Methods that read no JSON body: Slack answers them with invalid_arguments."""


class WebApi:
    """Answers `/api/{method}`.

    Args:
        base: gives this server's address.
        socket_url: makes the address of a new Socket Mode connection.
    """

    def __init__(
        self,
        *,
        workspace: Workspace,
        modals: Modals,
        tickets: Tickets,
        wire: Wire,
        faults: Faults,
        limits: RateLimits,
        base: Callable[[], str],
        socket_url: Callable[[], str],
    ) -> None:
        self._workspace = workspace
        self._modals = modals
        self._tickets = tickets
        self._wire = wire
        self._faults = faults
        self._limits = limits
        self._base = base
        self._socket_url = socket_url

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one call; everything about it goes on the wire."""
        name = request.match_info["method"]
        problem, args = None, dict[str, Any]()
        try:
            args = await _arguments(request, as_form=name in FORMS)
        except SlackError as refused:
            problem = refused
        token = _token(request, args)
        record = self._wire.begin(
            direction="from_bot", transport="http", kind="api", label=name, request={"method": name, **args}
        )
        status, answer, headers = 500, dict[str, Any](), dict[str, str]()
        try:
            status, answer, headers = await self._answered(name, args, token, problem)
        finally:
            dropped = self._dropped(name, answer)
            error = "dropped after it was stored" if dropped else answer.get("error")
            ok = bool(answer.get("ok")) and not dropped
            self._wire.end(record, status=None if dropped else status, ok=ok, error=error, response=answer)
        if dropped and request.transport is not None:
            request.transport.abort()
        return web.json_response(answer, status=status, headers=headers)

    def _dropped(self, name: str, answer: Json) -> bool:
        return bool(answer.get("ok")) and self._faults.take("drop_after_store", name) is not None

    async def _answered(
        self, name: str, args: Json, token: str, problem: SlackError | None
    ) -> tuple[int, Json, dict[str, str]]:
        delay = self._faults.take("delay", name)
        if delay is not None:
            await pause(delay["ms"] / 1000)
        limited = self._faults.take("rate_limit", name)
        if limited is not None:
            return _ratelimited(limited["retry_after"])
        if self._faults.take("server_error", name) is not None:
            return 500, {"ok": False, "error": "internal_error"}, {}
        granted = ",".join(sorted(self._workspace.app.scopes))
        headers = {"X-OAuth-Scopes": granted}
        try:
            method = self._admitted(name, token, problem)
            headers["X-Accepted-OAuth-Scopes"] = ",".join(method.scopes)
            call = self._call(name, args)
            if method.scopes:
                call.need(*method.scopes)
            wait = self._limits.retry_after(name, call.text("channel"), method.limit)
            if wait is not None:
                return _ratelimited(wait)
            return 200, {"ok": True, **method.run(call)}, headers
        except SlackError as refused:
            return 200, refused.answer(), headers

    def _admitted(self, name: str, token: str, problem: SlackError | None) -> Method:
        if problem is not None:
            raise problem
        method = METHODS.get(name)
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        app = self._workspace.app
        wanted = {"bot": app.token, "app": app.app_token, "none": ""}[method.token]
        if not wanted:
            return method
        if not token:
            raise SlackError("not_authed")
        if token not in (app.token, app.app_token):
            raise SlackError("invalid_auth")
        if token != wanted:
            raise SlackError("not_allowed_token_type")
        return method

    def _call(self, name: str, args: Json) -> Call:
        return Call(
            method=name,
            args=args,
            workspace=self._workspace,
            modals=self._modals,
            tickets=self._tickets,
            base=self._base(),
            write=self._wire.tell,
            socket_url=self._socket_url,
        )


def _ratelimited(seconds: int) -> tuple[int, Json, dict[str, str]]:
    return 429, {"ok": False, "error": "ratelimited"}, {"Retry-After": str(seconds)}


def _token(request: web.Request, args: Json) -> str:
    header = request.headers.get("Authorization", "")
    given = str(args.pop("token", ""))
    return header.removeprefix("Bearer ") if header.startswith("Bearer ") else given


async def _arguments(request: web.Request, *, as_form: bool) -> Json:
    args: Json = dict(request.query)
    if request.content_type == "application/json" and as_form and request.can_read_body:
        raise SlackError("invalid_arguments")
    if request.content_type == "application/json":
        text = await request.text()
        try:
            body = json.loads(text) if text else {}
        except ValueError:
            raise SlackError("invalid_json") from None
        if not isinstance(body, dict):
            raise SlackError("json_not_object")
        return args | body
    if request.method == "POST":
        for key, value in (await request.post()).items():
            args[key] = value.filename if isinstance(value, web.FileField) else str(value)
    return args
