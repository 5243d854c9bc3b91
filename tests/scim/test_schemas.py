"""Built-in schemas against RFC 7643 section 8.7, through scim2-models, and look-ups in them."""

from __future__ import annotations

from typing import Any

import pytest
import scim2_models

from gallery_sdk import scim
from gallery_sdk.scim import GROUP_SCHEMA, USER_SCHEMA, USER_SCHEMAS, AttributePath, Schema, urns


def _theirs(model: Any) -> dict[str, Any]:
    attributes = model.to_schema().model_dump()["attributes"]
    return {each["name"]: each for each in attributes}


@pytest.mark.parametrize(
    ("schema", "model"),
    [
        (USER_SCHEMA, scim2_models.User),
        (GROUP_SCHEMA, scim2_models.Group),
        (scim.ENTERPRISE_USER_SCHEMA, scim2_models.EnterpriseUser),
    ],
    ids=["user", "group", "enterprise"],
)
def test_the_core_schemas_define_what_the_rfc_defines(schema: Schema, model: Any) -> None:
    """Names, types, plurality and sub-attributes agree with another reading of the RFC."""
    theirs = _theirs(model)

    assert {a.name for a in schema.attributes} == set(theirs)
    for ours in schema.attributes:
        other = theirs[ours.name]
        assert (ours.type, ours.multi_valued) == (other["type"], other["multiValued"]), ours.name
        subs = {sub["name"]: sub["type"] for sub in other.get("subAttributes") or ()}
        assert {sub.name: sub.type for sub in ours.sub_attributes} == subs, ours.name


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (AttributePath("USERNAME"), "userName"),
        (AttributePath("id"), "id"),
        (AttributePath("meta", "lastmodified"), "lastModified"),
        (AttributePath("name", "givenName", urns.USER), "givenName"),
        (AttributePath("department", None, urns.ENTERPRISE_USER.upper()), "department"),
        (AttributePath("department"), None),
        (AttributePath("userName", None, "urn:example:x"), None),
        (AttributePath("name", "nosuch"), None),
    ],
)
def test_a_path_finds_its_definition(path: AttributePath, name: str | None) -> None:
    """In any letter case, common attributes included, and never across schemas."""
    found = USER_SCHEMAS.find(path)

    assert (None if found is None else found.name) == name


def test_the_public_face_is_sorted_and_whole() -> None:
    """Every name that is promised exists, the lazy ones included."""
    assert sorted(set(scim.__all__), key=str.lower) == sorted(scim.__all__, key=str.lower)
    assert all(hasattr(scim, name) for name in scim.__all__)
    with pytest.raises(AttributeError):
        scim.nonsense  # noqa: B018  # type: ignore[attr-defined]
