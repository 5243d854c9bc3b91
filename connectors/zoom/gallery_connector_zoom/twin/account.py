"""The people and groups of one Zoom account, and what Zoom makes of a write.

Sources, read 2026-11-23: public mirrors of Zoom's OpenAPI document (https://developers.qodex.ai/zoom-public/zoom-scim2-api,
https://www.withone.ai/knowledge/zoom/), threads 6248, 7646, 100447, 111286, 125516 and 139015 of
https://devforum.zoom.us, and Okta's articles on Zoom. What is inferred says so.
"""

from __future__ import annotations

import string
import time
from collections.abc import Mapping
from random import Random
from typing import Final

from gallery_sdk.scim import AttributePath, urns
from gallery_sdk.testing import Clock, Refusal
from gallery_sdk.testing.scim_server import Collection

from .settings import ZoomSettings

Record = dict[str, object]

ZOOM_USER: Final = "urn:us:zoom:scim:schemas:extension:1.0:ZoomUser"
LICENCES: Final = "urn:ietf:params:scim:schemas:extension:zoom:1.0:User"
ZOOM_GROUP: Final = "urn:ietf:params:scim:schemas:extension:zoom:2.0:Group"
NO_ACTIVE: Final = "The request json did not contains valid active field."
_KEPT: Final = (
    "name", "displayName", "emails", "userType", "title", "locale", "phoneNumbers", urns.ENTERPRISE_USER, LICENCES,
)  # fmt: skip
_TYPES: Final = frozenset({"Basic", "Licensed", "On-Prem", "Pro", "Corp"})
_ALPHABET: Final = string.ascii_letters + string.digits
_EPOCH: Final = 1_767_225_600  # 2026-01-01T00:00:00Z
_USER_NAME: Final = AttributePath("userName")
_DISPLAY_NAME: Final = AttributePath("displayName")


