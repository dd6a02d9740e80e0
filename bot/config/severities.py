"""The severity schemes of `services.yaml`: each service's own levels, with their promises."""

from itertools import pairwise
from typing import Annotated

from pydantic import Field, model_validator

from bot.config.fields import Duration, Entry, Text, fault
from bot.domain.severity import Scheme, Severity


class SeverityEntry(Entry):
    """One level; `rank` 1 is the worst and is comparable between schemes."""

    name: Text
    rank: Annotated[int, Field(ge=1, le=9)]
    label: str = ""
    respond_within: Duration | None = None
    resolve_within: Duration | None = None
    update_every: Duration | None = Field(default=None, description="How often a status update is due")
    aliases: tuple[Text, ...] = Field(default=(), description="Other words for it, such as sev1 or critical")
    own_channel: bool = Field(default=False, description="Whether such an incident gets a channel of its own")


class SchemeEntry(Entry):
    """The levels a service uses, worst first, and the one that is meant when none is named."""

    default: Text
    severities: tuple[SeverityEntry, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> "SchemeEntry":
        words: dict[str, str] = {}
        for index, severity in enumerate(self.severities):
            for word in (severity.name, *severity.aliases):
                if " " in word or words.setdefault(word.casefold(), severity.name) != severity.name:
                    said = "must be one word" if " " in word else f"already means {words[word.casefold()]}"
                    raise fault(f'"{word}" {said}', "severities", index)
        if len({severity.name for severity in self.severities}) < len(self.severities):
            raise fault("two severities have the same name", "severities")
        for index, (worse, better) in enumerate(pairwise(self.severities), start=1):
            if better.rank <= worse.rank:
                raise fault(
                    "must be larger than the rank before it: worst first", "severities", index, "rank"
                )
        if self.default not in {severity.name for severity in self.severities}:
            listed = ", ".join(severity.name for severity in self.severities)
            raise fault(f'"{self.default}" is not one of its severities: {listed}', "default")
        return self


def scheme_of(name: str, entry: SchemeEntry) -> Scheme:
    """Turn a scheme of the file into the domain's."""
    return Scheme(
        name=name,
        default=entry.default,
        severities=tuple(
            Severity(
                name=each.name,
                rank=each.rank,
                label=each.label,
                respond_within=each.respond_within,
                resolve_within=each.resolve_within,
                update_every=each.update_every,
                aliases=each.aliases,
                own_channel=each.own_channel,
            )
            for each in entry.severities
        ),
    )
