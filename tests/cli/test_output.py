"""Text for people: aligned, inside the terminal, and unable to steer it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gallery_sdk.cli import output
from gallery_sdk.cli.output import cells, counted, fit, plain, print_fields, print_table, wrap
from gallery_sdk.cli.plan_text import _within, short_path


@given(st.text(max_size=60), st.integers(8, 40))
def test_a_cell_always_takes_its_width(text: str, width: int) -> None:
    """Whatever the letters, wide or combining, the columns stay aligned."""
    assert cells(fit(plain(text), width)) == width


@given(st.text(max_size=80))
def test_text_from_outside_is_one_printable_line(text: str) -> None:
    """Names from a directory cannot move the cursor, ring, or colour what follows."""
    assert plain(text).isprintable() or plain(text) == ""


def test_a_table_fits_the_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Long cells are cut with an ellipsis, rigid ones and numbers are not."""
    monkeypatch.setattr(output, "terminal_width", lambda: 40)

    print_table(("NAME", "WHAT", "N"), [("a" * 12, "b" * 80, 7), ("小鳥遊", "x", 12345)], right=(2,), rigid=(0, 2))

    lines = capsys.readouterr().out.splitlines()
    assert all(cells(line) <= 40 for line in lines)
    assert lines[1].startswith("a" * 12 + "  ")
    assert "…" in lines[1]
    assert lines[1].endswith("    7")
    assert lines[2].endswith("12345")


def test_nothing_is_cut_in_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    """Output that is no terminal is for grep."""
    print_table(("NAME",), [("b" * 300,)])

    assert "b" * 300 in capsys.readouterr().out


def test_fields_without_a_value_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    """Only what is known is shown, under each other."""
    print_fields([("one", 1), ("nothing", ""), ("three", "x")])

    assert capsys.readouterr().out == "one    1\nthree  x\n"


def test_paragraphs_are_wrapped_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe gets a paragraph as one line."""
    text = "word " * 30

    assert wrap(text, 0) == [text]
    monkeypatch.setattr(output, "terminal_width", lambda: 50)
    assert all(len(line) <= 50 for line in wrap(text, 0))


@given(st.integers(1, 200), st.integers(1, 400), st.integers(0, 200), st.integers(60, 200))
def test_a_change_leaves_room_for_where_it_comes_from(name: int, value: int, origin: int, room: int) -> None:
    """The three columns never exceed the line, and the origin never vanishes."""
    widths = _within(room, name, value, origin)

    assert sum(widths) <= room
    assert widths[2] >= min(origin, 18)


def test_numbers_come_with_their_word() -> None:
    """One is singular, thousands are separated."""
    assert counted(1, "request") == "1 request"
    assert counted(2000, "request") == "2,000 requests"
    assert counted(0, "person") == "0 people"


def test_paths_are_shown_short() -> None:
    """People read the type and the name; the URN and the filter's grammar are for machines."""
    assert short_path('emails[type eq "work"].value') == "emails[work].value"
    assert short_path("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager") == "…:manager"
    assert short_path("userName") == "userName"
