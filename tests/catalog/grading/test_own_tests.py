"""A connector's own tests, as the evidence counts them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gallery_sdk.catalog.grading.collecting import run_own_tests
from gallery_sdk.catalog.grading.evidence import Coverage, OwnTests
from gallery_sdk.errors import PluginError
from gallery_sdk.testing.contract import CHECKS, checks

from .conftest import Workshop

_TESTS = """
import threading
from importlib.metadata import entry_points

from gallery_connector_acme import shouting


def test_it_is_found_as_if_it_were_installed():
    assert "acme" in entry_points(group="gallery.connectors").names


def test_it_shouts_in_a_thread():
    said = []
    thread = threading.Thread(target=lambda: said.append(shouting.shout("ada")))
    thread.start()
    thread.join()
    assert said == ["ADA"]
"""
_CODE = '''"""Shouting."""


def shout(name: str) -> str:
    """In capitals."""
    if not name:
        return "nobody"
    return name.upper()
'''


def give(workshop: Workshop, folder: Path, tests: str = _TESTS) -> None:
    """Code, and tests of it in a folder."""
    (workshop.package / "shouting.py").write_text(_CODE, "utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "test_shouting.py").write_text(tests, "utf-8")


def lines_of(workshop: Workshop, executed: set[str]) -> list[int]:
    """Lines of the code that were executed."""
    return sorted(int(one.rpartition(":")[2]) for one in executed if "/shouting.py:" in one)


def test_a_vendors_tests_stand_beside_the_package(workshop: Workshop) -> None:
    """They find the connector by its slug though nobody installed it; threads count; the same files tell the same."""
    (workshop.path / "tests" / "test_contract.py").unlink()
    give(workshop, workshop.path / "tests")

    tests, executed = run_own_tests(workshop.look())
    again = run_own_tests(workshop.look())

    assert tests is not None
    assert (tests.passed, tests.failed) == (2, ())
    assert lines_of(workshop, executed) == [4, 6, 8]
    assert again == (tests, executed)


def test_the_repositorys_tests_stand_by_slug(workshop: Workshop) -> None:
    """In `tests/connectors/<slug>`, for connectors that have none beside them."""
    (workshop.path / "tests" / "test_contract.py").unlink()
    give(workshop, workshop.path.parents[1] / "tests" / "connectors" / "acme")

    tests, executed = run_own_tests(workshop.look())

    assert tests is not None and tests.passed == 2
    assert lines_of(workshop, executed) == [4, 6, 8]


def test_without_tests_nothing_is_said(workshop: Workshop) -> None:
    """The contract alone counts."""
    (workshop.path / "tests" / "test_contract.py").unlink()

    assert run_own_tests(workshop.look()) == (None, set())


def test_tests_that_fail_or_cannot_be_collected_are_named(workshop: Workshop) -> None:
    """And S01 does not hold, however much they execute."""
    (workshop.path / "tests" / "test_contract.py").unlink()
    give(workshop, workshop.path / "tests", _TESTS + "\n\ndef test_wrong():\n    assert shouting.shout('') == ''\n")
    (workshop.path / "tests" / "test_broken.py").write_text("import no_such_module\n", "utf-8")

    tests, _ = run_own_tests(workshop.look())

    assert tests is not None
    assert [one.rpartition("tests/")[2] for one in tests.failed] == ["test_broken.py"]
    (workshop.path / "tests" / "test_broken.py").unlink()
    tests, _ = run_own_tests(workshop.look())
    assert tests is not None
    assert [one.rpartition("::")[2] for one in tests.failed] == ["test_wrong"]


def test_heavy_promises_are_not_acted_a_second_time(workshop: Workshop) -> None:
    """A contract suite among a vendor's tests is run, less what takes a minute when it is watched."""
    (workshop.path / "tests" / "test_contract.py").unlink()
    heavy = """
import pytest
from gallery_sdk.testing.contract import CHECKS, checks

@pytest.mark.parametrize("name", [
    pytest.param(one.name, marks=pytest.mark.contract(slug="acme", check=one)) for one in CHECKS.values()
])
def test_promise(name):
    assert not CHECKS[name].heavy
"""
    give(workshop, workshop.path / "tests", _TESTS + heavy)

    tests, _ = run_own_tests(workshop.look())

    assert tests is not None
    assert tests.failed == ()
    assert checks  # importing them registers them
    assert 2 + 25 < tests.passed < 2 + len(CHECKS)


def test_failing_tests_fail_the_rule(workshop: Workshop) -> None:
    """By name, with full coverage."""
    failed = OwnTests(sha256="0" * 64, passed=3, failed=("tests/test_desk.py::test_wrong",))
    workshop.act(tests=failed, coverage=Coverage(statements=100, executed=100))

    outcome = workshop.outcome("S01")

    assert outcome.status == "failed"
    assert "test_wrong" in outcome.evidence


def test_tests_that_cannot_be_run_are_not_counted_as_none(workshop: Workshop) -> None:
    """What stops pytest before the first test is told, and no evidence is made of it."""
    give(workshop, workshop.path / "tests")
    (workshop.path / "tests" / "conftest.py").write_text("import nothing_of_that_name\n", "utf-8")

    with pytest.raises(PluginError, match="its tests cannot be run: pytest ends with status 4") as refused:
        run_own_tests(workshop.look())

    assert refused.value.where == str(workshop.path / "tests")
