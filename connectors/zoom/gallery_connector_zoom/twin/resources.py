"""What Zoom shows of people and groups: lists are poorer than single answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gallery_sdk.scim import urns

from .account import LICENCES, ZOOM_GROUP, ZOOM_USER, Account, Record

API: Final = "https://api.zoom.us/scim2"
_LISTED: Final = ("name", "emails", "displayName", "userName", "active", "userType")
_RICH: Final = ("title", "locale", "phoneNumbers")
_SCHEMAS: Final = [urns.USER, urns.ENTERPRISE_USER, ZOOM_USER]


def listed_user(record: Record) -> Record:
    """A person as lists show them: of the enterprise extension the department alone.

    Source: https://devforum.zoom.us/t/111286 and the list sample of https://developers.qodex.ai/zoom-public, read
    2026-11-23; the order of `schemas` is inferred.
    """
    enterprise = record.get(urns.ENTERPRISE_USER)
    department = enterprise.get("department") if isinstance(enterprise, Mapping) else None
    shown: Record = {
        "id": record["id"],
        "meta": {
            "resourceType": "User",
            "location": f"{API}/Users/{record['id']}",
            "version": "1.0.0",
            "created": record["created"],
            "lastModified": record["lastModified"],
        },
        "schemas": _SCHEMAS,
        **{name: record[name] for name in _LISTED if name in record},
    }
    if department is not None:
        shown[urns.ENTERPRISE_USER] = {"department": department}
    shown[ZOOM_USER] = {"loginType": record["loginType"]}
    return shown


def whole_user(record: Record, account: Account) -> Record:
    """A person as reading and writing one answers."""
    identity = str(record["id"])
    shown = listed_user(record)
    shown |= {name: record[name] for name in (*_RICH, urns.ENTERPRISE_USER) if name in record}
    shown["roles"] = [{"display": record["role"], "value": record["role"], "primary": True}]
    shown["groups"] = [
        {"display": group["displayName"], "type": "direct", "primary": False}
        for group in account.groups.values()
        if identity in account.members[str(group["id"])]
    ]
    licences = record.get(LICENCES)
    shown[LICENCES] = licences if isinstance(licences, Mapping) else {}
    return shown


def group_resource(record: Record) -> Record:
    """A group: its `schemas` are empty, its members are not there.

    Source: the answer to Create a SCIM Group, https://www.withone.ai/knowledge/zoom/, read 2026-11-23.
    """
    shown: Record = {
        "id": record["id"],
        "meta": {
            "resourceType": "Group",
            "version": "1.0.0",
            "location": f"{API}/Groups/{record['id']}",
            "created": record["created"],
            "lastModified": record["lastModified"],
        },
        "schemas": [],
        "displayName": record["displayName"],
    }
    if record.get(ZOOM_GROUP):
        shown[ZOOM_GROUP] = record[ZOOM_GROUP]
    return shown
