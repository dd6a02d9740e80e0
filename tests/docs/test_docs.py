"""The documentation says what the code says: generated pages, links, examples, names and pictures."""

import argparse
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import cli, commands
from docs import generate

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")])
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")
PLACE = re.compile(r"(?:bot|tests|docs|config|runbooks|bench)/[\w./-]+")
PICTURE_BYTES = 150_000


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def prose(path: Path) -> str:
    """Give a page without what stands in code."""
    return SPAN.sub("", FENCE.sub("", path.read_text(encoding="utf-8")))


def code(path: Path) -> Iterator[str]:
    """Give each line of a page's blocks and each span of code."""
    text = path.read_text(encoding="utf-8")
    for block in FENCE.findall(text):
        yield from block.replace("\\\n", " ").splitlines()[1:-1]
    yield from SPAN.findall(FENCE.sub("", text))


def anchors(path: Path) -> set[str]:
    """Give the names under which a page's headings are linked, as forges make them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).strip().replace(" ", "-") for each in headings}


@pytest.mark.parametrize("path", sorted(generate.pages()), ids=name)
def test_a_generated_page_is_what_the_code_says(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == generate.pages()[path], "run: python docs/generate.py"


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in LINK.findall(FENCE.sub("", path.read_text(encoding="utf-8"))):
        if target.startswith(("http://", "https://")):
            continue
        place, _, anchor = target.partition("#")
        aim = (path.parent / place).resolve() if place else path
        assert aim.exists(), f"{target} leads nowhere"
        assert not anchor or anchor in anchors(aim), f"{target} names no heading"


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_named_files_exist(path: Path) -> None:
    """Examples of files that a reader makes stand in blocks; what is named in a sentence is there."""
    for span in SPAN.findall(FENCE.sub("", path.read_text(encoding="utf-8"))):
        if PLACE.fullmatch(span):
            assert (ROOT / span).exists(), f"{span} is not there"


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_examples_of_the_command_line_are_understood(path: Path) -> None:
    for line in code(path):
        typed = line.partition(" > ")[0]
        words = [each for each in shlex.split(typed) if "=" not in each] if "muster" in typed else []
        if words[:1] == ["muster"] and "|" not in words and len(words) > 1:
            understood(words[1:], line)


def understood(words: list[str], line: str) -> None:
    """Parse an example; a command that is only named, as in "muster escalation", is enough if it exists."""
    if len(words) == 1 and words[0] in cli.COMMANDS:
        return
    parser: argparse.ArgumentParser = cli.parser()
    try:
        parser.parse_args(words)
    except SystemExit as left:
        if left.code:
            pytest.fail(f"not understood: {line}")


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_examples_of_slash_commands_exist(path: Path) -> None:
    made_up = {"WORD", "<word>", "thanks", "…"}
    for line in code(path):
        found = re.match(r"/incident (\S+)", line)
        if found and found[1] not in made_up:
            assert found[1] in commands.registry(), line


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_the_tone_is_plain(path: Path) -> None:
    text = prose(path)
    assert "!" not in PICTURE.sub("", text).replace("<!--", ""), "no exclamation marks"
    assert not re.search(r"(?<![\w.])/(?:work|root|home)\b", path.read_text(encoding="utf-8"))


def test_every_dependency_has_a_sentence() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    names = {re.split(r"[\[<>=]", each)[0] for each in wanted}
    page = (DOCS / "reference" / "dependencies.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `([\w-]+)` \| (.+) \|$", page, re.MULTILINE))
    assert set(told) == names


def test_every_variable_is_listed() -> None:
    settings = (ROOT / "bot" / "settings.py").read_text(encoding="utf-8")
    page = (DOCS / "reference" / "environment.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `([A-Z_]+)`", page, re.MULTILINE))
    assert listed == set(re.findall(r'env(?:\.get\(|\[)"([A-Z_]+)"', settings))


def test_every_route_is_listed() -> None:
    folder = ROOT / "bot" / "entrypoints"
    source = "".join(each.read_text(encoding="utf-8") for each in folder.glob("*.py"))
    routes = {f"{verb.upper()} {path}" for verb, path in re.findall(r'web\.(get|post)\("([^"]+)"', source)}
    page = (DOCS / "reference" / "http.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `((?:GET|POST) [^`]+)`", page, re.MULTILINE)) == routes


def test_every_decision_is_listed_and_names_its_check() -> None:
    index = (DOCS / "decisions" / "README.md").read_text(encoding="utf-8")
    for path in (DOCS / "decisions").glob("*.md"):
        if path.name != "README.md":
            assert f"({path.name})" in index
            assert "check" in path.read_text(encoding="utf-8").lower()


def test_pictures_are_small_used_and_described() -> None:
    used = {
        (page.parent / target).resolve(): alt
        for page in PAGES
        for alt, target in PICTURE.findall(page.read_text(encoding="utf-8"))
    }
    there = set((DOCS / "pictures").glob("*.png"))
    assert there <= set(used), f"not shown anywhere: {sorted(map(name, there - set(used)))}"
    assert all(alt for alt in used.values())
    assert all(path.stat().st_size < PICTURE_BYTES for path in there)


def test_the_readme_begins_with_what_it_is_how_to_start_and_a_card() -> None:
    first = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:14]
    text = "\n".join(first)
    for wanted in ("incident-command bot for Slack", "make sandbox", "make test", "docs/pictures/card.png"):
        assert wanted in text
