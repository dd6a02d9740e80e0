"""The shape of a runbook file, as pydantic reads it; what it means is bound in `runbooks`."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag

from bot.config.fields import Duration, Entry, Name, Text, fault

StepId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""A step's id is used as a name in conditions, so it holds no hyphen."""

SectionWord = Literal[
    "alert",
    "overview",
    "impact",
    "prerequisites",
    "immediate",
    "investigation",
    "resolution",
    "verification",
    "communication",
    "escalation",
    "prevention",
    "post_incident",
]


class ConditionFile(Entry):
    cel: Text
    allow_empty: bool = False


Expression = Text | ConditionFile


class ApproveFile(Entry):
    count: int = Field(default=1, ge=1, le=5)
    roles: tuple[Name, ...] = Field(default=("owner",), min_length=1)
    expires: Duration = timedelta(minutes=15)


class CallFile(Entry):
    action: Text
    target: Name | None = None
    inputs: dict[str, Any] = Field(default_factory=dict, alias="with")
    timeout: Duration | None = None


class ActionFile(CallFile):
    id: StepId
    title: Text
    section: SectionWord = "immediate"
    if_: Expression | None = Field(default=None, alias="if")
    danger: Literal["read", "write", "destructive"] | None = None
    auto: bool = False
    on_failure: Literal["stop", "continue"] | None = None
    confirm: str = Field(default="", max_length=300)
    approve: ApproveFile | None = None
    undo: CallFile | None = None
    retry: int = Field(default=0, ge=0, le=5)


class ManualFile(Entry):
    id: StepId
    title: Text
    section: SectionWord = "immediate"
    if_: Expression | None = Field(default=None, alias="if")
    manual: Text = Field(max_length=2500)
    command: str = Field(default="", max_length=1000)


def _kind_of_inner(value: Any) -> str:
    return "ManualFile" if isinstance(value, dict) and "manual" in value else "ActionFile"


Inner = Annotated[
    Annotated[ActionFile, Tag("ActionFile")] | Annotated[ManualFile, Tag("ManualFile")],
    Discriminator(_kind_of_inner),
]


class OptionFile(Entry):
    id: StepId
    title: Text = Field(max_length=70)
    hint: str = Field(default="", max_length=300)
    if_: Expression | None = Field(default=None, alias="if")
    steps: tuple[Inner, ...] = Field(min_length=1, max_length=10)


class ChooseFile(Entry):
    id: StepId
    title: Text
    section: SectionWord = "resolution"
    if_: Expression | None = Field(default=None, alias="if")
    choose: Text = Field(max_length=1000)
    options: tuple[OptionFile, ...] = Field(min_length=2, max_length=10)


class CheckFile(CallFile):
    id: StepId
    title: Text
    expect: Expression


class VerifyFile(Entry):
    id: StepId
    title: Text
    section: SectionWord = "verification"
    if_: Expression | None = Field(default=None, alias="if")
    verify: tuple[CheckFile, ...] = Field(min_length=1, max_length=8)
    within: Duration
    every: Duration = timedelta(seconds=5)
    hold: Duration = timedelta(0)


def _kind_of(value: Any) -> str:
    for key, kind in (("manual", "ManualFile"), ("choose", "ChooseFile"), ("verify", "VerifyFile")):
        if isinstance(value, dict) and key in value:
            return kind
    return "ActionFile"


StepFile = Annotated[
    Annotated[ActionFile, Tag("ActionFile")]
    | Annotated[ManualFile, Tag("ManualFile")]
    | Annotated[ChooseFile, Tag("ChooseFile")]
    | Annotated[VerifyFile, Tag("VerifyFile")],
    Discriminator(_kind_of),
]


class ParamFile(Entry):
    type: Literal["string", "integer", "number", "boolean", "duration", "name", "enum"]
    title: Text
    default: str | int | float | bool | None = None
    min: float | None = None
    max: float | None = None
    pattern: str = Field(default="", max_length=200)
    choices: tuple[Text, ...] = Field(default=(), max_length=100)
    source: Literal["incident.service", "incident.environment", "incident.severity"] | None = Field(
        default=None, alias="from"
    )


class SuggestFile(Entry):
    alerts: tuple[Text, ...] = ()
    severities: tuple[Text, ...] = ()


class SectionsFile(Entry):
    alert: str = ""
    overview: str = ""
    impact: str = ""
    prerequisites: str = ""
    immediate: str = ""
    investigation: str = ""
    resolution: str = ""
    verification: str = ""
    communication: str = ""
    escalation: str = ""
    prevention: str = ""
    post_incident: str = ""


def _version(value: int) -> int:
    if value != 1:
        raise fault(f"this Muster reads schema 1, not {value}")
    return value


class RunbookFile(Entry):
    """One runbook; its id is the folder and the file's name."""

    version: Annotated[int, AfterValidator(_version)] = Field(alias="schema")
    id: Text | None = None
    name: Text = Field(max_length=120)
    summary: str = Field(default="", max_length=500)
    owner: str = ""
    severity: str = ""
    service: Name | None = None
    sections: SectionsFile = SectionsFile()
    suggest: SuggestFile = SuggestFile()
    target: Name | None = None
    params: dict[StepId, ParamFile] = Field(default_factory=dict, max_length=20)
    steps: tuple[StepFile, ...] = Field(min_length=1, max_length=40)
