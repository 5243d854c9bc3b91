"""A mapping in words, the same in every command."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..manifest import AttributeMapping


def value_text(mapping: AttributeMapping) -> str:
    """Where the value comes from, written as in the expression language."""
    if mapping.source is not None:
        text = f"[{mapping.source}]"
    elif mapping.expression is not None:
        text = " ".join(mapping.expression.split())
    elif mapping.constant is not None:
        text = f'"{mapping.constant}"'
    else:
        text = "(left alone)"
    if mapping.default is not None:
        text += f'  else "{mapping.default}"' if mapping.type != "none" else f'  new: "{mapping.default}"'
    return text + (f"  -> {mapping.reference}" if mapping.reference else "")


def shown_value(value: object) -> str:
    """A value of an attribute on one line: texts in quotes, absent values as nothing at all."""
    if value is None or value == "" or value == []:
        return "(nothing)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, (list, tuple)):
        return ", ".join(shown_value(one) for one in value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {shown_value(one)}" for name, one in value.items()) + "}"
    return str(value)
