"""How commands end badly: the message, the place, the next step, the status, and no traceback."""

from __future__ import annotations

import subprocess
from pathlib import Path

import click
import pytest

from gallery_sdk.cli.failing import exit_status, exits_in_our_manner, show_error
from gallery_sdk.errors import ConfigError, CycleError, PlanError, SourceError

from .conftest import COMMAND, Gallery, Process


def test_what_must_be_written_differently_is_status_2_and_the_rest_1() -> None:
    """Usage and configuration are 2; what the work met is 1."""
    assert exit_status(ConfigError("a", "b", "c")) == exit_status(PlanError("a", "b", "c")) == 2
    assert exit_status(SourceError("a", "b", "c")) == exit_status(CycleError("a", "b", "c")) == 1


def test_an_error_of_ours_has_no_traceback_unless_asked_for(
    process: Process, gallery: Gallery, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plain text on stderr; --debug, before or after the command, or GALLERY_DEBUG show where it was raised."""
    short = process("status", "nobody")

    assert short.returncode == 2
    assert short.stdout == ""
    assert short.stderr.startswith("Error: ")
    assert "\n  Next: " in short.stderr
    assert "Traceback" not in short.stderr
    assert "\x1b" not in short.stderr
    for words in (("--debug", "status", "nobody"), ("status", "nobody", "--debug")):
        long = gallery(*words)
        assert long.exit_code == 2
        assert "Traceback" in long.stderr
        assert "  Next: " in long.stderr
    monkeypatch.setenv("GALLERY_DEBUG", "1")
    assert "Traceback" in gallery("status", "nobody").stderr


def test_an_unexpected_error_is_one_line_and_a_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The details are kept with secrets masked, and only their place is printed."""
    from gallery_sdk.transport import SECRETS

    SECRETS.add("very-secret-value")
    with pytest.raises(SystemExit) as ended, exits_in_our_manner(["status"]):
        raise RuntimeError("it broke on very-secret-value\nand more")

    shown = capsys.readouterr().err
    assert ended.value.code == 1
    assert shown.count("\n") == 1
    assert "RuntimeError: it broke on ***" in shown
    details = Path(shown.partition("Details: ")[2].strip())
    assert "Traceback" in details.read_text()
    assert "very-secret-value" not in details.read_text()
    assert details.stat().st_mode & 0o077 == 0


def test_an_unexpected_error_is_shown_whole_for_debugging(capsys: pytest.CaptureFixture[str]) -> None:
    """--debug prints the traceback instead of keeping it, with secrets masked as ever."""
    from gallery_sdk.transport import SECRETS

    SECRETS.add("very-secret-value")
    with pytest.raises(SystemExit) as ended, exits_in_our_manner(["--debug"]):
        raise RuntimeError("it broke on very-secret-value")

    shown = capsys.readouterr().err
    assert ended.value.code == 1
    assert "Traceback" in shown
    assert "RuntimeError: it broke on ***" in shown


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort(), EOFError()], ids=lambda one: type(one).__name__)
def test_being_interrupted_is_130(error: BaseException) -> None:
    """As shells report a program that Ctrl-C ended."""
    with pytest.raises(SystemExit) as ended, exits_in_our_manner([]):
        raise error

    assert ended.value.code == 130


def test_several_problems_are_all_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """One error that holds many is printed as many, each with its next step."""
    from gallery_sdk.apps import InvalidConfigError
    from gallery_sdk.manifest import Problem

    show_error(
        InvalidConfigError([Problem("a.toml, x", "is odd", "Mend it"), Problem("a.toml, y", "is even", "Leave it")])
    )

    assert capsys.readouterr().err == (
        "Error: a.toml, x: is odd\n  Next: Mend it\nError: a.toml, y: is even\n  Next: Leave it\n"
    )


def test_a_reader_that_had_enough_is_no_error() -> None:
    """`gallery expr --functions | head -1` ends quietly."""
    with subprocess.Popen([*COMMAND, "expr", "--functions"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        errors = running.stderr.read()

    assert errors == b""
    assert running.returncode == 141


def test_a_terminal_that_lacks_letters_gets_question_marks(process: Process) -> None:
    """A narrow encoding never makes a command fail."""
    done = process("expr", '"名"', env={"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"})

    assert done.returncode == 0
    assert done.stdout == "?\n"


def test_results_and_problems_do_not_mix(gallery: Gallery) -> None:
    """An empty workspace: nothing on stdout, status 2."""
    answer = gallery("show", "no-such-thing")

    assert answer.exit_code == 2
    assert answer.stdout == ""
    assert "there is no such connector" in answer.stderr
