"""auth.*, api.*, apps.*, team.* and bots.*: who am I, and a road for Socket Mode."""

from typing import Final

from bot.sandbox.calls import Call, Json, Method
from bot.sandbox.errors import SlackError
from bot.sandbox.limits import EPHEMERAL, TIERS


def _auth_test(call: Call) -> Json:
    app = call.app
    return {
        "url": f"{call.base}/",
        "team": app.team_name,
        "user": app.handle,
        "team_id": app.team_id,
        "user_id": app.user_id,
        "bot_id": app.bot_id,
        "is_enterprise_install": False,
    }


def _api_test(call: Call) -> Json:
    args = {key: value for key, value in call.args.items() if key != "token"}
    if "error" in args:
        raise SlackError(str(args["error"]), args=args)
    return {"args": args}


def _connections_open(call: Call) -> Json:
    return {"url": call.socket_url()}


def _team(call: Call) -> Json:
    app = call.app
    return {"team": {"id": app.team_id, "name": app.team_name, "domain": app.team_domain, "email_domain": ""}}


def _bot(call: Call) -> Json:
    app = call.app
    if call.text("bot", app.bot_id) != app.bot_id:
        raise SlackError("bot_not_found")
    bot = {"id": app.bot_id, "deleted": False, "name": app.name, "app_id": app.id, "user_id": app.user_id}
    return {"bot": {**bot, "updated": 0, "icons": {}}}


METHODS: Final[dict[str, Method]] = {
    "api.test": Method(run=_api_test, limit=TIERS[4], token="none"),  # noqa: S106  which kind of token, not one
    "auth.test": Method(run=_auth_test, limit=EPHEMERAL),
    "apps.connections.open": Method(run=_connections_open, limit=TIERS[2], token="app"),  # noqa: S106  as above
    "team.info": Method(run=_team, limit=TIERS[3]),
    "bots.info": Method(run=_bot, scopes=("users:read",), limit=TIERS[3]),
}
