"""The workspaces that the contract is told to, and where each is known to differ from Slack."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.judges.webapi_stage import MET, Stage, emulate, ours, theirs


@pytest.fixture(scope="module")
def emulator() -> Iterator[str]:
    with emulate() as url:
        yield url


@pytest.fixture(params=["ours", pytest.param("emulate", marks=pytest.mark.needs("emulate"))])
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """Give a workspace to a story, and hold it to every claim that the story made."""
    there = ours() if request.param == "ours" else theirs(request.getfixturevalue("emulator"))
    async with there as made:
        yield made
    if made.wrong:
        pytest.fail("\n".join(made.wrong), pytrace=False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if MET:
        terminalreporter.section("known differences from Slack, each listed in tests/judges/differences.py")
        for (server, what), why in sorted(MET.items()):
            terminalreporter.write_line(f"{server}: {what}: {why}")
