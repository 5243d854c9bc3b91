"""PATCH as a server carries it out: RFC 7644 section 3.5.2 row by row, and the habits of large clients."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from gallery_sdk.errors import PatchError
from gallery_sdk.scim import (
    ABSENT,
    GROUP_SCHEMAS,
    USER_SCHEMAS,
    PatchOperation,
    apply_patch,
    parse_patch,
    patch_body,
    urns,
)

_WORK = {"type": "work", "value": "w@x.test", "primary": True}
_BOTH = [{"value": "a", "primary": True}, {"value": "b", "primary": True}]
_HOME = {"type": "home", "value": "h@x.test"}
_USER: dict[str, Any] = {
    "schemas": [urns.USER],
    "id": "1",
    "userName": "ada",
    "name": {"givenName": "Ada", "familyName": "L"},
    "emails": [_WORK, _HOME],
    "active": True,
}
_GROUP: dict[str, Any] = {
    "schemas": [urns.GROUP],
    "id": "g",
    "displayName": "Eng",
    "members": [{"value": "1"}, {"value": "2", "display": "B"}],
}
_DEPARTMENT = f"{urns.ENTERPRISE_USER}:department"


def _case(case_id: str, operation: PatchOperation, /, **changed: object) -> Any:
    return pytest.param(operation, changed, id=case_id)


@pytest.mark.parametrize(
    ("operation", "changed"),
    [
        _case("add-single", PatchOperation("add", "title", "Countess"), title="Countess"),
        _case("add-sub", PatchOperation("add", "name.middleName", "K"), name={**_USER["name"], "middleName": "K"}),
        _case(
            "add-complex-merges",
            PatchOperation("add", "name", {"givenName": "A"}),
            name={"givenName": "A", "familyName": "L"},
        ),
        _case("add-appends", PatchOperation("add", "emails", [{"value": "o"}]), emails=[_WORK, _HOME, {"value": "o"}]),
        _case(
            "add-one-element", PatchOperation("add", "emails", {"value": "o"}), emails=[_WORK, _HOME, {"value": "o"}]
        ),
        _case("add-what-is-there", PatchOperation("add", "emails", [_HOME]), emails=[_WORK, _HOME]),
        _case(
            "add-without-path", PatchOperation("add", None, {"title": "C", "active": False}), title="C", active=False
        ),
        _case(
            "add-takes-primary",
            PatchOperation("add", "emails", [{"value": "o", "primary": True}]),
            emails=[{**_WORK, "primary": False}, _HOME, {"value": "o", "primary": True}],
        ),
        _case(
            "add-through-filter",
            PatchOperation("add", 'emails[type eq "home"].display', "H"),
            emails=[_WORK, {**_HOME, "display": "H"}],
        ),
        _case("replace-single", PatchOperation("Replace", "userName", "b"), userName="b"),
        _case("replace-missing-adds", PatchOperation("replace", "title", "C"), title="C"),
        _case(
            "replace-complex-merges",
            PatchOperation("replace", "name", {"givenName": "A"}),
            name={"givenName": "A", "familyName": "L"},
        ),
        _case("replace-array", PatchOperation("replace", "emails", [_HOME]), emails=[_HOME]),
        _case(
            "replace-element",
            PatchOperation("replace", 'emails[type eq "home"]', {"type": "other", "value": "o"}),
            emails=[_WORK, {"type": "other", "value": "o"}],
        ),
        _case(
            "replace-takes-primary",
            PatchOperation("replace", 'emails[type eq "home"].primary', True),
            emails=[{**_WORK, "primary": False}, {**_HOME, "primary": True}],
        ),
        _case("remove-attribute", PatchOperation("remove", "active"), active=ABSENT),
        _case("remove-sub", PatchOperation("remove", "NAME.givenname"), name={"familyName": "L"}),
        _case("remove-element", PatchOperation("remove", 'emails[value eq "w@x.test"]'), emails=[_HOME]),
        _case("remove-all-elements", PatchOperation("remove", "emails[value pr]"), emails=ABSENT),
        _case("remove-no-match", PatchOperation("remove", 'emails[type eq "fax"]'), emails=[_WORK, _HOME]),
        _case("replace-with-null", PatchOperation("replace", "active", None), active=ABSENT),
        _case(
            "extension-lists-its-urn",
            PatchOperation("add", _DEPARTMENT, "R&D"),
            schemas=[urns.USER, urns.ENTERPRISE_USER],
            **{urns.ENTERPRISE_USER: {"department": "R&D"}},
        ),
        _case(
            "extension-object",
            PatchOperation("replace", None, {urns.ENTERPRISE_USER: {"department": "R&D"}}),
            schemas=[urns.USER, urns.ENTERPRISE_USER],
            **{urns.ENTERPRISE_USER: {"department": "R&D"}},
        ),
        _case(
            "core-urn",
            PatchOperation("replace", f"{urns.USER}:name.givenName", "A"),
            name={"givenName": "A", "familyName": "L"},
        ),
    ],
)
def test_an_operation_has_the_effect_that_the_rfc_gives_it(
    operation: PatchOperation, changed: dict[str, object]
) -> None:
    """What the operation names changes and nothing else does; the input is never touched."""
    before = copy.deepcopy(_USER)
    wanted = {name: value for name, value in {**_USER, **changed}.items() if value is not ABSENT}

    assert apply_patch(_USER, [operation], schema=USER_SCHEMAS) == wanted
    assert apply_patch(_USER, [operation]) == wanted
    assert before == _USER


@pytest.mark.parametrize(
    ("operation", "scim_type"),
    [
        (PatchOperation("remove"), "noTarget"),
        (PatchOperation("move", "a", 1), "invalidSyntax"),
        (PatchOperation("add", "title"), "invalidValue"),
        (PatchOperation("add", None, 7), "invalidValue"),
        (PatchOperation("replace", "emails[type eq", "x"), "invalidPath"),
        (PatchOperation("replace", "nosuch", "x"), "invalidPath"),
        (PatchOperation("replace", "name.nosuch", "x"), "invalidPath"),
        (PatchOperation("replace", 'emails[type eq "fax"].value', "x"), "noTarget"),
        (PatchOperation("add", 'emails[type eq "fax"].value', "x"), "noTarget"),
        (PatchOperation("replace", "emails[primary gt true].value", "x"), "invalidFilter"),
        (PatchOperation("replace", "active", "True"), "invalidValue"),
        (PatchOperation("replace", "id", "2"), "mutability"),
        (PatchOperation("remove", "userName"), "mutability"),
        (PatchOperation("replace", "groups", [{"value": "g"}]), "mutability"),
        (PatchOperation("replace", "emails", _BOTH), "invalidValue"),
    ],
)
def test_a_forbidden_operation_is_answered_by_its_scim_type(operation: PatchOperation, scim_type: str) -> None:
    """The error says which operation, and table 9 of RFC 7644 says which word."""
    with pytest.raises(PatchError) as caught:
        apply_patch(_USER, [PatchOperation("replace", "title", "x"), operation], schema=USER_SCHEMAS)

    assert caught.value.scim_type == scim_type
    assert caught.value.where.startswith("Operations[1]")
    assert "title" not in _USER


def test_a_members_id_cannot_change_in_place() -> None:
    """`value` of a member is immutable: another member is another element."""
    with pytest.raises(PatchError) as caught:
        apply_patch(_GROUP, [PatchOperation("replace", 'members[value eq "1"].value', "3")], schema=GROUP_SCHEMAS)

    assert caught.value.scim_type == "mutability"


def test_an_immutable_sub_attribute_may_be_set_once() -> None:
    """RFC 7644 section 3.5.2.1: an immutable attribute without a value may still be given one."""
    operation = PatchOperation("add", 'members[value eq "1"].type', "User")

    typed = apply_patch(_GROUP, [operation], schema=GROUP_SCHEMAS)

    assert typed["members"] == [{"value": "1", "type": "User"}, _GROUP["members"][1]]
    with pytest.raises(PatchError, match="cannot change once set"):
        apply_patch(typed, [operation.replace(op="replace", value="Group")], schema=GROUP_SCHEMAS)


@pytest.mark.parametrize(
    ("resource", "operation", "changed"),
    [
        pytest.param(
            _USER, PatchOperation("Replace", "active", "False"), {"active": False}, id="entra-boolean-as-text"
        ),
        pytest.param(
            _GROUP,
            PatchOperation("Remove", "members", [{"$ref": None, "value": "2"}]),
            {"members": [{"value": "1"}]},
            id="entra-remove-by-value",
        ),
        pytest.param(
            _GROUP,
            PatchOperation("Add", "members", [{"$ref": None, "value": "3"}]),
            {"members": [*_GROUP["members"], {"value": "3"}]},
            id="entra-null-ref",
        ),
        pytest.param(
            _GROUP,
            PatchOperation("add", "members", "3"),
            {"members": [*_GROUP["members"], {"value": "3"}]},
            id="member-as-bare-text",
        ),
        pytest.param(
            _USER,
            PatchOperation("replace", None, {"name.givenName": "A", _DEPARTMENT: "R&D"}),
            {
                "name": {"givenName": "A", "familyName": "L"},
                "schemas": [urns.USER, urns.ENTERPRISE_USER],
                urns.ENTERPRISE_USER: {"department": "R&D"},
            },
            id="entra-dotted-keys",
        ),
        pytest.param(
            _USER,
            PatchOperation("Replace", 'phoneNumbers[type eq "mobile"].value', "1"),
            {"phoneNumbers": [{"type": "mobile", "value": "1"}]},
            id="entra-replace-makes-the-element",
        ),
        pytest.param(
            _USER,
            PatchOperation("Add", 'roles[primary eq "True"].value', "admin"),
            {"roles": [{"primary": True, "value": "admin"}]},
            id="entra-boolean-in-filter",
        ),
        pytest.param(
            _USER,
            PatchOperation("Add", "manager", [{"$ref": "https://x.test/Users/7", "value": "7"}]),
            {
                "schemas": [urns.USER, urns.ENTERPRISE_USER],
                urns.ENTERPRISE_USER: {"manager": {"$ref": "https://x.test/Users/7", "value": "7"}},
            },
            id="entra-manager-without-urn-in-an-array",
        ),
        pytest.param(
            _USER,
            PatchOperation("replace", f"{urns.ENTERPRISE_USER}:manager", "7"),
            {"schemas": [urns.USER, urns.ENTERPRISE_USER], urns.ENTERPRISE_USER: {"manager": {"value": "7"}}},
            id="validator-manager-as-text",
        ),
        pytest.param(
            _GROUP,
            PatchOperation("replace", None, {"id": "other", "displayName": "New"}),
            {"displayName": "New"},
            id="okta-sends-the-id-along",
        ),
    ],
)
def test_compat_understands_the_habit(
    resource: dict[str, object], operation: PatchOperation, changed: dict[str, object]
) -> None:
    """Each habit of Entra ID, Okta or Microsoft's validator has the effect that its sender means."""
    assert apply_patch(resource, [operation], compat=True) == {**resource, **changed}


