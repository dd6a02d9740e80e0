"""Write the reference pages that the code itself can tell: `python docs/generate.py`."""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from prometheus_client import Counter, Gauge, Histogram
from pydantic import BaseModel

from bot import actions, channels, cli, commands
from bot.config.schema import schemas
from bot.entrypoints.metrics import Metrics
from bot.ports.action import Action, Danger
from bot.views.text import duration

sys.path.insert(0, str(Path(__file__).parent.parent))
from docs.schema_text import called, fields, prose, resolved, table

HERE = Path(__file__).parent
REFERENCE = HERE / "reference"
NOTE = "<!-- Written by docs/generate.py from the code; change the code, then run it again. -->"

STEPS = {
    Danger.READ: "steps that only look",
    Danger.WRITE: "steps that change something",
    Danger.DESTRUCTIVE: "steps that destroy something",
}
FILES = {
    "alerts": "The first rule that fits an alert decides. Without `match`, the rule's name is compared with the label `alertname`.",
    "escalation": "One policy in each file; the file's name is the policy's name. A copy is kept with each incident, so an edit changes no running clock.",
    "oncall": "The first layer with somebody on duty decides; where none has, `people` are on call; overrides beat both.",
    "people": "The key is the person's handle. Without `slack`, the Slack account is found by `email`.",
    "roles": "A denial beats every grant, and what nothing allows is refused. [Permissions](permissions.md) lists what can be granted.",
    "runbook": "A runbook's id is its folder and its file's name: `architect/api-down`. [Write a runbook](../how-to/write-a-runbook.md) shows one grow.",
    "services": "The catalog: what people may declare an incident for.",
    "targets": "What runbooks act on. `${NAME}` is filled from the environment; a target whose variable is not set is unavailable and says so.",
    "template": "Jinja, sandboxed: variables, filters and `if`. The newest incident facts fill it; everything a person typed is escaped.",
}


def pages() -> dict[Path, str]:
    """Give every generated page by its path."""
    made = {
        "commands": commands_page,
        "cli": cli_page,
        "configuration": configuration_page,
        "actions": actions_page,
        "channels": channels_page,
        "permissions": permissions_page,
        "metrics": metrics_page,
    }
    return {
        REFERENCE / f"{name}.md": f"{NOTE}\n\n" + "\n".join(_spaced(page())) + "\n"
        for name, page in made.items()
    }


def _spaced(lines: Iterator[str]) -> Iterator[str]:
    """Keep one empty line at most between lines, and none at the end."""
    waiting, began = False, False
    for line in lines:
        if not line:
            waiting = began
            continue
        if waiting:
            yield ""
        waiting, began = False, True
        yield line


def commands_page() -> Iterator[str]:
    """List the subcommands of `/incident`."""
    found = commands.registry()
    yield from ("# Slash commands", "")
    yield "Every subcommand works as `/incident WORD …` and as a mention, `@muster WORD …`. Slack allows no slash command in a thread, so there it is the mention."
    yield from (
        "",
        "With no incident id, the incident of the channel is meant, for a mention that of the thread.",
        "",
    )
    yield from table(
        ("subcommand", "does"), [(f"[{word}](#{word})", spec.summary) for word, spec in found.items()]
    )
    for word, spec in found.items():
        yield from ("", f"## {word}", "", f"{spec.summary}.", "", "```text")
        for usage in spec.usage.split(" | ") if spec.words else (spec.usage,):
            yield f"/incident {word} {usage}".rstrip()
        yield from ("```", "", f"Example: `{spec.example}`", "")
        yield f"Permission: `{spec.entry.permission}`. Ways in: {_ways(spec)}."


def _ways(spec: commands.Command) -> str:
    ways = ["slash command", "mention"]
    ways += [
        name
        for name, there in (("button", spec.presses), ("form", spec.forms), ("shortcut", spec.shortcuts))
        if there
    ]
    return ", ".join(ways)