class Account:
    """State and rules; the application above it speaks HTTP."""

    def __init__(self, settings: ZoomSettings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._random = Random(settings.seed)  # noqa: S311 - ids that repeat from run to run, not secrets
        self._made = 0
        self.users = Collection(("userName",), clock=clock)
        self.groups = Collection(("displayName",), clock=clock)
        self.members: dict[str, dict[str, None]] = {}
        for user in settings.users:
            self.seed_user(user)
        for group in settings.groups:
            listed = group.get("members")
            record = self._store_group({name: value for name, value in group.items() if name != "members"})
            members = [str(each["value"]) for each in listed] if isinstance(listed, list) else []
            self.members[str(record["id"])] = dict.fromkeys(members)

    # -- people --------------------------------------------------------------------------------------------

    def visible(self) -> list[Record]:
        """Everybody whom lists show, in the order of their creation."""
        return [one for one in self.users.values() if one["state"] == "member"]

    def by_user_name(self, value: str) -> list[Record]:
        """Who has the login address.

        Raises:
            Refusal: 400 for a pending invitation and for a person of another account.
        """
        found = [record for each in self.users.holders(_USER_NAME, value) if (record := self.users.get(each))]
        for record in found:
            self._check_member(record)
        return found

    def user(self, identity: str) -> Record:
        """One person.

        Raises:
            Refusal: 404 unknown; 400 as of `by_user_name`.
        """
        record = self.users.get(identity)
        if record is None:
            raise Refusal(404, f"User {identity} not exist or not belong to this account.")
        self._check_member(record)
        return record

    def create_user(self, body: Mapping[str, object]) -> Record:
        """Make a person; a pending invitation unless the login type is single sign-on."""
        self._check_single_sign_on()
        name = body.get("userName")
        if not isinstance(name, str) or "@" not in name:
            raise Refusal(400, "The userName of the request must be an email address.")  # inferred
        if self.users.holders(_USER_NAME, name):
            raise Refusal(409, "The user already exists")  # the text is documented, the status inferred
        login = _inner(_inner(body, ZOOM_USER), "loginType")
        record: Record = {
            **{key: body[key] for key in _KEPT if body.get(key) not in (None, "", [])},
            "userName": name,
            "active": body.get("active") is not False,
            "loginType": {"workEmail": login.get("workEmail") is True, "sso": login.get("sso") is True},
            "state": "member" if login.get("sso") is True else "pending",
            "role": "Member",
        }
        record.setdefault("userType", "Basic")
        record.setdefault("displayName", _display_name(record) or name)
        record.setdefault("emails", [{"type": "work", "value": name, "primary": True}])
        self._check_licence(record, None)
        return self._store_user(record)

    def replace_user(self, identity: str, body: Mapping[str, object]) -> Record:
        """PUT: merge what is there; login address and login type stay, under status 200, and nothing is cleared."""
        self._check_single_sign_on()
        old = self.user(identity)
        record = dict(old)
        for key in _KEPT:
            value = body.get(key)
            if value in (None, "", []):
                continue
            was = record.get(key)
            if isinstance(value, dict) and isinstance(was, dict):
                value = {**was, **{inner: each for inner, each in value.items() if each not in (None, "")}}
            record[key] = value
        if "name" in body and "displayName" not in body and old["displayName"] == _display_name(old):
            record["displayName"] = _display_name(record)
        if isinstance(body.get("active"), bool):
            record["active"] = self._activity(old, body["active"] is True)
        self._check_licence(record, old)
        return self._store_user(record)

    def patch_user(self, identity: str, body: Mapping[str, object]) -> Record:
        """PATCH: `active` and nothing else; the URN in `schemas` is not looked at, the spelling of `Operations` is."""
        self._check_single_sign_on()
        old = self.user(identity)
        wanted = _wanted_activity(body.get("Operations"))
        return self._store_user({**old, "active": self._activity(old, wanted)})

    def delete_user(self, identity: str) -> None:
        """Take a person out."""
        self.user(identity)
        self.users.remove(identity)
        for members in self.members.values():
            members.pop(identity, None)

    def _activity(self, old: Record, wanted: bool) -> bool:
        # Admins and owners are not deactivated; that the answer is a success all the same is inferred.
        return wanted or old["role"] != "Member"

    def _check_member(self, record: Record) -> None:
        if record["state"] != "member":
            raise Refusal(400, f"User {record['userName']} not exist or not belong to this account.")

    def _check_single_sign_on(self) -> None:
        if not self._settings.single_sign_on:
            raise Refusal(400, "Account has not enabled Single Sign-On.")

    def _check_licence(self, record: Record, old: Record | None) -> None:
        kind = record["userType"]
        if kind not in _TYPES:
            raise Refusal(400, f"Validation failed: userType {kind} is not supported.")  # inferred
        if old is not None and old["userType"] == kind:
            return
        limit = {"Licensed": self._settings.licences, "Basic": self._settings.basic_limit}.get(str(kind))
        if limit is not None and sum(1 for one in self.users.values() if one["userType"] == kind) >= limit:
            raise Refusal(400, f"The number of {kind} users has reached the limit of the account.")  # inferred

    # -- groups --------------------------------------------------------------------------------------------

    def group(self, identity: str) -> Record:
        """One group.

        Raises:
            Refusal: 404.
        """
        record = self.groups.get(identity)
        if record is None:
            raise Refusal(404, f"Group {identity} does not exist.")
        return record

    def create_group(self, body: Mapping[str, object]) -> Record:
        """Make a group of its name and alias; members in the request are passed over."""
        name = _group_name(body.get("displayName"))
        if self.groups.holders(_DISPLAY_NAME, name):
            raise Refusal(400, "Create group failed.")
        return self._store_group({"displayName": name, ZOOM_GROUP: body.get(ZOOM_GROUP)})

    def patch_group(self, identity: str, body: Mapping[str, object]) -> None:
        """Add, remove and replace members, and change the name; all of it or nothing."""
        record = dict(self.group(identity))
        members = dict(self.members[identity])
        operations = body.get("Operations")
        if not isinstance(operations, list) or not operations:
            raise Refusal(400, "The request JSON must not be empty.")
        for operation in operations:
            self._patch_group(record, members, operation)
        self._store_group(record)
        self.members[identity] = members

    def _patch_group(self, record: Record, members: dict[str, None], operation: object) -> None:
        if not isinstance(operation, dict):
            raise Refusal(400, "The request body must be in JSON format.")
        op, path, value = str(operation.get("op")).lower(), operation.get("path"), operation.get("value")
        if isinstance(path, str) and path.startswith('members[value eq "') and path.endswith('"]') and op == "remove":
            members.pop(path[len('members[value eq "') : -2], None)
            return
        changes = value if path is None and isinstance(value, dict) else {path: value}
        for name, given in changes.items():
            if name == "members" and op in ("add", "replace"):
                if op == "replace":
                    members.clear()
                members.update(dict.fromkeys(self._known(given)))
            elif name == "displayName" and op in ("add", "replace"):
                record["displayName"] = _group_name(given)
            else:
                raise Refusal(400, f"The path {name} of the request is invalid.")  # inferred

    def _known(self, given: object) -> list[str]:
        listed = [str(each.get("value")) for each in given if isinstance(each, dict)] if isinstance(given, list) else []
        for identity in listed:
            self.user(identity)
        return listed

    def delete_group(self, identity: str) -> None:
        """Delete a group."""
        self.group(identity)
        self.groups.remove(identity)
        del self.members[identity]

    # -- storing -------------------------------------------------------------------------------------------

    def seed_user(self, user: Mapping[str, object]) -> None:
        """Put a person there as `ZoomSettings.users` describes them."""
        record: Record = {
            "userType": "Basic", "active": True, "state": "member", "role": "Member",
            "loginType": _inner(_inner(user, ZOOM_USER), "loginType") or {"workEmail": False, "sso": True}, **user,
        }  # fmt: skip
        record.pop(ZOOM_USER, None)
        record.setdefault("displayName", _display_name(record) or record["userName"])
        self._store_user(record)

    def _store_user(self, record: Record) -> Record:
        stored = self._stamped(record)
        self.users.put(str(stored["id"]), stored)
        return stored

    def _store_group(self, record: Record) -> Record:
        stored = self._stamped(record)
        self.groups.put(str(stored["id"]), stored)
        self.members.setdefault(str(stored["id"]), {})
        return stored

    def _stamped(self, record: Record) -> Record:
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(_EPOCH + self._clock()))
        return {"id": self._new_id(), "created": now, **record, "lastModified": now}

    def _new_id(self) -> str:
        """22 characters; every seventh id has an ampersand in it, as one of Zoom's samples has."""
        self._made += 1
        text = "".join(self._random.choices(_ALPHABET, k=22))
        return text if self._made % 7 else f"{text[0]}&{text[2:]}"


def _wanted_activity(operations: object) -> bool:
    for operation in operations if isinstance(operations, list) else ():
        value = operation.get("value") if isinstance(operation, dict) else None
        if isinstance(value, dict) and set(value) == {"active"}:
            value = value["active"]
        elif not isinstance(operation, dict) or operation.get("path") != "active":
            break
        if isinstance(value, bool):
            return value
    raise Refusal(400, NO_ACTIVE)


def _group_name(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Refusal(400, 'The "DisplayName" of the request is invalid.')
    return value


def _display_name(record: Mapping[str, object]) -> str:
    name = _inner(record, "name")
    return " ".join(str(name[part]) for part in ("givenName", "familyName") if name.get(part))


def _inner(holder: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = holder.get(name)
    return value if isinstance(value, Mapping) else {}
