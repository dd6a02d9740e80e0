"""The benchmarks run, and say how Muster compares with something bare; how fast that is, no test asserts."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_smallest_setting_prints_ratios() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "bench", "ack", "relay", "--smallest"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    for what in ("/incident declare, p50", "/incident list, p50", "Acknowledge button, p50", "one channel"):
        assert any(what in line and " RATIO " in line for line in lines), ran.stdout
    assert "cores, load" in lines[0]


def test_an_unknown_benchmark_is_named() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "bench", "speed"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ran.returncode == 2
    assert "no benchmark is called speed; there are: ack, ready, timers, relay" in ran.stderr
