"""A manifest without any problem, and a way to change one thing in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import pytest

from gallery_sdk.manifest import Problem, find_problems, parse_manifest

SOUND = """\
schema = 1
slug = "fabrikam-desk"
name = "Fabrikam Desk"
version = "1.0.0"
summary = "Users and groups of Fabrikam Desk over SCIM 2.0"
categories = ["itsm"]
maintainers = ["Ada Byron"]
license = "Apache-2.0"
docs_url = "https://docs.fabrikam.example/scim"
requires_sdk = ">=0.1,<1"
[vendor]
name = "Fabrikam"
url = "https://www.fabrikam.example"
[capabilities]
user = ["read", "create", "update", "deactivate"]
group = ["read", "create", "update", "delete", "members"]
features = ["filter:userName-eq", "paging:index"]
[transport]
base_url = "https://{tenant}.fabrikam.example/scim/v2"
allowed_hosts = ["*.fabrikam.example"]
[[config.input]]
id = "tenant"
title = "Tenant"
required = true
example = "acme"
[[auth.method]]
id = "token"
kind = "bearer_token"
[[auth.method.input]]
id = "token"
type = "secret"
[[attribute.user]]
name = "userName"
required = true
unique = true
[[attribute.user]]
name = "active"
type = "boolean"
[[attribute.user]]
name = "title"
max_length = 20
enum = ["Manager", "Member"]
[[attribute.user]]
name = "roles"
type = "complex"
multi_valued = true
[[attribute.user]]
name = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"
reference = "user"
[[attribute.user]]
name = "externalId"
mutability = "immutable"
[[mapping.user]]
target = "userName"
source = "userPrincipalName"
match = 1
[[mapping.user]]
target = "active"
expression = 'Switch([IsSoftDeleted], , "False", "True", "True", "False")'
[[mapping.user]]
target = "title"
source = "jobTitle"
[[mapping.user]]
target = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"
source = "manager"
reference = "user"
[[mapping.group]]
target = "displayName"
source = "displayName"
match = 1
[[mapping.group]]
target = "members"
source = "members"
reference = "user"
[[quirk]]
id = "members.max_per_request"
value = 100
source = "vendor guide, Groups"
read = 2026-11-23
test = "members_over_the_limit_are_split"
[[limit]]
match = "POST /Users"
requests = 180
per_seconds = 60
source = "vendor guide, Limits"
[[error]]
status = 409
code = ["username_taken", "email_taken"]
failure = "conflict"
source = "vendor guide, Errors"
"""

Changed: TypeAlias = Callable[..., str]


@pytest.fixture(scope="session")
def sound() -> str:
    """The manifest."""
    return SOUND


@pytest.fixture
def changed() -> Changed:
    """`changed(old, new, ...)`: the manifest with each old text, which must be there, replaced by the new one."""

    def change(*pairs: str) -> str:
        text = SOUND
        for old, new in zip(pairs[::2], pairs[1::2], strict=True):
            assert old in text, old
            text = text.replace(old, new, 1)
        return text

    return change


@pytest.fixture
def problems() -> Callable[[str], list[Problem]]:
    """Everything that is wrong with a text that reads well."""
    return lambda text: find_problems(parse_manifest(text, "connector.toml"))


_TYPES: Mapping[str, Any] = {
    "object": dict,
    "array": (list, tuple),
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}
_SAY_NOTHING = {"$defs", "$id", "$schema", "default", "description", "discriminator", "examples", "format", "title"}


class JsonSchema:
    """As much of JSON Schema 2020-12 as the published schema uses; any other keyword is an error."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root

    def accepts(self, value: object, schema: Mapping[str, Any] | None = None) -> bool:
        """Whether the value is valid."""
        schema = self._root if schema is None else schema
        return all(self._keyword(name, schema, value) for name in schema if name not in _SAY_NOTHING)

    def _keyword(self, name: str, schema: Mapping[str, Any], value: Any) -> bool:
        given = schema[name]
        if name in ("const", "enum"):
            return any(type(one) is type(value) and one == value for one in ([given] if name == "const" else given))
        if name == "type":
            number = given in ("integer", "number") and isinstance(value, bool)
            return isinstance(value, _TYPES[given]) and not number
        if name == "$ref":
            return self.accepts(value, self._root["$defs"][given.rpartition("/")[2]])
        if name in ("anyOf", "allOf", "oneOf"):
            count = sum(self.accepts(value, one) for one in given)
            return {"anyOf": count > 0, "allOf": count == len(given), "oneOf": count == 1}[name]
        if name == "if":
            return not self.accepts(value, given) or self.accepts(value, schema["then"])
        if name == "then":
            return True
        return self._bound(name, given, schema, value)

    def _bound(self, name: str, given: Any, schema: Mapping[str, Any], value: Any) -> bool:
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        sequence, table = isinstance(value, (list, tuple)), isinstance(value, dict)
        checks: dict[str, tuple[bool, Callable[[], bool]]] = {
            "minimum": (number, lambda: value >= given),
            "maximum": (number, lambda: value <= given),
            "exclusiveMinimum": (number, lambda: value > given),
            "exclusiveMaximum": (number, lambda: value < given),
            "minLength": (isinstance(value, str), lambda: len(value) >= given),
            "maxLength": (isinstance(value, str), lambda: len(value) <= given),
            "pattern": (isinstance(value, str), lambda: re.search(given, value) is not None),
            "minItems": (sequence, lambda: len(value) >= given),
            "uniqueItems": (sequence, lambda: all(one not in value[:place] for place, one in enumerate(value))),
            "items": (sequence, lambda: all(self.accepts(one, given) for one in value)),
            "minProperties": (table, lambda: len(value) >= given),
            "required": (table, lambda: all(key in value for key in given)),
            "properties": (table, lambda: all(self.accepts(value[key], given[key]) for key in value if key in given)),
            "additionalProperties": (
                table,
                lambda: all(
                    given is True or (given is not False and self.accepts(value[key], given))
                    for key in value
                    if key not in schema.get("properties", {})
                ),
            ),
        }
        applies, check = checks[name]
        return not applies or check()


@pytest.fixture(scope="session")
def json_schema() -> type[JsonSchema]:
    """A validator: `json_schema(schema).accepts(value)`."""
    return JsonSchema
