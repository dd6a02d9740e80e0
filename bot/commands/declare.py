"""`/incident declare`: open an incident from words, a form, a mention, a message, or an alert's button."""

import json
from dataclasses import asdict, replace

from bot.commands import About, Call, Command, Entry, Invalid, OpenForm, Reply, Road, Say, ShowForm
from bot.config.model import Configuration
from bot.domain.escalation import Anchor
from bot.domain.incident import UNTITLED, Incident
from bot.domain.person import Service
from bot.domain.refusal import Refusal, UnknownName
from bot.services.alerts import attach, claim_alert
from bot.services.company import open_here
from bot.services.declaration import Words, parse
from bot.services.declaration import default_service as service_here
from bot.services.incidents import Wish, declare, note
from bot.views import forms, incidents
from bot.views.block import actions, button, section
from bot.views.text import duration, escape, shorten

RENAME = "incident:rename"
FROM_ALERT = "alert:declare"
SHORTCUT = "declare"
FROM_MESSAGE = "declare_from_message"
ANOTHER = "declare:another"
"""The action id of the button that declares although an incident is open; its value names the kept words."""

KEPT = "wish"
"""The kind of document that keeps a declaration's words while somebody chooses."""


def _run(call: Call) -> Reply:
    words = _parsed(call)
    if not words.given or not words.service:
        return _form(call, words)
    wish = _wish(words, call.road.value)
    other = None if words.drill else open_here(call.tx, call.config, call.subject, words.service)
    if other is not None:
        return _offered(call, wish, other)
    return _said(declare(call.tx, call.config, call.subject, wish))


def _parsed(call: Call) -> Words:
    return parse(call.config, call.text, rooms=(call.channel, call.channel_name))


def default_service(call: Call) -> str:
    """Give the service that is meant where somebody stands, or nothing."""
    return service_here(call.config, (call.channel, call.channel_name))


def _offered(call: Call, wish: Wish, other: Incident) -> Say:
    """Offer to join what is open on the same service before a second incident starts; the words are kept."""
    call.tx.put(KEPT, call.seed, asdict(wish) | {"labels": [], "by": call.subject.user})
    text = (
        f"{other.severity} {other.key} is open on {escape(other.service)}: {escape(other.title)}. "
        "Nothing new is declared yet. Join it, or declare another one?"
    )
    buttons = (
        button("Join", incidents.JOIN, str(other.id), style="primary", spoken=f"Join {other.key}"),
        button("Declare another", ANOTHER, call.seed, spoken=f"Declare {wish.title} as well"),
    )
    return Say(text=text, blocks=(section(text), actions(buttons)))


def _another(call: Call) -> Reply:
    kept = call.tx.get(KEPT, call.value)
    if kept is None or kept["by"] != call.subject.user:
        raise Refusal("These words are kept no longer. Type /incident declare again.")
    call.tx.remove(KEPT, call.value)
    words = {name: value for name, value in kept.items() if name not in {"labels", "by"}}
    return _said(declare(call.tx, call.config, call.subject, Wish(**words)))


def _wish(words: Words, source: str) -> Wish:
    return Wish(
        title=words.title,
        severity=words.severity,
        service=words.service,
        source=source,
        private=words.private,
        drill=words.drill,
    )


def _said(incident: Incident) -> Say:
    where = "a private channel, to which you are invited" if incident.private else f"#{incident.channel}"
    drill = "DRILL: " if incident.drill else ""
    text = (
        f"{drill}{incident.key} is declared: {incident.severity}, {escape(incident.title)}. "
        f"Its card is in {where}."
    )
    if incident.title != UNTITLED:
        return Say(text=text)
    naming = actions((button("Name it", RENAME, str(incident.id)),))
    return Say(text=text, blocks=(section(text), naming))


def _form(call: Call, words: Words, *, meta: str = "") -> Reply:
    if not call.trigger:
        raise Refusal(
            "Say what is broken, for example: declare P1 API down. The form opens with /incident declare."
        )
    if not call.config.services:
        raise Refusal(
            "No service is configured yet. Run muster init on the server, or add one to config/services.yaml."
        )
    return OpenForm(view=_drawn(call, words, meta or json.dumps({"channel": call.channel})))


def _drawn(call: Call, words: Words, meta: str) -> forms.View:
    service = call.config.service(words.service or next(iter(call.config.services)))
    other = open_here(call.tx, call.config, call.subject, service.name)
    return forms.declare_form(
        scheme=call.config.schemes[service.scheme],
        services=[(each.name, each.title) for each in call.config.services.values()],
        service=service.name,
        severity=words.severity,
        title=words.title,
        will_do=will_do(call.config, service, words.severity),
        meta=meta,
        other=other,
    )


