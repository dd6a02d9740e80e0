"""What people type and what commands print: refused, or neutralised before it is kept or shown."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.domain.run_params import BadParameter
from bot.domain.runbook import ActionStep
from bot.ports.store import Tx
from bot.services import runbooks
from bot.services.run_inputs import ready
from bot.services.run_records import book_of, load_run
from tests.judges.slack_limits import block_faults
from tests.services.run_stage import Inputs, Stage, open_stage, set_up, texts

BOOK = """
schema: 1
name: Typed
target: api
params:
  name: {type: name, title: Name, default: api}
  free: {type: string, title: Free, default: api}
  size: {type: integer, title: Size, default: 1, min: 1, max: 9}
  kind: {type: enum, title: Kind, default: small, choices: [small, large]}
  span: {type: duration, title: Span, default: 5m}
steps:
  - {id: look, title: Look, action: thing.look, auto: true}
  - {id: mend, title: Mend, action: thing.mend, with: {name: "${params.free}", amount: "${params.size}"}}
"""

METACHARACTERS = [
    "api; reboot",
    "$(reboot)",
    "`reboot`",
    "api && reboot",
    "api | tee /etc/passwd",
    "api > /etc/passwd",
    "${HOME}",
    "'; DROP TABLE x; --",
    "../../etc/passwd",
    "/etc/passwd",
    "%2e%2e%2f",
    "a b",
    "{{7*7}}",
    "*",
]
REFUSED_EVERYWHERE = [
    "-rf",
    "--force",
    "api\nreboot",
    "api\r\nreboot",
    "api\x00",
    "a\u200bpi",
    "\u0430pi",
    "api\u202e",
    "\uff41pi",
    "a" * 254,
    "\x1b[31mapi",
]


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    stage = open_stage(tmp_path, BOOK)
    await set_up(stage)
    yield stage
    await stage.store.close()


@pytest.mark.parametrize("field", ["name", "size", "kind", "span"])
@pytest.mark.parametrize("typed", [*METACHARACTERS, *REFUSED_EVERYWHERE])
async def test_a_typed_field_takes_nothing_but_its_type(stage: Stage, field: str, typed: str) -> None:
    given: dict[str, Any] = {field: typed}
    with pytest.raises(BadParameter) as refused:
        await stage.start_only(**given)
    assert set(refused.value.faults) == {field}
    assert await stage.store.read(lambda tx: runbooks.runs_of(tx, 1)) == ()


@pytest.mark.parametrize("typed", REFUSED_EVERYWHERE)
async def test_free_text_takes_no_options_no_lines_no_disguise(stage: Stage, typed: str) -> None:
    with pytest.raises(BadParameter):
        await stage.start_only(free=typed)


@pytest.mark.parametrize("typed", METACHARACTERS)
async def test_free_text_reaches_an_action_as_one_value_and_nothing_interprets_it(
    stage: Stage, typed: str
) -> None:
    await stage.start(free=typed)

    def bound(tx: Tx) -> Inputs:
        run = load_run(tx, 1)
        step = book_of(tx, run).place("mend").step
        assert isinstance(step, ActionStep)
        found = ready(stage.config, stage.actions, run, "mend", step.call).inputs
        assert isinstance(found, Inputs)
        return found

    assert (await stage.store.read(bound)).name == typed


HOSTILE = {
    "mentions": "<!channel> <!here> <@U0ONCALL000> @everyone",
    "links": "<https://evil.example.com|https://bank.example.com>",
    "ansi": "\x1b[31mred\x1b[0m\x1b]8;;https://evil.example.com\x07click\x1b]8;;\x07",
    "control": "a\x00b\x07c\x08d\x7fe\x85f",
    "bidi": "\u202egnp.exe\u202c \u2066x\u2069",
    "hidden": "pay\u200bload\ufeff\u00ad",
    "one long line": "y" * 5_000_000,
    "blocks": "```\n*bold* _it_ ~gone~ > quote",
    "secret": "token s3cr3t-token-value in the open",
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_output_is_kept_and_shown_without_its_sting(stage: Stage, name: str) -> None:
    stage.world.lines = (HOSTILE[name],)
    await stage.start()
    step = (await stage.run()).step("look")
    kept = "\n".join(step.lines)
    assert not set(kept) & set("\x00\x07\x08\x1b\x7f\x85\u202e\u2066\u2069\u200b\ufeff\u00ad")
    assert "s3cr3t-token-value" not in kept
    assert all(len(line) <= 400 for line in step.lines)
    message = await stage.message()
    assert list(block_faults(list(message.blocks))) == []
    interpreted = [block for block in message.blocks if block["type"] != "rich_text"]
    assert "<!channel>" not in str(interpreted)
    assert "evil.example.com|" not in str(interpreted)
    assert "<!" not in message.text


async def test_bytes_that_are_no_text_and_too_many_lines_become_a_file(stage: Stage) -> None:
    stage.world.lines = tuple(f"line {number} \udcff" for number in range(5_000))
    await stage.start()
    step = (await stage.run()).step("look")
    assert len(step.lines) == 40
    output = await stage.store.read(lambda tx: runbooks.output(tx, 1, "look"))
    assert (output.name, output.title) == ("look.txt", "Look: full output")
    assert output.content.decode("utf-8").count("\n") == 4_999
    assert "attach_output" in await stage.owed()
    assert "line 4999" not in texts(await stage.message())
