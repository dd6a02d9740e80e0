"""The escalation forecast and the waiting deadlines as rows of words, for the command line and for Slack."""

import html
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.escalation import in_words
from bot.domain.forecast import PlannedPage
from bot.views.text import shorten

COLUMNS = ("After", "At", "Level", "Who", "By", "What", "Why")
"""The headings of a forecast."""

_COLUMNS_AT_MOST = 12
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


def picture(pages: Sequence[PlannedPage]) -> tuple[str, ...]:
    """Draw a forecast as a timeline: a row per step, a column per moment, a mark where somebody is told."""
    if not pages:
        return ()
    moments = sorted({page.after for page in pages})
    shown = moments[:_COLUMNS_AT_MOST]
    heads = [in_words(each).replace(" ", "") if each else "0" for each in shown]
    wide = max(len(head) for head in heads) + 1
    titles = dict.fromkeys((page.level, page.title.removesuffix(" again")) for page in pages)
    names = {title: f"{title[0]} {shorten(title[1], 28)}" for title in titles}
    left = max(len(name) for name in names.values()) + 2
    lines = [
        " " * left + "".join(f"{head:<{wide}}" for head in heads) + ("…" if len(moments) > len(shown) else "")
    ]
    for title, name in names.items():
        told = {page.after for page in pages if (page.level, page.title.removesuffix(" again")) == title}
        last = max(told)
        line = "".join(_mark(each, told, last).ljust(wide, "─" if each < last else " ") for each in shown)
        lines.append(f"{name:<{left}}{line}".rstrip())
    return tuple(lines)


def as_text(pages: Sequence[PlannedPage], zone: ZoneInfo) -> str:
    """Write a forecast as plain lines, for a chat message in a fixed-width font."""
    lines = [*picture(pages), ""]
    for page in pages:
        after = "at once" if not page.after else in_words(page.after)
        lines.append(
            f"{page.at.astimezone(zone):%a %H:%M}  {after:<10}  L{page.level} {who(page)}, by {page.via or 'draft'}"
        )
        lines += [f"    {page.why}", *([f"    ! {page.warning}"] if page.warning else [])]
    return "\n".join(lines)


def as_svg(pages: Sequence[PlannedPage]) -> str:
    """Draw the same timeline as a picture that a browser shows."""
    lines = picture(pages)
    width, height = 9 * max(map(len, lines), default=0) + 40, 22 * len(lines) + 40
    rows_ = "".join(
        f'<text x="20" y="{34 + 22 * number}" xml:space="preserve">{html.escape(line)}</text>'
        for number, line in enumerate(lines)
    )
    style = 'font-family="monospace" font-size="15" fill="#1f2937"'
    frame = f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    named = "<title>Escalation timeline</title>"
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>{named}{frame}{rows_}</svg>\n'


def _mark(moment: timedelta, told: Collection[timedelta], last: timedelta) -> str:
    if moment in told:
        return "●"
    return "─" if moment < last else ""


def summary(service: str, severity: str, at: datetime, pages: Sequence[PlannedPage]) -> str:
    """Say in one sentence what a forecast amounts to."""
    if not pages:
        return f"A {severity} of {service} declared {at:%a %Y-%m-%d %H:%M %Z} would reach nobody."
    people = {each for page in pages for each in page.people}
    return (
        f"A {severity} of {service} declared {at:%a %Y-%m-%d %H:%M %Z} would send {len(pages)} messages "
        f"to {len(people)} people, the last after {in_words(pages[-1].after)}."
    )
