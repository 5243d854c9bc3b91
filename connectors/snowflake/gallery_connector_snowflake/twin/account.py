"""The users and roles of one Snowflake account, and what the integration's role may see and change.

Sources, read 2026-11-23: https://docs.snowflake.com/en/user-guide/scim-user-api-reference,
https://docs.snowflake.com/en/user-guide/scim-group-api-reference, https://docs.snowflake.com/en/user-guide/scim-azure
(ownership). The texts of refusals for lack of ownership are inferred.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Final

from gallery_sdk.scim import AttributePath
from gallery_sdk.testing import Clock, Refusal
from gallery_sdk.testing.scim_server import Collection

from . import urns, users
from .settings import SnowflakeSettings
from .users import Record

EXISTS: Final = "User exists with given userName and/or enterprise:user.snowflakeUserName"
NEEDS_NAME: Final = "snowflakeUserName is required in the enterprise extension"
_EPOCH: Final = 1_767_225_600  # 2026-01-01T00:00:00Z
_LOGIN, _NAME, _ROLE = AttributePath("login"), AttributePath("name"), AttributePath("displayName")
_FIRST_ID: Final = 32


class Account:
    """State and rules; the application above it speaks HTTP."""

    def __init__(self, settings: SnowflakeSettings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._number = _FIRST_ID - 1
        self.extension = urns.ENTERPRISE if settings.client == "OKTA" else urns.EXTENSION
        self.users = Collection(("login", "name"), clock=clock)
        self.roles = Collection(("displayName",), clock=clock)
        self.members: dict[str, dict[str, None]] = {}
        for user in settings.users:
            given = {name: value for name, value in user.items() if name not in ("id", "owner")}
            record = {**users.blank(str(user.get("owner", settings.run_as_role))), "id": user.get("id")}
            users.write_whole(record, given, self.extension)
            self._store_user(record)
        for group in settings.groups:
            listed = group.get("members")
            role = self._store_role({"id": group.get("id"), "displayName": group["displayName"],
                                     "owner": group.get("owner", settings.run_as_role)})  # fmt: skip
            named = [str(each["value"]) for each in listed] if isinstance(listed, list) else []
            self.members[str(role["id"])] = dict.fromkeys(named)

    # -- users ---------------------------------------------------------------------------------------------

    def visible_users(self) -> list[Record]:
        """In the order of their creation."""
        return [one for one in self.users.values() if self._sees(one, self._settings.monitors_users)]

    def users_by_login(self, value: str) -> list[Record]:
        """Who logs in so, letter case aside."""
        found = [record for each in self.users.holders(_LOGIN, value) if (record := self.users.get(each))]
        return [one for one in found if self._sees(one, self._settings.monitors_users)]

    def user(self, identity: str, *, to_change: bool = False) -> Record:
        """One user.

        Raises:
            Refusal: 404 where it is unknown or hidden; 403 where another role owns what is to be changed.
        """
        return self._reach(self.users.get(identity), "User", identity, self._settings.monitors_users, to_change)

    def create_user(self, body: Mapping[str, object]) -> Record:
        """Make a user; whatever else goes wrong, a create that fails is answered with 409."""
        self._check_separate_name(body)
        record = users.blank(self._settings.run_as_role)
        try:
            users.write_whole(record, body, self.extension)
            if "login" not in record:
                raise Refusal(400, "userName is required", "invalidValue")
        except (Refusal, users.UntakenError) as refused:
            raise Refusal(409, f"User could not be created: {refused}") from None
        return self._store_user(record)

    def patch_user(self, identity: str, body: Mapping[str, object]) -> Record:
        """Change a user by operations.

        Raises:
            Refusal: As of `user`, 400, 409.
            UntakenError: Nothing was changed.
        """
        record = dict(self.user(identity, to_change=True))
        users.patch(record, body.get("Operations"), self.extension)
        return self._store_user(record)

    def put_user(self, identity: str, body: Mapping[str, object]) -> Record:
        """Replace a user: without a type it becomes a person, and tags that are not sent are gone."""
        old = self.user(identity, to_change=True)
        self._check_separate_name(body)
        record = {**users.blank(str(old["owner"])), **{name: old[name] for name in ("id", "created", "name")}}
        users.write_whole(record, body, self.extension)
        if "login" not in record:
            raise Refusal(400, "userName is required", "invalidValue")
        return self._store_user(record)

    def delete_user(self, identity: str) -> None:
        """Drop a user and its grants."""
        self.user(identity, to_change=True)
        self.users.remove(identity)
        for members in self.members.values():
            members.pop(identity, None)

    def roles_of(self, identity: str) -> list[dict[str, object]]:
        """The roles granted to a user."""
        return [
            {"value": role["id"], "display": role["displayName"]}
            for role in self.roles.values()
            if identity in self.members[str(role["id"])]
        ]

    def _check_separate_name(self, body: Mapping[str, object]) -> None:
        enterprise = body.get(urns.ENTERPRISE)
        named = isinstance(enterprise, Mapping) and enterprise.get("snowflakeUserName")
        if self._settings.separate_names and not named:
            raise Refusal(400, NEEDS_NAME, "invalidValue")

    def _store_user(self, record: Record) -> Record:
        if not self._settings.separate_names or "name" not in record:
            record["name"] = record["login"]
        keys = ((_LOGIN, str(record["login"])), (_NAME, str(record["name"])))
        others = {each for path, value in keys for each in self.users.holders(path, value)}
        if others - {record.get("id")}:
            raise Refusal(409, EXISTS, "uniqueness")
        stored = self._stamped(record, "1")
        self.users.put(str(stored["id"]), stored)
        return stored

    # -- roles ---------------------------------------------------------------------------------------------

    def visible_roles(self) -> list[Record]:
        """In the order of their creation."""
        return [one for one in self.roles.values() if self._sees(one, self._settings.monitors_roles)]

    def roles_by_name(self, value: str) -> list[Record]:
        """Roles of this very name, or of its capitals."""
        return [one for one in self.visible_roles() if one["displayName"] in (value, value.upper())]

    def role(self, identity: str, *, to_change: bool = False) -> Record:
        """One role; errors as of `user`."""
        return self._reach(self.roles.get(identity), "Role", identity, self._settings.monitors_roles, to_change)

    def create_role(self, body: Mapping[str, object]) -> Record:
        """Make an empty role."""
        name = body.get("displayName")
        if not isinstance(name, str) or not name.strip():
            raise Refusal(409, "Group could not be created: displayName is required")
        return self._store_role({"displayName": name, "owner": self._settings.run_as_role})

    def patch_role(self, identity: str, body: Mapping[str, object]) -> Record:
        """Rename, grant and revoke; all of it or nothing."""
        record = dict(self.role(identity, to_change=True))
        members = dict(self.members[identity])
        operations = body.get("Operations")
        if not isinstance(operations, list) or not operations:
            raise Refusal(400, "Operations is missing", "invalidSyntax")
        for operation in operations:
            self._patch_role(record, members, operation)
        stored = self._store_role(record)
        self.members[identity] = members
        return stored

    def _patch_role(self, record: Record, members: dict[str, None], operation: object) -> None:
        given = operation if isinstance(operation, Mapping) else {}
        op, path, value = str(given.get("op")).lower(), given.get("path"), given.get("value")
        if op == "remove" and isinstance(path, str) and path.startswith('members[value eq "') and path.endswith('"]'):
            members.pop(path[len('members[value eq "') : -2], None)
            return
        # The page's own sample adds members by a list without a path.
        without_path = value if isinstance(value, Mapping) else {"members": value}
        changes = without_path if path is None else {str(path): value}
        for name, each in changes.items():
            if name == "displayName" and op in ("add", "replace") and isinstance(each, str) and each.strip():
                record["displayName"] = each
            elif name == "members" and op in ("add", "replace") and isinstance(each, list):
                if op == "replace":
                    members.clear()
                members.update(dict.fromkeys(self._known(each)))
            else:
                raise Refusal(400, f"The operation {op} on {name} is not supported", "invalidPath")

    def _known(self, listed: list[object]) -> list[str]:
        found = [str(each.get("value")) for each in listed if isinstance(each, Mapping)]
        for identity in found:
            self.user(identity)
        return found

    def delete_role(self, identity: str) -> None:
        """Drop a role and its grants."""
        self.role(identity, to_change=True)
        self.roles.remove(identity)
        del self.members[identity]

    def _store_role(self, record: Record) -> Record:
        if set(self.roles.holders(_ROLE, str(record["displayName"]))) - {record.get("id")}:
            raise Refusal(409, f"Role {record['displayName']} already exists", "uniqueness")
        stored = self._stamped(record, "2")
        self.roles.put(str(stored["id"]), stored)
        self.members.setdefault(str(stored["id"]), {})
        return stored

    # -- both ----------------------------------------------------------------------------------------------

    def _sees(self, record: Record, monitors: bool) -> bool:
        return monitors or record["owner"] == self._settings.run_as_role

    def _reach(self, record: Record | None, word: str, identity: str, monitors: bool, to_change: bool) -> Record:
        if record is None or not self._sees(record, monitors):
            raise Refusal(404, f"{word} {identity} does not exist or not authorized")
        if to_change and record["owner"] != self._settings.run_as_role:
            raise Refusal(403, f"Insufficient privileges to operate on {word.lower()} {identity}")
        return record

    def _stamped(self, record: Record, series: str) -> Record:
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(_EPOCH + self._clock()))
        identity = record.get("id")
        if identity is None:
            self._number += 1
            identity = f"{self._number}_{series}"
        return {"created": now, **record, "id": identity, "lastModified": now}
