"""A manifest is read whole and strictly, and every problem of a file is told at once."""

from __future__ import annotations

import pickle
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from gallery_sdk.errors import ManifestError
from gallery_sdk.manifest import InvalidManifestError, Manifest, parse_manifest, read_manifest

if TYPE_CHECKING:
    from .conftest import Changed


def _problems(text: str) -> list[str]:
    with pytest.raises(InvalidManifestError) as caught:
        parse_manifest(text)
    return [str(problem) for problem in caught.value.problems]


def test_what_the_file_says_is_what_the_manifest_holds(sound: str) -> None:
    """Tables of the file, by the names that the other rooms use."""
    manifest = parse_manifest(sound)

    assert (manifest.schema_level, manifest.slug, manifest.transport.kind) == (1, "fabrikam-desk", "scim2")
    assert [one.id for one in manifest.config_inputs] == ["tenant"]
    assert [one.kind for one in manifest.auth_methods] == ["bearer_token"]
    assert [one.target for one in manifest.mappings["group"]] == ["displayName", "members"]
    assert [one.type for one in manifest.mappings["user"]][:2] == ["direct", "expression"]
    assert manifest.target_schema["user"][2].enum == ("Manager", "Member")
    assert manifest.quirks[0].read == date(2026, 11, 23)
    assert (manifest.limits[0].methods, manifest.limits[0].path_glob) == (("POST",), "/Users")
    assert (manifest.errors[0].statuses, manifest.errors[0].codes) == ((409,), ("username_taken", "email_taken"))
    assert manifest.lifecycle.conflict == "adopt"


def test_a_mapping_is_named_after_its_target_unless_it_has_an_id(changed: Changed) -> None:
    """Overrides name mappings by id, across releases."""
    text = changed('target = "title"', 'target = "title"\nid = "job"')

    ids = [mapping.id for mapping in parse_manifest(text).mappings["user"]]

    assert ids[:3] == ["userName", "active", "job"]


def test_a_manifest_cannot_be_changed(sound: str) -> None:
    """Neither its fields nor the lists in them."""
    manifest = parse_manifest(sound)

    with pytest.raises(ValidationError):
        manifest.slug = "other"  # type: ignore[misc]  # the very thing that must fail
    assert isinstance(manifest.keywords, tuple) and isinstance(manifest.errors[0].codes, tuple)


def test_every_problem_of_a_file_is_told_together(changed: Changed) -> None:
    """An author mends a file once."""
    text = changed(
        'match = 1\n[[mapping.user]]\ntarget = "active"', 'match = "1"\n[[mapping.user]]\ntarget = "active"',
        'source = "jobTitle"', 'suorce = "jobTitle"',
        'failure = "conflict"', 'failure = "conflct"',
        'id = "members.max_per_request"', 'id = "members.max_per_reqest"',
    )  # fmt: skip

    assert _problems(text) == [
        "connector.toml, mapping.user[0].match: '1' is not a whole number. Write a whole number.",
        "connector.toml, mapping.user[2].suorce: 'suorce' is not a known field. Did you mean 'source'.",
        "connector.toml, quirk[0]: 'members.max_per_reqest' is not a known quirk. "
        "Did you mean 'members.max_per_request'.",
        "connector.toml, error[0].failure: 'conflct' is not allowed. Did you mean 'conflict'.",
    ]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        pytest.param(
            'version = "1.0.0"\n', "", "version: the field is missing. Add 'version'.", id="required field left out"
        ),
        pytest.param("required = true", "required = 1", "required: 1 is not true or false.", id="number for boolean"),
        pytest.param('name = "Fabrikam Desk"', 'name = ""', "name: the value is empty.", id="empty text"),
        pytest.param("schema = 1", "schema = 2", "schema: 2 is not allowed. Use one of 1.", id="later format"),
        pytest.param(
            "max_length = 20", "max_length = 0", "max_length: 0 is out of range. Give a number above 0.", id="bound"
        ),
        pytest.param(
            'keywords = "x"' if False else 'categories = ["itsm"]',
            'categories = "itsm"',
            "categories: 'itsm' is not a list. Write a list.",
            id="text for list",
        ),
        pytest.param(
            "[[auth.method]]",
            "[auth.method]",
            "auth.method: one table stands where a list of tables belongs. Write [[auth.method]], with two brackets.",
            id="one bracket",
        ),
        pytest.param(
            "[transport]",
            "[[transport]]",
            "transport: a list stands where one table belongs. Write [transport], with one bracket.",
            id="two brackets",
        ),
        pytest.param(
            'source = "userPrincipalName"',
            'source = "userPrincipalName"\nconstant = "x"',
            "mapping.user[0]: source and constant are given for 'userName'. Keep one of",
            id="two value sources",
        ),
        pytest.param(
            "value = 100",
            "value = 0",
            "quirk[0]: value of 'members.max_per_request': 0 is not a whole number",
            id="value of a quirk",
        ),
        pytest.param(
            "value = 100",
            'value = 100\napplies_to = ["user"]',
            "applies_to of 'members.max_per_request': 'user' is none of its kinds. It applies to group.",
            id="kind of a quirk",
        ),
        pytest.param(
            "read = 2026-11-23", 'read = "yesterday"', "quirk[0].read: 'yesterday' is not a date", id="date as text"
        ),
        pytest.param("read = 2026-11-23", "read = 2026-11-23T10:00:00", "is not a date", id="date with a time"),
        pytest.param(
            'match = "POST /Users"', 'match = "post users"', "match 'post users' is not understood", id="glob"
        ),
        pytest.param("requests = 180\n", "", "neither requests nor concurrency is given", id="limit without limit"),
        pytest.param('status = 409\ncode = ["username_taken", "email_taken"]\n', "", "no condition", id="error rule"),
        pytest.param('"paging:index"]', '"paging:pages"]', "'paging:pages' is not a known feature", id="feature"),
        pytest.param(
            'allowed_hosts = ["*.fabrikam.example"]', "allowed_hosts = []", "allowed_hosts: the value is empty", id="[]"
        ),
        pytest.param("[vendor]", "[vendors]", "'vendors' is not a known field. Did you mean 'vendor'.", id="table"),
        pytest.param('kind = "bearer_token"', 'kind = "bearer"', "Did you mean 'bearer_token'", id="kind of auth"),
    ],
)
def test_a_problem_says_where_what_and_how_to_mend(changed: Changed, old: str, new: str, problem: str) -> None:
    """File, dotted path, the value found, the next step; never the words of a library."""
    told = "\n".join(_problems(changed(old, new)))

    assert problem in told
    assert told.startswith("connector.toml, ")
    assert "pydantic" not in told and "Input should be" not in told and "[type=" not in told