def _redrawn(call: Call) -> Reply:
    """Draw the form again for the service or severity chosen: its severities, who is told, what is open there."""
    service = call.config.service(call.fields.get("service", "") or default_service(call))
    wanted = call.fields.get("severity", "")
    known = call.config.schemes[service.scheme].get(wanted)
    words = Words(
        severity=known.name if known else "",
        title=call.fields.get("title", ""),
        service=service.name,
        private=False,
        drill=False,
        given=True,
    )
    return ShowForm(view=_drawn(call, words, call.meta))


def will_do(config: Configuration, service: Service, severity: str = "") -> str:
    """Say what declaring does: who is told when, where it is announced, and whether it gets a channel of its own."""
    scheme = config.schemes[service.scheme]
    level = scheme.find(severity or scheme.default)
    rungs: list[str] = []
    for step in config.policies[service.policy].steps:
        for trigger in step.triggers:
            if trigger.anchor is Anchor.DECLARED and level.name in (trigger.severities or (level.name,)):
                when = "at once" if not trigger.after else f"after {duration(trigger.after)}"
                unless = "" if not trigger.after else f" unless {trigger.unless.value}"
                rungs.append(f"{step.title} {when}{unless}")
    said = "; ".join(dict.fromkeys(rungs)) or "nobody is paged"
    own = level.own_channel or not {level.name, "*"}.isdisjoint(service.own_channel)
    where = "opens a channel of its own" if own else f"posts in #{service.channel}"
    every = f" Updates are due every {duration(level.update_every)}." if level.update_every else ""
    return shorten(f"Declaring {level.name} for {service.title} {where} and tells: {said}.{every}", 1500)


def _submit(call: Call) -> Reply:
    chosen = set(call.fields.get("options", "").split())
    try:
        incident = declare(
            call.tx,
            call.config,
            call.subject,
            Wish(
                title=call.fields.get("title", ""),
                severity=call.fields.get("severity", ""),
                service=call.fields.get("service", ""),
                source=Road.FORM.value,
                private="private" in chosen,
                drill="drill" in chosen,
            ),
        )
    except UnknownName as unknown:
        return Invalid(errors={"severity": str(unknown)})
    meta = json.loads(call.meta or "{}")
    if meta.get("link"):
        note(call.tx, call.config, call.subject, incident.id, "Declared from this message.", meta["link"])
    return _said(incident)


def _from_alert(call: Call) -> Reply:
    alert = claim_alert(call.tx, call.config, call.value)
    incident = declare(
        call.tx,
        call.config,
        call.subject,
        Wish(
            title=alert.title,
            severity=alert.severity,
            service=alert.service,
            source="alert",
            alert=alert.key,
            labels=tuple(alert.labels.items()),
        ),
    )
    attach(call.tx, alert, incident, by=call.subject.user)
    return _said(incident)


def _from_message(call: Call) -> Reply:
    words = Words(
        severity="",
        title=shorten(call.text, 300),
        service=default_service(call),
        private=False,
        drill=False,
        given=True,
    )
    return _form(call, words, meta=json.dumps({"channel": call.channel, "link": call.link}))


def _shortcut(call: Call) -> Reply:
    return _form(call, _parsed(replace(call, text="")))


SPEC = Command(
    summary="Declare an incident: card, pages and escalation start at once",
    usage="[SEVERITY] [TITLE…] [--service NAME] [--private] [--drill]",
    example="/incident declare P1 API down --service architect",
    entry=Entry(permission="incident.declare", about=About.SERVICE, run=_run),
    presses={
        FROM_ALERT: Entry(permission="incident.declare", about=About.SERVICE, run=_from_alert),
        ANOTHER: Entry(permission="incident.declare", about=About.SERVICE, run=_another),
        forms.SERVICE: Entry(permission="incident.declare", about=About.SERVICE, run=_redrawn),
        forms.SEVERITY: Entry(permission="incident.declare", about=About.SERVICE, run=_redrawn),
    },
    forms={forms.DECLARE: Entry(permission="incident.declare", about=About.SERVICE, run=_submit)},
    shortcuts={
        SHORTCUT: Entry(permission="incident.declare", about=About.SERVICE, run=_shortcut),
        FROM_MESSAGE: Entry(permission="incident.declare", about=About.SERVICE, run=_from_message),
    },
)
