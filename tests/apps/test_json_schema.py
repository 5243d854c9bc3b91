"""The JSON Schema of an app's file says what the models say, as far as an editor can check it."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from gallery_sdk.apps import AppConfig, app_json_schema

from ..manifest.conftest import JsonSchema

SOUND = """
connector = "acme"
url = "https://acme.example.com"
default_domain = "example.com"
[settings]
region = "eu"
guests = true
seats = 12
[auth]
method = "token"
token = "env:TOKEN"
[source]
kind = "csv"
users = "people.csv"
key = "id"
delimiter = "tab"
multi_valued = ["proxyAddresses"]
references = { manager = "userPrincipalName" }
[[scope.user]]
name = "Sales"
clauses = ["department EQUALS Sales"]
[[mapping.user]]
target = "title"
source = "jobTitle"
match = 0
[lifecycle]
on_unassign = "none"
[safety]
max_deprovision = 10
[schedule]
every = "1h30m"
[groups]
enabled = false
[engine]
concurrency = 4
"""


def _accepts(text: str) -> bool:
    return JsonSchema(app_json_schema()).accepts(tomllib.loads(text))


def test_a_sound_file_is_accepted() -> None:
    """With every table; and the least that can be written."""
    assert _accepts(SOUND)
    assert _accepts('connector = "acme"\n[source]\nkind = "csv"\n')


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('connector = "acme"\n', ""),
        ('connector = "acme"\n', 'connector = "acme"\nname = "acme-prod"\n'),
        ("users =", "usrs ="),
        ('kind = "csv"\n', ""),
        ("[safety]", "[saftey]"),
        ("max_deprovision = 10", 'max_deprovision = "10"'),
        ("max_deprovision = 10", "max_deprovision_percent = 101"),
        ('on_unassign = "none"', 'on_unassign = "nothing"'),
        ("enabled = false", "enabled = 0"),
        ("concurrency = 4", "concurrency = 0"),
        ('clauses = ["department EQUALS Sales"]', "clauses = []"),
        ('source = "jobTitle"', 'suorce = "jobTitle"'),
        ('token = "env:TOKEN"', "token = 7"),
    ],
    ids=lambda text: text.strip() or "nothing",
)
def test_a_plain_mistake_is_refused(old: str, new: str) -> None:
    """An editor marks it while it is typed."""
    assert old in SOUND
    assert not _accepts(SOUND.replace(old, new, 1))


def test_every_field_is_there_and_tables_are_explained() -> None:
    """An editor completes and explains them; what may be left out is never null, which TOML cannot say."""
    schema: dict[str, Any] = app_json_schema()

    assert set(schema["properties"]) == set(AppConfig.model_fields) - {"name"}
    assert schema["$id"] == "urn:gallery:schema:app-1"
    assert [name for name, one in schema["$defs"].items() if not one.get("description")] == []
    assert "'null'" not in str(schema)
