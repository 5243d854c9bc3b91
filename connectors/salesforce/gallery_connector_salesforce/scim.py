"""Salesforce by its SCIM 2.0 API, under the mapping of the REST API.

What it departs in from RFC 7644 is declared in connector.toml; what no quirk says is here: members are nested once
more, profiles and roles are listed at paths of their own, and public groups are neither made nor deleted. Sources, read
on 2026-11-23: https://help.salesforce.com/s/articleView?id=xcloud.identity_scim_rest_api.htm and the pages below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from gallery_sdk.scim import PatchOperation
from gallery_sdk.targets import ScimTarget, Target
from gallery_sdk.targets.hooks import Hooks
from gallery_sdk.targets.rest import Catalogue, RenamedTarget, RestConnection, renamed_manifest
from gallery_sdk.transport import Request

from .quirks import shape_group, spell

if TYPE_CHECKING:
    from gallery_sdk.manifest import Manifest
    from gallery_sdk.transport import Transport

_BASE: Final = "/services/scim/v2"
_ENTERPRISE: Final = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    "user": {
        "Username": "userName",
        "IsActive": "active",
        "Email": 'emails[type eq "work"].value',
        "FirstName": "name.givenName",
        "LastName": "name.familyName",
        "CommunityNickname": "nickName",
        "Title": "title",
        "EmailEncodingKey": "emailEncodingKey",
        "LanguageLocaleKey": "preferredLanguage",
        "LocaleSidKey": "locale",
        "TimeZoneSidKey": "timezone",
        "ProfileName": 'entitlements[type eq "Profile"].value',
        "UserRoleName": "roles.value",
        "FederationIdentifier": "externalId",
        "Phone": 'phoneNumbers[type eq "work"].value',
        "MobilePhone": 'phoneNumbers[type eq "mobile"].value',
        "Street": 'addresses[type eq "work"].streetAddress',
        "City": 'addresses[type eq "work"].locality',
        "State": 'addresses[type eq "work"].region',
        "PostalCode": 'addresses[type eq "work"].postalCode',
        "Country": 'addresses[type eq "work"].country',
        "EmployeeNumber": f"{_ENTERPRISE}:employeeNumber",
        "Department": f"{_ENTERPRISE}:department",
        "Division": f"{_ENTERPRISE}:division",
        "CompanyName": f"{_ENTERPRISE}:organization",
        "ManagerId": f"{_ENTERPRISE}:manager",
    },
    "group": {"Name": "displayName"},
}
"""Column to path. The names of both sides are documented, some pairs are inferred from them."""


def open_scim_target(manifest: Manifest, transport: Transport, paths: Mapping[str, Sequence[str]]) -> Target:
    """The SCIM target, spoken to in the mapping's own names."""
    declared = manifest.transport.model_copy(update={"kind": "scim2", "page_size": 200})
    by_scim = renamed_manifest(manifest, NAMES, declared)
    by_scim = by_scim.model_copy(
        update={
            "capabilities": by_scim.capabilities.model_copy(
                update={
                    "group": ("read", "update", "members"),
                    "features": ("filter:userName-eq", "filter:externalId-eq", "filter:displayName-eq", "paging:index"),
                }
            )
        }
    )
    renamed = {kind: [NAMES[kind][name] for name in names if name in NAMES[kind]] for kind, names in paths.items()}
    connection = RestConnection(transport, manifest.errors, spell=spell)
    catalogues = {
        "ProfileName": _catalogue(connection, "profile", "Entitlements"),
        "UserRoleName": _catalogue(connection, "role", "Roles"),
    }
    inner = ScimTarget(by_scim, transport, renamed, hooks=Hooks(shape_patch=_shape_patch))
    return RenamedTarget(inner, NAMES, catalogues=catalogues)


def _shape_patch(kind: str, operations: Sequence[PatchOperation]) -> list[PatchOperation]:
    return shape_group(operations) if kind == "group" else list(operations)


def _catalogue(connection: RestConnection, what: str, resource: str) -> Catalogue:
    """Names and ids of entitlements or roles; a page holds at most 200, and paging goes on from what came."""

    async def load() -> Iterable[tuple[str, str]]:
        entries: list[tuple[str, str]] = []
        start = 1
        while True:
            request = Request("GET", f"{_BASE}/{resource}", params=[("startIndex", str(start)), ("count", "200")],
                              label=f"list {resource}", template=f"{_BASE}/{resource}")  # fmt: skip
            body = await connection.fetch_object(request, "list", "user", needs={"totalResults": int})
            found = body.get("Resources") or []
            for one in found:
                if what == "role" or one.get("type", "Profile") == "Profile":
                    entries.append((str(one["id"]), str(one.get("displayName") or one.get("display"))))
            start += len(found)
            if not found or start > body["totalResults"]:
                return entries

    return Catalogue(what, load, mend=f"Name a {what} that is in Setup, by its name there")
