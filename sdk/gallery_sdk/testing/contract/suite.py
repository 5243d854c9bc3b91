"""From a connector's slug to a pytest class with one test per promise, and to a report without pytest."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from ...errors import ManifestError, PluginError
from .checking import CHECKS, Check, Grade

if TYPE_CHECKING:
    from .subject import Subject
    from .venues import Venue, VenueName


def checks_of(subject: Subject, venue: VenueName | None = None) -> list[Check]:
    """The checks that the connector's capabilities and quirks call for, at any venue or at one.

    Raises:
        ManifestError: `[tests] contract` names a check that there is not, or a quirk's test has another check's name.
        PluginError: `contract.py` leaves out what there is not.
    """
    from . import checks  # registers them
    from .quirks import quirk_checks

    assert checks
    found = [one for one in CHECKS.values() if one.fits(subject)] + quirk_checks(subject)
    _refuse_unknown_exceptions(subject)
    by_name: dict[str, Check] = {}
    for one in found:
        if one.name in by_name:
            raise ManifestError(
                f"test {one.name!r} is the name of another check",
                f"{subject.manifest.where}, quirk.test",
                "Name the quirk's test for what the quirk does",
            )
        by_name[one.name] = one
    wanted = subject.manifest.tests.contract
    for name in wanted:
        if name not in by_name:
            raise ManifestError(
                f"{name!r} is no check of this connector",
                f"{subject.manifest.where}, tests.contract",
                f"Use names of {', '.join(by_name)}",
            )
    return [one for one in found if (not wanted or one.name in wanted) and (venue is None or venue in one.venues)]


def _refuse_unknown_exceptions(subject: Subject) -> None:
    """What a connector leaves out must be something that would be checked."""
    known = {*CHECKS, *(one.id for one in subject.manifest.quirks)}
    for name in subject.contract.left_out:
        if name not in known:
            raise PluginError(
                f"left_out names {name!r}, which is neither a check nor a quirk of the manifest",
                f"connector {subject.slug!r}, contract.py",
                "Remove it, or use the name of a check without test_, or a quirk's id",
            )


def contract_suite(slug: str) -> type:
    """A pytest class that checks a connector: `TestZoom = contract_suite("zoom")`.

    There is one test per promise that the connector's capabilities call for, and one per declared quirk; promises that
    do not apply are not collected. `--cassette` and `--live` choose another venue than the twin; what cannot be checked
    there is deselected.

    Raises:
        PluginError: No such connector is installed, or it is broken.
    """
    from .subject import load_subject

    return suite_of(load_subject(slug))


def suite_of(subject: Subject) -> type:
    """`contract_suite` of a connector that is loaded already."""
    members: dict[str, Any] = {
        "__doc__": f"What {subject.manifest.name} promises.",
        "contract_subject": subject,
    }
    for one in checks_of(subject):
        members[f"test_{one.name}"] = _test(subject, one)
    return type(f"Contract{subject.slug.title().replace('-', '').replace('_', '')}", (), members)


def _test(subject: Subject, one: Check) -> Callable[..., None]:
    import pytest

    def test(self: object, contract_venue: Venue) -> None:
        run_check(one, subject, contract_venue)

    test.__name__, test.__doc__ = f"test_{one.name}", one.text
    test.__qualname__ = f"contract[{subject.slug}].{one.name}"
    marked: Callable[..., None] = pytest.mark.contract(slug=subject.slug, check=one)(test)
    return marked


def run_check(one: Check, subject: Subject, venue: Venue) -> Mapping[str, int]:
    """Act one check, and say what it counted; time is hurried wherever no vendor is asked."""
    from .hurried import run_hurried

    acting = one.run(subject, venue)
    if venue.name == "live":
        return asyncio.run(acting)
    return run_hurried(acting)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What became of one check.

    Attributes:
        detail: Why it failed; "" where it did not.
        measured: What it counted, by name; empty where it failed.
    """

    name: str
    grade: Grade
    outcome: Literal["passed", "failed"]
    seconds: float
    detail: str = ""
    measured: Mapping[str, int] = field(default_factory=dict)


def run_contract(subject: Subject, venue: Venue, names: Sequence[str] = ()) -> list[CheckResult]:
    """Check a connector without pytest, all checks or those named; for grading."""
    results: list[CheckResult] = []
    for one in checks_of(subject, venue.name):
        if names and one.name not in names:
            continue
        began = time.perf_counter()
        detail, measured = "", dict[str, int]()
        try:
            measured.update(run_check(one, subject, venue))
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # pytest's own failures are no Exceptions
            detail = f"{type(error).__name__}: {error}"
        outcome: Literal["passed", "failed"] = "failed" if detail else "passed"
        results.append(CheckResult(one.name, one.grade, outcome, time.perf_counter() - began, detail, measured))
    return results
