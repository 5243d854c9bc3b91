"""A SCIM server in process, and people to put into it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gallery_sdk.scim import urns
from gallery_sdk.testing import ScimServer, TwinBehaviour, TwinClient

Person = Callable[..., dict[str, object]]
Connect = Callable[..., TwinClient]


@pytest.fixture(scope="session")
def person() -> Person:
    """A user as a body of POST."""

    def make(name: str = "ada", /, **more: object) -> dict[str, object]:
        return {"schemas": [urns.USER], "userName": name, **more}

    return make


@pytest.fixture(scope="session")
def connect() -> Connect:
    """A client of a new server with the behaviour given by keyword."""

    def make(**behaviour: Any) -> TwinClient:
        server = ScimServer(TwinBehaviour(**behaviour))
        return TwinClient(server, base_path=server.base_path, token="t")

    return make
