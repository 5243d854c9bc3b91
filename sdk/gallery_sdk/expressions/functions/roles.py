"""Functions of app role assignments: dicts of id, value and displayName, or the names alone."""

from __future__ import annotations

from typing import Final

from ..registry import ResultType
from ..sites import on_values
from ..values import as_list, as_text
from ._declaring import CUSTOMIZE, GRAPH, built_in, required

_TYPE: Final = "WindowsAzureActiveDirectoryRole"


def _names(source: object) -> list[str]:
    """Return the names of roles by which people know them, without those that have none."""
    names = (
        as_text(one.get("displayName") or one.get("value")) if isinstance(one, dict) else as_text(one)
        for one in as_list(source)
    )
    return [name for name in names if name]


def _complex(source: object) -> list[dict[str, object]] | None:
    """Return role objects of RFC 7643 section 4.1.2; documented samples set primary to false in all of them."""
    if source is None:
        return None
    roles: list[dict[str, object]] = []
    for one in as_list(source):
        given = one if isinstance(one, dict) else {"value": as_text(one)}
        value = as_text(given.get("value"))
        display = as_text(given.get("displayName")) or value
        if value or display:
            roles.append({"primary": False, "type": _TYPE, "display": display, "value": value or display})
    return roles


def _single(source: object) -> str | None:
    # Which of several assignments flows is not documented; the first by name is at least the same each time.
    return min(_names(source), key=lambda name: (name.casefold(), name), default=None)


FUNCTIONS: Final = (
    built_in(
        "AppRoleAssignmentsComplex", (required("source"),), ResultType.ROLES, on_values(_complex),
        "All roles of a person as role objects; roles of the target that are not assigned stay.",
    ),
    built_in(
        "AssertiveAppRoleAssignmentsComplex", (required("source"),), ResultType.ROLES,
        on_values(lambda source: _complex(source) or []),
        "All roles of a person as role objects; roles of the target that are not assigned are removed.",
        source=CUSTOMIZE,
    ),
    built_in(
        "AppRoleAssignments", (required("source"),), ResultType.LIST, on_values(lambda source: _names(source) or None),
        "The names of all roles of a person.", source=GRAPH,
    ),
    built_in(
        "SingleAppRoleAssignment", (required("source"),), ResultType.STRING, on_values(_single),
        "The name of the one role of a person; the first by name if there are several.",
        aliases=("SingleAppRoleAssignments",),
    ),
)  # fmt: skip
