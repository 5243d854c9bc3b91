"""Resources as targets send them, brought into the shape of their schema."""

from __future__ import annotations

import pytest

from gallery_sdk.errors import ScimError
from gallery_sdk.scim import SENTENCES, USER_SCHEMAS, Finding, FindingCode, check_create, parse_resource, urns

_CLEAN = {
    "schemas": [urns.USER],
    "id": "1",
    "userName": "ada",
    "active": True,
    "emails": [{"value": "a", "primary": True}],
}


def test_a_conforming_resource_comes_out_as_it_went_in() -> None:
    """Nothing is changed and nothing reported without need."""
    assert parse_resource(_CLEAN, schema=USER_SCHEMAS) == (_CLEAN, ())


@pytest.mark.parametrize(
    ("change", "read", "code"),
    [
        ({"active": "False"}, {"active": False}, FindingCode.BOOLEAN_AS_TEXT),
        (
            {"emails": [{"value": "a", "primary": "true"}]},
            {"emails": [{"value": "a", "primary": True}]},
            FindingCode.BOOLEAN_AS_TEXT,
        ),
        ({"DisplayName": "A"}, {"displayName": "A"}, FindingCode.NAME_CASE),
        ({"name": {"GivenName": "A"}}, {"name": {"givenName": "A"}}, FindingCode.NAME_CASE),
        ({"title": None}, {}, FindingCode.NULL_VALUES),
        ({"name": {"givenName": "A", "familyName": None}}, {"name": {"givenName": "A"}}, FindingCode.NULL_VALUES),
        ({"emails": {"value": "a"}}, {"emails": [{"value": "a"}]}, FindingCode.SINGLE_FOR_MULTI_VALUED),
        ({"shoeSize": 42}, {"shoeSize": 42}, FindingCode.UNKNOWN_ATTRIBUTE),
        ({"id": 7}, {"id": "7"}, FindingCode.ID_AS_NUMBER),
        ({"id": None}, {"id": None}, FindingCode.MISSING_ID),
        ({"schemas": []}, {}, FindingCode.MISSING_SCHEMAS),
        ({"schemas": ["urn:example:x"]}, {}, FindingCode.ODD_SCHEMAS),
        (
            {urns.ENTERPRISE_USER: {"Department": "R&D"}},
            {urns.ENTERPRISE_USER: {"department": "R&D"}},
            FindingCode.NAME_CASE,
        ),
    ],
)
def test_what_can_be_used_is_normalised_and_reported(
    change: dict[str, object], read: dict[str, object], code: FindingCode
) -> None:
    """Each departure has its reading and its code."""
    resource, findings = parse_resource({**_CLEAN, **change}, schema=USER_SCHEMAS)

    assert code in {finding.code for finding in findings}
    for name, value in read.items():
        assert resource.get(name) == value


def test_without_a_schema_nothing_is_unknown() -> None:
    """A target whose schema is not known may have any attribute; the core ones are still understood."""
    resource, findings = parse_resource({**_CLEAN, "shoeSize": 42, "active": "true"})

    assert resource["active"] is True
    assert {f.code for f in findings} == {FindingCode.BOOLEAN_AS_TEXT}


def test_what_is_no_object_is_an_error() -> None:
    """There is nothing to normalise in an array, and the message says what came."""
    with pytest.raises(ScimError, match="an array"):
        parse_resource([_CLEAN])


@pytest.mark.parametrize(
    ("status", "media_type", "body", "codes"),
    [
        (201, "application/scim+json; charset=utf-8", _CLEAN, set()),
        (200, "application/scim+json", _CLEAN, {FindingCode.CREATE_ANSWERED_200}),
        (201, "application/json", _CLEAN, {FindingCode.WRONG_CONTENT_TYPE}),
        (201, "text/html", {}, {FindingCode.HTML_ANSWER, FindingCode.CREATE_WITHOUT_ID}),
        (201, "", None, {FindingCode.CREATE_WITHOUT_ID}),
    ],
)
def test_the_answer_to_a_create_is_checked(status: int, media_type: str, body: object, codes: set[FindingCode]) -> None:
    """Departures that the engine must know of before it links the account."""
    assert {finding.code for finding in check_create(status, media_type, body)} == codes


def test_every_code_has_its_sentence() -> None:
    """A finding that is shown to a person says what it means."""
    assert set(SENTENCES) == set(FindingCode)
    assert all(sentence.endswith(".") for sentence in SENTENCES.values())
    assert str(Finding(FindingCode.NULL_VALUES, "Users[3].title", "x")).startswith("Users[3].title: Attributes")
