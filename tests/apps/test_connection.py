"""Settings and credentials held against the connector."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gallery_sdk.apps import AppConfig, find_connection_problems
from gallery_sdk.manifest import Input, Manifest
from gallery_sdk.manifest.identity import Config

Make = Callable[..., AppConfig]


def test_an_app_that_answers_every_question_has_no_problem(app: Make, manifest: Manifest) -> None:
    """Also with another method than the preferred one."""
    login = {"method": "login", "username": "ada", "passcode": "keyring:acme/ada"}

    assert find_connection_problems(app(), manifest) == []
    assert find_connection_problems(app({"auth": login}), manifest) == []


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        ({"settings": {}}, "settings.host: Host is missing. Add it, for example"),
        ({"settings": {"hots": "a"}}, "Did you mean 'host'"),
        ({"settings": {"host": "UPPER"}}, "Write it like team.acme.test"),
        ({"settings": {"host": "a", "plan": "fre"}}, "'fre' is not a choice. Did you mean 'free'"),
        ({"settings": {"host": "a", "sandbox": "yes"}}, "is not true or false"),
        ({"settings": {"host": 7}}, "is not a text"),
        ({"auth": {"method": "baerer"}}, "no such method. Did you mean 'bearer'"),
        ({"auth": {"method": "bearer"}}, 'SCIM token is missing. Add token = "env:TOKEN"'),
        ({"auth": {"token": "env:T", "user": "a"}}, "'user' is not an input of method 'bearer'"),
    ],
)
def test_what_the_connector_cannot_use_is_told(
    tables: dict[str, Any], says: str, app: Make, manifest: Manifest
) -> None:
    """With the field and the next step."""
    problems = find_connection_problems(app(tables), manifest)

    assert says in "\n".join(map(str, problems))
    assert all(problem.where.startswith("apps/acme-prod.toml, ") for problem in problems)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("notaurl", "'notaurl' is not an absolute https URL. Write it like https://host/path"),
        ("https://", "is not an absolute https URL"),
        ("ftp://127.0.0.1/x", "is not an absolute https URL"),
        ("https://ada:hunter2@127.0.0.1/x", "the address holds credentials"),
        ("https://127.0.0.1/x?a=b", "has a query or a fragment"),
        ("https://acme.test/scim", "acme has a fixed address, and acme.test is not this machine. Remove url"),
    ],
)
def test_an_address_is_refused_before_anything_is_sent(url: str, says: str, app: Make, manifest: Manifest) -> None:
    """Also where the connector asks for none; credentials in it are not shown."""
    [problem] = find_connection_problems(app({"url": url}), manifest)

    assert problem.where == "apps/acme-prod.toml, url"
    assert says in str(problem)
    assert "hunter2" not in str(problem)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8711/scim/v2", "http://localhost:1", "https://[::1]/"])
def test_a_twin_on_this_machine_may_stand_for_a_fixed_address(url: str, app: Make, manifest: Manifest) -> None:
    """Without TLS too, since nothing leaves the machine."""
    assert find_connection_problems(app({"url": url}), manifest) == []


@pytest.mark.parametrize("place", ["url", "settings.url"])
@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("notaurl", "'notaurl' is not a URL. Begin it with https://"),
        ("http://app.acme.test/scim", "would send credentials unencrypted"),
        ("https://app.acme.test/scim", None),
    ],
)
def test_an_address_that_the_connector_asks_for_is_judged_likewise(
    place: str, url: str, says: str | None, app: Make, manifest: Manifest
) -> None:
    """Once, wherever it is written."""
    asking = manifest.model_copy(
        update={"config": Config(input=(*manifest.config_inputs, Input(id="url", type="url", required=True)))}
    )
    host = {"host": "team.acme.test"}
    tables = {"url": url, "settings": host} if place == "url" else {"settings": {**host, "url": url}}

    problems = find_connection_problems(app(tables), asking)

    assert [says in str(one) for one in problems if says] == ([True] if says else [])
    assert {one.where for one in problems} <= {f"apps/acme-prod.toml, {place}"}


def test_a_value_that_looks_like_a_secret_is_not_shown(app: Make, manifest: Manifest) -> None:
    """It was probably given for another input."""
    [problem] = find_connection_problems(app({"settings": {"host": "a", "plan": "xoxp-1234567890-abc"}}), manifest)

    assert "xoxp" not in str(problem)


def test_a_secret_is_one_because_the_connector_says_so(app: Make, manifest: Manifest) -> None:
    """Its name need not sound like one, and it is not shown."""
    [problem] = find_connection_problems(
        app({"auth": {"method": "login", "username": "ada", "passcode": "hunter2"}}), manifest
    )

    assert problem.where == "apps/acme-prod.toml, auth.passcode"
    assert "hunter2" not in str(problem)
