"""Paths that may differ and are nevertheless not sent in an update.

Family: attribute.immutable, group.rename_unsupported, external_id.not_stored.
"""

from __future__ import annotations

from ...manifest import QuirkSet


def unsendable_in_updates(quirks: QuirkSet) -> dict[str, str]:
    """Path of each, with the finding that a difference in it becomes; "" for one that is passed over in silence."""
    found = dict.fromkeys(quirks.value("attribute.immutable", tuple, ()), "the target sets it once, at creation")
    if quirks.has("group.rename_unsupported"):
        found["displayName"] = "the target renames no groups"
    if quirks.has("external_id.not_stored"):
        found["externalId"] = ""
    return found
