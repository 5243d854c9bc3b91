"""Signals, terminals that go away, and readers that do: nothing is lost, and nobody sees a traceback."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import signal
import subprocess
import sys

import pytest

from gallery_sdk.testing import Fault

from .conftest import COMMAND, Gallery, Team


def test_ctrl_c_while_loading_is_one_word() -> None:
    """The earliest moment at which somebody can change their mind."""
    interrupting = (
        "import importlib.abc, os, signal, sys\n"
        "class Interrupt(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'gallery_sdk.cli.lazy': signal.raise_signal(signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupt())\n"
        "from gallery_sdk.cli import main\n"
        "main()\n"
    )

    done = subprocess.run([sys.executable, "-c", interrupting, "list"], capture_output=True, text=True, timeout=60)

    assert (done.returncode, done.stderr) == (130, "Stopped.\n")


def test_a_terminal_that_is_closed_lets_what_is_in_flight_finish(gallery: Gallery, team: Team) -> None:
    """A dropped connection ends a cycle as Ctrl-C does; what is shown meanwhile has nowhere to go, and hurts nobody."""
    team.configure("\n[engine]\npage_size = 5\nconcurrency = 1\n")
    team.app.server.faults.add(Fault("slow", seconds=0.05, methods=("POST",)))
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, "run", "desk", "--once"], stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        preexec_fn=_take_terminal,
    ) as running:  # fmt: skip
        os.close(theirs)
        while len(team.app.server.directory.collections["user"]) < 2:
            os.read(ours, 4096)
        os.close(ours)  # the kernel sends SIGHUP to who runs on that terminal
        running.wait(timeout=30)
    there = len(team.app.users())
    (cycle,) = json.loads(gallery("status", "desk", "--json").stdout)["cycles"]

    assert running.returncode == 129
    assert 2 <= there < 27
    assert cycle["state"] == "stopped"
    assert cycle["counts"]["create"] == there


def _take_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def test_a_run_under_nohup_goes_on_without_its_terminal(team: Team) -> None:
    """Whoever has the signal ignored wants it ignored."""
    team.app.server.faults.add(Fault("slow", seconds=0.05, methods=("POST",)))
    with subprocess.Popen(
        [*COMMAND, "run", "desk", "--once"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    ) as running:  # fmt: skip
        while len(team.app.server.directory.collections["user"]) < 2:
            assert running.poll() is None
        running.send_signal(signal.SIGHUP)
        _, errors = running.communicate(timeout=60)

    assert running.returncode == 0, errors
    assert len(team.app.users()) == 27


@pytest.mark.parametrize(
    "words", [("list",), ("status", "desk"), ("expr", "--functions"), ("nonsense",), ("run", "--once")]
)
def test_a_closed_stdout_is_no_error(team: Team, words: tuple[str, ...]) -> None:
    """As some schedulers start their jobs; the work is done, and what goes wrong is told on stderr as ever."""
    done = subprocess.run(
        [*COMMAND, *words], stderr=subprocess.PIPE, text=True, timeout=60, preexec_fn=lambda: os.close(1)
    )

    assert done.returncode == (2 if words == ("nonsense",) else 0), done.stderr
    assert "Traceback" not in done.stderr


def test_a_help_whose_reader_leaves_is_no_error() -> None:
    """`gallery --help | head -1` ends as any other command does."""
    with subprocess.Popen([*COMMAND, "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        errors = running.stderr.read()

    assert (running.returncode, errors) == (141, b"")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_what_a_program_reads_keeps_every_letter(gallery: Gallery, team: Team, encoding: str) -> None:
    """JSON and CSV are the same data wherever they are written; only what a person reads may lose a letter."""
    rows = team.rows()
    rows[0] |= {"userPrincipalName": "日本@example.com", "displayName": "Güemes 日本", "accountEnabled": "True"}
    team.write(rows)
    gallery("run", "desk", "--once")
    words = [*COMMAND, "log", "desk", "--kind", "user", "--limit", "500"]
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}

    as_json = subprocess.run([*words, "--json"], capture_output=True, env=environment, timeout=60, check=True).stdout
    as_csv = subprocess.run([*words, "--csv"], capture_output=True, env=environment, timeout=60, check=True).stdout

    names = [one["name"] for one in json.loads(as_json.decode("utf-8"))]
    assert "日本@example.com" in names
    assert [row["name"] for row in csv.DictReader(io.StringIO(as_csv.decode("utf-8")))] == names
