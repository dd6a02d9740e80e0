"""Runs, the runbooks they are pinned to, and their outputs, as documents of the store."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter

from bot.domain.refusal import Refusal
from bot.domain.run import BUSY, Run, StepState
from bot.domain.run_work import due
from bot.domain.runbook import Runbook
from bot.ports.store import Tx

RUN, BOOK, WORK, PRESS, LOCK, OUTPUT = "run", "runbook", "run_work", "press", "run_lock", "run_output"

NEVER = "9999"
"""A time after all others, in the order of text."""


@lru_cache(maxsize=1)
def _runs() -> TypeAdapter[Run]:
    return TypeAdapter(Run)


@lru_cache(maxsize=1)
def _books() -> TypeAdapter[Runbook]:
    return TypeAdapter(Runbook)


class UnknownRun(Refusal):
    """Refuse a run that was never started."""

    def __init__(self, run: int) -> None:
        super().__init__(f"There is no run {run}. Press Run runbook on the incident's card to start one.")


def load_run(tx: Tx, id_: int) -> Run:
    """Load a run and lock it until the transaction ends, or raise UnknownRun."""
    found = tx.get(RUN, str(id_))
    if found is None:
        raise UnknownRun(id_)
    return _runs().validate_python(found)


def runs_of(tx: Tx, incident: int) -> tuple[Run, ...]:
    """List the runs of an incident, oldest first."""
    return tuple(_runs().validate_python(each) for _, each in tx.documents(RUN, incident=incident))


def put_run(tx: Tx, book: Runbook, run: Run) -> None:
    """Keep a run, and keep the list of runs that a runner must look at."""
    tx.put(RUN, str(run.id), _runs().dump_python(run, mode="json"), incident=run.incident)
    agenda = agenda_of(book, run, tx.now)
    if agenda is None:
        tx.remove(WORK, str(run.id))
    else:
        tx.put(WORK, str(run.id), agenda, incident=run.incident)


def agenda_of(book: Runbook, run: Run, now: datetime) -> Mapping[str, Any] | None:
    """Say when a runner must look at a run: at once, at a domain time, or when a lease has run out."""
    domain = [step.next_at for step in run.steps if step.state is StepState.RUNNING and not step.lease]
    domain += [
        step.request.expires_at for step in run.steps if step.state is StepState.ASKING and step.request
    ]
    domain += [step.undo_until for step in run.steps if step.undo_until is not None]
    real = [step.lease.until for step in run.steps if step.lease is not None]
    soon = bool(due(book, run, now))
    if not soon and not domain and not real and not any(step.state in BUSY for step in run.steps):
        return None
    return {
        "incident": run.incident,
        "soon": soon,
        "next_at": min((each.isoformat() for each in domain if each is not None), default=NEVER),
        "lapses_at": min((each.isoformat() for each in real), default=NEVER),
    }


def keep_book(tx: Tx, book: Runbook) -> None:
    """Keep the text that a run is pinned to."""
    if tx.get(BOOK, _pin(book.id, book.digest)) is None:
        tx.put(BOOK, _pin(book.id, book.digest), _books().dump_python(book, mode="json"))


def book_of(tx: Tx, run: Run) -> Runbook:
    """Load the runbook as it was when a run started."""
    found = tx.get(BOOK, _pin(run.runbook, run.digest))
    if found is None:
        raise UnknownRun(run.id)
    return _books().validate_python(found)


def _pin(id_: str, digest: str) -> str:
    return f"{id_}@{digest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """What a button stands for; its name is all that leaves the house."""

    incident: int
    run: int
    step: str
    verb: str
    option: str
    turn: int
    inputs_hash: str
    expires_at: datetime


_presses = TypeAdapter(Press)


def load_press(tx: Tx, id_: str) -> Press | None:
    """Load what a button stands for; None for one that was never drawn or belongs to an earlier turn."""
    found = tx.get(PRESS, id_)
    return None if found is None else _presses.validate_python(found)


def put_press(tx: Tx, id_: str, press: Press, incident: int) -> None:
    """Keep what a button stands for."""
    tx.put(PRESS, id_, _presses.dump_python(press, mode="json"), incident=incident)


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """The full output of a step, redacted, as a file for the thread."""

    name: str
    title: str
    content: bytes
    alt_text: str = ""


def put_output(tx: Tx, incident: int, run: int, step: str, output: Output) -> None:
    """Keep a step's full output; a later attempt replaces it."""
    text = output.content.decode("utf-8", errors="replace")
    row = {"name": output.name, "title": output.title, "text": text, "alt_text": output.alt_text}
    tx.put(OUTPUT, f"{run}/{step}", row, incident=incident)


def output(tx: Tx, run: int, step: str) -> Output:
    """Load a step's full output, or raise UnknownRun."""
    found = tx.get(OUTPUT, f"{run}/{step}")
    if found is None:
        raise UnknownRun(run)
    return Output(
        name=str(found["name"]),
        title=str(found["title"]),
        content=str(found["text"]).encode(),
        alt_text=str(found["alt_text"]),
    )
