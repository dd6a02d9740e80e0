"""Two processes never serve one SQLite file; replicas share PostgreSQL."""

from pathlib import Path

import pytest

from bot.adapters.store.alone import ServedAlready, serving_alone


def test_a_second_process_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/muster.db"
    with serving_alone(url), pytest.raises(ServedAlready, match=r"Stop it first"), serving_alone(url):
        pass
    with serving_alone(url):
        pass


def test_replicas_share_postgresql() -> None:
    url = "postgresql+psycopg://host/name"
    with serving_alone(url), serving_alone(url):
        pass
