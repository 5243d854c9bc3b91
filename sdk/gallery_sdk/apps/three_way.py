"""An upgrade of a connector against a team's own mappings: old defaults, new defaults, overrides.

Because an override writes only the fields that it changes, most upgrades need nobody: what it does not write follows
the new default. A person decides where the connector changed the very thing that the override was written against.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum

from gallery_sdk.errors import ConfigError, UsageError
from gallery_sdk.manifest import AttributeMapping, Manifest, Problem
from gallery_sdk.manifest.problems import did_you_mean

from .mappings import VALUE_FIELDS, find_patched
from .models import AppConfig, MappingOverride
from .problems import InvalidConfigError
from .snapshots import (
    KINDS,
    Snapshot,
    bare,
    override_name,
    overrides_of,
    read_snapshot,
    take_snapshot,
    write_snapshot,
    written,
)
from .workspace import Workspace


class Merge(StrEnum):
    """What an upgrade means for one mapping."""

    UNCHANGED = "unchanged"
    NEW_DEFAULT = "new default"  # nobody overrides what changed: the new default is taken
    KEPT = "override kept"  # the default that it departs from is as it was
    AGREES = "override agrees"  # the new default says what the override says, which can go
    CONFLICT = "conflict"  # both changed the same


@dataclass(frozen=True, slots=True)
class MergedMapping:
    """One mapping of an app, three ways.

    Attributes:
        name: The mapping's id; for one that only the app has, its target.
        old: The default that the override was written against; None where the connector had none.
        new: The default now; None where the connector dropped it.
        where: Place of the override in the app's file; "" without one.
        fields: The fields that are in conflict, or that a new default changed.
    """

    kind: str
    name: str
    status: Merge
    old: AttributeMapping | None
    new: AttributeMapping | None
    override: MappingOverride | None = None
    where: str = ""
    fields: tuple[str, ...] = ()

    def problem(self, app: str) -> Problem:
        """A conflict in words, with the next step."""
        if self.new is None:
            what = f"the connector no longer maps '{self.name}', which this override changes"
            mend = "Remove the override, or give it a target and a value of its own"
        elif self.old is None:
            what = f"the connector maps '{self.name}' itself now, and this override changes that"
            mend = "Remove the override to take the new default"
        else:
            what = (
                f"the connector changed {' and '.join(self.fields)} of '{self.name}', which this override changes too"
            )
            mend = "Edit it, or remove it to take the new default"
        return Problem(self.where, what, f"{mend}; `gallery mappings {app} --keep '{self.name}'` keeps it")


def merge_mappings(snapshot: Snapshot, manifest: Manifest, app: AppConfig) -> tuple[MergedMapping, ...]:
    """Every mapping of the app: users before groups, in the connector's order, then dropped and added ones."""
    return tuple(one for kind in KINDS for one in _merge_kind(kind, snapshot, manifest, app))


def settle_mappings(workspace: Workspace, app: AppConfig, manifest: Manifest) -> None:
    """Make sure that a person has decided on every conflict, and remember the state for the next upgrade.

    Called before an app runs. A folder that cannot be written to is no hindrance: conflicts are found all the same.

    Raises:
        InvalidConfigError: There are conflicts; nothing was written.
        ConfigError: What is remembered cannot be read.
    """
    snapshot, now = read_snapshot(workspace, app), take_snapshot(manifest, app)
    if snapshot is None and not any(now.overrides.values()):
        return
    if snapshot is not None:
        conflicts = [one for one in merge_mappings(snapshot, manifest, app) if one.status is Merge.CONFLICT]
        if conflicts:
            raise InvalidConfigError([one.problem(app.name) for one in conflicts])
    if snapshot != now:
        with suppress(ConfigError):
            write_snapshot(workspace, app, now)


def remember_defaults(workspace: Workspace, app: AppConfig, old: Manifest) -> None:
    """Remember the defaults of a connector that is about to be upgraded, for an app of which nothing is remembered yet.

    Raises:
        ConfigError: They cannot be written, or what is remembered cannot be read.
    """
    if read_snapshot(workspace, app) is None:
        write_snapshot(workspace, app, take_snapshot(old, app))


