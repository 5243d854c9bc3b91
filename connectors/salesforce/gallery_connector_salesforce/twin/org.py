"""What one organization holds: records by object, and the rules that every way of writing them is held to.

Source of the codes, read on 2026-11-23: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm.
The texts of most messages are from memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from gallery_sdk.testing import Refusal

from ..quirks import is_address, long_id
from .fields import FIELDS, LENGTHS, PICKLISTS, PREFIXES, REFERENCES, REQUIRED

Record = dict[str, Any]

_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_DUPLICATE_USERNAME: Final = (
    "Duplicate Username.<br>The username already exists in this or another Salesforce organization. Usernames must be "
    "unique across all Salesforce organizations. To resolve, use a different username (it doesn't need to match the "
    "user's email address)."
)
_UNIQUE: Final = ("CommunityNickname", "FederationIdentifier")
_PAIRS: Final = {
    "PermissionSetAssignment": ("AssigneeId", "PermissionSetId", "PermissionSetGroupId"),
    "GroupMember": ("GroupId", "UserOrGroupId"),
}


class SalesforceRefusal(Refusal):
    """A refusal with its code, its message and the fields that are to blame."""

    def __init__(self, status: int, code: str, message: str, fields: Iterable[str] = ()) -> None:
        super().__init__(status, code)
        self.message, self.fields = message, list(fields)


class Org:
    """The records of one organization.

    Attributes:
        tables: By object name, records by their 18-character id.
        elsewhere: User names that other organizations of the world have, in lower case.
        confirms_email: A changed address waits for `confirm_email`.
        protected: Ids of users who cannot be deactivated.
        misses_after_create: So many reads of a new record miss it.
    """

    def __init__(self, *, licenses: Mapping[str, int], confirms_email: bool = False) -> None:
        self.tables: dict[str, dict[str, Record]] = {name: {} for name in PREFIXES}
        self.elsewhere: set[str] = set()
        self.confirms_email, self.misses_after_create = confirms_email, 0
        self.protected: set[str] = set()
        self.waiting: dict[str, str] = {}
        self._numbers = dict.fromkeys(PREFIXES, 0)
        self._usernames: dict[str, str] = {}
        self._unique: dict[tuple[str, str], str] = {}
        self._pairs: dict[str, set[tuple[Any, ...]]] = {name: set() for name in _PAIRS}
        self._active: dict[str, int] = {}
        self._misses: dict[str, int] = {}
        for name, total in licenses.items():
            self.seed("UserLicense", Name=name, TotalLicenses=total)

    # -- reading -------------------------------------------------------------------------------------------

    def get(self, name: str, identifier: str) -> Record:
        """A record by its id in either form.

        Raises:
            SalesforceRefusal: 404.
        """
        record = self.table(name).get(long_id(identifier))
        if record is None or self.is_missed(record["Id"]):
            raise SalesforceRefusal(404, "NOT_FOUND", "The requested resource does not exist")
        return record

    def table(self, name: str) -> dict[str, Record]:
        """The records of an object."""
        if name not in self.tables:
            raise SalesforceRefusal(400, "INVALID_TYPE", f"sObject type '{name}' is not supported.")
        return self.tables[name]

    def with_username(self, username: str) -> list[Record]:
        """The user of that name, if there is one."""
        found = self._usernames.get(username.casefold())
        return [] if found is None else [self.tables["User"][found]]

    def has_nickname(self, nickname: str) -> bool:
        """Whether a user has the nickname."""
        return ("CommunityNickname", nickname) in self._unique

    def is_missed(self, identifier: str) -> bool:
        """Whether this read of a new record comes too early; counts it."""
        left = self._misses.get(identifier, 0)
        if left:
            self._misses[identifier] = left - 1
        return bool(left)

    def value(self, name: str, record: Record, field: str) -> Any:
        """A field as it is read; `PermissionSet.IsOwnedByProfile` goes through the reference."""
        reference, dot, rest = field.partition(".")
        if dot:
            other = record.get(f"{reference}Id")
            if f"{reference}Id" not in FIELDS[name]:
                raise _no_field(field, name)
            table = REFERENCES[f"{reference}Id"]
            return None if other is None else self.value(table, self.tables[table][other], rest)
        if field not in FIELDS[name]:
            raise _no_field(field, name)
        if field == "UsedLicenses":
            return self._active.get(record["Id"], 0)
        if field == "Name" and name == "User":
            return " ".join(part for part in (record.get("FirstName"), record.get("LastName")) if part)
        return record.get(field)

    # -- writing -------------------------------------------------------------------------------------------

    def seed(self, name: str, **fields: Any) -> str:
        """Put a record in without checks; its id."""
        self._numbers[name] += 1
        identifier = self._identifier(name)
        self._store(name, {"Id": identifier, **fields})
        return identifier

    def seed_integration_user(self, profile: str) -> str:
        """The user on whose behalf requests are made. It has number 0, so that the first user made has number 1."""
        record: Record = {
            "Id": self._identifier("User"), "Username": "integration@twin.example", "Email": "integration@twin.example",
            "LastName": "Integration", "Alias": "integr", "ProfileId": profile, "IsActive": True,
            "UserType": "Standard", "CommunityNickname": "integration", "LocaleSidKey": "en_US",
            "LanguageLocaleKey": "en_US", "EmailEncodingKey": "UTF-8", "TimeZoneSidKey": "America/Los_Angeles",
        }  # fmt: skip
        self._store("User", record)
        self.protected.add(record["Id"])
        return str(record["Id"])

    def create(self, name: str, fields: Mapping[str, Any]) -> str:
        """Make a record; its id."""
        self.table(name)
        if name not in REQUIRED:
            raise SalesforceRefusal(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"{name} cannot be created")
        given = self._checked(name, fields)
        missing = [field for field in REQUIRED[name] if given.get(field) in (None, "")]
        if missing:
            raise SalesforceRefusal(
                400, "REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]", missing
            )
        if name == "User":
            given = {"IsActive": True, "UserType": "Standard", **given}
            given.setdefault("CommunityNickname", f"User{self._numbers['User'] + 1}")
            self._check_username(given["Username"], None)
            self._check_unique(given, None)
            if given["IsActive"]:
                self._check_license(given["ProfileId"], None)
        if name in _PAIRS:
            self._check_pair(name, given)
        if name == "Group":
            self._check_developer_name(given)
        self._numbers[name] += 1
        record = {"Id": self._identifier(name), **given}
        self._store(name, record)
        if name == "User":
            self.seed("UserLogin", UserId=record["Id"], IsFrozen=False)
            self._misses[record["Id"]] = self.misses_after_create
        return str(record["Id"])

    def update(self, name: str, identifier: str, fields: Mapping[str, Any]) -> None:
        """Change fields of a record; null clears."""
        record = self.get(name, identifier)
        given = self._checked(name, fields)
        if cleared := [field for field in REQUIRED.get(name, ()) if field in given and given[field] in (None, "")]:
            raise SalesforceRefusal(
                400, "REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(cleared)}]", cleared
            )
        if name == "User":
            given = self._checked_user_change(record, given)
            self._forget(record)
        record.update(given)
        if name == "User":
            self._remember(record)

    def delete(self, name: str, identifier: str) -> None:
        """Delete a record."""
        record = self.get(name, identifier)
        if name == "User":
            raise SalesforceRefusal(400, "DELETE_FAILED", "Users cannot be deleted; deactivate them instead")
        del self.tables[name][record["Id"]]
        if name in _PAIRS:
            self._pairs[name].discard(_pair(name, record))
        if name == "Group":
            for row in [one for one in self.tables["GroupMember"].values() if one["GroupId"] == record["Id"]]:
                self.delete("GroupMember", row["Id"])

    def confirm_email(self, identifier: str) -> None:
        """The user follows the link in the mail: the waiting address takes the place of the old one."""
        self.tables["User"][long_id(identifier)]["Email"] = self.waiting.pop(long_id(identifier))

    # -- rules ---------------------------------------------------------------------------------------------

    def _checked(self, name: str, fields: Mapping[str, Any]) -> Record:
        given: Record = {}
        for field, value in fields.items():
            if field not in FIELDS[name] or field == "Id":
                raise _no_field(field, name)
            if isinstance(value, str):
                if len(value) > LENGTHS.get(field, 100_000):
                    raise SalesforceRefusal(
                        400, "STRING_TOO_LONG", f"{field}: data value too large (max length={LENGTHS[field]})", [field]
                    )
                if field in PICKLISTS and not PICKLISTS[field].fullmatch(value):
                    raise SalesforceRefusal(
                        400,
                        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                        f"{field}: bad value for restricted picklist field: {value}",
                        [field],
                    )
                if field in REFERENCES and value:
                    value = self._referenced(field, value)
            elif field.startswith(("Is", "UserPermissions")) and not isinstance(value, bool):
                raise SalesforceRefusal(400, "JSON_PARSER_ERROR", f"{field} is not a boolean", [field])
            given[field] = value
        if name == "User" and given.get("Email") and not is_address(given["Email"]):
            raise SalesforceRefusal(400, "INVALID_EMAIL_ADDRESS", "Email: invalid email address", ["Email"])
        return given

    def _referenced(self, field: str, value: str) -> str:
        tables = [REFERENCES[field], "Group"] if field == "UserOrGroupId" else [REFERENCES[field]]
        if not any(long_id(value) in self.tables[table] for table in tables):
            code = "FIELD_INTEGRITY_EXCEPTION" if field in FIELDS["User"] else "INVALID_CROSS_REFERENCE_KEY"
            raise SalesforceRefusal(400, code, f"{field}: id value of incorrect type or not there", [field])
        return long_id(value)

    def _checked_user_change(self, record: Record, given: Record) -> Record:
        identifier = record["Id"]
        if "Username" in given:
            self._check_username(given["Username"], identifier)
        self._check_unique(given, identifier)
        if given.get("IsActive") is False and record["IsActive"] and identifier in self.protected:
            raise SalesforceRefusal(400, "FIELD_INTEGRITY_EXCEPTION", "You cannot deactivate this user.", ["IsActive"])
        after = {**record, **given}
        if after["IsActive"] and (not record["IsActive"] or after["ProfileId"] != record["ProfileId"]):
            self._check_license(after["ProfileId"], record)
        if self.confirms_email and given.get("Email", record["Email"]) != record["Email"]:
            self.waiting[identifier] = given["Email"]
            given = {field: value for field, value in given.items() if field != "Email"}
        return given

    def _check_username(self, username: str, owner: str | None) -> None:
        if not is_address(username):
            raise SalesforceRefusal(
                400, "INVALID_EMAIL_ADDRESS", "Username: must be in the form of an email address", ["Username"]
            )
        key = username.casefold()
        if key in self.elsewhere or self._usernames.get(key, owner) != owner:
            raise SalesforceRefusal(400, "DUPLICATE_USERNAME", _DUPLICATE_USERNAME, ["Username"])

    def _check_unique(self, given: Record, owner: str | None) -> None:
        for field in _UNIQUE:
            if given.get(field) and self._unique.get((field, given[field]), owner) != owner:
                raise SalesforceRefusal(400, "DUPLICATE_VALUE", f"duplicate value found: {field}", [field])

    def _check_license(self, profile: str, record: Record | None) -> None:
        license_id = self.tables["Profile"][long_id(profile)]["UserLicenseId"]
        held = record is not None and record["IsActive"] and self._license_of(record) == license_id
        used = self._active.get(license_id, 0) - held
        if used >= self.tables["UserLicense"][license_id]["TotalLicenses"]:
            raise SalesforceRefusal(400, "LICENSE_LIMIT_EXCEEDED", "License Limit Exceeded")

    def _check_pair(self, name: str, given: Record) -> None:
        if _pair(name, given) in self._pairs[name]:
            fields = [field for field in _PAIRS[name] if given.get(field)]
            raise SalesforceRefusal(400, "DUPLICATE_VALUE", f"Duplicate {name}. It is there already", fields)
        if name == "PermissionSetAssignment":
            held = given.get("PermissionSetId")
            if held is not None and self.tables["PermissionSet"][held].get("IsOwnedByProfile"):
                raise SalesforceRefusal(
                    400, "FIELD_INTEGRITY_EXCEPTION", "the permission set belongs to a profile", ["PermissionSetId"]
                )

    def _check_developer_name(self, given: Record) -> None:
        name = given.setdefault("DeveloperName", re.sub("[^A-Za-z0-9]+", "_", given["Name"]).strip("_"))
        if not re.fullmatch("[A-Za-z](_?[A-Za-z0-9])*", name):
            raise SalesforceRefusal(400, "INVALID_INPUT", "DeveloperName: not an API name", ["DeveloperName"])
        if any(one["DeveloperName"] == name for one in self.tables["Group"].values()):
            raise SalesforceRefusal(400, "DUPLICATE_DEVELOPER_NAME", f"{name} is taken", ["DeveloperName"])

    # -- books ---------------------------------------------------------------------------------------------

    def _store(self, name: str, record: Record) -> None:
        self.tables[name][record["Id"]] = record
        if name == "User":
            self._remember(record)
        if name in _PAIRS:
            self._pairs[name].add(_pair(name, record))

    def _license_of(self, record: Record) -> str:
        return str(self.tables["Profile"][record["ProfileId"]]["UserLicenseId"])

    def _remember(self, record: Record) -> None:
        self._usernames[record["Username"].casefold()] = record["Id"]
        for field in _UNIQUE:
            if record.get(field):
                self._unique[field, record[field]] = record["Id"]
        if record["IsActive"]:
            held = self._license_of(record)
            self._active[held] = self._active.get(held, 0) + 1

    def _forget(self, record: Record) -> None:
        del self._usernames[record["Username"].casefold()]
        for field in _UNIQUE:
            self._unique.pop((field, record.get(field) or ""), None)
        if record["IsActive"]:
            self._active[self._license_of(record)] -= 1

    def _identifier(self, name: str) -> str:
        number, text = self._numbers[name], ""
        while number:
            number, digit = divmod(number, 62)
            text = _DIGITS[digit] + text
        return long_id(PREFIXES[name] + text.rjust(12, "0"))


def _pair(name: str, record: Record) -> tuple[Any, ...]:
    return tuple(record.get(field) for field in _PAIRS[name])


def _no_field(field: str, name: str) -> SalesforceRefusal:
    return SalesforceRefusal(400, "INVALID_FIELD", f"No such column '{field}' on sobject of type {name}")
