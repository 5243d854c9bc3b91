"""An upgrade and a team's own mappings: what still holds says nothing, what changed under it is shown."""

from __future__ import annotations

import pytest

from gallery_sdk.apps import AppConfig, Merge, merge_mappings, take_snapshot
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
        Merge.CONFLICT,
    ),
    "the default became an expression": (
        {"target": "displayName", "source": "cn"},
        (NAME, 'target = "displayName"\nexpression = "ToUpper([cn])"'),
        Merge.CONFLICT,
    ),
    "the default says what the override says": (
        {"target": "displayName", "source": "cn"},
        (NAME, 'target = "displayName"\nsource = "cn"'),
        Merge.AGREES,
    ),
    "the mapping is gone": ({"id": "displayName", "source": "cn"}, (f"[[mapping.user]]\n{NAME}\n", ""), Merge.CONFLICT),
    "the connector maps it itself now": (
        {"target": "title", "source": "jobTitle"},
        ("[[quirk]]", '[[mapping.user]]\ntarget = "title"\nsource = "role"\n[[quirk]]'),
        Merge.CONFLICT,
    ),
    "one's own mapping": ({"target": "title", "source": "jobTitle"}, ("value = 100", "value = 50"), None),
}


@pytest.mark.parametrize(("override", "pair", "verdict"), CASES.values(), ids=CASES)
def test_three_ways_are_merged(override: dict[str, object], pair: tuple[str, str], verdict: Merge | None) -> None:
    """Old default, new default, override."""
    app = _app(override)
    merged = merge_mappings(take_snapshot(OLD, app), _new(*pair), app)

    touched = [one for one in merged if one.status in (Merge.CONFLICT, Merge.AGREES)]
    assert [one.status for one in touched] == ([verdict] if verdict else [])
    assert all(one.where == "apps/acme-prod.toml, mapping.user[0]" for one in touched)