def keep_overrides(workspace: Workspace, app: AppConfig, manifest: Manifest, names: Collection[str]) -> None:
    """Record that overrides in conflict were looked at and stand as they are over the new defaults.

    Args:
        names: Of mappings in conflict; the other conflicts stay to be decided.

    Raises:
        UsageError: A name is that of no mapping in conflict.
        ConfigError: The decision cannot be written.
    """
    snapshot, now = read_snapshot(workspace, app), take_snapshot(manifest, app)
    merged = () if snapshot is None else merge_mappings(snapshot, manifest, app)
    conflicts = [one for one in merged if one.status is Merge.CONFLICT]
    known = [one.name for one in conflicts]
    for name in names:
        if name not in known:
            otherwise = f"In conflict are {', '.join(known)}" if known else "Nothing is in conflict"
            raise UsageError(
                f"'{name}' is not in conflict", f"app {app.name!r}, --keep", did_you_mean(name, known, otherwise)
            )
    if snapshot is not None:
        left = [one for one in conflicts if one.name not in names]
        write_snapshot(workspace, app, _undecided(now, snapshot, left))


def _undecided(now: Snapshot, before: Snapshot, left: Iterable[MergedMapping]) -> Snapshot:
    """The present state, in which some mappings are remembered as they were before."""
    defaults = {kind: dict(of_kind) for kind, of_kind in now.defaults.items()}
    overrides = {kind: dict(of_kind) for kind, of_kind in now.overrides.items()}
    for one in left:
        assert one.override is not None  # or it would be no conflict
        defaults[one.kind].pop(one.name, None)
        if one.old is not None:
            defaults[one.kind][one.name] = one.old
        said = override_name(one.override)
        overrides[one.kind][said] = before.overrides[one.kind][said]
    return replace(now, defaults=defaults, overrides=overrides)


def _merge_kind(kind: str, snapshot: Snapshot, manifest: Manifest, app: AppConfig) -> Iterator[MergedMapping]:
    before = snapshot.defaults[kind]
    after = {one.id: bare(one) for one in manifest.mappings["user" if kind == "user" else "group"]}
    overrides = dict(_by_name(kind, before, after, app))
    for name in dict.fromkeys((*after, *before, *overrides)):
        old, new = before.get(name), after.get(name)
        if name not in overrides:
            changed = tuple(sorted(_differing(old, new)))
            yield MergedMapping(
                kind, name, Merge.NEW_DEFAULT if old != new else Merge.UNCHANGED, old, new, fields=changed
            )
            continue
        place, override = overrides[name]
        if find_patched(list(after.values()), override) is None:
            new = None  # dropped, or under another target now: the override would be a mapping of its own
        was = snapshot.overrides[kind].get(override_name(override))
        status, fields = _verdict(old, new, written(override), was)
        yield MergedMapping(
            kind, name, status, old, new, override, f"{app.where}, mapping.{kind}[{place}]", tuple(sorted(fields))
        )


def _by_name(
    kind: str, before: Mapping[str, AttributeMapping], after: Mapping[str, AttributeMapping], app: AppConfig
) -> Iterator[tuple[str, tuple[int, MappingOverride]]]:
    """Overrides by the id of what they patch, now or before; by target what is a mapping of the app's own."""
    for place, override in enumerate(overrides_of(app, kind)):
        for defaults in (list(after.values()), list(before.values())):
            index = find_patched(defaults, override)
            if index is not None:
                yield defaults[index].id, (place, override)
                break
        else:
            yield override_name(override), (place, override)


def _verdict(
    old: AttributeMapping | None,
    new: AttributeMapping | None,
    now: Mapping[str, object],
    was: Mapping[str, object] | None,
) -> tuple[Merge, set[str]]:
    """What an override is after the upgrade; `was` is what it said when `old` was remembered, None if it is newer."""
    whole = _whole(now)
    fields = _differing(old, new) & set(whole)
    if old is None or new is None:
        fields = set(whole) if old is not new else set()
    if not fields:
        return Merge.KEPT, set()
    if new is not None and all(getattr(new, name) == value for name, value in whole.items()):
        return Merge.AGREES, fields
    if was is None:  # written over the new default
        return Merge.KEPT, set()
    before = _whole(was)
    if any(whole.get(name) != before.get(name) for name in fields):  # edited since, where it matters
        return Merge.KEPT, set()
    return Merge.CONFLICT, fields


def _whole(fields: Mapping[str, object]) -> dict[str, object]:
    """What an override writes, what it takes away included: each kind of value replaces the other two."""
    empty = dict.fromkeys(VALUE_FIELDS) if set(VALUE_FIELDS) & set(fields) else {}
    whole = {**empty, **fields}
    if whole.get("match") == 0:
        whole["match"] = None
    return whole


def _differing(old: AttributeMapping | None, new: AttributeMapping | None) -> set[str]:
    if old is None or new is None:
        return set()
    return {name for name in AttributeMapping.model_fields if getattr(old, name) != getattr(new, name)}
