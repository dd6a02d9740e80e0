"""`templates/`: messages as sandboxed Jinja with a YAML header; checked by rendering them with sample data."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path as FilePath
from typing import Any, Literal

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, nodes
from jinja2 import Template as JinjaTemplate
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import Field

from bot.config.document import Document, load_document
from bot.config.fields import Entry, Text
from bot.config.model import Template
from bot.config.parse import parse
from bot.config.problem import ConfigError, Problem
from bot.config.reference import Path
from bot.domain.refusal import nearest

USES: Mapping[Path, str] = {("service",): "service"}

SAMPLE: Mapping[str, str] = {
    "incident": "INC-42",
    "title": "API completely down",
    "service": "Architect Dashboard API",
    "environment": "production",
    "severity": "P1",
    "status": "INVESTIGATING",
    "affected": "All dashboards & exports",
    "customers": "about 40 %",
    "started": "2026-11-20T10:02:00Z",
    "eta": "11:00 UTC",
    "now": "10:20",
    "latest": "A rollback is under way; the error rate is falling.",
    "status_page": "https://status.example.com",
    "questions": "#incidents",
    "commander": "<@U024BE7LH>",
    "duration": "18 min",
}
"""Every variable that a template may name, with a value to try it with."""

LENGTH_LIMIT = 3000
"""Characters of a rendered sample; a section of a Slack message holds as many."""

SOURCE_LIMIT = 20_000

_MENTION = re.compile(r"<@[UW][A-Z0-9]{2,20}>")
_FENCE = re.compile(r"^---[ ]*$", re.MULTILINE)
_ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.CondExpr),
    *(nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Filter),
)
_FILTERS = ("capitalize", "default", "lower", "replace", "title", "trim", "truncate", "upper")


class Header(Entry):
    """What stands between the `---` lines at the top of a template."""

    audience: Literal["responders", "company", "executives", "customers"]
    service: Text = Field(default="*", description="A service of services.yaml; without it, every service")
    summary: str = ""


class Mrkdwn(str):
    """A text that is Slack mrkdwn already and is not escaped again."""

    __slots__ = ()


def escape(value: object) -> str:
    """Make a value harmless in Slack mrkdwn: no mention, no link, nothing that was not written in the template."""
    if isinstance(value, Mrkdwn):
        return str(value)
    return str(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def template_documents(folder: FilePath, problems: list[Problem]) -> dict[str, tuple[Document, str]]:
    """Read the header and the text of every `*.md` template in a folder, by name; the text keeps its line numbers."""
    found: dict[str, tuple[Document, str]] = {}
    for path in sorted(folder.glob("*.md")):
        try:
            text = path.read_text(encoding="utf-8")
            header, body = _split(path, text)
            found[path.stem] = (load_document(path, header), body)
        except UnicodeDecodeError as error:
            said = f"byte {error.start + 1} of the file is not UTF-8; save the file as UTF-8"
            problems.append(Problem(str(path), 1, 1, "", said))
        except OSError as error:
            problems.append(Problem(str(path), 1, 1, "", f"the file cannot be read: {error.strerror}"))
        except ConfigError as error:
            problems.extend(error.problems)
    return found


def read_templates(
    documents: Mapping[str, tuple[Document, str]], problems: list[Problem]
) -> dict[str, Template]:
    """Compile the templates and try each with the sample; two for one audience and service are refused."""
    templates: dict[str, Template] = {}
    for name, (document, body) in documents.items():
        header = parse(document, Header, problems)
        render = _compiled(document.file, body, problems)
        if header is None or render is None:
            continue
        for other in templates.values():
            if (other.audience, other.service) == (header.audience, header.service):
                said = f'"{other.name}" already is the template for {header.audience} of {header.service}'
                problems.append(document.problem(("audience",), said))
        templates[name] = Template(name=name, audience=header.audience, service=header.service, render=render)
    return templates


def _split(path: FilePath, text: str) -> tuple[str, str]:
    """Cut a template in two that keep the line numbers of the whole."""
    if len(text) > SOURCE_LIMIT:
        raise ConfigError([Problem(str(path), 1, 1, "", f"a template has at most {SOURCE_LIMIT} characters")])
    fences = list(_FENCE.finditer(text))
    if len(fences) < 2 or fences[0].start() != 0:
        said = "a template begins with a header between two lines of ---, with at least audience"
        raise ConfigError([Problem(str(path), 1, 1, "", said)])
    header = text[fences[0].end() : fences[1].start()]
    return header, "\n" * text.count("\n", 0, fences[1].end()) + text[fences[1].end() :]


def _compiled(file: str, body: str, problems: list[Problem]) -> Callable[[Mapping[str, Any]], str] | None:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=False,
        finalize=escape,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals = {}
    try:
        tree = environment.parse(body)
        faults = _faults(file, body, tree)
        problems.extend(faults)
        if faults:
            return None
        render = _renderer(environment.from_string(tree))
        sample = render(SAMPLE)
        render(dict.fromkeys(SAMPLE, ""))
    except TemplateSyntaxError as error:
        problems.append(
            Problem(file, error.lineno, 1, "", f"the template cannot be read: {_sentence(error)}")
        )
        return None
    except RecursionError:
        problems.append(Problem(file, 1, 1, "", "the template is nested too deeply"))
        return None
    except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
        problems.append(Problem(file, 1, 1, "", f"the sample cannot be rendered: {_sentence(error)}"))
        return None
    if not 0 < len(sample) <= LENGTH_LIMIT:
        said = f"the sample has {len(sample)} characters; it must have 1 to {LENGTH_LIMIT}"
        problems.append(Problem(file, body.count("\n", 0, len(body) - len(body.lstrip())) + 1, 1, "", said))
        return None
    return render


def _renderer(template: JinjaTemplate) -> Callable[[Mapping[str, Any]], str]:
    def render(values: Mapping[str, Any]) -> str:
        marked = {name: _marked(name, value) for name, value in values.items()}
        return template.render(marked).strip()

    return render


def _marked(name: str, value: Any) -> Any:
    """Let the commander's mention through; it is made from a user id, never from what somebody typed."""
    return Mrkdwn(value) if name == "commander" and _MENTION.fullmatch(str(value)) else value


def _faults(file: str, body: str, tree: nodes.Template) -> list[Problem]:
    """Refuse unknown variables, and everything by which a template could run long or reach out."""
    lines = body.splitlines()
    faults: list[Problem] = []
    for node in _walk(tree):
        said, word = "", ""
        if isinstance(node, nodes.Name) and node.name not in SAMPLE:
            word, near = node.name, nearest(node.name, SAMPLE)
            known = f'did you mean "{near}"?' if near else f"known: {', '.join(SAMPLE)}"
            said = f'there is no variable "{word}"; {known}'
        elif isinstance(node, nodes.Filter) and node.name not in _FILTERS:
            word = node.name
            said = f'the filter "{word}" is not available; there are {", ".join(_FILTERS)}'
        elif not isinstance(node, _ALLOWED):
            kind = type(node).__name__.lower()
            said = f"a template holds only variables, filters and if, not {kind}"
        if said:
            found = re.search(rf"\b{re.escape(word)}\b", lines[node.lineno - 1]) if word else None
            faults.append(Problem(file, node.lineno, found.start() + 1 if found else 1, word, said))
    return faults


def _walk(node: nodes.Node) -> list[nodes.Node]:
    found = [node]
    for child in node.iter_child_nodes():
        found.extend(_walk(child))
    return found


def _sentence(error: Exception) -> str:
    said = str(error)
    return said[:1].lower() + said[1:].rstrip(".")
