"""Severity schemes: each service names its own levels; a common rank lets lists sort across them."""

from dataclasses import dataclass
from datetime import timedelta

from bot.domain.refusal import UnknownName


@dataclass(frozen=True, slots=True, kw_only=True)
class Severity:
    """One level of a scheme; `rank` is 1 for the worst and comparable between schemes."""

    name: str
    rank: int
    label: str = ""
    respond_within: timedelta | None = None
    resolve_within: timedelta | None = None
    update_every: timedelta | None = None
    aliases: tuple[str, ...] = ()
    own_channel: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """The severities a service uses, worst first, and the one that is meant when none is named."""

    name: str
    severities: tuple[Severity, ...]
    default: str

    def get(self, name: str) -> Severity | None:
        """Find a severity by its name or an alias, whatever the letter case; None if there is none."""
        wanted = name.casefold()
        for severity in self.severities:
            if wanted in {severity.name.casefold(), *(alias.casefold() for alias in severity.aliases)}:
                return severity
        return None

    def find(self, name: str) -> Severity:
        """Find a severity by name or alias, or raise UnknownName with the nearest one."""
        found = self.get(name)
        if found is None:
            raise UnknownName("severity", name, [severity.name for severity in self.severities])
        return found

    @property
    def top(self) -> Severity:
        """The worst severity of the scheme."""
        return min(self.severities, key=lambda severity: severity.rank)
