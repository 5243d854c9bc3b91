"""What the index needs of a file is read as it would be from the whole."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gallery_sdk.plugins.heads import parse_head, parse_metadata

_REAL = sorted((Path(__file__).parents[2] / "connectors").glob("*/*/connector.toml"))
_TOP = ("schema", "slug", "name", "version", "summary", "status", "categories", "keywords", "aliases")
_MANIFEST = """\
# Acme's SCIM API
schema = 1
slug = "acme"
name = "Acme"  # as it writes itself
version = "1.2.0"
summary = "Accounts, groups & roles"
aliases = []
limitations = [
    "Never deletes",  # ever
    "Says [vendor]",
]
[vendor]
name = "Acme Inc."
[capabilities]
user = ["read", "create"]
group = [
    "read",
    "members",
]
[transport]
kind = "rest"
timeout_seconds = 30.0
[[auth.method]]
id = "token"
kind = "bearer_token"
verified = { on = 2026-11-23, how = "docs" }
[[auth.method.input]]
id = "token"
kind = "no kind of method"
[[mapping.user]]
target = 'emails[type eq "work"].value'
[[auth.method]]
kind = "basic"
"""


def _index_part(data: Mapping[str, object]) -> dict[str, object]:
    """What the index reads of a manifest, wrong types included."""
    part: dict[str, object] = {key: data[key] for key in _TOP if key in data}
    for name, keys in (("vendor", ("name",)), ("capabilities", ("user", "group")), ("transport", ("kind",))):
        table = data.get(name, {})
        part[name] = {key: table[key] for key in keys if key in table} if isinstance(table, dict) else table
    auth = data.get("auth", {})
    methods = auth.get("method", []) if isinstance(auth, dict) else auth
    listed = methods if isinstance(methods, list) else [methods]
    part["auth"] = [method.get("kind") if isinstance(method, dict) else method for method in listed]
    return part


@pytest.mark.parametrize("path", _REAL, ids=lambda path: path.parts[-3])
def test_of_a_real_manifest_names_abilities_and_kinds_are_the_same(path: Path) -> None:
    """And the rest, by far the most of it, is not read."""
    text = path.read_text(encoding="utf-8")

    head = parse_head(text)

    assert _index_part(head) == _index_part(tomllib.loads(text))
    assert "mapping" not in head


_LAYOUTS = {
    "no table": 'slug = "a"\n',
    "CR LF": 'slug = "a"\r\n[vendor]\r\nname = "b"\r\n[[mapping.user]]\r\ntarget = "x"\r\n',
    "spaces": 'slug = "a"\n[ vendor ]\nname = "b"\n[[ auth . method ]]\nkind = "t"\n[[auth.method]]\nkind = "u"\n',
    "array": 'aliases = [\n"[vendor]",\n"x",\n]\n[vendor] # the maker\nname = "b"\n',
    "multi-line": 'summary = """\n[vendor]\nname = "no"\n"""\n[other]\nb = 1\n',
    "indented": 'a = 1\n[other]\nb = 1\n  [vendor]\n  name = "c"\n',
    "quoted": '[other]\nb = 1\n["vendor"]\nname = "c"\n',
    "spaced list": '[other]\nb = 1\n[[ auth.method]]\nkind = "c"\n',
    "inline": 'vendor = { name = "b" }\nauth.method = [{ kind = "basic" }]\n',
    "escapes": '"slug" = "a"\nname = "\\u0041"\nsummary = \'literal\'\nschema = 0x1\n',
    "hash": 'keywords = ["c#", "x"]  # with a hash\naliases = [ [ "nested" ], 7 ]\n',
    "auth is no table": "auth = 3\n",
    "transport is no table": 'transport = "rest"\n',
    "method is no list": '[auth]\nmethod = "no list"\n',
    "vendor is a list": '[[vendor]]\nname = "a list"\n',
    "no last line end": 'name = "last line without an end"',
    "empty": "",
}


@pytest.mark.parametrize("text", _LAYOUTS.values(), ids=_LAYOUTS)
def test_however_it_is_laid_out(text: str) -> None:
    """Line ends, spaces, comments and texts that look like tables change nothing."""
    assert _index_part(parse_head(text)) == _index_part(tomllib.loads(text))


@settings(max_examples=400)
@given(
    place=st.integers(0, len(_MANIFEST)),
    dropped=st.integers(0, 3),
    added=st.text(st.sampled_from("[]{}\"'#=.,\\\n\t auth1"), max_size=3),
)
def test_whatever_a_slip_makes_of_a_manifest_is_read_as_from_the_whole(place: int, dropped: int, added: str) -> None:
    """As long as it is TOML; where it is not, a slip in what is not looked at may pass, and any other says so."""
    text = _MANIFEST[:place] + added + _MANIFEST[place + dropped :]
    try:
        whole = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        with suppress(tomllib.TOMLDecodeError):
            parse_head(text)
        return

    assert _index_part(parse_head(text)) == _index_part(whole)


@pytest.mark.parametrize(
    "text",
    [
        'slug = "a"\nslug = "b"\n',
        'slug = "a\n',
        'categories = ["a" "b"]\n',
        '[vendor]\nname = "a"\n[vendor]\nname = "b"\n',
        '[vendor] name = "a"\n',
        '[capabilities]\nuser = ["read",\n',
        "schema = 01\n",
    ],
    ids=["key twice", "open text", "no comma", "table twice", "key beside the header", "open array", "leading zero"],
)
def test_what_is_looked_at_and_no_toml_is_refused(text: str) -> None:
    """Reading quickly is not reading carelessly."""
    with pytest.raises(tomllib.TOMLDecodeError):
        parse_head(text)


def test_the_name_in_metadata_is_that_of_the_header() -> None:
    """A README below it may say anything."""
    text = "Metadata-Version: 2.4\nName: Gallery_Connector.Acme\nVersion: 1.0.0 \n\nName: other\nVersion: 9\n"

    assert parse_metadata(text) == ("Gallery_Connector.Acme", "1.0.0")
    assert parse_metadata(text.replace("\n", "\r\n")) == ("Gallery_Connector.Acme", "1.0.0")
    assert parse_metadata("") == ("", "")
