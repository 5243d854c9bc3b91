"""What happens in the sample directory during the demo: somebody is renamed, leaves, joins, moves."""

from __future__ import annotations

import csv
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_GROUP_SUFFIX: Final = " – all"
_NEW_SURNAME: Final = "Lindqvist-Moreau"


@dataclass(frozen=True, slots=True)
class Story:
    """What changed, in sentences, and the address of the person who was renamed."""

    sentences: tuple[str, ...]
    renamed: str


def first_person(folder: Path) -> str:
    """The address of somebody to begin with: enabled, and with a manager."""
    _, people = _read(folder / "people.csv")
    return next(one for one in people if one["manager"] and one["accountEnabled"] == "True")["userPrincipalName"]


def change_directory(folder: Path) -> Story:
    """Edit people.csv and memberships.csv as a directory's export of the next day would differ."""
    columns, people = _read(folder / "people.csv")
    _, groups = _read(folder / "groups.csv")
    member_columns, members = _read(folder / "memberships.csv")
    managers = {one["manager"] for one in people}
    workers = [one for one in people if one["accountEnabled"] == "True" and one["id"] not in managers]
    renamed, moved, leaver = workers[0], workers[1], workers[-1]
    group_of = {one["displayName"].removesuffix(_GROUP_SUFFIX): one["id"] for one in groups}

    before = renamed["displayName"]
    renamed.update(surname=_NEW_SURNAME, displayName=f"{renamed['givenName']} {_NEW_SURNAME}")
    left = moved["department"]
    moved["department"] = next(one for one in sorted(group_of) if one != left and one in _departments(people))
    people.remove(leaver)
    joined = _newcomer(people[0], moved["department"])
    people.append(joined)

    gone = {(group_of.get(left), moved["id"])}
    members = [one for one in members if one["userId"] != leaver["id"] and (one["groupId"], one["userId"]) not in gone]
    new_group = group_of[moved["department"]]
    members += [{"groupId": new_group, "userId": one["id"]} for one in (moved, joined)]
    _write(folder / "people.csv", columns, people)
    _write(folder / "memberships.csv", member_columns, members)
    return Story(
        (
            f"{before} is called {renamed['displayName']} now.",
            f"{moved['displayName']} moved from {left} to {moved['department']}.",
            f"{leaver['displayName']} left the company.",
            f"{joined['displayName']} joined {joined['department']}.",
        ),
        renamed["userPrincipalName"],
    )


def _departments(people: Sequence[dict[str, str]]) -> set[str]:
    return {one["department"] for one in people}


def _newcomer(manager: dict[str, str], department: str) -> dict[str, str]:
    address = "noor.elamin@example.com"
    return {
        **dict.fromkeys(manager, ""),
        "id": str(uuid.UUID("5eed0000-0000-4000-8000-000000000001")),
        "userPrincipalName": address,
        "mail": address,
        "mailNickname": "noor.elamin",
        "givenName": "Noor",
        "surname": "El-Amin",
        "displayName": "Noor El-Amin",
        "jobTitle": "Analyst",
        "department": department,
        "companyName": manager["companyName"],
        "employeeId": "0009001",
        "manager": manager["id"],
        "city": "Leiden",
        "country": "NL",
        "preferredLanguage": "nl-NL",
        "accountEnabled": "True",
    }


def _read(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    return list(reader.fieldnames or ()), rows


def _write(path: Path, columns: Sequence[str], rows: Sequence[dict[str, str]]) -> None:
    """Replace the file at once, as an export does that is not read half-written."""
    partial = path.with_suffix(".partial")
    with partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    partial.replace(path)
