"""An upgrade and a team's own mappings: what still holds says nothing, what changed under it is shown."""

from __future__ import annotations

import pytest

from gallery_sdk.apps import AppConfig
from gallery_sdk.catalog.overrides import merge_overrides
from gallery_sdk.manifest import Manifest, parse_manifest

from .conftest import manifest_text

OLD = parse_manifest(manifest_text("acme"))


def _new(before: str, after: str) -> Manifest:
    text = manifest_text("acme")
    assert before in text
    return parse_manifest(text.replace(before, after))


def _app(*overrides: dict[str, object]) -> AppConfig:
    return AppConfig.model_validate(
        {
            "name": "acme-prod",
            "connector": "acme",
            "source": {"kind": "csv", "users": "people.csv"},
            "mapping": {"user": list(overrides)},
        }
    )


NAME = 'target = "displayName"\nsource = "displayName"'
CASES = {
    "the default is as it was": ({"target": "displayName", "source": "cn"}, ("value = 100", "value = 50"), None),
    "another mapping changed": ({"target": "userName", "source": "cn"}, (NAME, NAME.replace("displayName", "x")), None),
    "another field changed": (
        {"target": "displayName", "source": "cn"},
        (NAME, f'{NAME}\nwhen = "create"'),
        None,
    ),
    "the default changed": (
        {"target": "displayName", "source": "cn"},
        (NAME, 'target = "displayName"\nsource = "fullName"'),
        "conflict",
    ),
    "the default became an expression": (
        {"target": "displayName", "source": "cn"},
        (NAME, 'target = "displayName"\nexpression = "ToUpper([cn])"'),
        "conflict",
    ),
    "the default says what the override says": (
        {"target": "displayName", "source": "cn"},
        (NAME, 'target = "displayName"\nsource = "cn"'),
        "same",
    ),
    "the mapping is gone": ({"id": "displayName", "source": "cn"}, (f"[[mapping.user]]\n{NAME}\n", ""), "conflict"),
    "the connector maps it itself now": (
        {"target": "title", "source": "jobTitle"},
        ("[[quirk]]", '[[mapping.user]]\ntarget = "title"\nsource = "role"\n[[quirk]]'),
        "conflict",
    ),
    "one's own mapping": ({"target": "title", "source": "jobTitle"}, ("value = 100", "value = 50"), None),
}


@pytest.mark.parametrize(("override", "pair", "verdict"), CASES.values(), ids=CASES)
def test_three_ways_are_merged(override: dict[str, object], pair: tuple[str, str], verdict: str | None) -> None:
    """Old default, new default, override."""
    notes = merge_overrides(OLD, _new(*pair), _app(override))

    assert [note.verdict for note in notes] == ([verdict] if verdict else [])
    assert all(note.where == "apps/acme-prod.toml, mapping.user[0]" for note in notes)
