"""Lists as targets send them, read for what they mean."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gallery_sdk.errors import ScimError
from gallery_sdk.scim import USER_SCHEMAS, FindingCode, parse_list, urns

_ADA = {"schemas": [urns.USER], "id": "1", "userName": "ada"}
_BOB = {"schemas": [urns.USER], "id": "2", "userName": "bob"}


def _list(**members: object) -> dict[str, Any]:
    return {"schemas": [urns.LIST_RESPONSE], "totalResults": 2, "Resources": [_ADA, _BOB], **members}


def test_a_list_of_the_rfc_reads_without_a_finding() -> None:
    """What conforms is not reported."""
    page = parse_list(_list(startIndex=1, itemsPerPage=2), schema=USER_SCHEMAS)

    assert page.resources == [_ADA, _BOB]
    assert (page.total, page.start_index, page.items_per_page, page.next_cursor) == (2, 1, 2, None)
    assert page.findings == ()


@pytest.mark.parametrize(
    ("body", "codes", "ids"),
    [
        pytest.param([_ADA, _BOB], {FindingCode.LIST_AS_BARE_ARRAY}, ["1", "2"], id="bare-array"),
        pytest.param(_list(schemas=None), {FindingCode.MISSING_SCHEMAS}, ["1", "2"], id="no-schemas"),
        pytest.param(_list(schemas=[urns.USER]), {FindingCode.ODD_SCHEMAS}, ["1", "2"], id="odd-schemas"),
        pytest.param(_list(totalResults="2"), {FindingCode.TOTAL_AS_TEXT}, ["1", "2"], id="total-as-text"),
        pytest.param(_list(totalResults=None), {FindingCode.TOTAL_MISSING}, ["1", "2"], id="no-total"),
        pytest.param(_list(Resources=None), {FindingCode.RESOURCES_MISSING}, [], id="null-resources"),
        pytest.param(_list(Resources=None, totalResults=0), set(), [], id="empty-without-resources"),
        pytest.param(
            {"schemas": [urns.LIST_RESPONSE], "totalresults": 1, "resources": [_ADA]},
            {FindingCode.RESOURCES_LOWER_CASE},
            ["1"],
            id="lower-case",
        ),
        pytest.param(
            _list(Resources=[_ADA, "junk", None, _BOB]),
            {FindingCode.BAD_RESOURCE_IN_PAGE},
            ["1", "2"],
            id="junk-among-good",
        ),
        pytest.param(_list(Resources=_ADA, totalResults=1), set(), ["1"], id="one-without-array"),
        pytest.param(_list(totalResults=None, nextCursor="c"), set(), ["1", "2"], id="cursor-needs-no-total"),
    ],
)
def test_what_departs_is_read_and_reported(body: object, codes: set[FindingCode], ids: list[str]) -> None:
    """The usable is used, and every departure is data."""
    page = parse_list(body, schema=USER_SCHEMAS)

    assert {finding.code for finding in page.findings} == codes
    assert [resource["id"] for resource in page.resources] == ids


def test_every_skipped_entry_is_named_and_counted() -> None:
    """Skipped entries still take their place in the list, so that paging does not stall on them."""
    page = parse_list(_list(Resources=["x", _ADA, 7]))

    assert page.skipped == 2
    assert [f.where for f in page.findings] == ["list.Resources[0]", "list.Resources[2]"]


@pytest.mark.parametrize("body", [None, "text", 7, {}, {"detail": "no"}, {"Resources": "x"}, _ADA])
def test_what_is_no_list_is_an_error_and_not_an_empty_list(body: object) -> None:
    """An error page taken for an empty directory would deprovision everybody."""
    with pytest.raises(ScimError, match="a list was wanted"):
        parse_list(body)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda of: st.lists(of, max_size=3) | st.dictionaries(st.sampled_from(["Resources", "id", "schemas", "x"]), of),
    max_leaves=8,
)


@given(body=_JSON)
@settings(max_examples=200, deadline=None)
def test_any_json_is_a_list_or_a_scim_error(body: object) -> None:
    """No answer whatever raises anything else."""
    try:
        page = parse_list(body, schema=USER_SCHEMAS)
    except ScimError:
        return

    assert all(isinstance(resource, dict) for resource in page.resources)
