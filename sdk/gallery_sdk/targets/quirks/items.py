"""A resource about to be written: what the target wants in lists of e-mails, telephone numbers and the like.

Family: email.primary_required, email.type_fixed, phone.types_inverted, multi_valued.max_items.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from ...manifest import QuirkSet

ItemShaper: TypeAlias = Callable[[dict[str, object]], None]
"""Changes a freshly assembled resource in place."""


def compile_item_shaper(quirks: QuirkSet) -> ItemShaper | None:
    """All shapers in the order to apply them; None when no quirk of the family is declared."""
    shapers: list[ItemShaper] = []
    if quirks.has("phone.types_inverted"):
        shapers.append(_phones_by_primary)
    if quirks.has("email.primary_required"):
        shapers.append(_one_primary_email)
    fixed = quirks.value("email.type_fixed", str)
    if fixed is not None:
        shapers.append(_fixed_email_type(fixed))
    for name, most in quirks.value("multi_valued.max_items", dict, {}).items():
        shapers.append(_limit(name, most))
    if not shapers:
        return None

    def shape(resource: dict[str, object]) -> None:
        for shaper in shapers:
            shaper(resource)

    return shape


def _items(resource: dict[str, object], name: str) -> list[object]:
    found = resource.get(name)
    return found if isinstance(found, list) else []


def _phones_by_primary(resource: dict[str, object]) -> None:
    """Main and mobile number travel by `primary`; other numbers keep their type."""
    shaped: list[object] = []
    for item in _items(resource, "phoneNumbers"):
        if isinstance(item, dict) and item.get("type") in ("work", "mobile"):
            rest = {key: value for key, value in item.items() if key not in ("type", "primary")}
            item = {**rest, "primary": item["type"] == "work"}
        shaped.append(item)
    if shaped:
        resource["phoneNumbers"] = shaped


def _one_primary_email(resource: dict[str, object]) -> None:
    emails = [item for item in _items(resource, "emails") if isinstance(item, dict)]
    if not emails:
        return
    chosen = next((item for item in emails if item.get("primary") is True), None)
    chosen = chosen or next((item for item in emails if item.get("type") == "work"), emails[0])
    resource["emails"] = [
        {**{key: value for key, value in item.items() if key != "primary"}, "primary": True}
        if item is chosen
        else {key: value for key, value in item.items() if key != "primary" or value is not True}
        for item in emails
    ]


def _fixed_email_type(kind: str) -> ItemShaper:
    def shape(resource: dict[str, object]) -> None:
        emails = _items(resource, "emails")
        if emails:
            resource["emails"] = [{**item, "type": kind} if isinstance(item, dict) else item for item in emails]

    return shape


def _limit(name: str, most: int) -> ItemShaper:
    """Cut a list that was mapped as a whole; single mapped paths were limited before comparing."""

    def shape(resource: dict[str, object]) -> None:
        items = _items(resource, name)
        if len(items) > most:
            first = [item for item in items if isinstance(item, dict) and item.get("primary") is True]
            others = [item for item in items if not any(item is one for one in first)]
            resource[name] = [*first, *others][:most]

    return shape
