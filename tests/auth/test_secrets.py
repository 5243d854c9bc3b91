"""Secrets come from references, and never show."""

from __future__ import annotations

import copy
import json
import logging
import os
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from gallery_sdk.auth import (
    Secret,
    find_secret_problems,
    is_reference,
    register_resolver,
    register_resolvers,
    resolve,
    unregister_resolver,
)
from gallery_sdk.errors import SecretError
from gallery_sdk.transport import redact

VALUE = "geheim-4711-wert"


def test_a_secret_does_not_show_itself(caplog: pytest.LogCaptureFixture) -> None:
    """Printing, formatting, logging: none of them gives the value; `reveal` does."""
    secret = Secret(VALUE)

    logging.getLogger("test").warning("token %s %r", secret, {"a": secret})
    shown = [str(secret), repr(secret), f"{secret:>40}", f"{secret!r}", repr([secret]), caplog.text]

    assert not any(VALUE in text for text in shown)
    assert secret.reveal() == VALUE


@pytest.mark.parametrize("dump", [pickle.dumps, copy.deepcopy, json.dumps])
def test_a_secret_is_not_written_by_accident(dump: object) -> None:
    """Pickling or dumping it is an error that names no value."""
    assert callable(dump)
    with pytest.raises(TypeError) as caught:
        dump(Secret(VALUE))

    assert VALUE not in str(caught.value)


def test_a_secret_equals_its_like_only() -> None:
    """Comparing with a text is never true, so that a mistake shows."""
    assert Secret(VALUE) == Secret(VALUE)
    assert len({Secret(VALUE), Secret(VALUE)}) == 1
    assert Secret(VALUE) != VALUE


def test_references_resolve(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """From the environment, and from a file without its last line break; what is resolved is masked from then on."""
    monkeypatch.setenv("APP_TOKEN", "env-wert-0815")
    path = tmp_path / "token"
    path.write_text("datei-wert-0815\r\n")

    assert resolve("env:APP_TOKEN").reveal() == "env-wert-0815"
    assert resolve(f"file:{path}").reveal() == "datei-wert-0815"
    assert redact("log env-wert-0815 and datei-wert-0815") == "log *** and ***"


def test_the_keyring_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last slash parts service from user."""
    keyring = ModuleType("keyring")
    held = {("my/service", "ada"): "ring-wert-0815"}
    keyring.get_password = lambda service, user: held.get((service, user))  # type: ignore[attr-defined]  # a stand-in
    monkeypatch.setitem(sys.modules, "keyring", keyring)

    assert resolve("keyring:my/service/ada").reveal() == "ring-wert-0815"
    with pytest.raises(SecretError, match="keyring set my/service bob"):
        resolve("keyring:my/service/bob")
    with pytest.raises(SecretError, match="lacks a part"):
        resolve("keyring:service")


def test_without_the_keyring_package_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra; env and file need none."""
    monkeypatch.setitem(sys.modules, "keyring", None)

    with pytest.raises(SecretError, match=r"gallery-sdk\[keyring\]"):
        resolve("keyring:service/user")


@pytest.mark.parametrize(
    "literal", ["xoxp-1234-wirklich-geheim", "https://user:wirklich-geheim@host", "vault:wirklich-geheim"]
)
def test_a_literal_secret_is_refused_and_not_echoed(literal: str) -> None:
    """The message says how to store it, and the text is masked from then on."""
    with pytest.raises(SecretError) as caught:
        resolve(literal, where="apps/slack-prod.toml, auth.token")

    assert "wirklich-geheim" not in str(caught.value)
    assert "apps/slack-prod.toml, auth.token" in str(caught.value)
    assert "env:NAME" in str(caught.value)
    assert literal not in redact(f"oops {literal}")
    assert not is_reference(literal)


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("env:NOT_SET_ANYWHERE", "export NOT_SET_ANYWHERE"),
        ("file:/does/not/exist", "No such file"),
        ("env:EMPTY_HERE", "is empty"),
    ],
)
def test_a_reference_to_nothing_says_what_to_do(reference: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it was read, what is missing, how to put it there."""
    monkeypatch.setenv("EMPTY_HERE", "")

    with pytest.raises(SecretError, match=told) as caught:
        resolve(reference, where="auth.token")

    assert caught.value.where == "auth.token"


@pytest.fixture
def vault() -> Iterator[str]:
    def look_up(place: str) -> str:
        if place == "broken":
            raise RuntimeError("cannot decrypt tresor-wert-0815")
        return f"tresor-{place}"

    register_resolver("vault", look_up)
    yield "vault"
    unregister_resolver("vault")


def test_a_plugin_resolves_its_scheme(vault: str) -> None:
    """Whatever its client raises, the message names the reference alone."""
    assert resolve("vault:app/token#1").reveal() == "tresor-app/token#1"
    assert is_reference("vault:x")
    with pytest.raises(SecretError, match="vault:broken") as caught:
        resolve("vault:broken")

    assert "tresor-wert" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("scheme", ["env", "vault", "Not A Scheme"])
def test_a_scheme_is_registered_once(scheme: str, vault: str) -> None:
    """Nobody can slip in between a reference and its place."""
    with pytest.raises(SecretError, match="cannot be registered"):
        register_resolver(scheme, str)

    unregister_resolver("env")
    assert is_reference("env:A")


def test_the_plugins_schemes_are_made_known_for_every_job_anew(vault: str) -> None:
    """A schedule opens many jobs in one process; the schemes of our own are nobody's to replace."""
    schemes = register_resolvers({vault: lambda _place: "neu-wert-0817"})

    assert schemes == ("env", "file", "keyring", "vault")
    assert resolve("vault:x").reveal() == "neu-wert-0817"
    with pytest.raises(SecretError, match="'file' cannot be registered"):
        register_resolvers({"file": str})
    assert is_reference("file:/a")


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_file_that_others_can_read_is_a_finding(tmp_path: Path) -> None:
    """It works all the same: a warning, not a failure."""
    path = tmp_path / "token"
    path.write_text("datei-wert-0816")
    path.chmod(0o644)

    findings = find_secret_problems(f"file:{path}")

    assert [str(item) for item in findings] == [
        f"file:{path}: other users of this machine can read the file. Run: chmod 600 {path}."
    ]
    assert resolve(f"file:{path}").reveal() == "datei-wert-0816"
    path.chmod(0o600)
    assert find_secret_problems(f"file:{path}") == []
    assert find_secret_problems("env:A") == find_secret_problems("file:/does/not/exist") == []
