"""A request for approval: who wants what exactly, what it changes, how far it reaches, why, and until when."""

from dataclasses import dataclass

from bot.domain.run import Request, Run, press_id
from bot.domain.run_verb import Verb
from bot.domain.runbook import ActionStep
from bot.views.block import Block, actions, button, confirmation, context, fields, header, section
from bot.views.incidents import Message
from bot.views.text import clock, day_clock, escape, person, several, shorten

APPROVE, REJECT, BREAK = "run:approve", "run:reject", "run:break"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalView:
    """Everything a card is drawn from; `is_live` tells that this very request can still be decided."""

    run: Run
    step: ActionStep
    request: Request
    environment: str
    reach: str
    may_approve: tuple[str, ...]
    is_live: bool
    is_emergency: bool


def approval_card(view: ApprovalView) -> Message:
    """Draw a request; once it is decided it says by whom and bears no button."""
    key, title = f"INC-{view.run.incident}", view.step.title
    asked, count = view.request, view.step.approve.count if view.step.approve else 1
    blocks: list[Block] = [header(f"Approval · {shorten(title, 100)} · {key}")]
    where = f"{view.step.call.target or 'nothing outside'}"
    place = f" in {view.environment}" if view.environment else ""
    blocks.append(
        fields(
            f"*Requester*\n{person(asked.by)} {clock(asked.at)}",
            f"*Action*\n{escape(view.step.call.action)} ({view.step.call.danger.value})",
            f"*Target*\n{escape(where + place)}",
            f"*Inputs*\n{escape(_inputs(asked))}",
        )
    )
    changes = (
        asked.plan or view.step.confirm or "No preview could be drawn; judge by action, target and inputs."
    )
    blocks.append(section(f"*What it changes*\n{escape(shorten(changes, 1500))}"))
    blocks.append(section(f"*Blast radius*\n{escape(shorten(view.reach, 500))}"))
    blocks.append(section(f"*Why*\n{escape(shorten(asked.why, 1000)) or 'No reason was given.'}"))
    if not view.is_live:
        blocks.append(context(ended(asked)))
        return Message(text=f"Approval of {escape(title)} in {key}: {ended(asked)}", blocks=tuple(blocks))
    who = several([person(each) for each in view.may_approve][:5]) or "nobody at this moment"
    agreed = f"{len(asked.approvers)} of {count} agreed. " if count > 1 else ""
    blocks.append(context(f"{agreed}Expires {day_clock(asked.expires_at)}. May approve: {who}."))
    blocks.append(actions(_buttons(view), block_id=f"approval-{view.run.id}-{view.step.id}-{asked.number}"))
    spoken = (
        f"{person(asked.by)} asks for approval of {escape(title)} on {escape(where + place)} in {key}, until "
        f"{clock(asked.expires_at)}. May approve: {who}."
    )
    return Message(text=spoken, blocks=tuple(blocks))


def _inputs(asked: Request) -> str:
    return "\n".join(f"{name} = {shorten(value, 200)}" for name, value in asked.inputs) or "none"


def ended(asked: Request) -> str:
    """Say how a request ended: who decided, when, and why."""
    at = f" {clock(asked.decided_at)}" if asked.decided_at is not None else ""
    why = f": {escape(shorten(asked.reason, 500))}" if asked.reason else ""
    agreed = several([person(each) for each in asked.approvers])
    match asked.decided:
        case "approved":
            return f"Approved by {agreed}{at}."
        case "rejected":
            return f"Rejected by {person(asked.decided_by)}{at}{why}."
        case "expired":
            return f"Nobody decided until {clock(asked.expires_at)}, so the request is over."
        case "void":
            return f"Void{at}{why}."
        case "break-glass":
            return f"{person(asked.decided_by)} broke the glass{at}{why}. A review is owed."
        case _:
            return "This request is over."


def _buttons(view: ApprovalView) -> list[Block]:
    run, step, title = view.run, view.step, view.step.title
    names = {verb: press_id(run, step.id, verb.value) for verb in (Verb.APPROVE, Verb.REJECT, Verb.BREAK)}
    said = (
        f"{view.request.plan or step.call.action} Target: {step.call.target}. Inputs: {_inputs(view.request)}"
    )
    sure = confirmation(f"Approve {title}?", escape(shorten(said, 280)), "Approve", danger=True)
    row = [
        button(
            "Approve", APPROVE, names[Verb.APPROVE], style="primary", confirm=sure, spoken=f"Approve {title}"
        ),
        button("Reject", REJECT, names[Verb.REJECT], spoken=f"Reject {title}"),
    ]
    if view.is_emergency:
        spoken = f"Break glass: run {title} without a second person"
        row.append(button("Break glass", BREAK, names[Verb.BREAK], style="danger", spoken=spoken))
    return row
