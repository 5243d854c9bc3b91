"""One account as the twin keeps it, the same for both versions, and the resource that each version shows of it."""

from __future__ import annotations

from typing import Final, TypeAlias

from . import urns

Record: TypeAlias = dict[str, object]

ADDRESS: Final = ("streetAddress", "locality", "region", "postalCode", "country")
ENTERPRISE: Final = ("employeeNumber", "costCenter", "organization", "division", "department")
PROFILE_TEXTS: Final = ("userType", "preferredLanguage", "locale")
API: Final = "https://api.slack.com/scim"
DEFAULT_PHOTO: Final = "https://secure.gravatar.com/avatar/x.jpg"
DEFAULT_TIMEZONE: Final = "America/Los_Angeles"


def blank() -> Record:
    """An account with nothing in it."""
    return {
        "userName": "",
        "displayName": None,
        "title": "",
        "timezone": DEFAULT_TIMEZONE,
        "active": True,
        "name": {"givenName": "", "familyName": "", "honorificPrefix": None},
        "emails": [],
        "photo": DEFAULT_PHOTO,
        "address": dict.fromkeys(ADDRESS),
        "phones": {"primary": None, "mobile": None},
        "role_text": None,
        "enterprise": {**dict.fromkeys(ENTERPRISE), "manager": None},
        "startDate": None,
        "guest": None,
        "role": "member",
        **dict.fromkeys(PROFILE_TEXTS),
    }


def copied(record: Record) -> Record:
    """A copy that can be changed without changing the original."""
    return {name: _copied(value) for name, value in record.items()}


def _copied(value: object) -> object:
    if isinstance(value, dict):
        return {name: _copied(each) for name, each in value.items()}
    return [_copied(each) for each in value] if isinstance(value, list) else value


def inner(record: Record, name: str) -> dict[str, object]:
    """A part of the record that is an object."""
    value = record[name]
    assert isinstance(value, dict)
    return value


def emails_of(record: Record) -> list[dict[str, object]]:
    """Its e-mails, at most two, the primary first."""
    emails = record["emails"]
    assert isinstance(emails, list)
    return emails


def profile_fields(record: Record) -> set[str]:
    """The optional attributes that have a value: those for which Slack makes fields in profiles."""
    found = {name for name in PROFILE_TEXTS if record[name]}
    found |= {name for name, value in inner(record, "enterprise").items() if value}
    found |= {name for name, value in inner(record, "phones").items() if value}
    if inner(record, "name")["honorificPrefix"]:
        found.add("honorificPrefix")
    if any(inner(record, "address").values()):
        found.add("address")
    return found | {name for name in ("role_text", "startDate") if record[name]}


def drop_profile(record: Record) -> None:
    """Forget every optional profile value, as Slack does in silence when one of them is not valid in a create."""
    empty = blank()
    for name in ("address", "phones", "role_text", "enterprise", "startDate", *PROFILE_TEXTS):
        record[name] = empty[name]
    inner(record, "name")["honorificPrefix"] = None


def user_resource(
    record: Record, version: str, *, domain: str, groups: list[dict[str, object]], fresh: bool = False
) -> Record:
    """The account as a version shows it.

    Accounts without any optional profile value leave out that part; others show all of it, null where empty.

    Args:
        fresh: It answers a write: a new photo is not fetched yet, and the old one is shown.
    """
    name = inner(record, "name")
    whole = bool(profile_fields(record))
    guest = record["guest"]
    schemas = [urns.USER[version]]
    if whole:
        schemas += [urns.ENTERPRISE[version], urns.PROFILE[version]]
    if guest is not None:
        schemas.append(urns.GUEST[version])
    shown_name = {"givenName": name["givenName"], "familyName": name["familyName"]}
    if whole:
        shown_name["honorificPrefix"] = name["honorificPrefix"]
    user_name, identity = record["userName"], record["id"]
    photo = record.get("photo_before") if fresh else None
    resource: Record = {
        "schemas": schemas,
        "id": identity,
        "externalId": "",
        "meta": {"created": record["created"], "location": f"{API}/{version}/Users/{identity}"},
        "userName": user_name,
        "nickName": user_name,
        "name": shown_name,
        "displayName": record["displayName"],
        "profileUrl": f"https://{domain}.enterprise.slack.com/team/{user_name}",
        "title": record["title"],
        "timezone": record["timezone"],
        "active": record["active"],
        "emails": emails_of(record),
        "photos": [{"value": photo or record["photo"], "type": "photo"}],
    }
    if whole:
        phones = inner(record, "phones")
        resource["addresses"] = [record["address"]]
        # The other way round than in requests: what a request calls work comes back as mobile.
        resource["phoneNumbers"] = [
            {"value": phones["mobile"], "type": "mobile"},
            {"value": phones["primary"], "primary": True},
        ]
        resource["userType"] = record["userType"]
        resource["roles"] = [{"value": record["role_text"], "primary": True}]
        resource["preferredLanguage"] = record["preferredLanguage"]
        resource["locale"] = record["locale"]
        enterprise = inner(record, "enterprise")
        resource[urns.ENTERPRISE[version]] = {
            **{each: enterprise[each] for each in ENTERPRISE},
            "manager": {"managerId": enterprise["manager"]},
        }
        resource[urns.PROFILE[version]] = {"startDate": record["startDate"]}
    if guest is not None:
        resource[urns.GUEST[version]] = guest
    resource["groups"] = groups
    return resource


def group_resource(group: Record, version: str, members: list[dict[str, object]]) -> Record:
    """The group as a version shows it."""
    return {
        "schemas": [urns.GROUP[version]],
        "id": group["id"],
        "meta": {"created": group["created"], "location": f"{API}/{version}/Groups/{group['id']}"},
        "displayName": group["displayName"],
        "members": members,
    }
