"""The usual mappings to RFC 7643's attributes, from the attribute names that directories export.

Targets are those of Microsoft's table for SCIM apps
(https://learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups); source names are
those of Entra ID. The generic connector's `connector.toml` carries the same, and a test holds the two together.
"""

from __future__ import annotations

from typing import Final

from ..manifest import AttributeMapping
from ..scim import urns

MICROSOFT: Final = "https://learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups"
_ENTERPRISE: Final = urns.ENTERPRISE_USER


def _mapping(
    target: str,
    source: str | None = None,
    *,
    expression: str | None = None,
    match: int | None = None,
    reference: str | None = None,
    inferred: bool = True,
    note: str | None = None,
) -> AttributeMapping:
    return AttributeMapping.model_validate(
        {
            "target": target,
            "source": source,
            "expression": expression,
            "match": match,
            "reference": reference,
            "note": note,
            "origin": MICROSOFT,
            "mark": "inferred" if inferred else "documented",
        }
    )


USER_DEFAULTS: Final[tuple[AttributeMapping, ...]] = (
    _mapping("userName", "userPrincipalName", match=1, inferred=False),
    _mapping("active", expression='Switch([IsSoftDeleted], , "False", "True", "True", "False")', inferred=False),
    _mapping("displayName", "displayName", inferred=False),
    _mapping("title", "jobTitle", inferred=False),
    _mapping('emails[type eq "work"].value', "mail", inferred=False),
    _mapping("preferredLanguage", "preferredLanguage"),
    _mapping("name.givenName", "givenName", inferred=False),
    _mapping("name.familyName", "surname", inferred=False),
    _mapping("name.formatted", expression='Join(" ", [givenName], [surname])'),
    _mapping('addresses[type eq "work"].formatted', "physicalDeliveryOfficeName"),
    _mapping('addresses[type eq "work"].streetAddress', "streetAddress"),
    _mapping('addresses[type eq "work"].locality', "city"),
    _mapping('addresses[type eq "work"].region', "state"),
    _mapping('addresses[type eq "work"].postalCode', "postalCode"),
    _mapping('addresses[type eq "work"].country', "country"),
    _mapping('phoneNumbers[type eq "work"].value', "telephoneNumber"),
    _mapping('phoneNumbers[type eq "mobile"].value', "mobile"),
    _mapping('phoneNumbers[type eq "fax"].value', "facsimileTelephoneNumber"),
    _mapping(
        "externalId",
        "mailNickname",
        inferred=False,
        note="Many vendors ask for objectId instead; change it before the first cycle",
    ),
    _mapping(f"{_ENTERPRISE}:employeeNumber", "employeeId"),
    _mapping(f"{_ENTERPRISE}:department", "department"),
    _mapping(f"{_ENTERPRISE}:manager", "manager", reference="user"),
)
"""Users; every value of the source that is empty is simply not sent."""

GROUP_DEFAULTS: Final[tuple[AttributeMapping, ...]] = (
    _mapping("displayName", "displayName", match=1, inferred=False),
    _mapping("externalId", "objectId", inferred=False),
    _mapping("members", "members", reference="user", inferred=False),
)
