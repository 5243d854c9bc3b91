"""ServiceNow by its SCIM plugin, under the mapping of the Table API.

What it departs in from RFC 7644 is declared in connector.toml. Here: what each column is called by SCIM, names of
departments and the like as ids, and members by the users' ids.
Source, read on 2026-11-23: https://www.servicenow.com/docs/r/api-reference/rest-apis/scim-api.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

from gallery_sdk.targets import ScimTarget, Target
from gallery_sdk.targets.hooks import Hooks
from gallery_sdk.targets.rest import Catalogue, RenamedTarget, renamed_manifest
from gallery_sdk.transport import Request

from .connection import InstanceConnection
from .quirks import members_by_reference, spell

if TYPE_CHECKING:
    from gallery_sdk.manifest import Manifest
    from gallery_sdk.transport import Transport

_BASE: Final = "/api/now/scim"
_OWN: Final = "urn:ietf:params:scim:schemas:extension:servicenow:2.0:User"
_PAGE: Final = 500

NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    "user": {
        "user_name": "userName",
        "active": "active",
        "email": 'emails[type eq "work"].value',
        "first_name": "name.givenName",
        "middle_name": "name.middleName",
        "last_name": "name.familyName",
        "introduction": "name.honorificPrefix",
        "title": "title",
        "phone": 'phoneNumbers[type eq "work"].value',
        "mobile_phone": 'phoneNumbers[type eq "mobile"].value',
        "home_phone": 'phoneNumbers[type eq "home"].value',
        "street": 'addresses[type eq "home"].streetAddress',
        "city": 'addresses[type eq "home"].locality',
        "state": 'addresses[type eq "home"].region',
        "zip": 'addresses[type eq "home"].postalCode',
        "country": 'addresses[type eq "home"].country',
        "preferred_language": "preferredLanguage",
        "time_zone": "timezone",
        "employee_number": f"{_OWN}:employeeNumber",
        "gender": f"{_OWN}:gender",
        "manager": f"{_OWN}:manager",
        "department": f"{_OWN}:department.value",
        "location": f"{_OWN}:location.value",
        "company": f"{_OWN}:company.value",
        "cost_center": f"{_OWN}:costCenter.value",
    },
    "group": {"name": "displayName"},
}
"""Column to path, as documented. The enterprise extension is accepted there too, and nothing of it is stored."""

_RESOURCES: Final = {
    "department": "Departments",
    "location": "Locations",
    "company": "Companies",
    "cost_center": "CostCenters",
}


def open_scim_target(manifest: Manifest, transport: Transport, paths: Mapping[str, Sequence[str]]) -> Target:
    """The SCIM target, spoken to in the mapping's own names."""
    declared = manifest.transport.model_copy(update={"kind": "scim2", "page_size": _PAGE, "page_max": _PAGE})
    by_scim = renamed_manifest(manifest, NAMES, declared)
    renamed = {kind: [NAMES[kind].get(name, name) for name in names if name in NAMES[kind] or name == "members"]
               for kind, names in paths.items()}  # fmt: skip
    connection = InstanceConnection(transport, manifest.errors, spell=spell)
    catalogues = {column: _catalogue(connection, column.replace("_", " "), name) for column, name in _RESOURCES.items()}
    inner = ScimTarget(by_scim, transport, renamed, hooks=Hooks(read_resource=_read_resource))
    return RenamedTarget(inner, NAMES, catalogues=catalogues, lenient=True)


def _read_resource(kind: str, resource: dict[str, object]) -> dict[str, object]:
    return members_by_reference(resource) if kind == "group" else resource


def _catalogue(connection: InstanceConnection, what: str, resource: str) -> Catalogue:
    """Names and ids of rows that users point to; the plugin reads them and makes none."""

    async def load() -> Iterable[tuple[str, str]]:
        entries: list[tuple[str, str]] = []
        while True:
            params = [("startIndex", str(len(entries) + 1)), ("count", str(_PAGE))]
            request = Request("GET", f"{_BASE}/{resource}", params=params, label=f"list {resource}",
                              template=f"{_BASE}/{resource}")  # fmt: skip
            body = cast("dict[str, Any]", await connection.fetch(request, "list", "user"))
            found = body.get("Resources") or []
            entries += [(str(one["id"]), str(one.get("name", ""))) for one in found]
            if not found or len(entries) >= int(body.get("totalResults", 0)):
                return entries

    return Catalogue(what, load, mend=f"Name a {what} that the instance has, by its name there")
