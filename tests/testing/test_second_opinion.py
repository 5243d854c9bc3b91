"""The server held against somebody else's reading of the RFCs."""

from __future__ import annotations

import httpx2
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

from gallery_sdk.testing import ScimServer, TwinBehaviour, serve


def test_scim2_tester_finds_nothing() -> None:
    """Discovery, create, read, replace, patch of every attribute, search and delete, on users and groups."""
    with serve(ScimServer(TwinBehaviour(tokens={"t": "x"}))) as server:
        http = httpx2.Client(base_url=f"{server.url}/scim/v2", headers={"Authorization": "Bearer t"})
        with http:
            results = check_server(SyncSCIMClient(http))

    found = [f"{result.title}: {result.reason}" for result in results if result.status is not Status.SUCCESS]
    assert found == []
    assert len(results) > 100
