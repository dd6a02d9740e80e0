"""The public status page: HTML, JSON, RSS and Atom, from published entries and nothing else."""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Any, Protocol


class Told(Protocol):
    """One published entry."""

    @property
    def at(self) -> datetime:
        """When it was published."""
        ...

    @property
    def status(self) -> str:
        """The status at that moment."""
        ...

    @property
    def text(self) -> str:
        """Plain words."""
        ...


class Trouble(Protocol):
    """One incident as the public sees it; entries newest first."""

    @property
    def key(self) -> str:
        """Its name."""
        ...

    @property
    def title(self) -> str:
        """What customers were told is affected."""
        ...

    @property
    def status(self) -> str:
        """How it stands."""
        ...

    @property
    def began(self) -> datetime:
        """When it began."""
        ...

    @property
    def ended(self) -> datetime | None:
        """When it ended, if it has."""
        ...

    @property
    def entries(self) -> Sequence[Told]:
        """What was published."""
        ...


class Part(Protocol):
    """One component."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def service(self) -> str:
        """Whose it is."""
        ...

    @property
    def state(self) -> str:
        """How it does: operational, degraded or outage."""
        ...


class Whole(Protocol):
    """The page."""

    @property
    def at(self) -> datetime:
        """When it was drawn."""
        ...

    @property
    def components(self) -> Sequence[Part]:
        """The parts of the catalog."""
        ...

    @property
    def current(self) -> Sequence[Trouble]:
        """What is open."""
        ...

    @property
    def past(self) -> Sequence[Trouble]:
        """What is over, of the last ninety days."""
        ...


_STYLE = """
:root{color-scheme:light dark;--ink:#1d2430;--quiet:#5b6675;--line:#d8dee6;--page:#fff;--card:#f6f8fa;--ok:#1a7f4b;--warn:#9a5b00;--bad:#b42318}
@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--quiet:#9aa7b6;--line:#2c3643;--page:#11161d;--card:#1a212b;--ok:#4cc38a;--warn:#f0b35a;--bad:#ff8a7a}}
*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:46rem;margin:0 auto;padding:2rem 1rem 4rem}h1{font-size:1.6rem;margin:0 0 .25rem}h2{font-size:1.15rem;margin:2.25rem 0 .75rem}
h3{font-size:1rem;margin:0}.quiet,time{color:var(--quiet);font-size:.9rem}.state{font-weight:600}.operational{color:var(--ok)}.degraded{color:var(--warn)}.outage{color:var(--bad)}
ul{list-style:none;margin:0;padding:0}.parts li{display:flex;justify-content:space-between;gap:1rem;padding:.6rem 0;border-top:1px solid var(--line)}
article{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:1rem;margin:0 0 .9rem}article li{margin-top:.75rem}
article p{margin:.15rem 0 0;white-space:pre-line;overflow-wrap:anywhere}footer{margin-top:3rem}a{color:inherit}
"""

_SAID = {"operational": "Operational", "degraded": "Degraded", "outage": "Outage"}


def html(page: Whole) -> str:
    """Draw the page; it needs no script and reads well without colours."""
    bad = [each for each in page.components if each.state != "operational"]
    if page.current:
        summary, state = _count(len(page.current), "incident is open", "incidents are open"), "outage"
        state = "outage" if any(each.state == "outage" for each in bad) else "degraded"
    else:
        summary, state = "Everything works", "operational"
    parts = "".join(
        f"<li><span>{escape(each.name)} <span class=quiet>{escape(each.service)}</span></span>"
        f'<span class="state {escape(each.state)}">{_SAID[each.state]}</span></li>'
        for each in page.components
    )
    current = "".join(_article(each) for each in page.current) or "<p class=quiet>No incident is open.</p>"
    past = "".join(_article(each) for each in page.past) or "<p class=quiet>None in the past 90 days.</p>"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta http-equiv="refresh" content="60">'
        "<title>Status</title>"
        '<link rel="alternate" type="application/rss+xml" title="Incidents, RSS" href="/status.rss">'
        '<link rel="alternate" type="application/atom+xml" title="Incidents, Atom" href="/status.atom">'
        f"<style>{_STYLE}</style></head><body><main><h1>Status</h1>"
        f'<p class="state {state}" role="status">{summary}</p>'
        f"<h2>Components</h2><ul class=parts>{parts}</ul>"
        f"<h2>Open now</h2>{current}<h2>Past 90 days</h2>{past}"
        f'<footer class=quiet>As of {_time(page.at)} · <a href="/status.rss">RSS</a> · '
        '<a href="/status.atom">Atom</a> · <a href="/status.json">JSON</a></footer></main></body></html>'
    )


def json_value(page: Whole) -> dict[str, Any]:
    """Give the page as plain JSON data."""
    return {
        "as_of": _iso(page.at),
        "components": [
            {"name": each.name, "service": each.service, "state": each.state} for each in page.components
        ],
        "current": [_json(each) for each in page.current],
        "past": [_json(each) for each in page.past],
    }


def rss(page: Whole, *, address: str) -> str:
    """Write RSS 2.0 (https://www.rssboard.org/rss-specification), one item per published entry."""
    items = "".join(
        f"<item><title>{escape(trouble.title)}: {escape(entry.status)}</title>"
        f"<link>{escape(address)}</link><guid isPermaLink='false'>{trouble.key}-{_iso(entry.at)}</guid>"
        f"<pubDate>{entry.at:%a, %d %b %Y %H:%M:%S} GMT</pubDate>"
        f"<description>{escape(_legal(entry.text))}</description></item>"
        for trouble, entry in _newest(page)
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Status</title>'
        f"<link>{escape(address)}</link><description>Incidents and their updates</description>{items}"
        "</channel></rss>"
    )


def atom(page: Whole, *, address: str) -> str:
    """Write Atom (RFC 4287), one entry per published entry."""
    entries = "".join(
        f"<entry><id>{escape(address)}#{trouble.key}-{_iso(entry.at)}</id>"
        f"<title>{escape(trouble.title)}: {escape(entry.status)}</title><updated>{_iso(entry.at)}</updated>"
        f"<link href={_quoted(address)}/><content type='text'>{escape(_legal(entry.text))}</content></entry>"
        for trouble, entry in _newest(page)
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
        f"<id>{escape(address)}</id><title>Status</title><updated>{_iso(page.at)}</updated>"
        f"<author><name>Muster</name></author><link href={_quoted(address)}/>{entries}</feed>"
    )


def _newest(page: Whole) -> list[tuple[Trouble, Told]]:
    some = [(trouble, entry) for trouble in (*page.current, *page.past) for entry in trouble.entries]
    return sorted(some, key=lambda each: each[1].at, reverse=True)[:50]


def _article(trouble: Trouble) -> str:
    ended = f", ended {_time(trouble.ended)}" if trouble.ended else ""
    entries = "".join(
        f"<li><span class=state>{escape(each.status.capitalize())}</span> {_time(each.at)}<p>{escape(each.text)}</p></li>"
        for each in trouble.entries
    )
    return (
        f"<article id={_quoted(trouble.key)}><h3>{escape(trouble.title)}</h3>"
        f"<span class=quiet>{escape(trouble.status.capitalize())}, began {_time(trouble.began)}{ended}</span>"
        f"<ul>{entries}</ul></article>"
    )


def _json(trouble: Trouble) -> dict[str, Any]:
    return {
        "id": trouble.key,
        "title": trouble.title,
        "status": trouble.status,
        "began": _iso(trouble.began),
        "ended": _iso(trouble.ended) if trouble.ended else None,
        "updates": [
            {"at": _iso(each.at), "status": each.status, "text": each.text} for each in trouble.entries
        ],
    }


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _time(moment: datetime) -> str:
    return f"<time datetime={_quoted(_iso(moment))}>{moment:%Y-%m-%d %H:%M} UTC</time>"


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _quoted(text: str) -> str:
    return f'"{escape(text)}"'


def _legal(text: str) -> str:
    """Leave out the control characters that XML 1.0 has no place for."""
    return "".join(each for each in text if each in "\n\t" or ord(each) >= 32)
