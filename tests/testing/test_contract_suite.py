"""The contract suite: what is collected, what it catches, where it runs, what it tells."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gallery_sdk.errors import ManifestError, PluginError, UsageError
from gallery_sdk.manifest import Quirk
from gallery_sdk.plugins import load_index
from gallery_sdk.testing import RateLimiter, ScimServer, Twin, TwinRequest, TwinResponse, TwinServer, serve
from gallery_sdk.testing.contract import (
    CHECKS,
    GRADES,
    ConnectorContract,
    LiveVenue,
    Stage,
    Subject,
    TwinVenue,
    checks_of,
    contract_suite,
    load_subject,
    open_stage,
    run_contract,
    suite_of,
)

TOKEN = "live-tenant-token"
SLUGS = [entry.slug for entry in load_index() if entry.broken is None]


@pytest.fixture
def generic() -> Subject:
    """The generic connector."""
    return load_subject("scim")


class Playing:
    """The connector's plugins, with a twin of the test's."""

    def __init__(self, subject: Subject, make: Callable[[], ScimServer]) -> None:
        self._real, self._make = subject.plugins, make
        self.hook = self

    def has_hook(self, name: str) -> bool:
        return name == "gallery_twin" or self._real.has_hook(name)

    def gallery_twin(self) -> Twin:
        return Twin(self._make, base_path="/scim/v2", method="bearer", credentials={"token": "t"})


def played_by(subject: Subject, make: Callable[[], ScimServer]) -> Subject:
    """The connector before another twin."""
    plugins: Any = Playing(subject, make)
    return replace(subject, plugins=plugins)


def outcomes(subject: Subject, *names: str) -> dict[str, str]:
    """What became of some checks before the twin."""
    return {one.name: one.detail for one in run_contract(subject, TwinVenue(), names)}


# -- what is collected ---------------------------------------------------------------------------------


def test_every_check_is_graded_and_names_its_source(generic: Subject) -> None:
    """A promise without a word behind it is an opinion."""
    checks_of(generic)

    assert len(CHECKS) > 30
    for check in CHECKS.values():
        assert check.grade in GRADES
        assert "Source: " in check.text, check.name


def test_promises_that_do_not_apply_are_not_collected(generic: Subject) -> None:
    """No group, no test of groups; nothing is skipped."""
    capabilities = generic.manifest.capabilities.model_copy(update={"group": (), "user": ("read", "create")})
    manifest = generic.manifest.model_copy(update={"capabilities": capabilities})

    members = vars(suite_of(replace(generic, manifest=manifest)))

    assert "test_create_user" in members
    assert not [name for name in members if "group" in name or "members" in name or "update" in name]


def test_a_check_that_is_left_out_has_a_reason(generic: Subject) -> None:
    """In the connector's own `contract.py`."""
    contract = ConnectorContract(left_out={"conflict": "the app allows duplicates"})

    assert "conflict" not in {one.name for one in checks_of(replace(generic, contract=contract))}
    with pytest.raises(PluginError, match="left_out names 'fly'"):
        checks_of(replace(generic, contract=ConnectorContract(left_out={"fly": "it cannot"})))


@pytest.mark.parametrize("slug", SLUGS)
def test_every_test_that_a_manifest_names_exists(slug: str) -> None:
    """The name under a quirk is the name of a test that is collected."""
    subject = load_subject(slug)

    suite = contract_suite(slug)

    named = {one.test for one in subject.manifest.quirks if one.test}
    assert {f"test_{name.removeprefix('test_')}" for name in named} <= set(vars(suite))


def test_an_unknown_contract_test_is_refused(generic: Subject) -> None:
    """`[tests] contract` cannot promise what nobody checks."""
    tests = generic.manifest.tests.model_copy(update={"contract": ("create_user", "fly")})
    manifest = generic.manifest.model_copy(update={"tests": tests})

    with pytest.raises(ManifestError, match="'fly' is no check of this connector"):
        checks_of(replace(generic, manifest=manifest))


def test_a_quirk_cannot_take_the_name_of_another_check(generic: Subject) -> None:
    """One of the two would never run."""
    manifest = generic.manifest.model_copy(update={"quirks": (Quirk(id="put.forbidden", test="create_user"),)})

    with pytest.raises(ManifestError, match="'create_user' is the name of another check"):
        checks_of(replace(generic, manifest=manifest))


# -- what it catches -----------------------------------------------------------------------------------


class _Forgetful(ScimServer):
    """Does not keep titles."""

    def handle(self, request: TwinRequest) -> TwinResponse:
        request.body = request.body.replace(b'"title"', b'"lost"')
        return super().handle(request)


class _Doubling(ScimServer):
    """Lets one name be taken twice."""

    def __init__(self) -> None:
        from gallery_sdk.testing import TwinBehaviour

        super().__init__(TwinBehaviour(unique={}))


class _Stubborn(ScimServer):
    """Says yes to every deactivation, and does nothing."""

    def handle(self, request: TwinRequest) -> TwinResponse:
        if request.method == "PATCH" and b'"active"' in request.body:
            return TwinResponse(204)
        return super().handle(request)


@pytest.mark.parametrize(
    ("make", "check"),
    [
        (_Forgetful, "create_user"),
        (_Doubling, "conflict"),
        (_Stubborn, "disable_user"),
        (_Stubborn, "leave_and_return"),
    ],
    ids=["lost-values", "doubles", "not-disabled", "leaver-stays-active"],
)
def test_a_broken_promise_is_caught(generic: Subject, make: Callable[[], ScimServer], check: str) -> None:
    """The same check that passes before an honest twin."""
    assert outcomes(generic, check) == {check: ""}

    assert outcomes(played_by(generic, make), check)[check]


