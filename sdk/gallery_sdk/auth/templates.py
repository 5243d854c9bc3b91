"""Fill `{name}` templates; which names exist is checked when the manifest is read."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime

from ..errors import AuthError
from ..manifest.auth import TEMPLATE_NAME
from .secrets import Secret

Value = str | Secret
_LABEL = re.compile(r"[A-Za-z0-9._~-]+")


def fill(template: str, values: Mapping[str, Value], *, where: str) -> str:
    """The template with each `{name}` replaced. The result may hold secrets: it is for sending, not for showing.

    `{uuid4}` and `{now_iso}` are new at each filling. What is filled in is not read as a template again.

    Raises:
        AuthError: A name has no value; the message holds the name alone.
    """

    def value_of(name: str) -> str:
        value = values.get(name)
        if value is None:
            built_in = _built_in(name)
            if built_in is None:
                raise AuthError(f"{{{name}}} has no value", where, f"Give {name!r} in the app's [auth] table")
            return built_in
        return value.reveal() if isinstance(value, Secret) else value

    return TEMPLATE_NAME.sub(lambda found: value_of(found[1]), template)


def fill_url(template: str, values: Mapping[str, Value], *, where: str) -> str:
    """A URL from a template, in which a value cannot lead to another host.

    A name that opens the template (`{hostname}/oauth/token`) stands for scheme and host, with https added when it is
    missing; any other stands inside one label or segment, so it has no slash, at sign, question mark or the like.

    Raises:
        AuthError: A name has no value, or the value does not fit its place.
    """
    opening = TEMPLATE_NAME.match(template)
    for name in TEMPLATE_NAME.findall(template[opening.end() :] if opening else template):
        text = fill(f"{{{name}}}", values, where=where)
        if not _LABEL.fullmatch(text):
            raise AuthError(
                f"{name!r} does not fit into a URL", where, f"Give {name!r} without scheme, slashes and spaces"
            )
    if opening is None:
        return fill(template, values, where=where)
    start = fill(opening[0], values, where=where).rstrip("/")
    start = start if "://" in start else f"https://{start}"
    return start + fill(template[opening.end() :], values, where=where)


def _built_in(name: str) -> str | None:
    if name == "uuid4":
        return str(uuid.uuid4())
    return datetime.now(UTC).isoformat(timespec="seconds") if name == "now_iso" else None
