"""`muster migrate`: the database, brought to this version's schema."""

import argparse
import os

from bot.cli import with_database

HELP = "Bring the database to this version's schema"
EXAMPLE = "DATABASE_URL=sqlite:///muster.db muster migrate"


def options(parser: argparse.ArgumentParser) -> None:
    """Take no options: DATABASE_URL says which database."""
    del parser


def run(asked: argparse.Namespace) -> int:
    """Migrate and say where the schema is."""
    from bot import settings
    from bot.adapters.store.schema import migrate, schema_state

    del asked
    url = settings.database_url(os.environ)

    def work() -> int:
        migrate(url)
        print(f"The database is at {schema_state(url).at}.")
        return 0

    return with_database(work)
