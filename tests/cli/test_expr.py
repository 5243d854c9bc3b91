"""`gallery expr`: an expression tried out without an app."""

from __future__ import annotations

import json
from pathlib import Path

from .conftest import Gallery

EXPRESSION = 'Join(".", ToLower([givenName]), IIF([x] = "1", "a", [surname]))'


def test_the_value_is_printed_as_text(gallery: Gallery, tmp_path: Path) -> None:
    """Attributes come from a file, and --set goes before it."""
    person = tmp_path / "person.json"
    person.write_text(json.dumps({"givenName": "Ada", "surname": "Byron"}))

    assert gallery("expr", EXPRESSION, "--on", str(person)).stdout == "ada.Byron\n"
    assert gallery("expr", EXPRESSION, "--on", str(person), "--set", "surname=King").stdout == "ada.King\n"
    assert gallery("expr", "[givenName]", "--on", "-", stdin='{"givenName": "Grace"}').stdout == "Grace\n"
    assert gallery("expr", "[none]", "--on", str(person)).stdout == "(null)\n"


def test_explain_shows_every_part(gallery: Gallery) -> None:
    """Each sub-expression with its value, the branch that was not taken among them."""
    shown = gallery("expr", EXPRESSION, "--set", "givenName=Ada", "--set", "surname=Byron", "--explain")

    assert shown.exit_code == 0
    assert "    [givenName]" in shown.stdout
    assert "(not taken)" in shown.stdout


def test_json_has_value_and_steps(gallery: Gallery) -> None:
    """One document with stable names."""
    shown = gallery("expr", EXPRESSION, "--set", "givenName=Ada", "--set", "surname=B", "--explain", "--json")

    document = json.loads(shown.stdout)
    assert document["value"] == "ada.B"
    assert document["inputs"] == ["givenName", "surname", "x"]
    assert set(document["steps"][0]) == {"depth", "text", "state", "shown"}


def test_a_mistake_is_pointed_at(gallery: Gallery) -> None:
    """The expression, a caret below the place, and the next step; status 1."""
    answer = gallery("expr", 'Jion(".", [a])')

    assert answer.exit_code == 1
    assert "there is no function Jion" in answer.stderr
    assert '    Jion(".", [a])\n    ^' in answer.stderr
    assert "Did you mean Join" in answer.stderr


def test_an_object_that_is_none_is_refused(gallery: Gallery, tmp_path: Path) -> None:
    """Not JSON, no object, no file: status 2 and the place."""
    broken, listed = tmp_path / "broken.json", tmp_path / "list.json"
    broken.write_text('{"a": }')
    listed.write_text("[1]")

    for path, words in (
        (broken, "line 1, column 7"),
        (listed, "holds a list"),
        (tmp_path / "no.json", "cannot be read"),
    ):
        answer = gallery("expr", "[a]", "--on", str(path))
        assert answer.exit_code == 2
        assert words in answer.stderr


def test_usage_is_refused(gallery: Gallery) -> None:
    """No expression, and --set without a value."""
    assert gallery("expr").exit_code == 2
    assert "attribute=value" in gallery("expr", "[a]", "--set", "a").stderr


def test_functions_are_listed_with_their_documentation(gallery: Gallery) -> None:
    """All of them, or those that a word names."""
    everything = gallery("expr", "--functions")
    some = json.loads(gallery("expr", "join", "--functions", "--json").stdout)

    assert "Join(separator" in everything.stdout
    assert [one["name"] for one in some] == ["Join"]
    assert some[0]["documentation"]
    assert "Did you mean Join" in gallery("expr", "Joinn", "--functions").stderr
