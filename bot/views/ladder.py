"""The escalation forecast and the waiting deadlines as rows of words, for the command line and for Slack."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.escalation import in_words
from bot.domain.forecast import PlannedPage

COLUMNS = ("After", "At", "Level", "Who", "By", "What", "Why")
"""The headings of a forecast."""

_DEEDS = {
    "page": "page",
    "notify": "tell",
    "ask_update": "ask for an update",
    "announce": "announce",
    "draft": "draft, a person approves",
    "ask_late": "ask whether it is still needed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a forecast; a warning belongs under it."""

    cells: tuple[str, ...]
    warning: str = ""


def rows(pages: Sequence[PlannedPage]) -> tuple[Row, ...]:
    """Write a forecast as a table: when, which level, who, by which road, what, and why."""
    return tuple(
        Row(
            cells=(
                "at once" if not page.after else in_words(page.after),
                f"{page.at:%a %Y-%m-%d %H:%M %Z}",
                str(page.level),
                who(page),
                page.via,
                _DEEDS.get(page.deed, page.deed),
                page.why,
            ),
            warning=page.warning,
        )
        for page in pages
    )


def who(page: PlannedPage) -> str:
    """Name who is reached, and as what."""
    names = ", ".join(f"@{each}" for each in page.people) or f"#{page.room}"
    return f"{page.title}: {names}"


def as_data(pages: Sequence[PlannedPage]) -> list[dict[str, Any]]:
    """Give a forecast as plain JSON data."""
    return [
        {
            "at": page.at.isoformat(),
            "after_seconds": int(page.after.total_seconds()),
            "level": page.level,
            "step": page.step,
            "title": page.title,
            "does": page.deed,
            "people": list(page.people),
            "via": page.via,
            "room": page.room,
            "why": page.why,
            "warning": page.warning,
        }
        for page in pages
    ]


def summary(service: str, severity: str, at: datetime, pages: Sequence[PlannedPage]) -> str:
    """Say in one sentence what a forecast amounts to."""
    if not pages:
        return f"A {severity} of {service} declared {at:%a %Y-%m-%d %H:%M %Z} would reach nobody."
    people = {each for page in pages for each in page.people}
    return (
        f"A {severity} of {service} declared {at:%a %Y-%m-%d %H:%M %Z} would send {len(pages)} messages "
        f"to {len(people)} people, the last after {in_words(pages[-1].after)}."
    )
