"""Fill templates; which names and functions there are is checked when the manifest is read."""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime

from ..errors import AuthError
from ..manifest.auth import TEMPLATE_NAME, TEMPLATE_TERM
from ..transport import SECRETS
from .keys import public_key_digest
from .secrets import Secret

Value = str | Secret
_LABEL = re.compile(r"[A-Za-z0-9._~-]+")


def fill(template: str, values: Mapping[str, Value], *, where: str) -> str:
    """The template with each `{name}` and each function replaced; see `gallery_sdk.manifest.auth.TEMPLATE_TERM`.

    The result may hold secrets: it is for sending, not for showing. `{uuid4}` and `{now_iso}` are new at each filling.
    What is filled in is not read as a template again.

    Raises:
        AuthError: A name has no value, or a private key cannot be read; the message holds the name alone.
    """

    def replace(found: re.Match[str]) -> str:
        if found["name"] is not None:
            return _value_of(found["name"], values, where)
        arguments = [_value_of(name, values, where) for name in found["names"].split(":")]
        return _call(found["function"], arguments, where)

    return TEMPLATE_TERM.sub(replace, template)


def fill_table(table: Mapping[str, str], values: Mapping[str, Value], *, where: str) -> dict[str, str]:
    """Each text of a table filled."""
    return {name: fill(text, values, where=where) for name, text in table.items()}


def fill_json(value: object, values: Mapping[str, Value], *, where: str) -> object:
    """A JSON value with each of its texts filled."""
    if isinstance(value, str):
        return fill(value, values, where=where)
    if isinstance(value, Mapping):
        return {name: fill_json(item, values, where=where) for name, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [fill_json(item, values, where=where) for item in value]
    return value


def fill_url(template: str, values: Mapping[str, Value], *, where: str) -> str:
    """A URL from a template, in which a value cannot lead to another host.

    A name that opens the template (`{hostname}/oauth/token`) stands for scheme and host, with https added when it is
    missing; any other stands inside one label or segment, so it has no slash, at sign, question mark or the like.

    Raises:
        AuthError: A name has no value, or the value does not fit its place.
    """
    opening = TEMPLATE_NAME.match(template)
    for name in TEMPLATE_NAME.findall(template[opening.end() :] if opening else template):
        if not _LABEL.fullmatch(_value_of(name, values, where)):
            raise AuthError(
                f"{name!r} does not fit into a URL", where, f"Give {name!r} without scheme, slashes and spaces"
            )
    if opening is None:
        return fill(template, values, where=where)
    start = fill(opening[0], values, where=where).rstrip("/")
    start = start if "://" in start else f"https://{start}"
    return start + fill(template[opening.end() :], values, where=where)


def _value_of(name: str, values: Mapping[str, Value], where: str) -> str:
    value = values.get(name)
    if value is None and name == "uuid4":
        return str(uuid.uuid4())
    if value is None and name == "now_iso":
        return datetime.now(UTC).isoformat(timespec="seconds")
    if value is None:
        raise AuthError(f"{{{name}}} has no value", where, f"Give {name!r} in the app's [auth] table")
    return value.reveal() if isinstance(value, Secret) else value


def _call(function: str, arguments: list[str], where: str) -> str:
    if function == "upper":
        return arguments[0].upper()
    if function == "sha256_pub":
        return public_key_digest(*arguments, where=where)
    encoded = base64.b64encode(":".join(arguments).encode()).decode()
    SECRETS.add(encoded)
    return encoded
