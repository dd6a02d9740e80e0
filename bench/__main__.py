"""`python -m bench [NAME...] [--smallest]`: measure, print ratios, never fail for being slow."""

import argparse
import asyncio
import logging
import os
import platform
import sqlite3
import sys

from bench import ack, ready, relay, timers
from bench.figures import Figure, say, show

BENCHES = {"ack": ack.measure, "ready": ready.measure, "timers": timers.measure, "relay": relay.measure}


def main() -> int:
    """Run the named benchmarks, or all; the exit status only tells whether one broke."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"one of: {', '.join(BENCHES)} (default: all)"
    )
    parser.add_argument(
        "--smallest", action="store_true", help="the least that measures anything, in seconds"
    )
    asked = parser.parse_args()
    unknown = [each for each in asked.names if each not in BENCHES]
    if unknown:
        parser.error(f"no benchmark is called {unknown[0]}; there are: {', '.join(BENCHES)}")
    # What APScheduler says when it is stopped in mid-job is no figure.
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
    print(machine(), flush=True)
    figures: list[Figure] = []
    for name in asked.names or BENCHES:
        print(f"\n{name}", flush=True)
        measured = asyncio.run(BENCHES[name](smallest=asked.smallest))
        for each in measured:
            say(each)
        figures += measured
    print()
    show(figures)
    return 0


def machine() -> str:
    """Say on what this ran, and how busy it was."""
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return (
        f"{platform.system()} {platform.release()} {platform.machine()}, {os.cpu_count()} cores, load {load}; "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )


if __name__ == "__main__":
    sys.exit(main())
