"""The connection test: reach the API, read what mappings name, look somebody up, ask for the right to write.

Source, read on 2026-11-23: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_list.htm
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import uuid4

from gallery_sdk.targets import Failure, TargetFailure
from gallery_sdk.targets.rest import Catalogue, Probe
from gallery_sdk.transport import Request

from .quirks import select

if TYPE_CHECKING:
    from .target import SalesforceTarget


def probes(target: SalesforceTarget, profiles: Catalogue) -> Sequence[tuple[str, Probe]]:
    """The steps in order; they change nothing."""

    async def reach() -> str:
        request = Request("GET", f"{target.data}/limits", label="test", template="/services/data/limits")
        body = await target.connection.fetch_object(request, "test", "user", needs={"DailyApiRequests": dict})
        daily = body["DailyApiRequests"]
        return f"{daily.get('Remaining')} of {daily.get('Max')} API requests are left today"

    async def read_profiles() -> str:
        return f"{await profiles.size()} profiles"

    async def look_up() -> str:
        found = await target.search("user", "Username", f"{uuid4()}@nobody.invalid")
        return "by Username" if not found else f"a look-up of nobody found {len(found)}"

    async def rights() -> str:
        request = Request("GET", f"{target.data}/sobjects/User/describe", label="test",
                          template="/services/data/sobjects/User/describe")  # fmt: skip
        body = await target.connection.fetch_object(request, "test", "user")
        missing = [word for word in ("createable", "updateable") if not body.get(word)]
        if missing:
            raise TargetFailure(
                f"users are not {' and not '.join(missing)} for this credential",
                "User",
                "Give the integration user's profile Manage Users; a permission set is not enough",
                code="InsufficientRights",
                failure=Failure.STOP,
            )
        return "granted"

    async def licences() -> str:
        soql = select("Id, Name, TotalLicenses, UsedLicenses", "UserLicense")
        rows = await target.records(soql, "test", "user")
        return ", ".join(f"{row['Name']}: {row['UsedLicenses']} of {row['TotalLicenses']} used" for row in rows)

    return [
        ("reach the API", reach),
        ("read profiles", read_profiles),
        ("look users up", look_up),
        ("right to make and change users", rights),
        ("free licences", licences),
    ]
