"""The published JSON Schema accepts what the reader accepts, and refuses plain mistakes."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from gallery_sdk.manifest import CATEGORIES, VOCABULARY, manifest_json_schema

if TYPE_CHECKING:
    from .conftest import Changed, JsonSchema


def _as_json(text: str) -> Any:
    return json.loads(json.dumps(tomllib.loads(text), default=str))


def test_a_sound_manifest_is_accepted(sound: str, json_schema: type[JsonSchema]) -> None:
    """Read as JSON, dates as texts."""
    assert json_schema(manifest_json_schema()).accepts(_as_json(sound))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param('slug = "fabrikam-desk"\n', "", id="required field left out"),
        pytest.param("value = 100", "value = 0", id="value of a quirk"),
        pytest.param("value = 100", 'value = 100\napplies_to = ["user"]', id="kind of a quirk"),
        pytest.param('"members.max_per_request"', '"members.max_per_reqest"', id="unknown quirk"),
        pytest.param('categories = ["itsm"]', 'categories = ["itms"]', id="unknown category"),
        pytest.param('source = "jobTitle"', 'suorce = "jobTitle"', id="unknown field"),
        pytest.param('failure = "conflict"', 'failure = "conflct"', id="unknown word"),
        pytest.param("status = 409", 'status = "409"', id="text for a number"),
    ],
)
def test_a_plain_mistake_is_refused(changed: Changed, json_schema: type[JsonSchema], old: str, new: str) -> None:
    """An editor marks it while it is typed."""
    assert not json_schema(manifest_json_schema()).accepts(_as_json(changed(old, new)))


def test_it_documents_every_quirk_and_names_every_category() -> None:
    """An editor completes and explains ids."""
    schema: dict[str, Any] = manifest_json_schema()

    assert {one["const"]: one["description"] for one in schema["$defs"]["Quirk"]["properties"]["id"]["oneOf"]} == {
        quirk_id: definition.doc for quirk_id, definition in VOCABULARY.items()
    }
    assert schema["properties"]["categories"]["items"]["enum"] == list(CATEGORIES)


def test_it_is_the_same_every_time() -> None:
    """It is published as a file, and a test elsewhere may compare the two."""
    assert json.dumps(manifest_json_schema()) == json.dumps(manifest_json_schema())


def test_every_field_that_authors_write_is_explained() -> None:
    """Mappings, transport, quirks and rules are what is written by hand most."""
    definitions: dict[str, Any] = manifest_json_schema()["$defs"]  # type: ignore[assignment]  # a dict by the format

    assert set(_undocumented(definitions)) == set()


def _undocumented(definitions: dict[str, Any]) -> Iterator[str]:
    for name in ("AttributeMapping", "Transport", "Lifecycle", "Quirk", "LimitDeclaration", "ErrorRule"):
        if not definitions[name].get("description"):
            yield name
