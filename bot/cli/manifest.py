"""`muster manifest`: the Slack app manifest for this code."""

import argparse
import json

HELP = "Print the Slack app manifest"
EXAMPLE = "muster manifest --url https://muster.example.com"


def options(parser: argparse.ArgumentParser) -> None:
    """Take how Slack reaches us."""
    parser.add_argument("--url", default="https://muster.example.com", help="where Slack reaches serve")
    parser.add_argument("--socket-mode", action="store_true", help="for an app that connects by Socket Mode")
    parser.add_argument("--required-only", action="store_true", help="leave out the optional scopes")


def run(asked: argparse.Namespace) -> int:
    """Print the manifest as JSON, to paste into Slack's "Create an app"."""
    from bot.views.manifest import manifest

    url = f"{asked.url.rstrip('/')}/slack/events"
    print(
        json.dumps(
            manifest(url=url, socket_mode=asked.socket_mode, history=not asked.required_only), indent=2
        )
    )
    return 0
