"""Invented people, always the same ones, as the source holds them and as the target is to hold them."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

_GIVEN: Final = ("Ada", "Grace", "José", "Zoë", "Mei", "Łukasz", "Aïcha", "John", "Priya", "Olena", "Søren")
_SURNAMES: Final = ("Byron", "Hopper", "Núñez", "Müller", "Chen", "Nowak", "Benali", "Smith", "Rao", "Koval")
_DEPARTMENTS: Final = ("Engineering", "Sales", "Customer Success", "Finance", "People & Culture", "Legal", "R&D")
_CITIES: Final = (("Lisbon", "PT"), ("Kraków", "PL"), ("Dublin", "IE"), ("Austin", "US"), ("Pune", "IN"))

COLUMNS: Final = (
    "id", "userPrincipalName", "mail", "mailNickname", "givenName", "surname", "displayName", "jobTitle", "department",
    "employeeId", "telephoneNumber", "mobile", "city", "country", "preferredLanguage", "accountEnabled",
)  # fmt: skip
ENTERPRISE: Final = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def person(number: int) -> dict[str, object]:
    """One person's row. Every third has no mobile telephone, every fifth no title."""
    given, surname = _GIVEN[number % len(_GIVEN)], _SURNAMES[number % len(_SURNAMES)]
    city, country = _CITIES[number % len(_CITIES)]
    nickname = f"user{number}"
    return {
        "id": f"4f0c{number:08d}",
        "userPrincipalName": f"{nickname}@example.com",
        "mail": f"{nickname}@example.com",
        "mailNickname": nickname,
        "givenName": given,
        "surname": surname,
        "displayName": f"{given} {surname}",
        "jobTitle": "" if number % 5 == 0 else "Senior Engineer",
        "department": _DEPARTMENTS[number % len(_DEPARTMENTS)],
        "employeeId": f"E{number:07d}",
        "telephoneNumber": f"+1 202 555 {number % 10_000:04d}",
        "mobile": "" if number % 3 == 0 else f"+1 312 555 {number % 10_000:04d}",
        "city": city,
        "country": country,
        "preferredLanguage": "en-US",
        "accountEnabled": "true",
    }


def people(count: int) -> Iterator[dict[str, object]]:
    """The first `count` people."""
    return (person(number) for number in range(count))


def write_people(path: Path, count: int) -> None:
    """Write them as CSV, without holding them."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(people(count))


def map_by_hand(row: Mapping[str, object]) -> dict[str, object]:
    """The 15 mappings of `connector.toml`, as somebody would write them for this one app."""
    values: dict[str, object] = {}
    if value := row.get("userPrincipalName"):
        values["userName"] = value
    values["active"] = not row.get("IsSoftDeleted")
    if value := row.get("displayName"):
        values["displayName"] = value
    if value := row.get("jobTitle"):
        values["title"] = value
    if value := row.get("mail"):
        values['emails[type eq "work"].value'] = value
    if value := row.get("preferredLanguage"):
        values["preferredLanguage"] = value
    given, surname = row.get("givenName"), row.get("surname")
    if given:
        values["name.givenName"] = given
    if surname:
        values["name.familyName"] = surname
    if given or surname:
        values["name.formatted"] = " ".join(str(part) for part in (given, surname) if part)
    if value := row.get("city"):
        values['addresses[type eq "work"].locality'] = value
    if value := row.get("country"):
        values['addresses[type eq "work"].country'] = value
    if value := row.get("telephoneNumber"):
        values['phoneNumbers[type eq "work"].value'] = value
    if value := row.get("mobile"):
        values['phoneNumbers[type eq "mobile"].value'] = value
    if value := row.get("employeeId") or row.get("mailNickname"):
        values["externalId"] = value
    if value := row.get("department"):
        values[f"{ENTERPRISE}:department"] = value
    return values
