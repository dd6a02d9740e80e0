"""The desk: every request of a person passes here; found, gated and carried out in one transaction."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.commands import About, Call, Command, Entry, Invalid, Reply, Road, Say
from bot.config.model import Configuration
from bot.domain.incident import Incident, MessageRef, parse_key
from bot.domain.permission import Allowed, Kind, NotPermitted, Resource, Subject
from bot.domain.refusal import Refusal, nearest
from bot.ports.action import Action
from bot.ports.channel import Channel
from bot.ports.store import Store, Tx
from bot.services.company import insist, sees
from bot.services.gate import ask, record_refusal, require, subject_of
from bot.services.incidents import resource_of
from bot.services.oncall import effective
from bot.services.run_records import load_press
from bot.views.incidents import picker
from bot.views.text import harmless, shorten

_MENTIONED = re.compile(r"^\s*(?:<@[UWB][A-Z0-9]+(?:\|[^>]*)?>\s*)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What came in, in the words of the road it came by; channels and people are Slack ids.

    `name` is the subcommand, the button's action id, the form's callback id or the shortcut's.
    `key` is the vendor's name for this request: the same one never acts twice.
    """

    road: Road
    user: str
    key: str
    name: str = ""
    kind: Kind = Kind.MEMBER
    text: str = ""
    channel: str = ""
    channel_name: str = ""
    thread_ts: str = ""
    trigger: str = ""
    value: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    meta: str = ""
    message: MessageRef | None = None
    link: str = ""


class Repeated(Exception):  # noqa: N818 - it names what happened
    """The same request was carried out before; there is nothing to say twice."""


