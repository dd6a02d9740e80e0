"""`muster schema`: JSON Schemas of the YAML files, for editors."""

import argparse
import json

HELP = "Print JSON Schemas of the YAML files"
EXAMPLE = "muster schema services > services.schema.json"


def options(parser: argparse.ArgumentParser) -> None:
    """Take the kind of file."""
    parser.add_argument("kind", nargs="?", help="one kind of file; all of them without it")


def run(asked: argparse.Namespace) -> int:
    """Print one schema, or all by kind."""
    from bot.config.schema import schemas
    from bot.domain.refusal import UnknownName

    found = schemas()
    if asked.kind is not None and asked.kind not in found:
        raise UnknownName("kind of file", asked.kind, found)
    print(json.dumps(found if asked.kind is None else found[asked.kind], indent=2))
    return 0
