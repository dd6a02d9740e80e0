"""The message that offers to declare for an alert."""

from bot.domain.alerts import AlertGroup
from bot.views.block import Block, actions, button, context, section
from bot.views.incidents import Message
from bot.views.text import clock, escape, person

DECLARE = "alert:declare"


def offer(group: AlertGroup, *, title: str) -> Message:
    """Say what fires, where and how bad, with a Declare button while nobody has declared."""
    count = sum(group.seen.values())
    many = f", {count} alerts" if count > 1 else ""
    name = escape(group.name)
    if group.incident is not None:
        text = f"Alert {name} became INC-{group.incident}, declared by {person(group.declared_by)}."
        return Message(text=text, blocks=(section(text), _details(group)))
    if not group.firing:
        text = f"Alert {name} stopped by itself. Nothing was declared for it."
        return Message(text=text, blocks=(section(text), _details(group)))
    text = f"Alert {name} is firing: {escape(group.title)} ({escape(title)}{many}). Declare {group.severity}?"
    press = button(
        "Declare", DECLARE, group.key, style="primary", spoken=f"Declare {group.severity} for {group.name}"
    )
    body = f"*{name}* is firing since {clock(group.since)}{many}\n{escape(group.title)}\n{escape(title)} · suggested {group.severity}"
    return Message(text=text, blocks=(section(body), actions((press,)), _details(group)))


def _details(group: AlertGroup) -> Block:
    shown = ("alertname", "instance", "job", "namespace", "severity")
    labels = "  ".join(f"{name}={escape(group.labels[name])}" for name in shown if name in group.labels)
    link = f" · <{group.url}|source>" if group.url.startswith(("http://", "https://")) else ""
    return context(f"{labels or escape(group.name)}{link}")