def test_a_value_that_looks_like_a_secret_is_not_repeated(changed: Changed) -> None:
    """A token pasted into the wrong field must not end up in a build log."""
    token = "xoxp-" + "1234567890-abcdefghij"

    told = "\n".join(_problems(changed("required = true", f'required = "{token}"')))

    assert token not in told
    assert "looks like a secret" in told


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param('schema = 1\nslug = "a\n', "connector.toml, line 2: not TOML: ", id="text not closed"),
        pytest.param("slug = \n", "connector.toml, line 1: not TOML: invalid value at column 8.", id="no value"),
        pytest.param('a = "', "connector.toml, line 1: not TOML: unterminated string at the end of", id="at the end"),
        pytest.param("a = 1\na = 2\n", "connector.toml, line 2: not TOML: cannot overwrite a value", id="key twice"),
        pytest.param(
            'schema = 1\n[[schema.user.attribute]]\nname = "x"\n',
            "attributes are declared as [[attribute.user]]",
            id="level and table",
        ),
    ],
)
def test_a_syntax_error_names_its_line(text: str, problem: str) -> None:
    """An editor jumps to it."""
    (told,) = _problems(text)

    assert problem in told


def test_a_file_is_read_by_its_path_or_by_its_folder(tmp_path: Path, sound: str) -> None:
    """Problems name the file as it was asked for."""
    file = tmp_path / "connector.toml"
    file.write_text(sound, encoding="utf-8-sig")

    assert read_manifest(file) == read_manifest(str(tmp_path))
    assert read_manifest(tmp_path).where == str(file)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """Missing, or not in UTF-8."""
    with pytest.raises(ManifestError, match="there is no such file"):
        read_manifest(tmp_path / "connector.toml")
    (tmp_path / "connector.toml").write_bytes(b'schema = 1\nname = "caf\xe9"\n')

    with pytest.raises(InvalidManifestError, match=r"line 2: the text is not UTF-8") as caught:
        read_manifest(tmp_path)

    assert pickle.loads(pickle.dumps(caught.value)).problems == caught.value.problems


def test_the_fingerprint_follows_what_is_said_and_not_how(sound: str, changed: Changed) -> None:
    """A plan file refuses another manifest, and not another comment."""
    manifest = parse_manifest(sound)

    assert parse_manifest("# a comment\n" + sound, "elsewhere.toml").fingerprint() == manifest.fingerprint()
    assert parse_manifest(changed("value = 100", "value = 99")).fingerprint() != manifest.fingerprint()
    assert len(manifest.fingerprint()) == 64


def test_quirks_are_asked_by_kind(sound: str) -> None:
    """What holds for groups does not hold for users; a quirk can be switched off to prove its need."""
    manifest: Manifest = parse_manifest(sound)

    assert manifest.quirks_for("group").value("members.max_per_request", int) == 100
    assert not manifest.quirks_for("user").has("members.max_per_request")
    assert manifest.without_quirk("members.max_per_request").quirk("members.max_per_request") is None


def test_discovery_fills_in_only_what_is_not_declared(sound: str, changed: Changed) -> None:
    """The manifest's own word stands over what the target says of itself."""
    rich = parse_manifest(sound)
    text = sound[: sound.index("[[attribute.user]]")] + sound[sound.index("[[quirk]]") :]
    bare = parse_manifest(text.replace('"paging:index"]', '"paging:index", "discovered"]'))

    filled = bare.with_discovered(attributes=rich.target_schema, mappings=rich.mappings)
    kept = rich.with_discovered(attributes={}, mappings={"user": rich.mappings["user"][:1]})

    assert bare.capabilities.discovered
    assert filled.mappings == rich.mappings and filled.target_schema == rich.target_schema
    assert kept.mappings == rich.mappings