def cli_page() -> Iterator[str]:
    """List the commands of `muster`."""
    yield from (
        "# Command line",
        "",
        "Errors go to stderr, and the exit status is 1 for a fault, 2 for a wrong argument.",
        "",
    )
    parser = cli.parser()
    yield from ("Every command takes these two:", "", *_options(parser))
    for name, made in _subcommands(parser).items():
        yield from (
            "",
            f"## muster {name}",
            "",
            f"{made.description}",
            "",
            "```sh",
            _example(made),
            "```",
            "",
        )
        yield from _options(made)


def _example(parser: argparse.ArgumentParser) -> str:
    return str(parser.epilog).removeprefix("Example: ")


def _subcommands(parser: argparse.ArgumentParser) -> Mapping[str, argparse.ArgumentParser]:
    for each in parser._actions:  # noqa: SLF001 - argparse has no public way to ask what it knows
        if isinstance(each, argparse._SubParsersAction):  # noqa: SLF001 - as above
            return dict(each.choices)
    return {}


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    for each in parser._actions:  # noqa: SLF001 - as above
        if isinstance(each, argparse._HelpAction | argparse._SubParsersAction):  # noqa: SLF001 - as above
            continue
        if each.default is argparse.SUPPRESS:
            continue
        value = each.metavar or " | ".join(map(str, each.choices or ())) or each.dest.upper()
        name = ", ".join(each.option_strings) + (f" {value}" if each.nargs != 0 else "")
        yield f"- `{name.strip()}`" + (f": {each.help}" if each.help else "")


def configuration_page() -> Iterator[str]:
    """List every field of every file."""
    yield from ("# Configuration", "")
    yield "`muster check` validates all files and names file, line, field and the nearest name of each fault. `muster schema services` prints the JSON Schema of one kind of file for editors."
    yield from (
        "",
        "A duration is written `90s`, `5m`, `1h30m` or `2d`. A field that is not required has its default in brackets.",
    )
    for kind, schema in schemas().items():
        place = schema["title"] if kind == "template" else f"`{schema['title']}`"
        yield from ("", f"## {kind}", "", f"{place[:1].upper()}{place[1:]}. {FILES.get(kind, '')}", "")
        yield from fields(schema, kind)
        for name, part in sorted(schema.get("$defs", {}).items()):
            yield from ("", f"### {kind}: {called(name)}", "")
            if "description" in part:
                yield from (prose(part["description"]), "")
            yield from fields(part, kind)


def actions_page() -> Iterator[str]:
    """List the runbook actions with what goes in and what comes out."""
    found = actions.registry()
    yield from ("# Runbook actions", "")
    yield "A step names one as `action:`, gives its inputs under `with:`, and a target of a fitting kind. Outputs can be named in later conditions and inputs by the step's id: `health.status`."
    yield from ("", "Danger decides who may press it; a destructive step also needs a second person.", "")
    yield from table(
        ("action", "danger", "does"),
        [(f"[`{name}`](#{_anchor(name)})", each.danger.value, each.summary) for name, each in found.items()],
    )
    for name, each in found.items():
        yield from ("", f"## {name}", "", f"{each.summary}.", "")
        yield f"- Danger: {each.danger.value}{_care(each)}"
        yield f"- Targets: {', '.join(f'`{kind}`' for kind in each.kinds)}"
        yield f"- Time: {duration(each.timeout)} unless the step says otherwise, at most {duration(each.longest)}"
        yield from ("", *_values("Inputs", each.inputs))
        yield from ("", *_values("Outputs", each.outputs))


def _care(action: Action) -> str:
    has = [
        said
        for said, there in (
            ("says beforehand what it will do", action.plan),
            ("can tell after a crash whether it happened", action.probe),
        )
        if there
    ]
    return f"; {' and '.join(has)}" if has else ""


