"""The Home tab, published whenever somebody opens it."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from bot.config.model import Configuration
from bot.domain.incident import Incident
from bot.domain.oncall import on_call
from bot.domain.permission import Allowed, Subject
from bot.ports.chat import Chat
from bot.ports.failure import PermanentError, TemporaryError
from bot.ports.store import Store, Tx
from bot.services.catchup import awaiting
from bot.services.company import sees
from bot.services.followers import followed
from bot.services.gate import ask, subject_of
from bot.services.incidents import resource_of
from bot.views.home import home
from bot.views.text import person, several

log = logging.getLogger("muster.slack")


async def publish_home(store: Store, config: Callable[[], Configuration], chat: Chat, user: str) -> None:
    """Draw one person's Home from the facts of this moment and publish it."""
    try:
        await chat.publish_home(user, await store.read(lambda tx: _draw(tx, config(), user)))
    except (TemporaryError, PermanentError) as failed:
        log.warning("the Home of %s was not published: %s", user, failed)


def _draw(tx: Tx, config: Configuration, user: str) -> Mapping[str, Any]:
    duty = []
    for name, schedule in sorted(config.schedules.items()):
        people = [config.people[handle] for handle in on_call(schedule, tx.now)]
        duty.append(
            (name, several([person(each.slack) if each.slack else each.name for each in people]) or "nobody")
        )
    subject = subject_of(tx, config, user)
    seen = [each for each in tx.open_incidents() if sees(config, subject, each)]
    return home(
        user=user,
        open_incidents=seen,
        on_call=duty,
        approvals=[(each, step) for each in seen for step in _mine_to_approve(tx, config, subject, each)],
        followed=[each.said for each in followed(tx, user)],
        now=tx.now,
    )


def _mine_to_approve(tx: Tx, config: Configuration, subject: Subject, incident: Incident) -> tuple[str, ...]:
    """Name what waits for an approval that this person may give."""
    waiting = awaiting(tx, incident)
    if not waiting:
        return ()
    answer = ask(config, subject, "runbook.approve", resource_of(incident), incident)
    return waiting if isinstance(answer, Allowed) else ()