class UnknownWord(Refusal):
    """Refuse a subcommand that does not exist, keeping what was typed."""

    def __init__(self, word: str, text: str, known: Mapping[str, Command]) -> None:
        near = nearest(word, known)
        again = (
            f"Did you mean: /incident {near} {text}".rstrip()
            if near
            else "/incident help shows what there is."
        )
        super().__init__(f'Unknown subcommand "{word}". {again}')


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Carry out requests; `config` is asked each time, so that a reload takes effect at once."""

    store: Store
    config: Callable[[], Configuration]
    commands: Mapping[str, Command]
    actions: Mapping[str, Action]
    channels: Mapping[str, Channel]
    fresh: Callable[[], str]

    async def serve(self, request: Request) -> Reply:
        """Carry out one request in one durable transaction and give the answer.

        Refusals come back as words; a refused permission is put on record in a transaction of its own.

        Raises:
            Repeated: the request's key was seen before.
            StoreBusy: the deadline passed.
        """
        try:
            return await self.store.run(lambda tx: self.carry_out(tx, request))
        except NotPermitted as refused:
            sentence = str(refused)
            denied = refused
            await self.store.run(
                lambda tx: record_refusal(tx, request.user, denied, self._incident_named(tx, request))
            )
            return _refused(request, sentence)
        except Refusal as refusal:
            return _refused(request, str(refusal))

    def carry_out(self, tx: Tx, request: Request) -> Reply:
        """Do the whole of a request inside a transaction: once, found, gated, done."""
        if request.key and not tx.once(request.key):
            raise Repeated(request.key)
        config = effective(tx, self.config())
        subject = subject_of(tx, config, request.user, request.kind)
        word, entry, text = self._entry(request)
        call = self._call(tx, config, subject, request, text)
        if entry.about is About.INCIDENT:
            found, rest = _find(tx, request, text, lambda each: sees(config, subject, each))
            if isinstance(found, tuple):
                message = picker(found, word=word, text=rest)
                return Say(text=message.text, blocks=message.blocks)
            call = call.about(insist(config, subject, found), rest)
            self._gate(tx, config, subject, entry, found)
        else:
            self._gate(tx, config, subject, entry, None)
        return entry.run(call)

    def _gate(
        self, tx: Tx, config: Configuration, subject: Subject, entry: Entry, incident: Incident | None
    ) -> None:
        """Ask before anything is shown; the use case asks again, and records, at the moment of acting."""
        if incident is not None:
            place = resource_of(incident)
            if not isinstance(ask(config, subject, entry.permission, place, incident), Allowed):
                require(tx, config, subject, entry.permission, place, incident)
            return
        places = [
            Resource(service=each.name, environment=each.environment) for each in config.services.values()
        ]
        answers = (ask(config, subject, entry.permission, place) for place in places or [Resource()])
        if not any(isinstance(answer, Allowed) for answer in answers):
            require(tx, config, subject, entry.permission, (places or [Resource()])[0])

    def _call(self, tx: Tx, config: Configuration, subject: Subject, request: Request, text: str) -> Call:
        return Call(
            tx=tx,
            config=config,
            actions=self.actions,
            channels=self.channels,
            subject=subject,
            road=request.road,
            text=text,
            channel=request.channel,
            channel_name=request.channel_name,
            thread_ts=request.thread_ts,
            trigger=request.trigger,
            value=request.value,
            fields=request.fields,
            meta=request.meta,
            message=request.message,
            link=request.link,
            key=request.key,
            seed=self.fresh(),
        )

    def _entry(self, request: Request) -> tuple[str, Entry, str]:
        name = request.name
        if request.road in {Road.SLASH, Road.MENTION}:
            return self._subcommand(request)
        if name.startswith("pick:"):
            word = name.split(":")[1]
            return word, self.commands[word].entry, request.value
        for word, spec in self.commands.items():
            table = {Road.PRESS: spec.presses, Road.FORM: spec.forms, Road.SHORTCUT: spec.shortcuts}[
                request.road
            ]
            if name in table:
                return word, table[name], request.text
        raise Refusal(
            "This button belongs to an older version of Muster. Use /incident help to see what there is now."
        )

    def _subcommand(self, request: Request) -> tuple[str, Entry, str]:
        text = (
            _MENTIONED.sub("", request.text).strip() if request.road is Road.MENTION else request.text.strip()
        )
        first, _, rest = text.partition(" ")
        word = first.casefold().rstrip(":,") or "help"
        if word not in self.commands:
            raise UnknownWord(first, rest, self.commands)
        second, _, last = rest.strip().partition(" ")
        further = self.commands[word].words.get(second.casefold())
        if further is not None:
            return word, further, last.strip()
        return word, self.commands[word].entry, rest.strip()

    def _incident_named(self, tx: Tx, request: Request) -> int | None:
        try:
            found, _ = _find(
                tx, request, request.text.partition(" ")[2] if request.road is Road.SLASH else request.text
            )
        except Refusal:
            return None
        return found.id if isinstance(found, Incident) else None


def _refused(request: Request, sentence: str) -> Reply:
    """Answer a refusal; a form stays open with it, so that nothing typed is lost."""
    if request.road is Road.FORM and request.fields:
        return Invalid(errors={next(iter(request.fields)): sentence})
    return Say(text=shorten(harmless(sentence), 3900))


def _find(
    tx: Tx, request: Request, text: str, visible: Callable[[Incident], bool] = lambda _: True
) -> tuple[Incident | tuple[Incident, ...], str]:
    """Find the incident a request means: named first, then the button's, the thread's, the channel's."""
    first, _, rest = text.partition(" ")
    named = (
        parse_key(first)
        if first.casefold().startswith(("inc", "#")) or request.name.startswith("pick:")
        else None
    )
    if named is not None:
        return tx.incident(named), rest.strip()
    carried = request.value or request.meta
    pressed = load_press(tx, carried) if carried and request.road in {Road.PRESS, Road.FORM} else None
    if pressed is not None:
        return tx.incident(pressed.incident), text
    head = (
        parse_key(carried.partition(" ")[0].partition(":")[0])
        if request.road in {Road.PRESS, Road.FORM}
        else None
    )
    if head is not None:
        return tx.incident(head), text
    if request.thread_ts:
        in_thread = tx.incidents_at(request.channel, request.thread_ts)
        if in_thread:
            return in_thread[0], text
    return _in_channel(tx, request, text, visible)


def _in_channel(
    tx: Tx, request: Request, text: str, visible: Callable[[Incident], bool]
) -> tuple[Incident | tuple[Incident, ...], str]:
    # A card that was just posted is known by its channel's name before Slack's answer has brought the id.
    named = tx.incidents_at(request.channel_name) if request.channel_name else ()
    found = {each.id: each for each in (*tx.incidents_at(request.channel), *named)}
    here = [each for each in found.values() if visible(each)]
    open_here = tuple(each for each in here if each.is_open)
    candidates = open_here or tuple(each for each in tx.open_incidents() if visible(each))
    if not candidates and here:
        return max(here, key=lambda each: each.id), text
    if not candidates:
        raise Refusal(
            "No incident is open. Name one, as in INC-42, or declare: /incident declare P1 what is broken"
        )
    return (candidates[0] if len(candidates) == 1 else candidates), text