def test_removing_the_manager_by_an_empty_text_removes_the_extension() -> None:
    """Microsoft's validator does so; what is left empty goes, and its URN leaves `schemas`."""
    path = f"{urns.ENTERPRISE_USER}:manager"
    managed = apply_patch(_USER, [PatchOperation("add", path, "7")], compat=True)

    assert apply_patch(managed, [PatchOperation("replace", path, "")], compat=True) == _USER


def test_operations_see_the_effect_of_those_before() -> None:
    """Sequential, as section 3.5.2 has it."""
    operations = [
        PatchOperation("remove", "emails"),
        PatchOperation("add", "emails", [_HOME]),
        PatchOperation("replace", 'emails[type eq "home"].value', "n@x.test"),
    ]

    assert apply_patch(_USER, operations)["emails"] == [{**_HOME, "value": "n@x.test"}]


def test_a_message_is_read_back_from_what_it_was_written_as() -> None:
    """Absent and null values stay apart on the wire."""
    operations = [
        PatchOperation("remove", "a"),
        PatchOperation("replace", "b", None),
        PatchOperation("add", None, {"c": 1}),
    ]

    body = patch_body(operations)

    assert body["schemas"] == [urns.PATCH_OP]
    assert parse_patch(body) == operations


@pytest.mark.parametrize(
    "body", [None, [], {}, {"Operations": {}}, {"Operations": [7]}, {"Operations": [{"path": "a"}]}]
)
def test_a_message_that_is_none_is_invalid_syntax(body: object) -> None:
    """A body that is malformed is told apart from an operation that cannot be done."""
    with pytest.raises(PatchError) as caught:
        parse_patch(body)

    assert caught.value.scim_type == "invalidSyntax"


def test_an_operation_is_copied_with_changes() -> None:
    """Quirks reshape operations without touching the ones that they were given."""
    operation = PatchOperation("remove", 'members[value eq "1"]')

    assert operation.replace(path="members", value=[{"value": "1"}]) == PatchOperation(
        "remove", "members", [{"value": "1"}]
    )
    assert operation.value is ABSENT
