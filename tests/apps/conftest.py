"""A workspace, and a connector for its apps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from gallery_sdk.apps import AppConfig, Workspace, create_workspace, parse_app
from gallery_sdk.manifest import Manifest, parse_manifest

_MANIFEST = """
schema = 1
slug = "acme"
name = "Acme"
version = "1.0.0"
summary = "People of Acme"
[capabilities]
user = ["read", "create", "update", "deactivate"]
features = ["filter:userName-eq", "filter:externalId-eq"]
[transport]
kind = "scim2"
base_url = "https://{host}/scim"
allowed_hosts = ["*.acme.test"]
[[config.input]]
id = "host"
title = "Host"
required = true
pattern = "[a-z.]+"
example = "team.acme.test"
[[config.input]]
id = "plan"
type = "choice"
choices = ["free", "paid"]
[[config.input]]
id = "sandbox"
type = "boolean"
[[auth.method]]
id = "bearer"
kind = "bearer_token"
status = "preferred"
[[auth.method.input]]
id = "token"
title = "SCIM token"
type = "secret"
[[auth.method]]
id = "login"
kind = "basic"
user_template = "{username}"
password_template = "{passcode}"
[[auth.method.input]]
id = "username"
[[auth.method.input]]
id = "passcode"
type = "secret"
[[attribute.user]]
name = "userName"
required = true
filterable = true
[[attribute.user]]
name = "externalId"
filterable = true
[[attribute.user]]
name = "title"
[[attribute.user]]
name = "nickName"
[[attribute.user]]
name = "active"
type = "boolean"
[[mapping.user]]
target = "userName"
source = "userPrincipalName"
match = 1
[[mapping.user]]
id = "job"
target = "title"
source = "jobTitle"
default = "Member"
"""


@pytest.fixture(scope="session")
def manifest() -> Manifest:
    """A connector with two sign-in methods and two user mappings."""
    return parse_manifest(_MANIFEST, "acme/connector.toml")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A new workspace."""
    return create_workspace(tmp_path)


@pytest.fixture
def values() -> dict[str, Any]:
    """The smallest app that can run."""
    return {
        "connector": "acme",
        "settings": {"host": "team.acme.test"},
        "auth": {"method": "bearer", "token": "env:ACME_TOKEN"},
        "source": {"kind": "csv", "users": "people.csv"},
    }


@pytest.fixture
def app(values: dict[str, Any]) -> Callable[..., AppConfig]:
    """Make the smallest app with some tables replaced."""

    def make(tables: Mapping[str, Any] | None = None) -> AppConfig:
        return parse_app({**values, **(tables or {})}, "acme-prod")

    return make
