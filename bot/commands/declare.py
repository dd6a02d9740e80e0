"""`/incident declare`: open an incident from words, a form, a mention, a message, or an alert's button."""

import json
import re
import shlex
from dataclasses import dataclass, replace

from bot.commands import About, Call, Command, Entry, Invalid, OpenForm, Reply, Road, Say
from bot.config.model import Configuration
from bot.domain.escalation import Anchor
from bot.domain.incident import UNTITLED, Incident
from bot.domain.person import Service
from bot.domain.refusal import Refusal, UnknownName, nearest
from bot.services.alerts import attach, claim_alert
from bot.services.incidents import Wish, declare, note
from bot.views import forms
from bot.views.block import actions, button, section
from bot.views.text import duration, escape, shorten

RENAME = "incident:rename"
FROM_ALERT = "alert:declare"
SHORTCUT = "declare"
FROM_MESSAGE = "declare_from_message"

_DASHES = " -:\N{EN DASH}\N{EM DASH}"
_LOOKS_LIKE_SEVERITY = re.compile(r"(?:p|s|sev|severity)-?\d{1,2}", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    severity: str
    title: str
    service: str
    private: bool
    drill: bool
    given: bool


def _run(call: Call) -> Reply:
    words = _parse(call)
    if not words.given or not words.service:
        return _form(call, words)
    incident = declare(call.tx, call.config, call.subject, _wish(words, call.road.value))
    return _said(incident)


def _parse(call: Call) -> _Words:
    service, text = _option(call.text, "service")
    private, text = _flag(text, "private")
    drill, text = _flag(text, "drill")
    unknown = re.search(r"(?:^|\s)--(\w[\w-]*)", text)
    if unknown:
        near = nearest(unknown[1], ["service", "private", "drill"])
        raise Refusal(
            f'Unknown option "--{unknown[1]}". '
            + (f"Did you mean --{near}? " if near else "")
            + f"Your text: {call.text}"
        )
    name = service or default_service(call)
    if name:
        name = call.config.service(name).name
    severity, title = _split_severity(call.config, name, text)
    return _Words(
        severity=severity,
        title=title,
        service=name,
        private=private,
        drill=drill,
        given=bool(call.text.strip()),
    )


def default_service(call: Call) -> str:
    """Give the service of the channel if exactly one lives there, else the configured default, else nothing."""
    here = [
        each.name
        for each in call.config.services.values()
        if each.channel in {call.channel, call.channel_name}
    ]
    if len(here) == 1:
        return here[0]
    return call.config.default_service


def _split_severity(config: Configuration, service: str, text: str) -> tuple[str, str]:
    first, _, rest = text.strip().partition(" ")
    word = first.rstrip(":,-")
    scheme = config.scheme_of(service) if service else None
    if scheme is not None and scheme.get(word) is not None:
        return scheme.find(word).name, rest.lstrip(_DASHES)
    if _LOOKS_LIKE_SEVERITY.fullmatch(word):
        if scheme is not None:
            raise UnknownName("severity", word, [each.name for each in scheme.severities])
        return word, rest.lstrip(_DASHES)
    return "", text.strip()


def _option(text: str, name: str) -> tuple[str, str]:
    found = re.search(rf"(?:^|\s)--{name}(?:[= ]\s*(\"[^\"]*\"|\S+))?", text)
    if found is None:
        return "", text
    if not found[1]:
        raise Refusal(f"--{name} needs a name. Example: /incident declare P1 API down --{name} architect")
    value = " ".join(shlex.split(found[1])) if found[1].startswith('"') else found[1]
    return value, (text[: found.start()] + text[found.end() :]).strip()


def _flag(text: str, name: str) -> tuple[bool, str]:
    found = re.search(rf"(?:^|\s)--{name}(?=\s|$)", text)
    if found is None:
        return False, text
    return True, (text[: found.start()] + text[found.end() :]).strip()


def _wish(words: _Words, source: str) -> Wish:
    return Wish(
        title=words.title,
        severity=words.severity,
        service=words.service,
        source=source,
        private=words.private,
        drill=words.drill,
    )


def _said(incident: Incident) -> Say:
    text = f"{incident.key} is declared: {incident.severity}, {escape(incident.title)}. Its card is in #{incident.channel}."
    if incident.title != UNTITLED:
        return Say(text=text)
    naming = actions((button("Name it", RENAME, str(incident.id)),))
    return Say(text=text, blocks=(section(text), naming))


def _form(call: Call, words: _Words, *, meta: str = "") -> Reply:
    if not call.trigger:
        raise Refusal(
            "Say what is broken, for example: declare P1 API down. The form opens with /incident declare."
        )
    if not call.config.services:
        raise Refusal(
            "No service is configured yet. Run muster init on the server, or add one to config/services.yaml."
        )
    service = call.config.service(words.service or next(iter(call.config.services)))
    view = forms.declare_form(
        scheme=call.config.schemes[service.scheme],
        services=[(each.name, each.title) for each in call.config.services.values()],
        service=service.name,
        severity=words.severity,
        title=words.title,
        will_do=will_do(call.config, service),
        meta=meta or json.dumps({"channel": call.channel}),
    )
    return OpenForm(view=view)


def will_do(config: Configuration, service: Service) -> str:
    """Say what declaring does: who is told when, and where it is announced."""
    rungs: list[str] = []
    for step in config.policies[service.policy].steps:
        for trigger in step.triggers:
            if trigger.anchor is Anchor.DECLARED:
                when = "at once" if not trigger.after else f"after {duration(trigger.after)}"
                which = f" ({', '.join(trigger.severities)})" if trigger.severities else ""
                unless = "" if not trigger.after else f" unless {trigger.unless.value}"
                rungs.append(f"{step.title} {when}{which}{unless}")
    said = "; ".join(dict.fromkeys(rungs)) or "nobody is paged"
    return shorten(f"Declaring for {service.title} posts in #{service.channel} and tells: {said}.", 1500)


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
    words = _Words(
        severity="",
        title=shorten(call.text, 300),
        service=default_service(call),
        private=False,
        drill=False,
        given=True,
    )
    return _form(call, words, meta=json.dumps({"channel": call.channel, "link": call.link}))


def _shortcut(call: Call) -> Reply:
    return _form(call, _parse(replace(call, text="")))


SPEC = Command(
    summary="Declare an incident: card, pages and escalation start at once",
    usage="[SEVERITY] [TITLE…] [--service NAME] [--private] [--drill]",
    example="/incident declare P1 API down --service architect",
    entry=Entry(permission="incident.declare", about=About.SERVICE, run=_run),
    presses={FROM_ALERT: Entry(permission="incident.declare", about=About.SERVICE, run=_from_alert)},
    forms={forms.DECLARE: Entry(permission="incident.declare", about=About.SERVICE, run=_submit)},
    shortcuts={
        SHORTCUT: Entry(permission="incident.declare", about=About.SERVICE, run=_shortcut),
        FROM_MESSAGE: Entry(permission="incident.declare", about=About.SERVICE, run=_from_message),
    },
)
