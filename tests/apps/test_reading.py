"""An app's file is read whole, or every problem of it is told at once."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gallery_sdk.apps import AppConfig, InvalidConfigError, parse_app, read_app
from gallery_sdk.apps.models import parse_duration
from gallery_sdk.errors import ConfigError

Make = Callable[..., AppConfig]


def test_what_is_left_out_has_careful_defaults(app: Make) -> None:
    """Fifty accounts or a fifth of them, never an empty source, every forty minutes."""
    one = app()

    assert one.name == "acme-prod"
    assert (one.safety.max_deprovision, one.safety.max_deprovision_percent, one.safety.allow_empty) == (50, 20, False)
    assert one.schedule.every_seconds == 2400
    assert one.groups.enabled
    assert one.scope.compile("user")({}).in_scope


def test_every_problem_is_told_at_once_with_its_place_and_the_next_step(values: dict[str, Any]) -> None:
    """A file is corrected in one go."""
    broken = {
        **{key: value for key, value in values.items() if key != "connector"},
        "conector": "acme",
        "source": {"kind": "csv", "user": "people.csv", "delimiter": ";;"},
        "scope": {"user": [{"clauses": ["department EQUAL Sales"]}, {"clauses": []}]},
        "safety": {"max_deprovision": "fifty", "max_deprovision_percent": 200},
        "schedule": {"every": "soon"},
        "auth": {"method": "bearer", "token": "xoxp-very-secret"},
        "mapping": {"user": [{"source": "a"}, {"target": "title", "source": "a", "constant": "b"}]},
    }

    with pytest.raises(InvalidConfigError) as caught:
        parse_app(broken, "x")

    text = str(caught.value)
    for part in (
        "apps/x.toml, connector: the field is missing",
        "apps/x.toml, conector: 'conector' is not a known field. Did you mean 'connector'",
        "source.user: 'user' is not a known field. Did you mean 'users'",
        "source.delimiter: must be one character",
        "scope.user[0].clauses[0]: 'EQUAL Sales' does not begin with an operator. Did you mean EQUALS",
        "scope.user[1].clauses: the value is empty",
        "safety.max_deprovision: 'fifty' is not a whole number",
        "safety.max_deprovision_percent: 200 is out of range",
        "schedule: every: 'soon' is not a duration",
        "mapping.user[0]: the override names no mapping",
        "mapping.user[1]: source and constant are both given",
        "auth.token: is a secret, and must not be written here",
        'write token = "env:TOKEN"',
    ):
        assert part in text
    assert "xoxp" not in text
    assert pickle.loads(pickle.dumps(caught.value)).problems == caught.value.problems


@pytest.mark.parametrize(
    "auth",
    [
        {"token": "xoxp-very-secret"},
        {"client_secret": "very-secret"},
        {"api_key": "vault:very-secret"},
        {"password": " env:very-secret"},
        {"bearer": "env:xoxp-very-secret"},
        {"privateKey": "-----BEGIN very-secret", "private_key": "very-secret"},
        {"token": 18446744073709},
        {"token": ["very-secret"]},
    ],
    ids=lambda auth: next(iter(auth)),
)
def test_a_secret_that_is_written_out_is_refused_and_never_shown(auth: dict[str, Any], values: dict[str, Any]) -> None:
    """Files of apps are committed; a message may end in a log."""
    with pytest.raises(InvalidConfigError) as caught:
        parse_app({**values, "auth": auth}, "x")

    assert "very-secret" not in str(caught.value) + repr(caught.value)
    assert "18446744073709" not in str(caught.value) + repr(caught.value)


def test_references_are_accepted_also_of_schemes_that_plugins_resolve(values: dict[str, Any]) -> None:
    """The value is kept as it is written; it is resolved when a connection is opened."""
    app = parse_app({**values, "auth": {"token": "vault:kv/acme#token"}}, "x", schemes=("env", "vault"))

    assert app.auth_inputs == {"token": "vault:kv/acme#token"}
    assert "vault" not in repr(app)


def test_an_input_about_a_secret_is_not_one(values: dict[str, Any]) -> None:
    """The address of a token is written out."""
    auth = {"token_url": "https://login.acme.test/token", "api_key_header": "X-Key", "client_id": "abc"}

    assert parse_app({**values, "auth": auth}, "x").auth_inputs == auth


def test_a_file_that_is_not_toml_is_located_without_showing_it(tmp_path: Path) -> None:
    """The line may hold a secret."""
    path = tmp_path / "x.toml"
    path.write_text('connector = "acme"\n[auth]\ntoken = xoxp-very-secret\n')

    with pytest.raises(ConfigError, match="line 3") as caught:
        read_app(path)

    assert "very-secret" not in str(caught.value)


@pytest.mark.parametrize("content", [b"\xff", None], ids=["not-utf-8", "missing"])
def test_a_file_that_cannot_be_read_is_an_error_with_its_place(content: bytes | None, tmp_path: Path) -> None:
    """Never a bare exception."""
    if content is not None:
        (tmp_path / "x.toml").write_bytes(content)

    with pytest.raises(ConfigError, match=r"x\.toml"):
        read_app(tmp_path / "x.toml")


def test_an_app_is_named_by_its_file(values: dict[str, Any]) -> None:
    """Two names would let plans and state go astray."""
    with pytest.raises(InvalidConfigError, match="an app is named by its file"):
        parse_app({**values, "name": "other"}, "x")


@pytest.mark.parametrize(("text", "seconds"), [("40m", 2400), ("1h30m", 5400), ("2d", 172800), ("90 s", 90)])
def test_durations_are_numbers_with_units(text: str, seconds: int) -> None:
    """Units add up."""
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "40", "m", "-5m", "0s", "1.5h", "40 minutes"])
def test_a_text_that_is_no_duration_is_refused(text: str) -> None:
    """A number alone could be seconds or minutes."""
    with pytest.raises(ValueError, match="is no"):
        parse_duration(text)


def test_scope_is_compiled_with_its_options(app: Make) -> None:
    """Filters without a name are numbered as a reader counts."""
    scope = app(
        {
            "scope": {
                "user": [{"clauses": ["id REGEX MATCH [0-9]"]}, {"clauses": ["team NOT EQUALS a"], "name": "others"}],
                "regex": "full",
                "null_not_equals": True,
            }
        }
    ).scope

    assert scope.compile("user")({"id": "7", "team": "a"}).filter == "filter 1"
    assert scope.compile("user")({"id": "77"}).filter == "others"
    assert not scope.compile("user")({"id": "77", "team": "a"}).in_scope
    assert scope.compile("group")({}).in_scope


def test_the_fingerprint_covers_what_a_cycle_does_and_not_how_often(app: Make) -> None:
    """A plan goes stale by a change of scope, and not by one of schedule."""
    first = app().fingerprint()

    assert app({"schedule": {"every": "5m"}}).fingerprint() == first
    assert app({"engine": {"concurrency": 3}}).fingerprint() == first
    for tables in (
        {"connector": "other"},
        {"url": "https://x.test"},
        {"settings": {"host": "b.acme.test"}},
        {"auth": {"token": "env:OTHER"}},
        {"source": {"kind": "csv", "users": "other.csv"}},
        {"scope": {"user": [{"clauses": ["a EQUALS b"]}]}},
        {"mapping": {"user": [{"target": "title", "enabled": False}]}},
        {"lifecycle": {"on_unassign": "none"}},
        {"safety": {"max_deprovision": 51}},
        {"groups": {"enabled": False}},
    ):
        assert app(tables).fingerprint() != first
