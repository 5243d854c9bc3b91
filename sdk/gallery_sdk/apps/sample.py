"""A sample directory of invented people, for the demo, for tests and for a first look."""

from __future__ import annotations

import csv
import re
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from ._sample_names import CULTURES

DOMAIN: Final = "example.com"  # reserved for examples by RFC 2606
_COMPANY: Final = "Example & Søns"
_REPORTS: Final = 7  # how many people report to one manager
_DISABLED_SHARE: Final = 0.04

_DEPARTMENTS: Final = {
    "Engineering": (
        "Software Engineer",
        "Senior Software Engineer",
        "Reliability Engineer",
        "Engineering Manager",
    ),
    "Sales": ("Account Executive", "Sales Engineer", "Regional Sales Manager", "Sales Development Representative"),
    "Customer Success": ("Customer Success Manager", "Support Engineer", "Onboarding Specialist"),
    "Marketing": ("Content Strategist", "Brand Designer", "Events Lead"),
    "Finance": ("Accountant", "Payroll Specialist", "Financial Analyst"),
    "People & Culture": ("Recruiter", "People Partner", "Learning Lead"),
    "Legal": ("Counsel", "Contracts Manager"),
    "Operations": ("Facilities Coordinator", "Procurement Lead", "Warehouse Supervisor"),
    "R&D, Materials": ("Research Scientist", "Lab Technician"),
}
_TOP_TITLES: Final = (
    "Chief Executive Officer",
    "Chief Technology Officer",
    "Finance Director",
    "Chief of Staff",
)

PEOPLE_COLUMNS: Final = (
    "id",
    "userPrincipalName",
    "mail",
    "mailNickname",
    "givenName",
    "surname",
    "displayName",
    "jobTitle",
    "department",
    "companyName",
    "employeeId",
    "manager",
    "telephoneNumber",
    "mobile",
    "city",
    "country",
    "preferredLanguage",
    "accountEnabled",
)


@dataclass(frozen=True, slots=True)
class SampleFiles:
    """Where a sample directory was written."""

    people: Path
    groups: Path
    memberships: Path


def write_sample_directory(root: Path, *, people: int = 200, groups: int = 12, seed: int = 1) -> SampleFiles:
    """Write people.csv, groups.csv and memberships.csv; the same arguments give the same bytes.

    Addresses are at example.com and telephone numbers in ranges reserved for fiction, so that nothing can reach
    anybody. Managers form a tree and stand before the people who report to them. Some people are disabled, some lack a
    title or a telephone; one group has no member.

    Args:
        root: A folder, made if it is missing; files of the same names in it are replaced.
        people: How many, at least 1.
        groups: How many.
    """
    root.mkdir(parents=True, exist_ok=True)
    files = SampleFiles(root / "people.csv", root / "groups.csv", root / "memberships.csv")
    random = Random(seed)  # noqa: S311 - a sample, not a secret
    ids = [str(uuid.UUID(int=random.getrandbits(128), version=4)) for _ in range(max(people, 1))]
    departments: list[str] = []
    _write(files.people, PEOPLE_COLUMNS, _people(ids, random, departments))
    drawn = list(_groups(groups, random))
    _write(files.groups, ("id", "displayName", "description"), [(key, name, about) for key, name, about, _ in drawn])
    _write(files.memberships, ("groupId", "userId"), _memberships(drawn, ids, departments, random))
    return files


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _people(ids: Sequence[str], random: Random, departments: list[str]) -> Iterator[Sequence[str]]:
    """Rows in the order of the tree; the department of each is left in `departments`."""
    taken: set[str] = set()
    for place, key in enumerate(ids):
        culture = random.choice(CULTURES)
        given, plain_given = random.choice(culture.given)
        surname, plain_surname = random.choice(culture.surnames)
        nickname = _nickname(plain_given, plain_surname, taken)
        department = random.choice(tuple(_DEPARTMENTS))
        departments.append(department)
        title = _TOP_TITLES[place] if place < len(_TOP_TITLES) else random.choice(_DEPARTMENTS[department])
        disabled = place >= len(_TOP_TITLES) and random.random() < _DISABLED_SHARE
        yield (
            key,
            f"{nickname}@{DOMAIN}",
            f"{nickname}@{DOMAIN}",
            nickname,
            given,
            surname,
            f"{surname}, {given}" if random.random() < 0.1 else f"{given} {surname}",
            title if random.random() > 0.03 else "",
            department,
            _COMPANY,
            f"{place + 1:07d}",  # leading zeros are part of it
            ids[(place - 1) // _REPORTS] if place else "",
            # +1 XXX 555-0100 to 0199 is reserved for fiction (ATIS, 555 line number guidelines).
            f"+1 {random.choice((202, 303))} 555 01{random.randrange(100):02d}" if random.random() > 0.1 else "",
            # +44 7700 900000 to 900999 is reserved for drama (Ofcom, "Numbers for use in TV and radio drama").
            f"+44 7700 900{random.randrange(1000):03d}" if random.random() > 0.4 else "",
            culture.city,
            culture.country,
            culture.language,
            "False" if disabled else "True",
        )


def _nickname(given: str, surname: str, taken: set[str]) -> str:
    """A unique address of ASCII letters and dots; the second bearer of a name gets a 2 behind the given name.

    There it survives apps that cut user names, so that two people of one long name stay two.
    """
    number, mark = 1, ""
    while (nickname := re.sub(r"[^a-z0-9.]", "", f"{given}{mark}.{surname}".lower())[:40]) in taken:
        number += 1
        mark = str(number)
    taken.add(nickname)
    return nickname


def _groups(count: int, random: Random) -> Iterator[tuple[str, str, str, str | None]]:
    """Id, name, description and the department whose people belong to it (None: a mixture)."""
    names: list[tuple[str, str | None]] = [(f"{name} – all", name) for name in _DEPARTMENTS]
    names += [("VPN users", None), ("Büro Köln", None), ('Project "Aurora", phase 2', None)]
    for place in range(count):
        name, department = names[place % len(names)]
        suffix = f" {place // len(names) + 1}" if place >= len(names) else ""
        key = str(uuid.UUID(int=random.getrandbits(128), version=4))
        yield key, name + suffix, f"Members are kept by the owners of {name}", department


def _memberships(
    groups: Sequence[tuple[str, str, str, str | None]], ids: Sequence[str], departments: Sequence[str], random: Random
) -> Iterator[tuple[str, str]]:
    for place, (group, _, _, department) in enumerate(groups):
        if place and place == len(groups) - 1:
            continue  # a group that nobody is in
        for person, theirs in zip(ids, departments, strict=True):
            if theirs == department or (department is None and random.random() < 0.15):
                yield group, person
