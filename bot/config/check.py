"""`muster check`: everything that is wrong with the files, and what was found when nothing is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.config.load import load
from bot.config.problem import ConfigError, Problem
from bot.ports.action import Action
from bot.ports.channel import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a check found: problems sorted by place, sentences about what cannot be used here, and counts."""

    problems: tuple[Problem, ...] = ()
    remarks: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """The exit status: 1 when there is any problem."""
        return 1 if self.problems else 0

    @property
    def summary(self) -> str:
        """One sentence for the end of the output."""
        if self.problems:
            count, places = len(self.problems), len({problem.file for problem in self.problems})
            return f"{_many(count, 'problem')} in {_many(places, 'file')}."
        found = [_many(count, noun) for noun, count in self.counts.items()]
        return f"The configuration is good: {', '.join(found)}."


def check(
    config: Path,
    runbooks: Path,
    env: Mapping[str, str],
    *,
    actions: Mapping[str, Action],
    channels: Mapping[str, Channel],
) -> Report:
    """Check all files as `serve` would read them; a target whose variables are not set is remarked, not a fault.

    Args:
        config: the folder of the configuration files.
        runbooks: the folder of the runbooks.
        env: the variables that references in the files are filled from; may be empty.
        actions: the actions that runbooks may name.
        channels: the escalation channels that policies and people may name.
    """
    try:
        found = load(config, runbooks, env, actions=actions, channels=channels)
    except ConfigError as error:
        return Report(problems=error.problems)
    return Report(
        remarks=tuple(target.unavailable for target in found.targets.values() if target.unavailable),
        counts={
            "service": len(found.services),
            "person": len(found.people),
            "escalation policy": len(found.policies),
            "on-call schedule": len(found.schedules),
            "alert rule": len(found.alerts),
            "target": len(found.targets),
            "template": len(found.templates),
            "runbook": len(found.runbooks),
        },
    )


_PLURALS = {"person": "people", "escalation policy": "escalation policies"}


def _many(count: int, noun: str) -> str:
    return f"{count} {noun if count == 1 else _PLURALS.get(noun, noun + 's')}"
