"""The thread's lines for what happened around a run: asked, agreed, refused, chosen anew, helped or not."""

from typing import assert_never

from bot.domain.run_event import (
    ApprovalAsked,
    ApprovalDecided,
    Checkpoint,
    ChosenAgain,
    Compared,
    GlassBroken,
    RunEvent,
)
from bot.views.text import clock, person, shorten, typed


def told(who: str, event: RunEvent) -> str | None:
    """Say in one past-tense sentence what happened; None for what only the audit trail keeps."""
    match event:
        case ApprovalDecided():
            return _decided(who, event)
        case ChosenAgain():
            return f"{who} chose again at {typed(event.title)}, because {typed(event.after)} failed."
        case Compared():
            shown = "; ".join(shorten(part, 200) for part in event.parts[:12])
            return f"{typed(event.title)}: {typed(shown)}: {typed(event.verdict)}."
        case GlassBroken():
            return (
                f"{who} broke the glass for {typed(event.title)}, without a second person, until "
                f"{clock(event.until)}: {typed(event.reason)}. A review is owed."
            )
        case ApprovalAsked() | Checkpoint():
            return None
        case _:
            assert_never(event)


def _decided(who: str, event: ApprovalDecided) -> str | None:
    what = f"{typed(event.title)}, asked for by {person(event.requester)}"
    why = f": {typed(event.reason)}" if event.reason else ""
    match event.decision:
        case "approved":
            return f"{who} approved {what}."
        case "agreed":
            return f"{who} approved {what}; more people must."
        case "rejected":
            return f"{who} rejected {what}{why}."
        case "void":
            return f"The request to run {what} is void{why}."
        case "expired":
            return f"Nobody decided in time about {what}."
        case _:
            return None
