"""Attribute paths: what is read, what is refused, and that printing undoes reading."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gallery_sdk.errors import PathError
from gallery_sdk.scim import And, AttributePath, Comparison, Present, compile_getter, parse_path, urns

_NAMES = st.from_regex(r"\A\$?[A-Za-z][A-Za-z0-9_-]{0,8}\Z")
_URNS = st.sampled_from([urns.ENTERPRISE_USER, urns.USER, "urn:example:ext", "http://schemas.example.com/2.0/Group"])
_VALUES = st.one_of(
    st.text(max_size=8), st.booleans(), st.none(), st.integers(), st.floats(allow_nan=False, allow_infinity=False)
)
_TERMS = st.one_of(
    st.builds(Comparison, st.builds(AttributePath, _NAMES), st.sampled_from(["eq", "ne", "co", "gt"]), _VALUES),
    st.builds(Present, st.builds(AttributePath, _NAMES)),
)
_INNER = st.one_of(_TERMS, st.builds(lambda a, b: And((a, b)), _TERMS, _TERMS))
_PATHS = st.builds(AttributePath, _NAMES, st.none() | _NAMES, st.none() | _URNS, st.none() | _INNER)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("userName", AttributePath("userName"), id="simple"),
        pytest.param("name.givenName", AttributePath("name", "givenName"), id="sub-attribute"),
        pytest.param(
            f"{urns.ENTERPRISE_USER}:manager.value",
            AttributePath("manager", "value", urns.ENTERPRISE_USER),
            id="urn-with-dots-and-colons",
        ),
        pytest.param(
            'emails[type eq "work"].value',
            AttributePath("emails", "value", None, Comparison(AttributePath("type"), "eq", "work")),
            id="filter",
        ),
        pytest.param("members[$ref pr]", AttributePath("members", filter=Present(AttributePath("$ref"))), id="ref"),
    ],
)
def test_a_path_is_read_into_its_parts(text: str, expected: AttributePath) -> None:
    """Each form that mappings and PATCH write has one reading, and prints as it was written."""
    path = parse_path(text)

    assert path == expected
    assert str(path) == text


def test_a_known_schema_may_be_followed_by_a_dot() -> None:
    """SCIM 1.1 separates URN and name by a dot, which only a list of schemas can tell from a dot in the URN."""
    path = parse_path(
        "urn:scim:schemas:extension:enterprise:1.0.department", known_schemas=[urns.SCIM1_ENTERPRISE_USER]
    )

    assert path == AttributePath("department", None, urns.SCIM1_ENTERPRISE_USER)


@pytest.mark.parametrize(
    "text",
    ["", ".", "name.", "a..b", "a.b.c", "[x pr]", "a[]", 'a[b eq "c"', 'a[b eq "c"]d', " a", "a ", "/a/0", "urn:x:y:",
     'a.b[c pr]', 'userName eq "a"', "__proto__", 'a[b[c pr]]'],
)  # fmt: skip
def test_text_that_is_no_path_is_refused_with_a_caret(text: str) -> None:
    """The message points at the character and says what a path looks like."""
    with pytest.raises(PathError) as caught:
        parse_path(text)

    assert "^ character" in caught.value.where
    assert "name.sub" in caught.value.mend or "attribute" in caught.value.what or caught.value.mend


@given(path=_PATHS)
@settings(max_examples=150, deadline=None)
def test_reading_a_printed_path_gives_the_path(path: AttributePath) -> None:
    """Printing loses nothing, whatever characters a value in the filter holds."""
    assert parse_path(str(path)) == path


@given(text=st.one_of(st.text(max_size=30), st.text(string.ascii_letters + ' .:[]"$()-12eqand', max_size=40)))
@settings(max_examples=300, deadline=None)
def test_any_text_is_a_path_or_a_path_error(text: str) -> None:
    """No text whatever raises anything else, and what is accepted prints to an equal path."""
    try:
        path = parse_path(text)
    except PathError:
        return

    assert parse_path(str(path)) == path


_ADA = {
    "userName": "ada",
    "Emails": [{"type": "home", "value": "h@x.test"}, {"Type": "Work", "value": "w@x.test", "primary": True}],
    "name": {"givenName": "Ada", "familyName": ""},
    urns.ENTERPRISE_USER: {"department": "R&D", "manager": {"value": "7"}},
    "active": False,
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("userName", "ada"),
        ("USERNAME", "ada"),
        ("active", False),
        ("name.givenName", "Ada"),
        ("name.familyName", None),
        ("title", None),
        ('emails[type eq "work"].value', "w@x.test"),
        ('emails[type eq "fax"].value', None),
        ("emails.value", "w@x.test"),
        ("emails[not (primary eq true)].value", "h@x.test"),
        (f"{urns.ENTERPRISE_USER}:manager.value", "7"),
        (f"{urns.USER}:name.givenName", "Ada"),
        ("urn:example:other:department", None),
        ("userName.value", None),
    ],
)
def test_a_getter_reads_one_value_whatever_the_letter_case(path: str, expected: object) -> None:
    """Names match in any case, filters choose an element, and without one the primary element is read."""
    assert compile_getter(path)(_ADA) == expected