def _values(title: str, model: type[BaseModel]) -> Iterator[str]:
    schema = model.model_json_schema(mode="validation")
    lines = [line.replace("; default none)", "; optional)") for line in fields(resolved(schema), "")]
    if title == "Outputs":
        lines = [line.partition(";")[0] + ")" if ";" in line else line for line in lines]
    said = prose(schema.get("description", "")) if lines else ""
    yield f"{title}: {said}" if said else f"{title}:" if lines else f"{title}: none."
    yield from ("", *lines)


def channels_page() -> Iterator[str]:
    """List the escalation channels."""
    yield from ("# Escalation channels", "")
    yield "Named as `via:` in an escalation policy, or in a person's contact rules. One that fails falls back to the next road and says so on the card."
    yield ""
    yield from table(
        ("via", "is", "reaches", "needs"),
        [
            (
                f"`{name}`",
                each.summary,
                "all of a step's people at once" if each.shared else "one person each",
                "their Slack accounts" if each.on_slack else "its own account",
            )
            for name, each in channels.registry().items()
        ],
    )


def permissions_page() -> Iterator[str]:
    """List what can be granted, what needs it, and what the shipped file grants."""
    users: dict[str, list[str]] = {
        "alert.receive": ["webhooks"],
        "runbook.approve": ["approving somebody else's step"],
    }
    for word, spec in commands.registry().items():
        for entry in (spec.entry, *spec.words.values(), *spec.presses.values(), *spec.forms.values()):
            users.setdefault(entry.permission, []).append(f"`{word}`")
    for action in actions.registry().values():
        users.setdefault(f"runbook.{action.danger.value}", []).append(STEPS[action.danger])
    yield from ("# Permissions", "")
    yield "Grants name permissions, with shell globs: `incident.*`, `*.view`. [How the gate decides](../explanation/permission.md)."
    yield ""
    rows = [(f"`{name}`", ", ".join(dict.fromkeys(by))) for name, by in sorted(users.items())]
    yield from table(("permission", "needed by"), rows)
    yield from (
        "",
        "`/incident status` only looks, unless it sets a status: then it needs `incident.status`.",
    )
    shipped = yaml.safe_load((HERE.parent / "config" / "roles.yaml").read_text(encoding="utf-8"))
    yield from ("", "## What the shipped file grants", "")
    yield from ("`config/roles.yaml`, rule by rule. A refusal names the rule.", "")
    rules = [(f"`{each['id']}`", each["role"], _granted(each)) for each in shipped["grants"]]
    yield from table(("rule", "role", "may"), rules)


def _granted(rule: Mapping[str, Any]) -> str:
    lists = [(said, rule.get(key, ())) for key, said in (("allow", ""), ("deny", "not "))]
    return ", ".join(f"{said}`{each}`" for said, names in lists for each in names)


def metrics_page() -> Iterator[str]:
    """List the numbers on `/metrics`."""
    yield from (
        "# Metrics",
        "",
        "`GET /metrics` in the Prometheus text format. Counters end in `_total` there, histograms in `_bucket`, `_sum` and `_count`.",
        "",
    )
    kinds: Sequence[tuple[type, str]] = ((Counter, "counter"), (Gauge, "gauge"), (Histogram, "histogram"))
    rows = []
    for each in vars(Metrics()).values():
        for kind, word in kinds:
            if isinstance(each, kind):
                labels = ", ".join(f"`{label}`" for label in each._labelnames)  # type: ignore[attr-defined]  # noqa: SLF001 - the client has no public way to ask
                rows.append((f"`{each._name}`", word, labels or "none", each._documentation))  # type: ignore[attr-defined]  # noqa: SLF001 - as above
    yield from table(("name", "kind", "labels", "counts"), rows)


def _anchor(heading: str) -> str:
    return heading.replace(".", "").lower()


def main() -> None:
    """Write what has changed and name it."""
    REFERENCE.mkdir(exist_ok=True)
    for path, text in pages().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"wrote {path.relative_to(HERE.parent)}\n")


if __name__ == "__main__":
    main()
