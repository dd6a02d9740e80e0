"""`python -m bot.sandbox.leash PARENT COMMAND…` becomes COMMAND, which dies when process PARENT does, however."""

import ctypes
import os
import signal
import sys
from typing import Final

_SET_PARENT_DEATH_SIGNAL: Final = 1  # PR_SET_PDEATHSIG in linux/prctl.h; it survives exec


def main() -> None:
    """Tie this process to its parent where the system can (Linux), then become the command."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != int(sys.argv[1]):
            sys.exit(1)
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606  the supervisor's own fixed command, no shell


if __name__ == "__main__":
    main()
