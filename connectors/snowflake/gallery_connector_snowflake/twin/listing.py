"""Lists: filters, pages and their moving totals, in both generations.

Sources, read 2026-11-23: https://docs.snowflake.com/en/user-guide/scim-user-api-reference,
https://docs.snowflake.com/en/user-guide/scim-group-api-reference and, of the former generation,
https://docs.snowflake.com/en/release-notes/bcr-bundles/2026_03/bcr-2276.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import orjson

from gallery_sdk.scim import urns
from gallery_sdk.testing import Refusal

from .account import Account
from .users import Record

_DEFAULT, _MOST = 100, 1000
_FILTER: Final = re.compile(r'\s*([A-Za-z.]+)\s+([A-Za-z]{2})\s+("(?:[^"\\]|\\.)*")\s*')
_SYNTHETIC: Final[Mapping[str, Record]] = {
    "Users": {
        "schemas": [urns.USER], "id": "1", "externalId": "synthesis_user_external_id", "userName": "synthesis_user",
        "displayName": "synthesis_user_display_name", "active": False,
    },
    "Groups": {"schemas": [urns.GROUP], "id": "1", "displayName": "synthetic_group"},
}  # fmt: skip


def synthetic(which: str) -> dict[str, object]:
    """The one object of the former generation's lists."""
    return {"totalResults": 1, "startIndex": 1, "itemsPerPage": 1, "Resources": [dict(_SYNTHETIC[which])]}


def filtered(account: Account, which: str, text: str, *, legacy: bool) -> tuple[list[Record], bool]:
    """What a filter finds, and whether paging is passed over for it.

    Raises:
        Refusal: 400 invalidFilter; the former generation finds nothing instead.
    """
    found = _FILTER.fullmatch(text)
    op = found[2].lower() if found is not None else ""
    if found is None or op not in ("eq", "sw"):
        if legacy:
            return [], True
        raise Refusal(400, "The filter is not supported", "invalidFilter")
    value: str = orjson.loads(found[3])
    if which == "Users":
        if found[1].lower() != "username":
            return [], True
        if op == "eq":
            return account.users_by_login(value), True
        return [one for one in account.visible_users() if str(one["login"]).startswith(value.upper())], False
    if found[1].lower() != "displayname":
        return [], True
    if op == "eq":
        return account.roles_by_name(value), True
    return [one for one in account.visible_roles() if str(one["displayName"]).startswith(value)], False


def window(query: Mapping[str, str]) -> tuple[int, int]:
    """`startIndex` and `count` as they are understood.

    Raises:
        Refusal: 400 where one is no number.
    """
    start, count = _number(query.get("startIndex"), 1), _number(query.get("count"), _DEFAULT)
    return max(1, start), min(max(0, count), _MOST)


def total(start: int, count: int, known: int) -> int:
    """`totalResults`: true on the last page alone, one more than was asked for on all before it."""
    return start + count if start + count <= known else known


def _number(text: str | None, default: int) -> int:
    try:
        return default if text is None else int(text)
    except ValueError:
        raise Refusal(400, f"{text} is not a number", "invalidValue") from None
