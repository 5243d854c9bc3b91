"""Quirks, features, limits and error rules: founded, and not at odds with each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..base import KINDS
from ..model import Manifest
from ..problems import Problem

_EXCLUDE_EACH_OTHER: Final = (
    ("patch.unsupported", "patch.only"),
    ("patch.unsupported", "put.forbidden"),
    ("patch.only", "put.forbidden"),
    ("patch.path_required", "patch.path_omitted"),
    ("patch.path_omitted", "patch.extension_as_object"),
    ("put.forbidden", "put.keeps_omitted"),
    ("filter.unsupported", "filter.only"),
    ("filter.unsupported", "members.read_via_user_filter"),
    ("page.unsupported", "page.cursor"),
    ("page.unsupported", "page.start_index_base"),
    ("page.cursor", "page.start_index_base"),
    ("members.not_returned", "members.read_via_user_filter"),
    ("members.not_returned", "members.read_on_user"),
    ("members.read_via_user_filter", "members.read_on_user"),
    ("manager.sub_attribute", "manager.plain_string"),
    ("email.type_not_returned", "email.type_fixed"),
    ("group.create_without_members", "group.create_with_empty_members"),
    ("active.readonly", "delete.means_deactivate"),
    ("active.readonly", "delete.unsupported"),
    ("config.missing", "config.endpoint"),
    ("config.missing", "config.lies"),
)


def behaviour_problems(manifest: Manifest) -> Iterator[Problem]:
    """Check that the facts are founded and agree."""
    yield from _quirks_are_founded(manifest)
    yield from _quirks_agree(manifest)
    yield from _features_agree(manifest)
    facts = [(f"limit[{index}]", one.source) for index, one in enumerate(manifest.limits)]
    facts += [(f"error[{index}]", one.source) for index, one in enumerate(manifest.errors)]
    for place, source in facts:
        if source is None:
            yield Problem(
                f"{manifest.where}, {place}.source",
                "the fact names no source",
                "Say where it was read",
                severity="warning",
            )


def _quirks_are_founded(manifest: Manifest) -> Iterator[Problem]:
    wanted = {
        "source": "Name the page or answer in which it was read",
        "read": "Give the day on which the source was read, such as read = 2026-11-23",
        "test": "Name the contract test that fails when the quirk is switched off",
    }
    for index, quirk in enumerate(manifest.quirks):
        for field, mend in wanted.items():
            if getattr(quirk, field) is None:
                yield Problem(
                    f"{manifest.where}, quirk[{index}].{field}", f"quirk {quirk.id!r} is without {field}", mend
                )


def _quirks_agree(manifest: Manifest) -> Iterator[Problem]:
    for kind in KINDS:
        places: dict[str, int] = {}
        for index, quirk in enumerate(manifest.quirks):
            if kind not in quirk.kinds():
                continue
            if quirk.id in places:
                yield Problem(
                    f"{manifest.where}, quirk[{index}].id",
                    f"{quirk.id!r} is declared twice for {kind}s",
                    "Keep one of them, or tell them apart by applies_to",
                )
            places.setdefault(quirk.id, index)
        for one, other in _EXCLUDE_EACH_OTHER:
            if one in places and other in places:
                yield Problem(
                    f"{manifest.where}, quirk[{max(places[one], places[other])}].id",
                    f"{one!r} and {other!r} are both declared for {kind}s",
                    "Keep the one that the target shows, or tell them apart by applies_to",
                )


def _features_agree(manifest: Manifest) -> Iterator[Problem]:
    where = f"{manifest.where}, capabilities"
    filters = manifest.capabilities.filters
    sets = {kind: manifest.quirks_for(kind) for kind in KINDS if manifest.capabilities.of(kind)}
    if filters and sets and all(one.has("filter.unsupported") for one in sets.values()):
        yield Problem(
            f"{where}.features",
            f"filter:{min(filters)}-eq is at odds with quirk 'filter.unsupported'",
            "Keep the one that the target shows",
        )
    only = {path for one in sets.values() for path in one.value("filter.only", tuple, ())}
    if only and all(one.has("filter.only") or one.has("filter.unsupported") for one in sets.values()):
        for path in sorted(filters - only):
            yield Problem(
                f"{where}.features",
                f"filter:{path}-eq is not among the paths of quirk 'filter.only'",
                "Add the path to the quirk, or drop the feature",
            )
    for kind in sets:
        if "delete" in manifest.capabilities.of(kind):
            for quirk_id in ("delete.unsupported", "delete.means_deactivate"):
                if sets[kind].has(quirk_id):
                    yield Problem(
                        f"{where}.{kind}",
                        f"'delete' is at odds with quirk {quirk_id!r}",
                        "Drop 'delete' from the capabilities, or the quirk",
                    )
