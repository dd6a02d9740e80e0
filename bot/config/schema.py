"""JSON Schemas of the files, made from the models that read them, for editors and for `muster schema`."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from typing_extensions import override

from bot.config.alerts import AlertsFile
from bot.config.escalation import PolicyFile
from bot.config.fields import write_duration
from bot.config.oncall import OnCallFile
from bot.config.people import PeopleFile
from bot.config.queries import QueriesFile
from bot.config.roles import RolesFile
from bot.config.runbook_file import RunbookFile
from bot.config.services import ServicesFile
from bot.config.targets import TargetsFile
from bot.config.templates import Header

FILES: Mapping[str, tuple[str, type[BaseModel]]] = {
    "people": ("config/people.yaml", PeopleFile),
    "roles": ("config/roles.yaml", RolesFile),
    "services": ("config/services.yaml", ServicesFile),
    "oncall": ("config/oncall.yaml", OnCallFile),
    "escalation": ("config/escalation/*.yaml", PolicyFile),
    "alerts": ("config/alerts.yaml", AlertsFile),
    "targets": ("config/targets.yaml", TargetsFile),
    "queries": ("config/queries.yaml", QueriesFile),
    "template": ("the header of config/templates/*.md", Header),
    "runbook": ("runbooks/<service>/*.yaml", RunbookFile),
}
"""The kinds of file by name: where such files stand, and the model that reads them."""

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Generator(GenerateJsonSchema):
    """Writes defaults as the files would."""

    @override
    def encode_default(self, dft: Any) -> Any:
        return write_duration(dft) if isinstance(dft, timedelta) else super().encode_default(dft)


def schemas() -> dict[str, dict[str, Any]]:
    """Give the JSON Schema of every kind of file, by the kind's name."""
    return {kind: schema(kind) for kind in FILES}


def schema(kind: str) -> dict[str, Any]:
    """Give the JSON Schema of one kind of file.

    Raises:
        KeyError: there is no such kind; `FILES` lists them.
    """
    place, model = FILES[kind]
    made = model.model_json_schema(by_alias=True, mode="validation", schema_generator=_Generator)
    return {
        "$schema": DIALECT,
        "title": place,
        **{key: value for key, value in made.items() if key != "title"},
    }
