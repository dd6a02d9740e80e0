"""What the command line answers to mistakes: a sentence on stderr, a status, and never a traceback."""

from pathlib import Path

import pytest

from bot import cli
from bot.adapters.store.schema import migrate

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "runbooks" / "architect" / "api-down.yaml"
Screen = pytest.CaptureFixture[str]


@pytest.mark.parametrize("command", [["migrate"], ["audit", "verify"]])
@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "is not a SQLAlchemy URL"),
        ("mysql://host/name", "DATABASE_URL names mysql"),
        ("sqlite:///:memory:", "forgets everything"),
        ("postgresql://nobody@127.0.0.1:1/x", "does not answer"),
    ],
)
def test_a_database_that_will_not_do_is_said_in_a_sentence(
    command: list[str], url: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: Screen
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    assert cli.main(command) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert said in lines[0]


def test_an_empty_database_has_no_trail_and_is_not_made_by_asking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Screen
) -> None:
    file = tmp_path / "muster.db"
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{file}")
    assert cli.main(["audit", "verify"]) == 1
    assert "Run: muster migrate" in capsys.readouterr().err
    assert not file.exists()
    migrate(f"sqlite:///{file}")
    assert cli.main(["audit", "verify"]) == 0
    assert capsys.readouterr().out == "1 chain verified: nothing was changed.\n"


@pytest.mark.parametrize("path", [ROOT / "runbooks", BOOK.parent, BOOK], ids=["all", "folder", "file"])
def test_runbooks_are_checked_by_folder_and_by_file(path: Path, capsys: Screen) -> None:
    assert cli.main(["runbook", "check", str(path)]) == 0
    assert "checked: good." in capsys.readouterr().out


def test_only_what_was_named_is_checked(tmp_path: Path, capsys: Screen) -> None:
    for service, text in (("good", BOOK.read_text()), ("bad", "schema: 1\nname: Broken\nstepps: []\n")):
        (tmp_path / service).mkdir()
        (tmp_path / service / "down.yaml").write_text(text)
    assert cli.main(["runbook", "check", str(tmp_path / "good")]) == 0
    assert capsys.readouterr().out == "1 runbook checked: good.\n"
    assert cli.main(["runbook", "check", str(tmp_path / "bad")]) == 1
    assert "stepps" in capsys.readouterr().err
    assert cli.main(["runbook", "check", str(tmp_path / "nowhere")]) == 1
    assert "There is no runbook in" in capsys.readouterr().err


def test_a_port_is_a_port(capsys: Screen) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["sandbox", "--port", "99999"])
    assert left.value.code == 2
    assert "1 to 65535, or 0" in capsys.readouterr().err


def test_every_command_has_help_with_an_example(capsys: Screen) -> None:
    for name in cli.COMMANDS:
        with pytest.raises(SystemExit) as left:
            cli.main([name, "--help"])
        assert left.value.code == 0
        assert "Example: " in capsys.readouterr().out
