"""Writing one attribute of an account: what `add`, `replace` and `remove` do to each.

All three ways of writing (a whole resource, v1's merge document, v2's PatchOp) come down to these. Source:
https://docs.slack.dev/reference/scim-api, "User attributes" and "PATCH", read 2026-11-23.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from gallery_sdk.scim import AttributePath, compile_filter
from gallery_sdk.testing import Refusal

from . import texts, urns
from .records import ADDRESS, ENTERPRISE, PROFILE_TEXTS, Record, emails_of, inner

Resolve = Callable[[str], str | None]
"""From a Slack id, a primary e-mail or a user name to the id of the account; None if there is none."""

_NAME: Final = {"givenname": "givenName", "familyname": "familyName", "honorificprefix": "honorificPrefix"}
_ENTERPRISE: Final = {name.lower(): name for name in ENTERPRISE}
_TEXTS: Final = {name.lower(): name for name in (*PROFILE_TEXTS, "title", "timezone")}
KNOWN: Final = frozenset(
    {
        *_TEXTS,
        "username",
        "nickname",
        "displayname",
        "active",
        "password",
        "name",
        "emails",
        "phonenumbers",
        "addresses",
    }
) | {"roles", "photos"}
"""Attributes that a resource may carry, in lower case; others are passed over."""
_PASSED_OVER: Final = frozenset({"schemas", "id", "meta", "externalid", "profileurl", "groups"})


class Editor:
    """Changes a draft of an account.

    Args:
        draft: Changed in place.
        creating: A create, in which other rules hold than in a change.

    Attributes:
        spoiled: One of the optional values of a create was not valid.
    """

    def __init__(self, draft: Record, version: str, resolve: Resolve, *, creating: bool = False) -> None:
        self.draft, self._version, self._resolve, self.creating = draft, version, resolve, creating
        self.spoiled = False

    def write(self, op: str, path: AttributePath, value: object) -> None:
        """Carry out one operation; `op` is add, replace or remove.

        Raises:
            Refusal: 400 or 403 with Slack's word for it; 400 invalid_request_payload for a path that is unknown.
        """
        if path.urn is not None and path.urn not in (urns.V1, urns.V2_USER):
            self._extension(op, path.urn, path, value)
            return
        name = path.name.lower()
        if op == "remove" and name not in ("emails", "phonenumbers", "photos", "addresses", "address", "roles", "name"):
            value = None
        if name in ("username", "nickname"):
            self.draft["userName"] = texts.user_name("" if value is None else value, self._version)
        elif name == "displayname":
            self.draft["displayName"] = texts.display_name(value)
        elif name == "active":
            self._active(value)
        elif name in _TEXTS:
            # A title is shown as "" when there is none; the rest as null.
            self.draft[_TEXTS[name]] = texts.text(value) or ("" if name == "title" else None)
        elif name == "password":
            if not self.creating:
                raise Refusal(400, "password_change_not_allowed")
        elif name == "name":
            self._name(op, path.sub, value)
        elif name == "emails":
            self._emails(op, path, value)
        elif name == "phonenumbers":
            self._phones(op, path, value)
        elif name in ("addresses", "address"):
            self._address(op, path, value)
        elif name == "roles":
            self.draft["role_text"] = None if op == "remove" else _value_of(_one(value, "roles_invalid"))
        elif name == "photos":
            self._photo(op, value)
        elif name not in _PASSED_OVER:
            raise Refusal(400, "invalid_request_payload")

    def _active(self, value: object) -> None:
        if not isinstance(value, bool):
            raise Refusal(400, "invalid_attribute_format")
        self.draft["active"] = value

    def _name(self, op: str, sub: str | None, value: object) -> None:
        held = inner(self.draft, "name")
        if sub is None:
            if op == "remove":
                value = dict.fromkeys(held)
            if not isinstance(value, Mapping):
                raise Refusal(400, "invalid_attribute_format")
            parts = value
        else:
            parts = {sub: None if op == "remove" else value}
        for part, each in parts.items():
            key = _NAME.get(part.lower())
            if key is not None:
                held[key] = texts.text(each) or (None if key == "honorificPrefix" else "")

    # -- e-mails: a primary one, and perhaps a second ------------------------------------------------------

    def _emails(self, op: str, path: AttributePath, value: object) -> None:
        held = emails_of(self.draft)
        if path.filter is not None:
            self._some_emails(op, path, value)
        elif op == "remove":
            raise Refusal(400, "missing_primary_email")
        else:
            given = [_email_item(each) for each in _many(value, "emails_invalid")]
            if op == "replace":
                if not given:
                    raise Refusal(400, "email_empty" if self.creating else "missing_primary_email")
                self.draft["emails"] = _primary_and_second(given)
            else:
                added = [each for each in given if each["value"] not in [old["value"] for old in held]]
                takes_over = any(each["primary"] for each in added)
                kept = [{**old, "primary": old["primary"] and not takes_over} for old in held]
                # There is room for one besides the primary: the one added last.
                self.draft["emails"] = _primary_and_second([*added, *kept] if added else kept)

    def _some_emails(self, op: str, path: AttributePath, value: object) -> None:
        held = emails_of(self.draft)
        assert path.filter is not None
        matches = compile_filter(path.filter)
        chosen = [each for each in held if matches(each)]
        if op == "remove":
            if any(each["primary"] for each in chosen):
                raise Refusal(400, "missing_primary_email")
            self.draft["emails"] = [each for each in held if each not in chosen]
            return
        if not chosen:
            raise Refusal(400, "invalid_request_payload")
        new = texts.email(value if path.sub == "value" else _value_of(_one(value, "emails_invalid")))
        self.draft["emails"] = [{**each, "value": new} if each in chosen else each for each in held]

    def delete_email(self, item: Mapping[str, object]) -> None:
        """v1: an item marked with `"operation": "delete"`."""
        held = emails_of(self.draft)
        value = item.get("value")
        if any(each["value"] == value and each["primary"] for each in held):
            raise Refusal(400, "missing_primary_email")
        self.draft["emails"] = [each for each in held if each["value"] != value]

    # -- telephone numbers: requests and answers call them by opposite types -------------------------------

    def _phones(self, op: str, path: AttributePath, value: object) -> None:
        held = inner(self.draft, "phones")
        if path.filter is not None:
            matches = compile_filter(path.filter)
            shown = {"mobile": {"value": held["mobile"], "type": "mobile"}}
            shown["primary"] = {"value": held["primary"], "primary": True}
            slots = [slot for slot, item in shown.items() if item["value"] and matches(item)]
            if op != "remove" and not slots:
                raise Refusal(400, "invalid_request_payload")
            for slot in slots:
                held[slot] = None if op == "remove" else texts.text(_value_of(value))
            return
        if op in ("remove", "replace"):
            held.update(primary=None, mobile=None)
        if op != "remove":
            for item in _many(value, "phoneNumbers_invalid"):
                held[_phone_slot(item)] = texts.text(_value_of(item))

    def delete_phone(self, item: Mapping[str, object]) -> None:
        """v1: an item marked with `"operation": "delete"`."""
        held = inner(self.draft, "phones")
        for slot, number in held.items():
            if number == item.get("value"):
                held[slot] = None

    # -- the single address, photo -------------------------------------------------------------------------

    def _address(self, op: str, path: AttributePath, value: object) -> None:
        held = inner(self.draft, "address")
        if path.filter is not None and op != "remove":
            raise Refusal(400, "invalid_request_payload")  # the type that such a filter names is not kept
        if op == "remove":
            held.update(dict.fromkeys(ADDRESS))
            return
        given = _one(value, "addresses_invalid")
        if not isinstance(given, Mapping):
            raise Refusal(400, "addresses_invalid")
        if op == "replace":
            held.update(dict.fromkeys(ADDRESS))
        for name in ADDRESS:
            if name in given:
                held[name] = texts.text(given[name])

    def delete_address(self, item: Mapping[str, object]) -> None:
        """v1: all five parts must be those that are stored, or nothing is deleted."""
        held = inner(self.draft, "address")
        if all(item.get(name) == held[name] for name in ADDRESS):
            held.update(dict.fromkeys(ADDRESS))

    def _photo(self, op: str, value: object) -> None:
        url = None if op == "remove" else texts.text(_value_of(_one(value, "photos_invalid")))
        if url is not None and url != self.draft["photo"]:
            self.draft["photo_before"], self.draft["photo"] = self.draft["photo"], url

    # -- extensions ----------------------------------------------------------------------------------------

    def whole_extension(self, op: str, urn: str, value: object) -> None:
        """A path that is an extension's URN alone."""
        if urn in (urns.V1_GUEST, urns.V2_GUEST):
            self._guest(None if op == "remove" else value)
            return
        if op == "remove":
            value = {**dict.fromkeys(ENTERPRISE), "manager": None, "startDate": None}
        if not isinstance(value, Mapping):
            raise Refusal(400, "invalid_attribute_format")
        for name, each in value.items():
            self._extension(op, urn, AttributePath(name), each)

    def _extension(self, op: str, urn: str, path: AttributePath, value: object) -> None:
        name = path.name.lower()
        value = None if op == "remove" else value
        if urn in (urns.V1_GUEST, urns.V2_GUEST):
            guest = self.draft["guest"]
            self._guest({**(guest if isinstance(guest, dict) else {}), path.name: value})
        elif urn in (urns.V1_PROFILE, urns.V2_PROFILE):
            if name == "startdate":
                self.draft["startDate"] = texts.text(value)
        elif urn not in (urns.V1_ENTERPRISE, urns.V2_ENTERPRISE):
            raise Refusal(400, "invalid_request_payload")
        elif name == "manager":
            if op != "remove" and path.sub is not None:
                value = {path.sub: value}
            inner(self.draft, "enterprise")["manager"] = self._manager(value)
        elif name in _ENTERPRISE:
            inner(self.draft, "enterprise")[_ENTERPRISE[name]] = texts.text(value)

    def _manager(self, value: object) -> str | None:
        if value is None:
            return None
        if not isinstance(value, Mapping) or "managerId" not in value:
            raise Refusal(400, "improper_enterprise_schema_format")
        named = value["managerId"]
        if named is None or (isinstance(named, str) and not named.strip()):
            return None
        found = self._resolve(named) if isinstance(named, str) else None
        if found is None:
            raise Refusal(400, "improper_enterprise_schema_format")
        return found

    def _guest(self, value: object) -> None:
        """To a guest or back; either way the account becomes active."""
        if value is not None and (not isinstance(value, Mapping) or value.get("type") != "multi"):
            raise Refusal(403, "cannot_make_user_guest")
        was = self.draft["guest"]
        known = value if isinstance(value, Mapping) else {}
        given = {name: known[name] for name in ("type", "expiration") if known.get(name) is not None}
        self.draft["guest"] = given or None
        if (was is None) != (not given) and not self.creating:
            self.draft["active"] = True


