"""The command line: `muster COMMAND`, one module of `bot.cli` each."""

import sys

from bot.cli import main

if __name__ == "__main__":
    sys.exit(main())
