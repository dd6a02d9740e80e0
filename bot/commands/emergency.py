"""`@bot EMERGENCY - PRODUCTION DOWN`: the top severity, and everybody on call for the service at once."""

from bot.commands import About, Call, Command, Entry, Reply, Say
from bot.commands.declare import default_service
from bot.domain.refusal import Refusal
from bot.services.incidents import Wish, declare
from bot.views.text import escape


def _run(call: Call) -> Reply:
    service = default_service(call)
    if not service:
        raise Refusal(
            "Which service? Set default_service in config/services.yaml, or declare P1 … --service NAME."
        )
    wish = Wish(
        title=call.text.lstrip(" -:\N{EN DASH}\N{EM DASH}"),
        severity=call.config.scheme_of(service).top.name,
        service=service,
        source=call.road.value,
        everyone=True,
    )
    incident = declare(call.tx, call.config, call.subject, wish)
    return Say(
        text=f"{incident.key} is declared: {incident.severity}, {escape(incident.title)}. "
        f"Everybody on call for {escape(incident.service)} is paged now."
    )


SPEC = Command(
    summary="Declare at the top severity and page everybody on call at once",
    usage="TITLE…",
    example="/incident emergency production down",
    entry=Entry(permission="incident.declare", about=About.SERVICE, run=_run),
)