def _phone_slot(item: object) -> str:
    """Where a number of a request goes: the type mobile sets the primary number, the type work the mobile one."""
    if isinstance(item, Mapping):
        kind = item.get("type")
        if kind in ("mobile", "work"):
            return "primary" if kind == "mobile" else "mobile"
        if texts.is_true(item.get("primary")):
            return "primary"
    return "mobile"


def _email_item(item: object) -> dict[str, object]:
    if isinstance(item, str):
        return {"value": texts.email(item), "primary": False, "work": False}
    if not isinstance(item, Mapping):
        raise Refusal(400, "emails_invalid")
    primary = texts.is_true(item.get("primary"))
    return {"value": texts.email(item.get("value")), "primary": primary, "work": item.get("type") == "work"}


def _primary_and_second(items: list[dict[str, object]]) -> list[dict[str, object]]:
    """At most two: the primary one by its flag, else by type work, else the first; and the next."""
    chosen = next((each for each in items if each["primary"]), None)
    chosen = chosen or next((each for each in items if each.get("work")), items[0])
    second = next((each for each in items if each["value"] != chosen["value"]), None)
    kept: list[dict[str, object]] = [{"value": chosen["value"], "primary": True}]
    return kept if second is None else [*kept, {"value": second["value"], "primary": False}]


def _many(value: object, word: str) -> list[object]:
    if isinstance(value, list):
        return value
    if isinstance(value, Mapping):
        return [value]
    raise Refusal(400, word)


def _one(value: object, word: str) -> object:
    """The one item that Slack keeps of a list."""
    if isinstance(value, list):
        if not value:
            return None
        return next(
            (each for each in value if isinstance(each, Mapping) and texts.is_true(each.get("primary"))), value[0]
        )
    if isinstance(value, (str, Mapping)):
        return value
    raise Refusal(400, word)


def _value_of(item: object) -> object:
    return item.get("value") if isinstance(item, Mapping) else item
