"""Lifecycle: what becomes of leavers must be something that the target can do."""

from __future__ import annotations

from collections.abc import Iterator

from ..model import Manifest
from ..problems import Problem
from .mappings import soft_deletion_is_mapped


def lifecycle_problems(manifest: Manifest) -> Iterator[Problem]:
    """Check the lifecycle against capabilities and mappings."""
    able = manifest.capabilities.user
    lifecycle, where = manifest.lifecycle, f"{manifest.where}, lifecycle"
    deactivates = False
    if able:
        for field in ("on_unassign", "on_disable", "on_delete"):
            wish = getattr(lifecycle, field)
            deactivates = deactivates or wish == "deactivate"
            if wish != "none" and wish not in able:
                stated = "" if field in lifecycle.model_fields_set else ", the default,"
                yield Problem(
                    f"{where}.{field}",
                    f"{wish!r}{stated} is not among capabilities.user",
                    f"Add {wish!r} to capabilities.user, or choose what the target can do, or 'none'",
                )
    if deactivates and "deactivate" in able and manifest.mappings["user"] and not soft_deletion_is_mapped(manifest):
        yield Problem(
            f"{manifest.where}, mapping.user",
            "no mapping depends on IsSoftDeleted, so leavers are never deactivated",
            'Map it, for SCIM: active with expression Switch([IsSoftDeleted], , "False", "True", "True", "False")',
        )
    stated_group = "on_group_delete" in lifecycle.model_fields_set and lifecycle.on_group_delete == "delete"
    if stated_group and "delete" not in manifest.capabilities.group:
        yield Problem(
            f"{where}.on_group_delete",
            "'delete' is not among capabilities.group",
            "Add 'delete' to capabilities.group, or say 'none'",
        )
    if lifecycle.reactivate and "reactivate" in lifecycle.model_fields_set and able and "deactivate" not in able:
        yield Problem(
            f"{where}.reactivate",
            "accounts cannot be reactivated where they cannot be deactivated",
            "Say reactivate = false, or add 'deactivate' to capabilities.user",
        )
