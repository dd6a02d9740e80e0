"""Save a change of a run whole: the run, its buttons, its locks, what happened, and what is owed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from bot.config.model import Configuration
from bot.domain.effects import AttachOutput, Parcel, Priority, ShowRun
from bot.domain.incident import Incident
from bot.domain.outcome import Outcome
from bot.domain.refusal import Refusal
from bot.domain.run import BUSY, Change, Run, StepRun, StepState, press_id
from bot.domain.run_verb import verbs
from bot.domain.runbook import Runbook
from bot.ports.action import Action
from bot.ports.store import Tx
from bot.services.edit_pace import EDITS
from bot.services.outcome import settle
from bot.services.run_approvals import keep_cards
from bot.services.run_inputs import hash_now
from bot.services.run_records import (
    LOCK,
    PRESS,
    Press,
    load_run,
    put_press,
    put_run,
)

BUTTON_LIVES = timedelta(hours=24)
"""Domain time after which an unpressed button is refused."""


class TargetBusy(Refusal):
    """Refuse a write on what another run is acting on, with a pointer to it."""

    def __init__(self, lock: str, incident: int, title: str, by: str) -> None:
        name = lock.partition(":")[2] or lock
        super().__init__(
            f"{name} is being acted on already: {title} in INC-{incident}, started by <@{by}>. "
            f"Wait until that has ended, then press again."
        )


def save(
    tx: Tx,
    config: Configuration,
    actions: Mapping[str, Action],
    incident: Incident,
    book: Runbook,
    before: Run | None,
    change: Change,
) -> Run:
    """Save a change, and owe the run's message and new outputs."""
    run = replace(change.run, revision=change.run.revision + 1)
    for step in run.steps:
        was = before.find(step.id) if before is not None else None
        if before is not None and was is not None and was.turn != step.turn:
            _forget_buttons(tx, book, before, step.id)
        if was is None or was.turn != step.turn:
            _draw_buttons(tx, config, actions, book, run, step.id)
        if step.lock and not held(step):
            tx.remove(LOCK, step.lock)
            run = run.with_step(replace(step, lock=""))
    put_run(tx, book, run)
    cards = keep_cards(tx, incident, before, run)
    parcels = (show(incident, run), *cards, *_attachments(incident, before, run))
    settle(tx, incident, Outcome(incident=incident, events=change.events, parcels=parcels))
    return run


def held(step: StepRun) -> bool:
    """Tell whether a step still holds its target: under way, or lost and not yet probed."""
    return step.state in BUSY or (step.state is StepState.UNKNOWN and not step.probed)


def show(incident: Incident, run: Run) -> Parcel:
    """Owe the run's message; a waiting one is replaced, and edits wait in a queue of their own to be paced."""
    return Parcel(
        key=f"run:{run.id}:{run.revision}",
        effect=ShowRun(incident=incident.id, run=run.id),
        destination=incident.channel if run.message is None else f"{EDITS}run-{run.id}",
        incident=incident.id,
        priority=Priority.STATUS,
        supersede=f"run:{run.id}",
    )


def take_lock(tx: Tx, run: Run, step: StepRun, lock: str, title: str) -> StepRun:
    """Take a target object for a step, or raise TargetBusy with its holder."""
    if not lock:
        return step
    found = tx.get(LOCK, lock)
    if found is not None and (found["run"], found["step"]) != (run.id, step.id):
        other = load_run(tx, int(found["run"]))
        if held(other.step(str(found["step"]))):
            raise TargetBusy(lock, other.incident, str(found["title"]), other.step(str(found["step"])).by)
    tx.put(LOCK, lock, {"run": run.id, "step": step.id, "title": title}, incident=run.incident)
    return replace(step, lock=lock)


def _forget_buttons(tx: Tx, book: Runbook, before: Run, step: str) -> None:
    for verb, option in verbs(book, before, step):
        tx.remove(PRESS, press_id(before, step, verb.value, option))


def _draw_buttons(
    tx: Tx, config: Configuration, actions: Mapping[str, Action], book: Runbook, run: Run, step: str
) -> None:
    for verb, option in verbs(book, run, step):
        name = press_id(run, step, verb.value, option)
        press = Press(
            incident=run.incident,
            run=run.id,
            step=step,
            verb=verb.value,
            option=option,
            turn=run.step(step).turn,
            inputs_hash=hash_now(config, actions, book, run, step),
            expires_at=tx.now + BUTTON_LIVES,
        )
        put_press(tx, name, press, run.incident)


def _attachments(incident: Incident, before: Run | None, run: Run) -> tuple[Parcel, ...]:
    fresh = [
        step
        for step in run.steps
        if step.files and (before is None or _files_of(before, step.id) != step.files)
    ]
    return tuple(
        Parcel(
            key=f"output:{run.id}:{step.id}:{step.attempt}",
            effect=AttachOutput(incident=incident.id, run=run.id, step=step.id),
            destination=incident.channel,
            incident=incident.id,
            priority=Priority.DIGEST,
        )
        for step in fresh
    )


def _files_of(run: Run, step: str) -> tuple[str, ...]:
    found = run.find(step)
    return found.files if found is not None else ()
