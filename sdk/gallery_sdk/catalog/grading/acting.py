"""The connector acted, in a process of its own: contract suite, recordings, what its target offers.

Run by `collect` as `python -m`; prints one JSON document. The connector need not be installed: its folder is put on the
import path of this process alone.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ...manifest import read_manifest
from ...plugins import connection_manager
from ...plugins.entries import BLANK
from ..folders import find_manifest
from .refusals import refusal_of
from .tracing import traced

if TYPE_CHECKING:
    from ...testing.contract import CheckResult, Subject, Venue

_LONGEST_DETAIL: Final = 300
_OF_THIS_RUN: Final = re.compile(r"0x[0-9a-f]+|/\S+/(?=[^/\s]+)|127\.0\.0\.1:\d+")


def load(path: Path, entry_point: str) -> Subject:
    """The connector in a folder, ready for its contract."""
    from ...testing.contract import Subject
    from ...testing.contract.profile import find_contract

    file = find_manifest(path)
    sys.path.insert(0, str(path.resolve()))
    manifest = read_manifest(file)
    code = not entry_point.startswith("gallery_sdk.plugins.declarative")
    entry = BLANK._replace(slug=manifest.slug, manifest=str(file), module=entry_point, code=code, dist=path.name)
    plugins = connection_manager(entry)
    return Subject(manifest.slug, plugins, plugins.manifest, find_contract(file.parent.name))


def act(
    path: Path, entry_point: str, cassettes: Path | None, recorded: Sequence[str], own: list[str]
) -> dict[str, Any]:
    """Everything that acting shows, as plain data."""
    from ...testing.contract import CHECKS, TwinVenue, checks_of, run_contract
    from ...testing.contract.quirks import quirk_checks

    package = find_manifest(path).parent
    tracer = traced(package.resolve(), own)
    with tracer.watching():
        subject = load(path, entry_point)
    quirks = {one.name for one in quirk_checks(subject)}
    twin = TwinVenue()
    replayed: list[CheckResult] = []
    if cassettes is not None and recorded:
        from ...testing.cassettes import CassetteVenue

        replayed = run_contract(subject, CassetteVenue(cassettes), names=recorded)
    checks = checks_of(subject, twin.name)
    with tracer.watching():
        results = run_contract(subject, twin, [one.name for one in checks if not one.heavy])
    for one in checks:
        if one.heavy:  # watched line by line it would take a minute, and execute no line that others do not
            results += run_contract(subject, twin, [one.name])
    return {
        "contract": [{**_record(one), "quirk": one.name in quirks} for one in results],
        "not_called_for": sorted(CHECKS.keys() - {one.name for one in results}),
        "statements": tracer.statements(),
        "executed": tracer.executed(),
        "replayed": [_record(one) for one in replayed],
        "offered": asyncio.run(_offered(subject, twin)),
    }


async def _offered(subject: Subject, venue: Venue) -> dict[str, list[str]]:
    from ...testing.contract import open_stage

    async with open_stage(subject, venue) as stage:
        operations = stage.target.capabilities.operations
        return {kind: sorted(words) for kind, words in operations.items()}


def _record(one: CheckResult) -> dict[str, object]:
    # Addresses and places in memory differ from run to run, and evidence must not.
    lines = " ".join(_OF_THIS_RUN.sub("", one.detail).split())
    told = {"name": one.name, "grade": one.grade, "outcome": one.outcome, "detail": lines[:_LONGEST_DETAIL]}
    return {**told, "measured": dict(one.measured)}


def main(arguments: Sequence[str]) -> None:
    """One argument: JSON of the folder, its entry point, the folder of recordings, their names, its own modules.

    A connector that cannot be acted is answered with `refused`: what, where, and how to mend it.
    """
    given = json.loads(arguments[0])
    path, cassettes = Path(given["path"]), Path(given["cassettes"]) if given["cassettes"] else None
    try:
        found = act(path, given["entry_point"], cassettes, given["recorded"], given["own"])
    except (Exception, SystemExit) as error:  # whatever somebody's code raises
        found = {"refused": refusal_of(error, path, given["entry_point"])}
    sys.stdout.write(f"\n{json.dumps(found)}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