def test_a_leaked_secret_is_caught(generic: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that logs its headers fails the check of redaction."""
    import logging

    from gallery_sdk.testing.contract import wires

    exchange = wires.AsgiWire.exchange

    async def telling(self: Any, method: str, url: Any, headers: Any, content: bytes | None) -> Any:
        logging.getLogger("careless").debug("sending %s", dict(headers))
        return await exchange(self, method, url, headers, content)

    assert outcomes(generic, "redaction") == {"redaction": ""}
    monkeypatch.setattr(wires.AsgiWire, "exchange", telling)

    detail = outcomes(generic, "redaction")["redaction"]

    assert "a secret was told" in detail
    assert "twin-token" not in detail


# -- a real tenant -------------------------------------------------------------------------------------


@pytest.fixture
def tenant() -> Iterator[tuple[ScimServer, TwinServer]]:
    """A server over HTTP that is nobody's twin as far as the suite knows."""
    from gallery_sdk.testing import TwinBehaviour

    app = ScimServer(TwinBehaviour(tokens={TOKEN: "admin"}))
    app.limiter = RateLimiter((), app.clock)
    with serve(app) as server:
        yield app, server


def live(server: TwinServer) -> LiveVenue:
    return LiveVenue({"url": f"{server.url}/scim/v2"}, run="run7")


def test_a_live_run_keeps_its_promises_and_leaves_nothing_behind(
    generic: Subject, tenant: tuple[ScimServer, TwinServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Credentials come by reference, names carry the prefix and the run, faults are not asked for."""
    app, server = tenant
    monkeypatch.setenv("GALLERY_LIVE_SCIM_TOKEN", TOKEN)

    results = run_contract(generic, live(server))

    assert [one for one in results if one.outcome == "failed"] == []
    assert {"create_user", "conflict", "remove_members"} <= {one.name for one in results}
    assert not {"throttled", "lost_response", "idempotence"} & {one.name for one in results}
    assert app.stats.by_route["POST /Users"] > 10
    assert app.state() == {"users": [], "groups": []}


def test_a_live_check_that_fails_cleans_up_too(
    generic: Subject, tenant: tuple[ScimServer, TwinServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was made is taken away however the check ends."""
    app, server = tenant
    monkeypatch.setenv("GALLERY_LIVE_SCIM_TOKEN", TOKEN)
    names: list[str] = []

    async def act() -> None:
        async with open_stage(generic, live(server)) as stage:
            await _make_and_fail(stage, app, names)

    with pytest.raises(ZeroDivisionError):
        asyncio.run(act())

    assert names == ["gallery-contract-run7-ada@example.com"]
    assert app.state() == {"users": [], "groups": []}


async def _make_and_fail(stage: Stage, app: ScimServer, names: list[str]) -> None:
    await stage.user()
    await stage.create("group", stage.group())
    held: Any = app.state()["users"]
    names += [one["userName"] for one in held]
    raise ZeroDivisionError


def test_a_missing_credential_of_a_tenant_says_where_to_put_it(generic: Subject) -> None:
    """By the name of the variable."""

    async def act() -> None:
        async with open_stage(generic, LiveVenue({"url": "http://127.0.0.1:9/scim/v2"})):
            pass

    with pytest.raises(UsageError, match="GALLERY_LIVE_SCIM_TOKEN"):
        asyncio.run(act())


# -- the pytest plugin ---------------------------------------------------------------------------------


def run_pytest(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """pytest as an author of a connector runs it, by the installed plugin; one check is left out."""
    (folder / "test_contract.py").write_text(
        "from dataclasses import replace\n"
        "from gallery_sdk.testing.contract import ConnectorContract, load_subject, suite_of\n\n"
        "left = ConnectorContract(left_out={'conflict': 'the app allows duplicates'})\n"
        "TestScim = suite_of(replace(load_subject('scim'), contract=left))\n",
        "utf-8",
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, "test_contract.py"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


def test_the_report_counts_promises_by_grade_and_gives_reasons(tmp_path: Path) -> None:
    """On the terminal and as JSON."""
    report = tmp_path / "report.json"

    done = run_pytest(tmp_path, "-k", "user or members", "--contract-report", str(report))

    assert done.returncode == 0, done.stdout + done.stderr
    assert "contracts, by twin" in done.stdout
    assert "1 of 1 SHOULD" in done.stdout
    document = json.loads(report.read_text("utf-8"))
    assert document["venue"] == "twin"
    assert "conflict is left out: the app allows duplicates" in done.stdout
    assert document["left_out"] == {"scim": {"conflict": "the app allows duplicates"}}
    assert {"slug": "scim", "check": "create_user", "grade": "MUST", "outcome": "passed"}.items() <= next(
        one for one in document["results"] if one["check"] == "create_user"
    ).items()


def test_behaviours_without_a_recording_are_deselected(tmp_path: Path) -> None:
    """By cassette only what was recorded is checked, and nothing is skipped."""
    done = run_pytest(tmp_path, "--cassette", "--cassettes", str(tmp_path))

    assert "no tests ran" in done.stdout or "deselected" in done.stdout
    assert "skipped" not in done.stdout
    assert run_pytest(tmp_path, "--cassette", "--live").returncode == 4
