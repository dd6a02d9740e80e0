"""`/incident runbook`: which runbooks there are, and what one would do."""

from collections.abc import Mapping

from bot.commands import About, Call, Command, Entry, Reply, Say
from bot.domain.refusal import UnknownName
from bot.domain.runbook import Runbook
from bot.views import run_forms


def _run(call: Call) -> Reply:
    name = call.text.removeprefix("show ").removeprefix("preview ").strip()
    books = call.config.runbooks
    if not name or name == "list":
        message = run_forms.listing([books[id_] for id_ in sorted(books)])
        return Say(text=message.text, blocks=message.blocks)
    id_ = next((each for each in books if each == name or each.endswith(f"/{name}")), None)
    if id_ is None:
        raise UnknownName("runbook", name, books)
    places = {target.name: target.environment for target in call.config.targets.values()}
    message = run_forms.preview(books[id_], places, _known(call, books[id_]))
    return Say(text=message.text, blocks=message.blocks)


def _known(call: Call, book: Runbook) -> Mapping[str, object]:
    """Give the values a run started now would begin with: defaults, and what the service's file says."""
    service = call.config.services.get(book.service)
    facts = {
        "service": book.service,
        "environment": service.environment if service else "",
        "severity": book.severity,
    }
    known: dict[str, object] = {f"incident.{name}": value for name, value in facts.items() if value}
    for param in book.params:
        known[f"params.{param.name}"] = known.get(param.source) if param.source else param.default
    return known


SPEC = Command(
    summary="List runbooks, or show what one would do without doing it",
    usage="[list | show ID]",
    example="/incident runbook show architect/api-down",
    entry=Entry(permission="runbook.view", about=About.NOTHING, run=_run),
)
