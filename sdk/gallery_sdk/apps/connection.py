"""An app's settings and credentials held against what its connector asks for."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from gallery_sdk.errors import TransportError
from gallery_sdk.manifest import Manifest, Problem
from gallery_sdk.manifest.problems import did_you_mean, shown

from .models import AppConfig
from .secret_references import REFERENCE_SCHEMES, is_reference, literal_secret

URL_INPUTS = ("url", "base_url")
"""Inputs of a connector that an app's `url` answers."""


def find_connection_problems(
    app: AppConfig, manifest: Manifest, *, schemes: Collection[str] = REFERENCE_SCHEMES
) -> list[Problem]:
    """Everything in `url`, [settings] and [auth] that the connector cannot use. Values under [auth] are never shown.

    Args:
        schemes: Schemes of secret references that can be resolved.
    """
    return [*find_address_problems(app, manifest), *_settings(app, manifest), *_credentials(app, manifest, schemes)]


def find_address_problems(app: AppConfig, manifest: Manifest) -> Iterator[Problem]:
    """Say why the app's address must not be used: it is no https URL, or not this connector's to choose.

    A connector that asks for no address has a fixed one. An app's `url` then leads to a twin, on this machine alone.
    """
    asked = {one.id: one for one in manifest.config_inputs if one.id in URL_INPUTS}
    if app.url is not None:
        place = f"{app.where}, url"
        wrong = next((found for one in asked.values() if (found := _mismatch(one, app.url))), None)
        if wrong is not None:
            yield Problem(place, *wrong)
        elif not asked or any(one.type == "url" for one in asked.values()):
            yield from _unusable(app.url, place, None if asked else manifest.slug)
    for name, one in asked.items():
        value = app.settings.get(name)
        if one.type == "url" and isinstance(value, str) and _mismatch(one, value) is None:
            yield from _unusable(value, f"{app.where}, settings.{name}", None)


def _unusable(address: str, where: str, fixed: str | None) -> Iterator[Problem]:
    """Why an address must not be used; `fixed` is the connector that has one of its own."""
    from gallery_sdk.transport import is_loopback, parse_base_url  # the HTTP library, for apps with an address

    try:
        host = parse_base_url(address).host or ""
    except TransportError as error:
        yield Problem(where, error.what, error.mend)
        return
    if fixed is not None and not is_loopback(host):
        what = f"{fixed} has a fixed address, and {host} is not this machine"
        yield Problem(where, what, "Remove url; it may only name a twin on 127.0.0.1")


def _settings(app: AppConfig, manifest: Manifest) -> Iterator[Problem]:
    inputs = {one.id: one for one in manifest.config_inputs}
    for name, value in app.settings.items():
        if name not in inputs:
            known = ", ".join(inputs) or "none"
            yield Problem(
                f"{app.where}, settings.{name}",
                f"'{name}' is not a setting of {manifest.slug}",
                did_you_mean(name, inputs, f"Remove it; known are {known}"),
            )
        elif wrong := _mismatch(inputs[name], value):
            yield Problem(f"{app.where}, settings.{name}", *wrong)
    for name, one in inputs.items():
        given = name in app.settings or (app.url is not None and name in URL_INPUTS)
        if one.required and one.default is None and not given:
            place = "url" if name in URL_INPUTS else f"settings.{name}"
            example = f', for example "{one.example}"' if one.example is not None else ""
            yield Problem(f"{app.where}, {place}", f"{one.title or name} is missing", f"Add it{example}")


def _credentials(app: AppConfig, manifest: Manifest, schemes: Collection[str]) -> Iterator[Problem]:
    methods = {method.id: method for method in manifest.auth_methods}
    if not methods:
        return
    chosen = app.auth_method
    if chosen is not None and chosen not in methods:
        yield Problem(
            f"{app.where}, auth.method",
            f"{manifest.slug} has no such method",
            did_you_mean(chosen, methods, f"Use one of {', '.join(methods)}"),
        )
        return
    method = methods[chosen] if chosen is not None else next(iter(methods.values()))
    inputs = {one.id: one for one in method.inputs}
    for name, value in app.auth_inputs.items():
        place = f"{app.where}, auth.{name}"
        if name not in inputs:
            known = ", ".join(inputs) or "none"
            yield Problem(
                place,
                f"'{name}' is not an input of method '{method.id}'",
                did_you_mean(name, inputs, f"Remove it; known are {known}"),
            )
        elif inputs[name].type == "secret":
            if not is_reference(value, schemes):
                yield literal_secret(name, app.where, schemes)
        elif wrong := _mismatch(inputs[name], value):
            yield Problem(place, "does not fit its input", wrong[1])
    for name, one in inputs.items():
        if one.required and one.default is None and name not in app.auth_inputs:
            written = f'"env:{name.upper()}"' if one.type == "secret" else "its value"
            yield Problem(f"{app.where}, auth.{name}", f"{one.title or name} is missing", f"Add {name} = {written}")


def _mismatch(one: Any, value: object) -> tuple[str, str] | None:
    """What is wrong with a value for an input of a manifest, and the next step."""
    if one.type == "boolean":
        return None if isinstance(value, bool) else (f"{shown(value)} is not true or false", "Write true or false")
    if one.type == "integer":
        whole = isinstance(value, int) and not isinstance(value, bool)
        return None if whole else (f"{shown(value)} is not a whole number", "Write digits without quotes")
    if not isinstance(value, str):
        return f"{shown(value)} is not a text", "Put it in quotes"
    if one.choices and value not in one.choices:
        return f"{shown(value)} is not a choice", did_you_mean(
            value, one.choices, f"Use one of {', '.join(one.choices)}"
        )
    if one.type == "url" and not re.match(r"https?://[^/\s]+", value):
        return f"{shown(value)} is not a URL", "Begin it with https://"
    if one.pattern and not re.fullmatch(one.pattern, value):
        example = f"Write it like {one.example}" if one.example else f"See what `gallery show` says of '{one.id}'"
        return f"{shown(value)} is not of the form {one.pattern}", example
    return None
