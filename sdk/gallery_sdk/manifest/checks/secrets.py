"""Secrets: a manifest holds none, not even by mistake."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..model import Manifest
from ..problems import Problem, dotted, looks_secret


def secret_problems(manifest: Manifest) -> Iterator[Problem]:
    """Find texts that look like credentials, anywhere in the manifest."""
    for path, text in _texts(manifest.model_dump(by_alias=True, exclude_defaults=True), ()):
        if looks_secret(text):
            yield Problem(
                f"{manifest.where}, {dotted(path)}",
                "the text looks like a secret",
                "Remove it, and revoke it if it is one; credentials are given as references when an app is added",
            )


def _texts(value: object, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(item, (*path, str(key)))
    elif isinstance(value, (tuple, list)):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, index))
