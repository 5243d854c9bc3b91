"""Progress where nobody looks: one line now and then, and where each phase ended."""

from __future__ import annotations

import io
import sys

import pytest

from gallery_sdk.cli.progress import ProgressLines, counts_text, shown_progress
from gallery_sdk.provisioning import ProgressEvent


def test_lines_are_few_and_the_end_of_a_phase_is_among_them(capsys: pytest.CaptureFixture[str]) -> None:
    """A thousand events in an instant are a handful of lines."""
    lines = ProgressLines("desk")

    for done in range(1, 1001):
        lines(ProgressEvent("users", done, 1000, {"create": done}))
    lines(ProgressEvent("groups", 5, None, {"create": 1005}))
    lines.finish()

    shown = capsys.readouterr().err.splitlines()
    assert shown[-2:] == ["desk: users 1,000 of 1,000  created 1,000", "desk: groups 5  created 1,005"]
    assert len(shown) <= 4


def test_counts_are_named_in_a_fixed_order() -> None:
    """What is nought is left out; members come last."""
    counts = {"failure": 1, "create": 2000, "update": 0, "members_added": 3, "members_removed": 4}

    assert counts_text(counts) == "created 2,000 · failed 1 · members +3 -4"
    assert counts_text({}) == ""


def test_a_terminal_gets_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawn on stderr, and gone when the work is done."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")

    with shown_progress() as tell:
        tell(ProgressEvent("users", 0, 10, {}))
        tell(ProgressEvent("users", 10, 10, {"create": 10}))
        tell(ProgressEvent("listing", 3, None, {}))

    assert "users" in screen.getvalue()
    assert "10/10" in screen.getvalue()


def test_a_terminal_that_cannot_redraw_gets_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On `TERM=dumb` a bar would not be seen at all, and a long cycle would look like one that hangs."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "dumb")

    with shown_progress() as tell:
        tell(ProgressEvent("users", 10, 10, {"create": 10}))

    assert capsys.readouterr().err == "users 10 of 10  created 10\n"
