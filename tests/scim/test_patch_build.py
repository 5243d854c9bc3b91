"""The least operations between two states, and that applying them gives the second."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gallery_sdk.scim import GROUP_SCHEMAS, USER_SCHEMAS, PatchOperation, apply_patch, build_patch, urns

_E = urns.ENTERPRISE_USER


def _case(name: str, before: dict[str, Any], after: dict[str, Any], *operations: PatchOperation) -> Any:
    return pytest.param(before, after, list(operations), id=name)


@pytest.mark.parametrize(
    ("before", "after", "operations"),
    [
        _case(
            "nothing", {"a": 1, "e": [{"value": "1"}, {"value": "2"}]}, {"a": 1, "e": [{"value": "2"}, {"value": "1"}]}
        ),
        _case("empty-is-absent", {"a": None, "b": [], "c": ""}, {"d": {}}),
        _case("names-in-another-case", {"UserName": "a"}, {"userName": "a"}),
        _case("servers-own", {"id": "1", "meta": {"version": "1"}}, {"id": "2", "schemas": ["x"]}),
        _case(
            "single",
            {"a": 1, "b": 1},
            {"a": 2, "c": 3},
            PatchOperation("replace", "a", 2),
            PatchOperation("remove", "b"),
            PatchOperation("add", "c", 3),
        ),
        _case("boolean-is-no-number", {"a": 1}, {"a": True}, PatchOperation("replace", "a", True)),
        _case(
            "sub",
            {"name": {"givenName": "A", "x": "y"}},
            {"name": {"givenName": "B", "z": "z"}},
            PatchOperation("replace", "name.givenName", "B"),
            PatchOperation("remove", "name.x"),
            PatchOperation("add", "name.z", "z"),
        ),
        _case("complex-comes", {}, {"name": {"givenName": "B"}}, PatchOperation("add", "name", {"givenName": "B"})),
        _case("complex-goes", {"name": {"givenName": "B"}}, {}, PatchOperation("remove", "name")),
        _case(
            "element-by-type",
            {"emails": [{"type": "work", "value": "a"}, {"type": "home", "value": "h"}]},
            {"emails": [{"type": "work", "value": "b"}, {"type": "home", "value": "h", "display": "H"}]},
            PatchOperation("replace", 'emails[type eq "work"].value', "b"),
            PatchOperation("add", 'emails[type eq "home"].display', "H"),
        ),
        _case(
            "element-comes",
            {"emails": [{"type": "work", "value": "a"}]},
            {"emails": [{"type": "work", "value": "a"}, {"type": "home", "value": "h"}]},
            PatchOperation("add", "emails", [{"type": "home", "value": "h"}]),
        ),
        _case(
            "element-goes",
            {"emails": [{"type": "work", "value": "a"}, {"type": 'h"m', "value": "h"}]},
            {"emails": [{"type": "work", "value": "a"}]},
            PatchOperation("remove", r'emails[type eq "h\"m"]'),
        ),
        _case(
            "types-not-unique-then-by-value",
            {"emails": [{"type": "work", "value": "a"}, {"type": "work", "value": "b"}]},
            {"emails": [{"type": "work", "value": "a"}, {"type": "work", "value": "c"}]},
            PatchOperation("remove", 'emails[value eq "b"]'),
            PatchOperation("add", "emails", [{"type": "work", "value": "c"}]),
        ),
        _case(
            "nothing-identifies",
            {"emails": [{"display": "a"}]},
            {"emails": [{"display": "b"}]},
            PatchOperation("replace", "emails", [{"display": "b"}]),
        ),
        _case(
            "members",
            {"members": [{"value": "1", "display": "A"}, {"value": "2"}, {"value": "3"}]},
            {"members": [{"value": "1"}, {"value": "4"}, {"value": "5"}]},
            PatchOperation("remove", 'members[value eq "2"]'),
            PatchOperation("remove", 'members[value eq "3"]'),
            PatchOperation("add", "members", [{"value": "4"}, {"value": "5"}]),
        ),
        _case("last-member-goes", {"members": [{"value": "1"}]}, {}, PatchOperation("remove", "members")),
        _case("simple-values-added", {"tags": ["a"]}, {"tags": ["a", "b"]}, PatchOperation("add", "tags", ["b"])),
        _case("simple-values-removed", {"tags": ["a", "b"]}, {"tags": ["b"]}, PatchOperation("replace", "tags", ["b"])),
        _case(
            "extension",
            {_E: {"department": "A", "division": "D"}},
            {_E: {"department": "B", "manager": {"value": "7"}}},
            PatchOperation("replace", f"{_E}:department", "B"),
            PatchOperation("remove", f"{_E}:division"),
            PatchOperation("add", f"{_E}:manager", {"value": "7"}),
        ),
        _case(
            "primary-is-given-up-first",
            {"emails": [{"type": "home", "value": "h"}, {"type": "work", "value": "w", "primary": True}]},
            {"emails": [{"type": "home", "value": "h", "primary": True}, {"type": "work", "value": "w"}]},
            PatchOperation("remove", 'emails[type eq "work"].primary'),
            PatchOperation("add", 'emails[type eq "home"].primary', True),
        ),
    ],
)
def test_the_least_operations_are_built(
    before: dict[str, object], after: dict[str, object], operations: list[PatchOperation]
) -> None:
    """One operation per thing that changed, at the deepest path that RFC 7644 can name."""
    assert build_patch(before, after) == operations


def test_what_the_schema_calls_read_only_is_left_alone() -> None:
    """A user's groups change through the group, a manager's display name through the manager."""
    before: dict[str, object] = {"groups": [{"value": "1"}], _E: {"manager": {"value": "1", "displayName": "A"}}}
    after: dict[str, object] = {"groups": [{"value": "2"}], _E: {"manager": {"value": "2"}}}

    assert build_patch(before, after, schema=USER_SCHEMAS) == [PatchOperation("replace", f"{_E}:manager.value", "2")]


def test_removals_may_share_an_operation() -> None:
    """Targets that understand `or` in a path take several removals at once."""
    before = {"members": [{"value": str(n)} for n in range(6)]}

    operations = build_patch(before, {"members": [{"value": "5"}]}, removals_per_operation=3)

    assert [operation.path for operation in operations] == [
        'members[value eq "0" or value eq "1" or value eq "2"]',
        'members[value eq "3" or value eq "4"]',
    ]
    assert apply_patch(before, operations) == {"members": [{"value": "5"}]}


_TEXT = st.text(min_size=1, max_size=4)
_TYPES = st.sampled_from(["work", "Work", "home", "other", "mobile"])
_Object = dict[str, object]
_ELEMENT: st.SearchStrategy[_Object] = st.fixed_dictionaries(
    {"value": st.sampled_from(["a", "A", "b", "c", 'd"\\'])}, optional={"type": _TYPES, "display": _TEXT}
)


def _no_two_alike(elements: list[dict[str, object]]) -> bool:
    # A server keeps one of two equal elements, and an element within another adds nothing to it.
    return not any(a is not b and a.items() <= b.items() for a in elements for b in elements)


def _with_primary(elements: list[dict[str, object]], index: int | None) -> list[dict[str, object]]:
    return [{**e, "primary": True} if i == index else e for i, e in enumerate(elements)]


_MULTI = st.builds(
    _with_primary, st.lists(_ELEMENT, min_size=1, max_size=4).filter(_no_two_alike), st.none() | st.integers(0, 3)
)
_UNTOLD = st.lists(st.builds(lambda text: {"display": text}, _TEXT), min_size=1, max_size=2, unique_by=str)
_ENTERPRISE = st.dictionaries(st.sampled_from(["department", "costCenter", "division"]), _TEXT, min_size=1).flatmap(
    lambda texts: st.sampled_from([texts, {**texts, "manager": {"value": "7"}}, {"manager": {"value": "8"}}])
)
_USERS: st.SearchStrategy[_Object] = st.fixed_dictionaries(
    {"userName": _TEXT},
    optional={
        "active": st.booleans(),
        "title": _TEXT,
        "name": st.dictionaries(st.sampled_from(["givenName", "familyName", "formatted"]), _TEXT, min_size=1),
        "emails": _MULTI,
        "roles": _MULTI,
        "x509Certificates": _UNTOLD,
        _E: _ENTERPRISE,
    },
).map(lambda user: {"schemas": [urns.USER, _E] if _E in user else [urns.USER], **user})
_GROUPS = st.builds(
    lambda name, ids: {
        "schemas": [urns.GROUP],
        "displayName": name,
        **({"members": [{"value": each} for each in ids]} if ids else {}),
    },
    _TEXT,
    st.lists(st.sampled_from(["1", "2", "a", "A", '"', "\\", "é"]), unique=True),
)


def _unordered(value: object) -> object:
    """The value with the order of its arrays, which carries no meaning, taken out."""
    if isinstance(value, dict):
        return {name: _unordered(each) for name, each in value.items()}
    if isinstance(value, list):
        return sorted((_unordered(each) for each in value), key=lambda each: json.dumps(each, sort_keys=True))
    return value


@given(before=_USERS, after=_USERS)
@settings(max_examples=250, deadline=None)
def test_applying_what_was_built_gives_the_wanted_user(before: dict[str, object], after: dict[str, object]) -> None:
    """For any two users, extension and multi-valued attributes included, and with nothing left to do."""
    operations = build_patch(before, after)

    result = apply_patch(before, operations, schema=USER_SCHEMAS)

    assert _unordered(result) == _unordered(after)
    assert build_patch(result, after) == []


@given(before=_GROUPS, after=_GROUPS, batch=st.integers(1, 3))
@settings(max_examples=120, deadline=None)
def test_applying_what_was_built_gives_the_wanted_group(
    before: dict[str, object], after: dict[str, object], batch: int
) -> None:
    """For any two memberships, ids that differ by letter case alone included."""
    operations = build_patch(before, after, removals_per_operation=batch)

    assert _unordered(apply_patch(before, operations, schema=GROUP_SCHEMAS)) == _unordered(after)


def test_a_change_in_a_large_group_is_small_on_the_wire() -> None:
    """One member of 10,000 changed costs two short operations, however large the group."""
    before = {"members": [{"value": f"user-{n}"} for n in range(10_000)]}
    after = {"members": [*before["members"][1:], {"value": "new"}]}

    operations = build_patch(before, after)

    assert [operation.op for operation in operations] == ["remove", "add"]
    assert len(json.dumps([operation.to_json() for operation in operations])) < 1024
