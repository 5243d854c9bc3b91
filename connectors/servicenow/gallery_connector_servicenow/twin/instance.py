"""The instance behind the twin: tables of rows whose values are all texts, and the rules that hold between them.

Sources, read on 2026-11-23: https://www.servicenow.com/docs/r/api-reference/rest-apis/c_TableAPI.html for tables and
columns; https://github.com/ConductorOne/baton-servicenow for roles; recorded error texts of
https://github.com/ansible-collections/servicenow.itsm. That a second row of a user name is refused is inferred.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from hashlib import md5
from typing import Final, TypeAlias

from gallery_sdk.testing import Refusal

Row: TypeAlias = dict[str, str]

_STAMPS: Final = ("sys_id", "sys_created_on", "sys_updated_on")
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "sys_user": (
        "user_name", "first_name", "middle_name", "last_name", "name", "introduction", "email", "active", "locked_out",
        "title", "phone", "mobile_phone", "home_phone", "department", "location", "company", "cost_center", "manager",
        "employee_number", "gender", "street", "city", "state", "zip", "country", "preferred_language", "time_zone",
        "password_needs_reset", "web_service_access_only", "vip", "source",
    ),
    "sys_user_group": ("name", "description", "manager", "parent", "type", "active", "company"),
    "sys_user_grmember": ("user", "group"),
    "sys_user_role": ("name", "grantable"),
    "sys_user_has_role": ("user", "role", "inherited"),
    "sys_group_has_role": ("group", "role", "inherits"),
    "cmn_department": ("name",),
    "cmn_location": ("name",),
    "core_company": ("name",),
    "cmn_cost_center": ("name",),
}  # fmt: skip
"""Columns that clients may write; every table has those of `_STAMPS` besides."""

REFERENCES: Final[Mapping[str, Mapping[str, str]]] = {
    "sys_user": {
        "department": "cmn_department",
        "location": "cmn_location",
        "company": "core_company",
        "cost_center": "cmn_cost_center",
        "manager": "sys_user",
    },
    "sys_user_group": {"manager": "sys_user", "parent": "sys_user_group", "company": "core_company"},
    "sys_user_grmember": {"user": "sys_user", "group": "sys_user_group"},
    "sys_user_has_role": {"user": "sys_user", "role": "sys_user_role"},
    "sys_group_has_role": {"group": "sys_user_group", "role": "sys_user_role"},
}
_DEFAULTS: Final[Mapping[str, Mapping[str, str]]] = {
    "sys_user": {
        "active": "true", "locked_out": "false", "vip": "false", "password_needs_reset": "false",
        "web_service_access_only": "false",
    },
    "sys_user_group": {"active": "true"},
    "sys_user_role": {"grantable": "true"},
    "sys_user_has_role": {"inherited": "false"},
    "sys_group_has_role": {"inherits": "true"},
}  # fmt: skip
_LENGTHS: Final = {"user_name": 100, "first_name": 50, "last_name": 50, "title": 60, "email": 100}
"""Longer texts are cut without a word; the lengths differ by instance."""
_NOT_FOUND: Final = ("No Record found", "Record doesn't exist or ACL restricts the record retrieval")


class ServiceNowRefusal(Refusal):
    """A refusal with message and detail, and SCIM's word where there is one."""

    def __init__(self, status: int, message: str, detail: str = "", *, scim_type: str | None = None) -> None:
        super().__init__(status, message, scim_type)
        self.detail = detail


