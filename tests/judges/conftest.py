"""Say in the summary where a judge or a workspace is known to differ from Slack."""

import pytest

from tests.judges.webapi_stage import MET


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if MET:
        terminalreporter.section("known differences from Slack, each listed in tests/judges/webapi_stage.py")
        for (server, what), why in sorted(MET.items()):
            terminalreporter.write_line(f"{server}: {what}: {why}")
