"""User, Group and the enterprise extension as RFC 7643 section 8.7 defines them.

One characteristic differs on purpose: the `value` of members, groups and manager holds an `id`, and ids are
case-exact (section 3.1), while section 8.7.1 prints false there. Taken at its word, removing member `a` would
remove member `A` with it.
"""

from __future__ import annotations

from typing import Final

from .. import urns
from .definition import AttributeDefinition, Schema, SchemaSet

_A = AttributeDefinition


def _strings(*names: str) -> tuple[AttributeDefinition, ...]:
    return tuple(_A(name) for name in names)


def _plural(
    name: str,
    *types: str,
    value: AttributeDefinition | None = None,
    description: str = "",
) -> AttributeDefinition:
    """A multi-valued complex attribute with the usual sub-attributes (RFC 7643 section 2.4)."""
    subs = (value or _A("value"), _A("display"), _A("type", canonical_values=types), _A("primary", "boolean"))
    return _A(name, "complex", multi_valued=True, sub_attributes=subs, description=description)


def _reference(name: str, mutability: str, *types: str, display: str = "display") -> AttributeDefinition:
    """An attribute that points at other resources by id."""
    return _A(
        name,
        "complex",
        multi_valued=name != "manager",
        mutability="readOnly" if mutability == "readOnly" else "readWrite",
        sub_attributes=(
            _A("value", case_exact=True, mutability=mutability),
            _A("$ref", "reference", case_exact=True, mutability=mutability, reference_types=types),
            _A(display, mutability="readOnly"),
            *(() if name == "manager" else (_A("type", mutability=mutability),)),
        ),
    )


USER_SCHEMA: Final = Schema(
    urns.USER,
    "User",
    (
        _A("userName", required=True, uniqueness="server"),
        _A(
            "name",
            "complex",
            sub_attributes=_strings(
                "formatted", "familyName", "givenName", "middleName", "honorificPrefix", "honorificSuffix"
            ),
        ),
        *_strings("displayName", "nickName"),
        _A("profileUrl", "reference", case_exact=True, reference_types=("external",)),
        *_strings("title", "userType", "preferredLanguage", "locale", "timezone"),
        _A("active", "boolean"),
        _A("password", mutability="writeOnly", returned="never", case_exact=True),
        _plural("emails", "work", "home", "other"),
        _plural("phoneNumbers", "work", "home", "mobile", "fax", "pager", "other"),
        _plural("ims", "aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"),
        _plural(
            "photos",
            "photo",
            "thumbnail",
            value=_A("value", "reference", case_exact=True, reference_types=("external",)),
        ),
        _A(
            "addresses",
            "complex",
            multi_valued=True,
            sub_attributes=(
                *_strings("formatted", "streetAddress", "locality", "region", "postalCode", "country"),
                _A("type", canonical_values=("work", "home", "other")),
                _A("primary", "boolean"),
            ),
        ),
        _reference("groups", "readOnly", "User", "Group"),
        _plural("entitlements"),
        _plural("roles"),
        _plural("x509Certificates", value=_A("value", "binary", case_exact=True)),
    ),
    "User Account",
)

GROUP_SCHEMA: Final = Schema(
    urns.GROUP,
    "Group",
    (_A("displayName", required=True), _reference("members", "immutable", "User", "Group")),
    "Group",
)

ENTERPRISE_USER_SCHEMA: Final = Schema(
    urns.ENTERPRISE_USER,
    "EnterpriseUser",
    (
        *_strings("employeeNumber", "costCenter", "organization", "division", "department"),
        _reference("manager", "readWrite", "User", display="displayName"),
    ),
    "Enterprise User",
)

USER_SCHEMAS: Final = SchemaSet(USER_SCHEMA, (ENTERPRISE_USER_SCHEMA,))
GROUP_SCHEMAS: Final = SchemaSet(GROUP_SCHEMA)

WELL_KNOWN: Final = SchemaSet(
    Schema(urns.USER, "WellKnown", (*USER_SCHEMA.attributes, GROUP_SCHEMA.attributes[1])), (ENTERPRISE_USER_SCHEMA,)
)
"""What a name means when the caller brought no schema: the core attributes of users and groups together."""
