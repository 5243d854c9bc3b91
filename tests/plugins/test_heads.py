"""What the index needs of a file is read as it would be from the whole."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from gallery_sdk.plugins.heads import parse_head, parse_metadata

_WANTED = ("vendor", "capabilities", "transport", "auth")
_REAL = sorted((Path(__file__).parents[2] / "connectors").glob("*/*/connector.toml"))


def _index_part(data: dict[str, object]) -> dict[str, object]:
    """Everything but tables that are not wanted."""
    tables = {key: value for key, value in data.items() if isinstance(value, dict)}
    lists = {key for key, value in data.items() if isinstance(value, list) and value and isinstance(value[0], dict)}
    return {key: value for key, value in data.items() if key in _WANTED or (key not in tables and key not in lists)}


@pytest.mark.parametrize("path", _REAL, ids=lambda path: path.parts[-3])
def test_of_a_real_manifest_names_abilities_and_kinds_are_the_same(path: Path) -> None:
    """Top and wanted tables, with the sign-in methods in their order."""
    text = path.read_text(encoding="utf-8")
    whole, head = tomllib.loads(text), parse_head(text)

    for key in ("slug", "name", "version", "summary", "categories", "keywords", "aliases", "vendor", "capabilities"):
        assert head.get(key) == whole.get(key)
    assert head["transport"] == whole["transport"]
    kinds = [[method["kind"] for method in data.get("auth", {}).get("method", [])] for data in (head, whole)]
    assert kinds[0] == kinds[1]
    assert "mapping" not in head


@pytest.mark.parametrize(
    "text",
    [
        'slug = "a"\n',
        'slug = "a"\r\n[vendor]\r\nname = "b"\r\n[[mapping.user]]\r\ntarget = "x"\r\n',
        'slug = "a"\n[ vendor ]\nname = "b"\n[[ auth . method ]]\nid = "t"\n[[auth.method]]\nid = "u"\n',
        'a = [\n"[vendor]",\n"x",\n]\n[vendor] # the maker\nname = "b"\n',
        'a = """\n[vendor]\nname = "no"\n"""\n[other]\nb = 1\n',
        "",
    ],
    ids=["no table", "CR LF", "spaces", "array", "multi-line", "empty"],
)
def test_however_it_is_laid_out(text: str) -> None:
    """Line ends, spaces, comments and texts that look like tables change nothing."""
    assert _index_part(parse_head(text)) == _index_part(tomllib.loads(text))


def test_the_name_in_metadata_is_that_of_the_header() -> None:
    """A README below it may say anything."""
    text = "Metadata-Version: 2.4\nName: Gallery_Connector.Acme\nVersion: 1.0.0 \n\nName: other\nVersion: 9\n"

    assert parse_metadata(text) == ("Gallery_Connector.Acme", "1.0.0")
    assert parse_metadata(text.replace("\n", "\r\n")) == ("Gallery_Connector.Acme", "1.0.0")
    assert parse_metadata("") == ("", "")
