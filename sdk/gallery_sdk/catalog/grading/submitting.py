"""A submission prepared: what a gallery asks of vendors as rules, and what the catalog would say afterwards."""

from __future__ import annotations

import calendar
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal

from ...manifest import Problem
from ..building import Built, build
from ..documents import digest
from ..folders import MANIFEST_NAME, connector_folders
from ..names import normal_dist
from ..publishing import compare_with_written
from ..registry import FOLDER, read_registry
from ..signing import CATALOG_NAME
from ..tiers import TierReport
from ..wheels import build_wheel
from .grade import grader
from .looked_at import LookedAt

Answer = Literal["yes", "no", "waived", "does not apply"]

CHECKLIST: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("The listing names app, vendor, category, licence and somebody who answers", ("M04", "M05", "M07", "M08")),
    ("The API is documented in public, and the listing links to it", ("M09", "D02")),
    ("Administrators find set-up steps, prerequisites and every credential explained", ("D01",)),
    ("What is not supported is said", ("D03",)),
    ("Requests go by https, and to the declared hosts alone", ("M06", "M11")),
    ("Signing in is declared, and a call proves the credential", ("A01", "A02", "A03")),
    ("Users can be created, changed, disabled and enabled; the capability table is true", ("C01", "I03")),
    ("Required attributes are mapped; existing accounts are found by a matching attribute", ("X01", "X02", "X03")),
    ("A duplicate is adopted or reported, never doubled", ("I02",)),
    ("A second run over an unchanged source writes nothing", ("I01",)),
    ("Throttling is obeyed, failures are retried", ("R01", "R03", "R04")),
    ("No secret in files, logs, errors or recordings", ("M10", "L01", "K03")),
    ("The package builds, imports without side effects and runs no foreign code", ("P01", "P03", "P04", "P05")),
    ("Every promise of the contract suite is kept; recordings replay", ("T01", "K01", "K02")),
    ("It was tried on a tenant of the vendor's", ("K04",)),
)
"""What the big galleries ask before they list a provisioning integration, and the rules that answer it.

Sources: https://learn.microsoft.com/entra/identity/enterprise-apps/app-gallery-user-provisioning-requirements;
https://developer.okta.com/docs/guides/build-provisioning-integration/review-scim-docs/.
"""


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the checklist, answered by its rules."""

    text: str
    rules: tuple[str, ...]
    answer: Answer


def checklist(report: TierReport) -> list[Item]:
    """What galleries ask, answered by the rules' results; a rule that was not reached is no yes."""
    statuses = {one.id: one.status for one in report.rules}
    return [Item(text, ids, _answer([statuses.get(one, "failed") for one in ids])) for text, ids in CHECKLIST]


def _answer(statuses: Sequence[str]) -> Answer:
    if "failed" in statuses:
        return "no"
    if "waived" in statuses:
        return "waived"
    return "does not apply" if set(statuses) == {"not_applicable"} else "yes"


@dataclass(frozen=True, slots=True)
class Listing:
    """What submitting would do to the catalog: lines of difference, and what keeps it from being listed.

    Attributes:
        built: The catalog as it would be.
    """

    differences: tuple[str, ...]
    problems: tuple[Problem, ...]
    built: Built


def preview_listing(path: Path, root: Path, slug: str, report: TierReport, day: date) -> Listing:
    """Build the catalog as if the connector stood in the repository, in a copy; nothing of the repository changes.

    Args:
        path: The connector's folder, inside of the repository or not.
        root: The repository, with `connectors/`, `registry/` and catalog.json.
        report: Its tier; those of the others are computed from what is kept.
    """
    with TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in (FOLDER, "cassettes"):
            if (root / name).is_dir():
                shutil.copytree(root / name, copy / name)
        for one in connector_folders(root):
            shutil.copytree(one, copy / "connectors" / one.name, ignore=shutil.ignore_patterns("__pycache__"))
        there = copy / "connectors" / slug
        if there.exists():
            shutil.rmtree(there)
        shutil.copytree(path, there, ignore=shutil.ignore_patterns("__pycache__", ".*", "dist", "build"))
        if (root / CATALOG_NAME).is_file():
            shutil.copy(root / CATALOG_NAME, copy / CATALOG_NAME)
        others = grader(day, read_registry(copy))
        built = build(copy, grade=lambda one: report if one == there else others(one))
        found = [f"{one.where}: {_told(one.what)}" for one in compare_with_written(built, copy)]
    mine = f"connector {slug!r}"
    return Listing(
        tuple(one for one in found if one.startswith(CATALOG_NAME) and mine in one),
        tuple(one for one in built.problems if one.where.startswith(f"connectors/{slug}")),
        built,
    )


def registry_entry(seen: LookedAt, index: str, day: date) -> str:
    """The `[[package]]` of registry/packages.toml for a connector that is hosted elsewhere, its wheel pinned.

    Raises:
        CatalogError: The wheel does not build.
    """
    with TemporaryDirectory() as folder:
        wheel = build_wheel(seen.path.resolve(), Path(folder), epoch=calendar.timegm(day.timetuple()))
        data = wheel.read_bytes()
    manifest, table = seen.manifest, seen.table
    file = f'{{ name = "{wheel.name}", sha256 = "{digest(data)}", size = {len(data)} }}'
    return "\n".join([
        "[[package]]",
        f'slug = "{manifest.slug}"',
        f'dist = "{normal_dist(str(table["name"]))}"',
        f"publisher = {json.dumps(manifest.publisher.name if manifest.publisher else '', ensure_ascii=False)}",
        f'index = "{index}"',
        f"code = {str(seen.code).lower()}",
        "",
        "[[package.release]]",
        f'version = "{manifest.version}"',
        f"released = {day}",
        f'requires_sdk = "{manifest.requires_sdk or ""}"',
        f'python = "{table.get("requires-python", "")}"',
        f'manifest_sha256 = "{digest((seen.package / MANIFEST_NAME).read_bytes())}"',
        f"files = [{file}]",
    ])  # fmt: skip


def _told(what: str) -> str:
    return "it is new" if what == "it is missing" else what
