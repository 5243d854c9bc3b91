"""App roles of an account: what the two functions for role objects mean for those that are not assigned.

Source: learn.microsoft.com/entra/identity/app-provisioning/customize-application-attributes, "Provisioning a role to a
SCIM app": AppRoleAssignmentsComplex only adds, AssertiveAppRoleAssignmentsComplex also removes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from ..expressions import CompiledExpression
from ..expressions.syntax import Call, walk

_EFFECTS: Final[Mapping[str, Literal["adds", "asserts"]]] = {
    "approleassignmentscomplex": "adds",
    "assertiveapproleassignmentscomplex": "asserts",
}


def role_effect(compiled: CompiledExpression | None) -> Literal["adds", "asserts"] | None:
    """Whether an expression gives roles that are to be added, or all that an account may have; None for no roles."""
    if compiled is None:
        return None
    names = (node.name.casefold() for _, node in walk(compiled.node) if isinstance(node, Call))
    return next((_EFFECTS[name] for name in names if name in _EFFECTS), None)


def joined(old: list[object], new: list[object]) -> list[object]:
    """What is there, and behind it what is new: an item whose `value` is there already stays as the target has it."""
    known = {_identity(one) for one in old}
    return old + [one for one in new if _identity(one) not in known]


def _identity(item: object) -> str:
    value = item.get("value") if isinstance(item, Mapping) else item
    return repr(sorted(item.items())) if value is None and isinstance(item, Mapping) else str(value).casefold()
