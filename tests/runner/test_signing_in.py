"""The connection test proves the sign-in first, by what the connector declares for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import gallery_connector_scim
from gallery_sdk.apps import Workspace
from gallery_sdk.errors import CycleError
from gallery_sdk.manifest import read_manifest
from gallery_sdk.manifest.auth.method import Verify
from gallery_sdk.runner import open_job
from gallery_sdk.runner.signing_in import prove_sign_in
from gallery_sdk.targets import ConnectionReport
from gallery_sdk.testing import ScimServer, TwinBehaviour, TwinServer, serve
from gallery_sdk.transport import Transport

TOKEN = "right-token-0123456789"
APP = """
connector = "scim"
url = "{url}"
[auth]
method = "bearer"
token = "env:SCIM_TOKEN"
[source]
kind = "csv"
users = "people.csv"
"""
PEOPLE = "id,userPrincipalName,givenName,surname,displayName,mail,accountEnabled\n1,a@e.com,A,B,A B,a@e.com,True\n"


@pytest.fixture
def server() -> Iterator[TwinServer]:
    """A SCIM server that knows one token."""
    with serve(ScimServer(TwinBehaviour(tokens={TOKEN: "us"}))) as served:
        yield served


async def report(folder: Path, url: str) -> ConnectionReport:
    """What `gallery test` tells of an app at an address."""
    (folder / "gallery.toml").write_text("schema = 1\n")
    (folder / "people.csv").write_text(PEOPLE)
    (folder / "apps").mkdir()
    (folder / "apps" / "prod.toml").write_text(APP.format(url=url))
    async with open_job(Workspace.find(folder), "prod") as job:
        return await job.test()


async def test_a_credential_that_is_taken_is_said_first(
    server: TwinServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything that it may do."""
    monkeypatch.setenv("SCIM_TOKEN", TOKEN)

    found = await report(tmp_path, f"{server.url}/scim/v2")

    assert found.ok
    assert [one.name for one in found.steps][:3] == ["read the source", "sign in", "list users"]


async def test_a_wrong_address_is_no_wrong_credential(
    server: TwinServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the target tries then says where SCIM is."""
    monkeypatch.setenv("SCIM_TOKEN", TOKEN)

    found = await report(tmp_path, f"{server.url}/nowhere")

    assert not found.ok
    assert "sign in" not in [one.name for one in found.steps]
    assert f"{server.url}/scim/v2" in found.steps[-1].mend


async def test_a_refused_credential_is_told_once_in_the_connectors_words(
    server: TwinServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a cycle would tell it."""
    monkeypatch.setenv("SCIM_TOKEN", "wrong")

    found = await report(tmp_path, f"{server.url}/scim/v2")

    assert [(one.name, one.ok) for one in found.steps] == [("read the source", True), ("sign in", False)]
    assert "status 401" in found.steps[-1].detail
    with pytest.raises(CycleError) as refused:
        async with open_job(Workspace.find(tmp_path), "prod") as job:
            await job.run_cycle()
    assert found.steps[-1].mend == refused.value.mend


@pytest.mark.parametrize(
    ("verify", "token", "said"),
    [
        (Verify(path="/Users?count=1"), TOKEN, "Token"),
        (Verify(path="/Users?count=1", who="schemas.0"), TOKEN, "Token, as urn:ietf:params:scim:api:messages:2.0:Li"),
        (Verify(path="/Users?count=1", who="Resources.7"), TOKEN, "Token"),
        (Verify(method="POST", path="/Users/.search", body="null", expect=(400,)), TOKEN, "Token"),
        (Verify(path="/Users?count=1"), "wrong", "FAILED refused with status 401"),
        (Verify(path="/Users?count=1", expect=(204,)), TOKEN, ""),
        (None, TOKEN, ""),
    ],
)
async def test_the_declared_read_tells_whether_the_credential_is_taken(
    verify: Verify | None, token: str, said: str, server: TwinServer
) -> None:
    """By its status and, where it names somebody, who that is; of what else it may mean nothing is said."""
    manifest = read_manifest(Path(gallery_connector_scim.__file__).with_name("connector.toml"))
    method = manifest.auth_methods[0].model_copy(update={"title": "Token", "verify": verify})

    async with Transport(f"{server.url}/scim/v2", default_headers={"Authorization": f"Bearer {token}"}) as transport:
        step = await prove_sign_in(transport, method)

    assert ("" if step is None else ("" if step.ok else "FAILED ") + step.detail).startswith(said)
    assert (step is None) == (said == "")
