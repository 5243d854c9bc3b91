"""Filters as predicates: the rules of RFC 7644 section 3.4.2.2, and agreement with scim2-models as a second opinion."""

from __future__ import annotations

from typing import Any

import pytest
import scim2_models
from hypothesis import given, settings
from hypothesis import strategies as st

from gallery_sdk.errors import FilterError
from gallery_sdk.scim import (
    GROUP_SCHEMAS,
    USER_SCHEMAS,
    AttributePath,
    Comparison,
    Filter,
    Not,
    Or,
    Present,
    ValuePath,
    and_,
    compile_filter,
    parse_filter,
    print_filter,
    urns,
)

_BABS: dict[str, object] = {
    "schemas": [urns.USER, urns.ENTERPRISE_USER],
    "id": "aBc",
    "userName": "bjensen",
    "name": {"familyName": "O'Malley", "givenName": "Barbara"},
    "active": True,
    "title": "",
    "emails": [
        {"type": "work", "value": "bjensen@example.com", "primary": True},
        {"type": "home", "value": "babs@jensen.org"},
    ],
    "meta": {"resourceType": "User", "lastModified": "2011-05-13T04:42:34Z"},
    urns.ENTERPRISE_USER: {"employeeNumber": "701984", "manager": {"value": "26118915"}},
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('userName eq "BJENSEN"', True),
        ('USERNAME sw "bj" and userName ew "sen"', True),
        ('id eq "abc"', False),
        ('id eq "aBc"', True),
        ("title pr", False),
        ("title eq null", True),
        ("nickName eq null", True),
        ("userName ne null", True),
        ('nickName ne "x"', True),
        ('nickName eq "x" or not (nickName pr)', True),
        ('nickName co ""', False),
        ("active eq true", True),
        ('active eq "True"', True),
        ("active ne true", False),
        ("name pr", True),
        ('name.familyName co "o\'m"', True),
        ('emails co "JENSEN.ORG"', True),
        ('emails ne "babs@jensen.org"', False),
        ('emails.type eq "work" and emails.value co "@jensen"', True),
        ('emails[type eq "work" and value co "@jensen"]', False),
        ('emails[type eq "home" and not (primary eq true)]', True),
        ('emails[type eq "work"].value eq "bjensen@example.com"', True),
        ('emails[type eq "home"].value eq "bjensen@example.com"', False),
        ('meta.lastModified eq "2011-05-13T06:42:34+02:00"', True),
        ('meta.lastModified gt "2011-05-13T04:42:33.999Z"', True),
        ('meta.lastModified lt "2011-05-13T04:42:34Z"', False),
        ('userName gt "a" and userName le "bjensen"', True),
        (f'{urns.ENTERPRISE_USER}:employeeNumber eq "701984"', True),
        (f'{urns.ENTERPRISE_USER}:manager eq "26118915"', True),
        (f'{urns.ENTERPRISE_USER}[employeeNumber eq "701984"]', True),
        (f"{urns.USER}:name.givenName pr", True),
        ("urn:example:ext:employeeNumber pr", False),
        (f'schemas[value eq "{urns.USER}"]', True),
        (f'schemas eq "{urns.USER}"', True),
        ("userName eq 1", False),
        ("userName gt 1 or userName co 1", False),
    ],
)
def test_a_filter_means_what_the_rfc_says(text: str, expected: bool) -> None:
    """With the schema and without, the same answer wherever the attribute's type does not decide."""
    ast = parse_filter(text)

    assert compile_filter(ast, schema=USER_SCHEMAS)(_BABS) is expected
    assert compile_filter(ast)(_BABS) is expected


@pytest.mark.parametrize(
    "text", ["active gt true", 'active co "t"', 'x509Certificates.value sw "a"', "primary le false"]
)
def test_ordering_a_boolean_or_binary_is_refused(text: str) -> None:
    """RFC 7644 section 3.4.2.2 answers these with 400 invalidFilter, before any resource is looked at."""
    with pytest.raises(FilterError, match="does not apply"):
        compile_filter(parse_filter(text), schema=USER_SCHEMAS)


def test_one_is_not_true() -> None:
    """JSON keeps numbers and booleans apart, and Python must not join them."""
    assert not compile_filter(parse_filter("n eq 1"))({"n": True})
    assert not compile_filter(parse_filter("n eq true"))({"n": 1})
    assert compile_filter(parse_filter("n eq 1"))({"n": 1.0})


def test_ids_of_members_differ_by_letter_case() -> None:
    """An id is case-exact: member `a` is not member `A`."""
    group = {"members": [{"value": "A"}]}

    assert not compile_filter(parse_filter('members[value eq "a"]'), schema=GROUP_SCHEMAS)(group)
    assert compile_filter(parse_filter('members[value eq "A"]'), schema=GROUP_SCHEMAS)(group)


# -- second opinion: scim2-models evaluates the same filter on the same resource ---------------------------------

_WORDS = st.sampled_from(["ada", "Ada", "ADA LOVELACE", "lovelace", "x", "work", "é"])
_STRINGS = ("userName", "displayName", "nickName", "name.givenName", "name.familyName", "id", "externalId")
_TEXT_OPS = st.sampled_from(["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"])


def _path(text: str) -> AttributePath:
    name, _, sub = text.partition(".")
    return AttributePath(name, sub or None)


_TEXT = st.builds(Comparison, st.sampled_from(_STRINGS).map(_path), _TEXT_OPS, _WORDS)
_BOOLEAN = st.builds(Comparison, st.just(AttributePath("active")), st.sampled_from(["eq", "ne"]), st.booleans())
_PRESENCE = st.builds(Present, st.sampled_from((*_STRINGS, "name", "emails", "active", "emails.type")).map(_path))
_ELEMENT = st.builds(Comparison, st.just(AttributePath("display")), _TEXT_OPS, _WORDS)
_ELEMENTS = st.builds(ValuePath, st.just(AttributePath("emails")), _ELEMENT)
_MULTI = st.builds(
    Comparison, st.just(AttributePath("emails", "display")), st.sampled_from(["eq", "co", "sw", "ew"]), _WORDS
)
_LEAVES: st.SearchStrategy[Filter] = st.one_of(_TEXT, _BOOLEAN, _PRESENCE, _ELEMENTS, _MULTI)
_FILTERS = st.recursive(
    _LEAVES,
    lambda of: st.one_of(
        st.builds(lambda a, b: and_(a, b), of, of), st.builds(lambda a, b: Or((a, b)), of, of), st.builds(Not, of)
    ),
    max_leaves=5,
)
_USERS = st.fixed_dictionaries(
    {"schemas": st.just([urns.USER]), "userName": _WORDS, "id": _WORDS},
    optional={
        "externalId": _WORDS,
        "displayName": _WORDS,
        "nickName": _WORDS,
        "active": st.booleans(),
        "name": st.fixed_dictionaries({"givenName": _WORDS}, optional={"familyName": _WORDS}),
        "emails": st.lists(
            st.fixed_dictionaries({"value": st.just("ada@example.com")}, optional={"display": _WORDS, "type": _WORDS}),
            min_size=1,
            max_size=3,
        ),
    },
)


@given(ast=_FILTERS, user=_USERS)
@settings(max_examples=200, deadline=None)
def test_scim2_models_gives_the_same_answer(ast: Filter, user: dict[str, object]) -> None:
    """Another implementation, written from the same RFC, agrees on generated filters and users."""
    theirs = scim2_models.ScimFilter[scim2_models.User[Any]](print_filter(ast))

    expected = theirs.match(scim2_models.User.model_validate(user))

    assert compile_filter(ast, schema=USER_SCHEMAS)(user) is expected
