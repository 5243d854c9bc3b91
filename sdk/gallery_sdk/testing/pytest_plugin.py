"""The pytest plugin of connector authors: options, the venue of contract checks, and their report by grade."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .contract import Check, Venue

pytest.register_assert_rewrite("gallery_sdk.testing.contract.checks", "gallery_sdk.testing.contract.quirk_scenarios")

_PROPERTY = "gallery_contract"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the contract suite."""
    group = parser.getgroup("gallery", "contract suite of connectors")
    group.addoption("--cassette", action="store_true", help="check contracts against recorded answers, without network")
    group.addoption("--cassettes", metavar="DIR", default=None, help="where recordings are (default: cassettes)")
    group.addoption("--live", action="store_true", help="check contracts against a real tenant; objects are made there")
    group.addoption(
        "--live-set", metavar="ID=VALUE", action="append", default=[],
        help="a setting or credential of the tenant; a secret as a reference such as env:NAME",
    )  # fmt: skip
    group.addoption("--live-method", metavar="ID", default=None, help="how to sign in to the tenant")
    group.addoption("--live-domain", metavar="DOMAIN", default="example.com", help="domain of invented addresses")
    group.addoption(
        "--contract-grade", choices=("must", "should", "may"), default="should",
        help="the weakest promise whose breach fails the run (default: should)",
    )  # fmt: skip
    group.addoption("--contract-report", metavar="FILE", default=None, help="write results by grade as JSON")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker.

    Raises:
        pytest.UsageError: Two venues are asked for.
    """
    config.addinivalue_line("markers", "contract(slug, check): one promise of a connector")
    if config.getoption("--cassette") and config.getoption("--live"):
        raise pytest.UsageError("--cassette and --live are two venues; choose one")
    config.pluginmanager.register(_ContractReport(config), "gallery contract report")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what the chosen venue cannot show, and let weak promises be broken where that is asked for."""
    from .contract import GRADES

    venue = _venue_name(config)
    strength = [grade.lower() for grade in GRADES].index(config.getoption("--contract-grade"))
    kept, left = [], []
    for item in items:
        one = _check_of(item)
        if one is None:
            kept.append(item)
            continue
        if venue not in one.venues or (venue == "cassette" and not _cassette(config, item).exists()):
            left.append(item)
            continue
        if GRADES.index(one.grade) > strength:
            item.add_marker(pytest.mark.xfail(reason=f"a {one.grade}, below --contract-grade"))
        kept.append(item)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept


@pytest.fixture
def contract_venue(request: pytest.FixtureRequest) -> Iterator[Venue]:
    """Where the contract is checked, as the options say."""
    from .contract import LiveVenue, TwinVenue

    config, name = request.config, _venue_name(request.config)
    if name == "twin":
        yield TwinVenue()
    elif name == "cassette":
        from .cassettes import CassetteVenue

        yield CassetteVenue(_cassettes(config))
    else:
        from secrets import token_hex

        given = dict(one.partition("=")[::2] for one in config.getoption("--live-set"))
        yield LiveVenue(given, config.getoption("--live-method"), config.getoption("--live-domain"), token_hex(3))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Write what became of a promise into the report, which also travels from the workers of pytest-xdist."""
    report = yield
    one = _check_of(item)
    if one is not None and (call.when == "call" or (call.when == "setup" and report.failed)):
        subject = getattr(getattr(item, "cls", None), "contract_subject", None)
        result = {
            "slug": next(item.iter_markers("contract")).kwargs["slug"],
            "check": one.name,
            "grade": one.grade,
            "outcome": "passed" if call.excinfo is None else "failed",
            "seconds": round(report.duration, 3),
            "left_out": {} if subject is None else dict(subject.contract.left_out),
        }
        report.user_properties.append((_PROPERTY, json.dumps(result)))
    return report


class _ContractReport:
    """Gathers results where pytest reports, and tells of them by grade."""

    def __init__(self, config: pytest.Config) -> None:
        self._venue, self._path = _venue_name(config), config.getoption("--contract-report")
        self._results: list[dict[str, Any]] = []
        self._left_out: dict[str, dict[str, str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take one result."""
        for name, value in report.user_properties:
            if name == _PROPERTY and (report.when == "call" or report.failed):
                result = json.loads(str(value))
                self._left_out[result["slug"]] = result.pop("left_out")
                self._results.append(result)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """One line per connector: promises kept, by grade; then what is left out and what is not kept."""
        from .contract import GRADES

        if self._path is not None:
            ordered = sorted(self._results, key=lambda one: (one["slug"], one["check"]))
            document = {"venue": self._venue, "results": ordered, "left_out": self._left_out}
            Path(self._path).write_text(json.dumps(document, indent=2) + "\n", "utf-8")
        if not self._results:
            return
        terminalreporter.section(f"contracts, by {self._venue}")
        for slug in sorted(self._left_out):
            mine = [one for one in self._results if one["slug"] == slug]
            asked = Counter(one["grade"] for one in mine)
            kept = Counter(one["grade"] for one in mine if one["outcome"] == "passed")
            told = ", ".join(f"{kept[grade]} of {asked[grade]} {grade}" for grade in GRADES if asked[grade])
            terminalreporter.write_line(f"{slug}: {told}")
            for name, reason in sorted(self._left_out[slug].items()):
                terminalreporter.write_line(f"    {name} is left out: {reason}")
            for one in mine:
                if one["outcome"] == "failed":
                    terminalreporter.write_line(f"    {one['grade']} {one['check']} is not kept")


def _check_of(item: pytest.Item) -> Check | None:
    mark = next(item.iter_markers("contract"), None)
    found: Check | None = None if mark is None else mark.kwargs.get("check")
    return found


def _venue_name(config: pytest.Config) -> str:
    return "cassette" if config.getoption("--cassette") else "live" if config.getoption("--live") else "twin"


def _cassettes(config: pytest.Config) -> Path:
    given = config.getoption("--cassettes")
    return Path(given) if given else config.rootpath / "cassettes"


def _cassette(config: pytest.Config, item: pytest.Item) -> Path:
    mark = next(item.iter_markers("contract"))
    found: Path = _cassettes(config) / mark.kwargs["slug"] / f"{mark.kwargs['check'].name}.yaml"
    return found
