"""Deliver what runs owe beside their message: request cards, and what everybody must hear."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol, assert_never

from bot.config.model import Configuration
from bot.domain.effects import Receipt
from bot.domain.incident import MessageRef
from bot.domain.refusal import Refusal
from bot.domain.run import Run, StepState
from bot.domain.run_owed import Announce, RunEffect, ShowApproval
from bot.domain.runbook import ActionStep
from bot.ports.action import Action
from bot.ports.failure import PermanentError
from bot.ports.store import Store, Tx
from bot.services.run_approvals import is_emergency, load_card, remember_card, who_may_approve
from bot.services.run_inputs import ready, resource_for
from bot.services.run_records import book_of, load_run
from bot.views.approvals import ApprovalView, approval_card
from bot.views.incidents import Message


class Post(Protocol):
    """Post a message once, marked with its parcel's key."""

    def __call__(self, place: MessageRef, message: Message) -> Awaitable[Receipt]: ...


Edit = Callable[[MessageRef, Message], Awaitable[None]]


async def deliver(
    store: Store,
    config: Configuration,
    actions: Mapping[str, Action],
    effect: RunEffect,
    post: Post,
    edit: Edit,
) -> Receipt:
    """Do what one parcel of a run says, with no transaction open.

    Raises:
        TemporaryError: try again later.
        PermanentError: trying again cannot help.
    """
    match effect:
        case Announce():
            place = await store.read(lambda tx: _place(tx, effect))
            return await post(place, Message(text=effect.text, blocks=()))
        case ShowApproval():
            place, known, message = await store.read(lambda tx: drawn(tx, config, actions, effect))
            if known is None:
                return await post(place, message)
            await edit(known, message)
            return Receipt(channel=known.channel, ref=known.ts)
        case _:
            assert_never(effect)


def settle(tx: Tx, effect: RunEffect, receipt: Receipt) -> None:
    """Keep where a card stands, so that it is edited in place."""
    if isinstance(effect, ShowApproval) and receipt.ref:
        remember_card(tx, effect.card, MessageRef(channel=receipt.channel, ts=receipt.ref))


def _place(tx: Tx, effect: Announce) -> MessageRef:
    card = tx.incident(effect.incident).card if effect.in_thread else None
    return card or MessageRef(channel=effect.channel, ts="")


def drawn(
    tx: Tx, config: Configuration, actions: Mapping[str, Action], effect: ShowApproval
) -> tuple[MessageRef, MessageRef | None, Message]:
    """Draw a request's card as it is now, with the thread it belongs to and where it stands already.

    Raises:
        PermanentError: the request or the incident's card is gone.
    """
    card, incident = load_card(tx, effect.card), tx.incident(effect.incident)
    if card is None or incident.card is None:
        raise PermanentError("The request is known no longer, or its incident has no card to answer in.")
    run = load_run(tx, card.run)
    definition, step = book_of(tx, run).place(card.step).step, run.step(card.step)
    if not isinstance(definition, ActionStep) or definition.approve is None:
        raise PermanentError("The step of this request needs no approval.")
    resource = resource_for(config, incident, definition.call)
    live = step.state is StepState.ASKING and step.request is not None
    view = ApprovalView(
        run=run,
        step=definition,
        request=card.request,
        environment=resource.environment,
        reach=_reach(config, actions, run, definition),
        may_approve=who_may_approve(tx, config, resource, definition.approve, besides=card.request.by),
        is_live=live and step.request == card.request and incident.is_open,
        is_emergency=is_emergency(config, incident),
    )
    return incident.card, card.message, approval_card(view)


def _reach(config: Configuration, actions: Mapping[str, Action], run: Run, step: ActionStep) -> str:
    """Say how far a step reaches: what its action declares, and the one object that it locks."""
    action = actions.get(step.call.action)
    limit = action.reach if action is not None else ""
    try:
        held = ready(config, actions, run, step.id, step.call).lock
    except Refusal as refused:
        return f"Not known: {refused}"
    return f"{limit or 'Nothing else but this object'}: {held.partition(':')[2] or held or step.call.target}"
