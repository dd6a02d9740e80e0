"""`muster sandbox`: the workspace, the bot and a service to break, started and stopped as one."""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from bot.sandbox.ground import GroundError, prepare_state, real_tokens, say
from bot.sandbox.tree import Cast, ProcessTree


def run_sandbox(
    *,
    port: int,
    config: Path,
    runbooks: Path,
    state: Path,
    mode: Literal["http", "socket"],
    open_browser: bool = False,
    cast: Cast | None = None,
    cli: Sequence[str] = (sys.executable, "-m", "bot"),
) -> int:
    """Run the simulated workspace until Ctrl-C or SIGTERM.

    Args:
        port: the page's port; a busy one is stepped over.
        config: the bot's configuration directory.
        runbooks: the bot's runbook directory.
        state: where database, logs and pid files go; emptied at each start.
        mode: how Slack's requests reach the bot.
        open_browser: open the page when the bot is ready.
        cast: people, channels and the app; our own when None.
        cli: the bot's command line, before its arguments.

    Returns:
        The exit status: 0 after an orderly stop, 1 when the bot could not be prepared, 2 on a refusal.
    """
    found = real_tokens(os.environ)
    if found:
        say(
            f"{', '.join(found)} looks like a real Slack token, and this is a simulated workspace that needs none."
            f" Unset it and start again.",
            error=True,
        )
        return 2
    try:
        with prepare_state(state):
            tree = ProcessTree(
                state=state.resolve(),
                options=["--config", str(config), "--runbooks", str(runbooks)],
                mode=mode,
                cast=cast or Cast(),
                cli=cli,
            )
            return asyncio.run(tree.run(port=port, open_browser=open_browser))
    except GroundError as refused:
        say(str(refused), error=True)
        return 2
