"""Settings and credentials held against the connector."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gallery_sdk.apps import AppConfig, find_connection_problems
from gallery_sdk.manifest import Manifest

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
        ({"settings": {"host": "UPPER"}}, "is not of the form"),
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


def test_a_secret_is_one_because_the_connector_says_so(app: Make, manifest: Manifest) -> None:
    """Its name need not sound like one, and it is not shown."""
    [problem] = find_connection_problems(
        app({"auth": {"method": "login", "username": "ada", "passcode": "hunter2"}}), manifest
    )

    assert problem.where == "apps/acme-prod.toml, auth.passcode"
    assert "hunter2" not in str(problem)
