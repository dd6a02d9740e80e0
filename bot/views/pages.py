"""Words of a page: what it is, why you, what now; current facts at the moment of sending."""

import re
from datetime import datetime, timedelta

from bot.domain.effects import Page
from bot.domain.incident import Incident
from bot.domain.ladder import STILL_ON_IT as OLD_ANSWER
from bot.domain.ladder import find_step
from bot.views.block import Block, actions, button, section
from bot.views.incidents import ACK, SNOOZE, UPDATE, Message
from bot.views.text import clock, duration, escape, person, readable

HAND_ON = "page:hand_on"
"""The action id of the button by which somebody hands a page on; its value is `<incident>:<level>`."""

STILL_ON_IT = "page:still_on_it"
"""The action id of the button that renews an acknowledgement; its value is the incident's number."""


def page(effect: Page, incident: Incident, *, title: str, now: datetime | None = None) -> Message:
    """Write the message that reaches people by any road that takes Slack's blocks.

    Args:
        effect: the page owed.
        incident: the facts now.
        title: the service's title for people.
        now: domain time; without it an age is told as the time since when.
    """
    text = " ".join(part for part in (_whom(effect), *_sentences(effect, incident, title, now)) if part)
    blocks = [section(text)]
    buttons = _buttons(effect, incident)
    if buttons:
        blocks.append(actions(buttons))
    return Message(text=text, blocks=tuple(blocks))


def subject(effect: Page, incident: Incident, *, title: str) -> str:
    """Write one plain line for roads that know no markup (PagerDuty, mail, SMS)."""
    return f"{_drill(incident)}{incident.severity} {incident.key} {incident.title} ({title}): {effect.why}"


def plain(text: str) -> str:
    """Take Slack's markup out of a page's words, for roads that know none."""
    dated = re.sub(r"<!date\^\d+\^[^|>]*\|([^>]*)>", r"\1", text)
    unmarked = readable(dated, {}).replace("*", "")
    return unmarked.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def mention(id_: str) -> str:
    """Mention a person or a user group by Slack id; a bare handle stays plain text."""
    if id_.startswith(("U", "W")) and id_.isupper():
        return person(id_)
    return f"<!subteam^{id_}>" if id_.startswith("S") and id_.isupper() else escape(id_)


def _whom(effect: Page) -> str:
    return " ".join(mention(each) for each in effect.people)


def _sentences(effect: Page, incident: Incident, title: str, now: datetime | None) -> list[str]:
    what = (
        f"*{_drill(incident)}{incident.severity} {incident.key} {escape(incident.title)}* ({escape(title)})."
    )
    late = (
        f"This was due at {clock(effect.due_at)}, {duration(timedelta(seconds=effect.late_seconds))} ago."
        if effect.late_seconds
        else ""
    )
    match effect.deed:
        case "page":
            return [what, _why_you(effect, incident), _state(incident, now), _also(effect), late]
        case "notify":
            return [what, f"For your information: {escape(effect.why)}.", _state(incident, now), late]
        case "ask_update":
            return [
                what,
                f"A status update is due ({escape(effect.why)}). *Post update* opens the form; *Snooze* leaves out the next reminder, once.",
                late,
            ]
        case "announce":
            return [what, f"{escape(effect.role)}: {escape(effect.why)}.", _state(incident, now), late]
        case "draft":
            draft = "A message to customers is drafted here; it leaves only when one of you approves it."
            return [what, f"{_cause(effect)}.", draft, late]
        case "ask_late":
            asked = f"{escape(effect.role)} did not happen by itself. Do it by hand if it is still needed."
            return [what, late, asked]
        case _:
            return [what, _cause(effect) + ".", late]


def _why_you(effect: Page, incident: Incident) -> str:
    if effect.step == OLD_ANSWER:
        return f"{_cause(effect)}. Is somebody still on it?"
    if not effect.people:
        return f"Nobody could be reached as {escape(effect.role)}. Whoever reads this: please acknowledge."
    step = find_step(incident, effect.step)
    on_duty = step is not None and all(target.startswith(("oncall:", "service:")) for target in step.targets)
    who = "You are on call" if on_duty else f"You are paged as {escape(effect.role)}"
    return f"{who}." if effect.why.startswith("at once") else f"{who}: {escape(effect.why)}."


def _cause(effect: Page) -> str:
    return escape(effect.why[:1].upper() + effect.why[1:])


def _state(incident: Incident, now: datetime | None) -> str:
    if incident.acknowledged_by is not None:
        return f"{person(incident.acknowledged_by)} has acknowledged it."
    if now is None:
        return f"Nobody has acknowledged it since {clock(incident.clock_started_at)}."
    return f"Nobody has acknowledged it for {duration(now - incident.clock_started_at)}."


def _also(effect: Page) -> str:
    return f"Told as well: {escape(effect.also)}." if effect.also else ""


def _buttons(effect: Page, incident: Incident) -> list[Block]:
    value = str(incident.id)
    if effect.deed == "ask_update":
        later = button("Snooze", SNOOZE, value, spoken=f"Put the next reminder of {incident.key} off")
        return [button("Post update", UPDATE, value, style="primary"), later]
    if effect.deed != "page":
        return []
    buttons = list[Block]()
    if effect.step == OLD_ANSWER:
        buttons.append(button("Still on it", STILL_ON_IT, str(incident.id), style="primary"))
    elif incident.acknowledged_by is None:
        spoken = f"Acknowledge {incident.key}"
        buttons.append(button("Acknowledge", ACK, str(incident.id), style="primary", spoken=spoken))
    value = f"{incident.id}:{effect.level}"
    buttons.append(button("I can't: pass on", HAND_ON, value, spoken=f"Pass {incident.key} on"))
    return buttons


def _drill(incident: Incident) -> str:
    return "DRILL " if incident.drill else ""
