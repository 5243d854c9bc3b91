"""Flat values folded into a resource, and read back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gallery_sdk.errors import PathError
from gallery_sdk.scim import AttributePath, assemble, compile_assembler, compile_flattener, flatten, urns

_MANAGER = f"{urns.ENTERPRISE_USER}:manager"
_DEPARTMENT = f"{urns.ENTERPRISE_USER}:department"
_PATHS = (
    "userName",
    "active",
    "externalId",
    "name.givenName",
    "name.familyName",
    'emails[type eq "work"].value',
    'emails[type eq "home"].value',
    'phoneNumbers[type eq "mobile"].value',
    'addresses[type eq "work"].country',
    'addresses[type eq "work"].locality',
    'roles[primary eq "True"].value',
    "roles.display",
    _DEPARTMENT,
    f"{_MANAGER}.value",
    "urn:example:ext:2.0:User:badge.number",
)


def test_paths_fold_into_nested_objects_elements_and_extensions() -> None:
    """One resource holds everything: sub-attributes together, equal filters in one element, extensions by URN."""
    resource = assemble(
        {
            "userName": "ada",
            "name.givenName": "Ada",
            "name.familyName": "Lovelace",
            'addresses[type eq "work"].country': "GB",
            'addresses[Type eq "work"].Locality': "London",
            'phoneNumbers[type eq "mobile"].value': "1",
            _DEPARTMENT: "R&D",
            f"{_MANAGER}.value": "7",
        },
        schemas=[urns.USER],
    )

    assert resource == {
        "schemas": [urns.USER, urns.ENTERPRISE_USER],
        "userName": "ada",
        "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "addresses": [{"type": "work", "country": "GB", "Locality": "London"}],
        "phoneNumbers": [{"type": "mobile", "value": "1"}],
        urns.ENTERPRISE_USER: {"department": "R&D", "manager": {"value": "7"}},
    }


def test_values_that_are_empty_leave_no_trace() -> None:
    """Null, empty text and empty arrays are absent; false and 0 are values."""
    values: dict[str, object] = {
        "userName": None,
        "title": "",
        "roles": [],
        "active": False,
        "n": 0,
        'emails[type eq "work"].value': None,
    }

    assert assemble({**values, _DEPARTMENT: ""}, schemas=[urns.USER]) == {
        "schemas": [urns.USER],
        "active": False,
        "n": 0,
    }


@pytest.mark.parametrize(
    ("values", "primaries"),
    [
        pytest.param({'emails[type eq "work"].value': "w"}, [True], id="work-becomes-primary"),
        pytest.param({'emails[type eq "home"].value': "h"}, [None], id="home-does-not"),
        pytest.param(
            {'emails[type eq "home"].value': "h", 'emails[type eq "work"].value': "w"},
            [None, True],
            id="work-among-others",
        ),
        pytest.param(
            {'emails[type eq "work"].value': "w", 'emails[type eq "home"].primary': "True"},
            [None, True],
            id="unless-another-is",
        ),
        pytest.param(
            {'emails[type eq "work"].value': "w", 'emails[type eq "work"].primary': False}, [False], id="unless-denied"
        ),
    ],
)
def test_the_first_work_email_is_primary_unless_one_is_given(
    values: dict[str, object], primaries: list[object]
) -> None:
    """What Entra ID sends on create; a primary that the mapping names is never overruled."""
    emails = assemble(values)["emails"]

    assert isinstance(emails, list)
    assert [email.get("primary") for email in emails] == primaries


def test_text_becomes_boolean_where_the_attribute_is_one() -> None:
    """Expressions give text; a naive server would store the text "True" as it stands."""
    values = {"active": "False", 'roles[primary eq "True"].value': "admin", "nickName": "True"}

    assert assemble(values) == {"active": False, "roles": [{"primary": True, "value": "admin"}], "nickName": "True"}


def test_whole_values_and_parts_of_them_are_joined() -> None:
    """A mapping of a whole attribute and one of its parts meet in one value, and the caller's stays as it was."""
    roles = [{"value": "a"}]
    name = {"formatted": "Ada L"}
    values: dict[str, object] = {
        "roles": roles,
        'roles[primary eq "True"].value': "b",
        "name": name,
        "name.givenName": "Ada",
    }

    resource = assemble(values)

    assert resource["roles"] == [{"value": "a"}, {"primary": True, "value": "b"}]
    assert resource["name"] == {"formatted": "Ada L", "givenName": "Ada"}
    assert roles == [{"value": "a"}]
    assert name == {"formatted": "Ada L"}


def test_a_multi_valued_attribute_without_filter_is_one_element() -> None:
    """`emails.value` must not become an object where the schema says array."""
    assert assemble({"emails.value": "a@x.test", "emails.display": "A"}) == {
        "emails": [{"value": "a@x.test", "display": "A"}]
    }


def test_a_filter_that_describes_no_element_is_refused() -> None:
    """Found once, when the job is compiled, and named with its path."""
    with pytest.raises(PathError, match="describes no element"):
        compile_assembler(['emails[type ne "work"].value'])


def test_parsed_paths_serve_as_keys() -> None:
    """A path that was parsed already need not be printed by the caller."""
    assert assemble({AttributePath("name", "givenName"): "Ada"}) == {"name": {"givenName": "Ada"}}


def test_scim_1_1_urns_are_written_as_extensions() -> None:
    """A dot behind a schema that the resource lists separates the attribute."""
    schemas = [urns.SCIM1_CORE, urns.SCIM1_ENTERPRISE_USER]

    resource = assemble({"urn:scim:schemas:extension:enterprise:1.0.department": "R&D"}, schemas=schemas)

    assert resource == {"schemas": schemas, urns.SCIM1_ENTERPRISE_USER: {"department": "R&D"}}


_TEXT = st.text(min_size=1, max_size=5)
_VALUES = st.fixed_dictionaries({}, optional={path: st.booleans() if path == "active" else _TEXT for path in _PATHS})
_ASSEMBLE = compile_assembler(_PATHS, schemas=[urns.USER])
_FLATTEN = compile_flattener(_PATHS)


@given(values=_VALUES)
@settings(max_examples=150, deadline=None)
def test_flattening_undoes_assembling(values: dict[str, object]) -> None:
    """What was folded in comes out equal, path by path, so that a second cycle finds nothing to do."""
    if "roles.display" in values and 'roles[primary eq "True"].value' in values:
        del values["roles.display"]  # the primary element is what an unfiltered path reads

    assert _FLATTEN(_ASSEMBLE(values)) == values


def test_flattening_reads_what_servers_send() -> None:
    """Names in any case; null, empty text and empty arrays are absent."""
    resource = {"USERNAME": "ada", "title": "", "roles": [], "name": None, "Emails": [{"Type": "WORK", "Value": "w"}]}

    assert flatten(resource, ["userName", "title", "roles", "name.givenName", 'emails[type eq "work"].value']) == {
        "userName": "ada",
        'emails[type eq "work"].value': "w",
    }
