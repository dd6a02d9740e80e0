"""Perform one piece of a runner's work: actions, looks, probes and plans, with everything foreign tidied."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.config.cel import decide
from bot.config.model import Configuration
from bot.domain.redact import LINE_LIMIT, SHOWN_LINES, redact, strip, tidy, tidy_lines
from bot.domain.run_work import Finding
from bot.ports.action import Attachment, Context, Danger, Landed, Result
from bot.ports.failure import PermanentError, TemporaryError
from bot.services.run_inputs import secrets_of
from bot.services.run_jobs import Job, Work
from bot.services.run_records import Output
from bot.services.run_results import Brought

log = logging.getLogger(__name__)

GLANCE = 5.0
"""Seconds for which a remedy waits for the look that is taken before it."""

OUTPUT_LIMIT = 512 * 1024
"""Bytes of a step's full output that are kept."""


class Performer:
    """Does work in at most `at_once` actions at a time; keeps no state between them."""

    def __init__(
        self, config: Callable[[], Configuration], outside: Mapping[str, Any], *, at_once: int
    ) -> None:
        self._config, self._outside = config, outside
        self._room = asyncio.Semaphore(at_once)

    async def perform(self, work: Work, said: list[str]) -> Brought:
        """Do one piece of work; what it says of its progress is added to `said`."""
        async with self._room:
            match work.kind:
                case "plan":
                    return await self._plans(work)
                case "probe":
                    return await self._probe(work)
                case "look":
                    return await self._looks(work)
                case "run":
                    before = await self._before(work)
                    brought = await self._run_one(work, work.jobs[0], said)
                    return replace(brought, before=before)

    async def _before(self, work: Work) -> Mapping[str, tuple[bool, str]]:
        """Look once at what a remedy should mend; it waits for that no longer than a moment."""
        if not work.looks:
            return {}
        try:
            async with asyncio.timeout(GLANCE):
                found = await self._looked(work, work.looks)
        except TimeoutError:
            return {}
        return {job.id: (holds, summary) for job, holds, summary, _ in found}

    def _context(self, work: Work, job: Job, said: list[str]) -> Context:
        facts = {
            name.removeprefix("incident."): value
            for name, value in work.facts.items()
            if name.startswith("incident.")
        }
        return Context(
            target=job.target,
            outside=self._outside,
            mark=work.mark,
            progress=said.append,
            incident=facts,
            began_at=work.began,
        )

    async def _run_one(self, work: Work, job: Job, said: list[str]) -> Brought:
        """Run an action; a write whose end nobody saw is lost, and its probe will tell."""
        try:
            async with asyncio.timeout(job.timeout.total_seconds()):
                result = await job.action.run(self._context(work, job, said), job.inputs)
        except PermanentError as error:
            return Brought(finding=self._failed(str(error)))
        except TimeoutError:
            return self._unseen(work, f"No end within {job.timeout.total_seconds():.0f} s")
        except TemporaryError as error:
            return self._unseen(work, str(error))
        except Exception:
            log.exception("the action %s failed in run %s", job.action.name, work.run)
            return self._unseen(
                work, f"{job.action.name} broke on our side; the log of Muster has the details"
            )
        files = result.attachments or _rest_of(job, result.lines)
        return Brought(finding=self._found(result, files), output=self._output(files))

    def _unseen(self, work: Work, why: str) -> Brought:
        if work.danger is Danger.READ:
            return Brought(finding=self._failed(why))
        return Brought(lost=True, why=tidy(why, secrets_of(self._config())))

    def _failed(self, why: str) -> Finding:
        return Finding(ok=False, summary=tidy(why, secrets_of(self._config())), values={"ok": False})

    def _found(self, result: Result, files: tuple[Attachment, ...]) -> Finding:
        secrets = secrets_of(self._config())
        return Finding(
            ok=result.ok,
            summary=tidy(result.summary, secrets),
            lines=tidy_lines(result.lines, secrets),
            values={**_storable(result.values, secrets), "ok": result.ok},
            files=tuple(each.name for each in files[:1]),
        )

    def _output(self, attachments: tuple[Attachment, ...]) -> Output | None:
        if not attachments:
            return None
        first, secrets = attachments[0], secrets_of(self._config())
        text = redact(strip(first.content.decode("utf-8", errors="replace")), secrets)
        return Output(
            name=first.name,
            title=tidy(first.title, secrets),
            content=text.encode()[-OUTPUT_LIMIT:],
            alt_text=first.alt_text,
        )

    async def _looks(self, work: Work) -> Brought:
        """Make all checks of a verification at once and judge each by what it expects."""
        looked = await self._looked(work, work.jobs)
        good = all(holds for _, holds, _, _ in looked)
        return Brought(
            finding=Finding(
                ok=good,
                summary="; ".join(f"{job.title}: {summary}" for job, _, summary, _ in looked),
                lines=tuple(
                    f"{'ok ' if holds else 'not yet'}  {job.title}: {summary}{why}"
                    for job, holds, summary, why in looked
                ),
                values={**{job.id: summary for job, _, summary, _ in looked}, "ok": good},
            )
        )

    async def _looked(self, work: Work, jobs: Sequence[Job]) -> list[tuple[Job, bool, str, str]]:
        """Make checks at once; each comes with whether it held, its line, and why it could not be decided."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._run_one(work, job, [])) for job in jobs]
        looked = []
        for job, task in zip(jobs, tasks, strict=True):
            found = task.result().finding or self._failed("no answer")
            values = {**work.facts, **(found.values or {})}
            verdict = decide(job.expect, values) if job.expect is not None else None
            holds = found.ok if verdict is None else verdict.holds
            why = f" ({verdict.fault})" if verdict is not None and verdict.fault else ""
            looked.append((job, holds, found.summary, why))
        return looked

    async def _probe(self, work: Work) -> Brought:
        job = work.jobs[0]
        landed = Landed.CANNOT_TELL
        if job.action.probe is not None:
            try:
                async with asyncio.timeout(job.timeout.total_seconds()):
                    landed = await job.action.probe(self._context(work, job, []), job.inputs)
            except Exception:
                log.exception("the probe of %s failed in run %s", job.action.name, work.run)
        words = {
            Landed.YES: (True, "It was interrupted, but it did take effect"),
            Landed.NO: (False, "It was interrupted and took no effect"),
            Landed.CANNOT_TELL: (None, "It was interrupted, and whether it took effect cannot be told"),
        }
        answer, why = words[landed]
        return Brought(landed=answer, why=why)

    async def _plans(self, work: Work) -> Brought:
        """Draw previews; one that fails leaves the plain words of the runbook in its place."""
        plans: dict[str, str] = {}
        for job in work.jobs:
            if job.action.plan is None:
                continue
            try:
                async with asyncio.timeout(min(job.timeout.total_seconds(), 10.0)):
                    text = await job.action.plan(self._context(work, job, []), job.inputs)
                plans[job.id] = tidy(text, secrets_of(self._config()))
            except Exception:
                log.exception("the plan of %s failed in run %s", job.action.name, work.run)
        return Brought(plans=plans)


def _rest_of(job: Job, lines: tuple[str, ...]) -> tuple[Attachment, ...]:
    """Make a file of output that is too long to be shown whole, where the action made none itself."""
    if len(lines) <= SHOWN_LINES and all(len(line) <= LINE_LIMIT for line in lines):
        return ()
    text = "\n".join(lines).encode("utf-8", errors="replace")
    return (Attachment(name=f"{job.id}.txt", title=f"{job.title}: full output", content=text),)


def _storable(values: Mapping[str, Any], secrets: Iterable[str]) -> dict[str, Any]:
    """Keep what conditions can read: finite numbers, tidied text, and flat collections of them."""
    kept: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, str):
            kept[name] = tidy(value, secrets)
        elif isinstance(value, float):
            if abs(value) < float("inf"):
                kept[name] = value
        elif isinstance(value, Mapping):
            kept[name] = {tidy(str(key), secrets): each for key, each in list(value.items())[:50]}
        elif isinstance(value, list | tuple):
            kept[name] = [tidy(each, secrets) if isinstance(each, str) else each for each in value[:200]]
        elif value is not None:
            kept[name] = value
    return kept
