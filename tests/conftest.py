"""What every test shares: peers that may be absent are named, never silently passed over."""

from functools import cache

import pytest

from tests.peers import OPTIONAL, PEERS, in_ci

_not_run: list[tuple[str, str]] = []


@cache
def _missing(peer: str) -> str | None:
    return PEERS[peer]()


def _gaps(item: pytest.Item) -> list[str]:
    names = [str(arg) for mark in item.iter_markers("needs") for arg in mark.args]
    unknown = [name for name in names if name not in PEERS]
    if unknown:
        raise pytest.UsageError(
            f"{item.nodeid} needs {unknown}, but tests/peers.py knows only {sorted(PEERS)}"
        )
    return [said for name in names if (said := _missing(name)) is not None]


def _optional(item: pytest.Item) -> bool:
    """Tell whether all that an item lacks is a peer that CI need not have."""
    names = {str(arg) for mark in item.iter_markers("needs") for arg in mark.args}
    return {name for name in names if _missing(name) is not None} <= OPTIONAL


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    absent = {item: gaps for item in items if (gaps := _gaps(item)) and (not in_ci() or _optional(item))}
    if absent:
        _not_run.extend((item.nodeid, "; ".join(gaps)) for item, gaps in absent.items())
        config.hook.pytest_deselected(items=list(absent))
        items[:] = [item for item in items if item not in absent]


def pytest_runtest_setup(item: pytest.Item) -> None:
    gaps = _gaps(item)
    if gaps:
        pytest.fail(f"a peer is absent: {'; '.join(gaps)}", pytrace=False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _not_run:
        terminalreporter.section("not run: a peer is absent on this machine")
        for name, why in sorted(_not_run):
            terminalreporter.write_line(f"NOT RUN {name}: {why}")