class Instance:
    """The rows of one instance.

    Attributes:
        tables: By table, rows by their sys_id.
        hidden: Ids of rows that access rules keep from everybody.
        privileged: Ids of groups that carry privileged roles.
        dynamic_creation: A name that is written to a reference and not found makes a row.
        external_ids: What the SCIM plugin keeps in tables of its own.
    """

    def __init__(self, *, now: Callable[[], datetime] | None = None, seed: int = 1) -> None:
        self.tables: dict[str, dict[str, Row]] = {name: {} for name in COLUMNS}
        self.hidden: set[str] = set()
        self.privileged: set[str] = set()
        self.dynamic_creation = False
        self.external_ids: dict[str, str] = {}
        self._now = now or (lambda: datetime.now(UTC))
        self._seed, self._number = seed, 0
        self._usernames: dict[str, str] = {}
        self._members: dict[str, dict[str, str]] = {}

    # -- reading -------------------------------------------------------------------------------------------

    def table(self, name: str) -> dict[str, Row]:
        """The rows of a table."""
        if name not in self.tables:
            raise ServiceNowRefusal(400, f"Invalid table {name}")
        return self.tables[name]

    def get(self, name: str, identifier: str) -> Row:
        """A row by its id.

        Raises:
            ServiceNowRefusal: 404, for a row that is not there and for one that is kept from everybody alike.
        """
        row = self.table(name).get(identifier)
        if row is None or identifier in self.hidden:
            raise ServiceNowRefusal(404, *_NOT_FOUND)
        return row

    def with_user_name(self, user_name: str) -> Row | None:
        """The user of that name, letter case aside."""
        found = self._usernames.get(user_name.casefold())
        return None if found is None else self.tables["sys_user"][found]

    def members(self, group: str) -> dict[str, str]:
        """Ids of membership rows by user, in the order of joining; a user who is there twice shows once."""
        rows = self._members.get(group, {})
        return {self.tables["sys_user_grmember"][row]["user"]: row for row in rows}

    def name_of(self, table: str, identifier: str) -> str:
        """What a row is called where it is referred to."""
        row = self.tables[table].get(identifier)
        return "" if row is None else row.get("name", "")

    def named(self, table: str, name: str) -> str:
        """The id of a row by its name; "" where there is none, and a new row's under dynamic creation."""
        for identifier, row in self.tables[table].items():
            if row.get("name") == name:
                return identifier
        return self.seed(table, name=name) if self.dynamic_creation and name else ""

    # -- writing -------------------------------------------------------------------------------------------

    def seed(self, table: str, *, sys_id: str = "", **values: str) -> str:
        """Put a row in without checks; its id."""
        return self._store(table, {**_DEFAULTS.get(table, {}), **values}, sys_id)["sys_id"]

    def insert(self, table: str, values: Mapping[str, object]) -> Row:
        """Make a row. Unknown columns are ignored, and nothing at all is a row as well."""
        self.table(table)
        given = {**_DEFAULTS.get(table, {}), **self._texts(table, values)}
        self._check(table, given, None)
        row = self._store(table, given)
        self._changed(table, row)
        return row

    def update(self, table: str, identifier: str, values: Mapping[str, object]) -> Row:
        """Change columns of a row."""
        row = self.get(table, identifier)
        given = self._texts(table, values)
        self._check(table, {**row, **given}, identifier)
        if table == "sys_user":
            self._usernames.pop(row["user_name"].casefold(), None)
        row.update(given)
        row["sys_updated_on"] = self._stamp()
        self._compute(table, row)
        self._changed(table, row)
        return row

    def delete(self, table: str, identifier: str) -> None:
        """Delete a row, and the rows that join it to others."""
        row = self.get(table, identifier)
        del self.tables[table][identifier]
        if table == "sys_user_grmember":
            self._members.get(row["group"], {}).pop(identifier, None)
        if table == "sys_user":
            self._usernames.pop(row["user_name"].casefold(), None)
        column = {"sys_user": "user", "sys_user_group": "group"}.get(table)
        for other in ("sys_user_grmember", "sys_user_has_role", "sys_group_has_role") if column else ():
            for found in [one for one in self.tables[other].values() if one.get(str(column)) == identifier]:
                if found["sys_id"] in self.tables[other]:
                    self.delete(other, found["sys_id"])
        self.external_ids.pop(identifier, None)
        self._changed(table, row)

    # -- rules ---------------------------------------------------------------------------------------------

    def _texts(self, table: str, values: Mapping[str, object]) -> Row:
        given: Row = {}
        for column, value in values.items():
            if column not in COLUMNS[table] or (table == "sys_user" and column == "name"):
                continue
            text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
            given[column] = text[: _LENGTHS.get(column, 4000)]
        return given

    def _check(self, table: str, row: Row, identifier: str | None) -> None:
        word = "insert" if identifier is None else "update"
        name = row.get("user_name", "").casefold()
        if table == "sys_user" and name and self._usernames.get(name, identifier) != identifier:
            raise ServiceNowRefusal(403, "Operation Failed", f"Error during {word} of sys_user ({_name(row)})")
        if table == "sys_user_grmember" and row.get("group") in self.privileged:
            user = self.name_of("sys_user", row.get("user", ""))
            raise ServiceNowRefusal(403, "Operation Failed", f"Error during {word} of sys_user_grmember ({user})")
        if table == "sys_user_has_role":
            role = self.tables["sys_user_role"].get(row.get("role", ""))
            if role is not None and role.get("grantable") != "true":
                raise ServiceNowRefusal(403, "Operation Failed", f"Error during {word} of sys_user_has_role ()")

    def _store(self, table: str, values: Row, sys_id: str = "") -> Row:
        self._number += 1
        made = md5(f"{self._seed}/{self._number}".encode(), usedforsecurity=False).hexdigest()
        row = {**dict.fromkeys(COLUMNS[table], ""), **values, "sys_id": sys_id or made}
        row["sys_created_on"] = row["sys_updated_on"] = self._stamp()
        self.tables[table][row["sys_id"]] = row
        self._compute(table, row)
        if table == "sys_user_grmember":
            self._members.setdefault(row["group"], {})[row["sys_id"]] = row["sys_id"]
        return row

    def _compute(self, table: str, row: Row) -> None:
        if table == "sys_user":
            row["name"] = _name(row)
            if row["user_name"]:
                self._usernames[row["user_name"].casefold()] = row["sys_id"]

    def _stamp(self) -> str:
        return self._now().strftime("%Y-%m-%d %H:%M:%S")

    def _changed(self, table: str, row: Row) -> None:
        """Give inherited roles anew: one that was taken from a user comes back while a group of theirs has it."""
        if not self.tables["sys_group_has_role"] and not self.tables["sys_user_has_role"]:
            return
        if table in ("sys_user_grmember", "sys_user_has_role"):
            self._inherit([row["user"]])
        elif table == "sys_group_has_role":
            self._inherit(self.members(row["group"]))

    def _inherit(self, users: Iterable[str]) -> None:
        has, of_groups = self.tables["sys_user_has_role"], self.tables["sys_group_has_role"]
        for user in [one for one in users if one in self.tables["sys_user"]]:
            groups = {one["group"] for one in self.tables["sys_user_grmember"].values() if one["user"] == user}
            wanted = {one["role"] for one in of_groups.values() if one["group"] in groups and one["inherits"] == "true"}
            there = {
                one["role"]: one["sys_id"] for one in has.values() if one["user"] == user and one["inherited"] == "true"
            }
            for role in sorted(wanted - set(there)):
                self.seed("sys_user_has_role", user=user, role=role, inherited="true")
            for role in set(there) - wanted:
                del has[there[role]]


def _name(row: Mapping[str, str]) -> str:
    parts = (row.get("first_name"), row.get("middle_name"), row.get("last_name"))
    return " ".join(part for part in parts if part)


def columns_of(table: str) -> tuple[str, ...]:
    """All columns of a table, in the order in which rows show them."""
    return (*_STAMPS, *COLUMNS[table])
