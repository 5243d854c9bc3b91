"""The mappings that an app works with: its connector's, patched by its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from pydantic import ValidationError

from gallery_sdk.manifest import AttributeMapping, Lifecycle, Manifest, Problem
from gallery_sdk.manifest.mapping import Mappings
from gallery_sdk.manifest.problems import did_you_mean

from .models import AppConfig, MappingOverride
from .problems import InvalidConfigError

_Patched = dict[str, tuple[AttributeMapping, ...]]
_Origins = dict[str, dict[int, int]]  # by kind: place of a mapping to place of the override that changed it
_KINDS: Final = ("user", "group")
VALUE_FIELDS: Final = ("source", "expression", "constant")
_PLACE: Final = re.compile(r"^.*?, mapping\.(?P<kind>user|group)\[(?P<index>\d+)\](?P<rest>.*)$")


def effective_mappings(manifest: Manifest, app: AppConfig) -> dict[str, tuple[AttributeMapping, ...]]:
    """Both kinds' mappings in the connector's order, the app's new ones after them, disabled ones included.

    The result is checked as the connector's own mappings are: targets exist in the declared schema, expressions
    compile and fit, precedences are unique. What was wrong without the overrides is not the app's problem.

    Raises:
        InvalidConfigError: Every problem, located in the app's file.
    """
    patched: _Patched = {}
    origins: _Origins = {}
    problems: list[Problem] = []
    for kind in _KINDS:
        overrides = app.mapping.user if kind == "user" else app.mapping.group
        defaults = manifest.mapping.user if kind == "user" else manifest.mapping.group
        known = {one.name for one in (manifest.attribute.user if kind == "user" else manifest.attribute.group)}
        patched[kind], origins[kind], found = _patch(defaults, overrides, known, f"{app.where}, mapping.{kind}")
        problems += found
    if problems:
        raise InvalidConfigError(problems)
    if any(origins.values()):
        problems = _new_problems(manifest, app, patched, origins)
        if problems:
            raise InvalidConfigError(problems)
    return patched


def effective_lifecycle(manifest: Manifest, app: AppConfig) -> Lifecycle:
    """The connector's lifecycle with the app's [lifecycle] over it."""
    return manifest.lifecycle.model_copy(update=app.lifecycle.model_dump(exclude_none=True))


def _patch(
    defaults: Sequence[AttributeMapping], overrides: Sequence[MappingOverride], known: set[str], where: str
) -> tuple[tuple[AttributeMapping, ...], dict[int, int], list[Problem]]:
    """The patched mappings, which of them came from which override, and what does not fit."""
    result = list(defaults)
    origins: dict[int, int] = {}
    problems: list[Problem] = []
    for place, override in enumerate(overrides):
        there = f"{where}[{place}]"
        index = find_patched(result, override)
        if index in origins:
            problems.append(
                Problem(there, f"overrides the same mapping as place {origins[index]} of the list", "Join both")
            )
            continue
        if index is None:
            problem = _not_new(override, result, known, there)
            if problem:
                problems.append(problem)
                continue
        try:
            mapping = patched_mapping(result[index] if index is not None else None, override)
        except ValidationError as error:
            what = str(error.errors(include_url=False)[0]["msg"])
            problems.append(Problem(there, what, "See the fields of a mapping in the documentation"))
            continue
        if index is None:
            index = len(result)
            result.append(mapping)
        else:
            result[index] = mapping
        origins[index] = place
    return tuple(result), origins, problems


def find_patched(mappings: Sequence[AttributeMapping], override: MappingOverride) -> int | None:
    """Place of the mapping that an override patches, or None."""
    for index, mapping in enumerate(mappings):
        if (mapping.id == override.id) if override.id is not None else (mapping.target == override.target):
            return index
    return None


def _not_new(
    override: MappingOverride, mappings: Sequence[AttributeMapping], known: set[str], where: str
) -> Problem | None:
    """Why an override that patches nothing cannot be a new mapping either."""
    if override.target is None:
        mend = did_you_mean(override.id or "", [one.id for one in mappings], "Name the mapping by its target")
        return Problem(f"{where}.id", f"no mapping has the id '{override.id}'", mend)
    if known and override.target not in known:
        mend = did_you_mean(override.target, known, "Use one that it declares; `gallery show` lists them")
        return Problem(f"{where}.target", f"the connector declares no attribute '{override.target}'", mend)
    if all(getattr(override, name) is None for name in (*VALUE_FIELDS, "default")):
        what = f"nothing is mapped to '{override.target}' yet, and the override gives no value"
        return Problem(where, what, "Add source, expression or constant")
    return None


def patched_mapping(base: AttributeMapping | None, override: MappingOverride) -> AttributeMapping:
    """The mapping with the written fields over the default ones. Raises `ValidationError`."""
    written: dict[str, Any] = override.model_dump(exclude_none=True)
    if written.get("match") == 0:
        written["match"] = None
    fields: dict[str, Any] = base.model_dump() if base is not None else {}
    if any(name in written for name in VALUE_FIELDS):
        fields.update(dict.fromkeys(VALUE_FIELDS))
    return AttributeMapping.model_validate({**fields, **written})


def _new_problems(manifest: Manifest, app: AppConfig, patched: _Patched, origins: _Origins) -> list[Problem]:
    """Errors that the connector has with the overrides and not without them, where the app can mend them."""
    from gallery_sdk.manifest import find_problems  # it compiles expressions; an app without overrides needs none

    before = {(problem.what, problem.mend) for problem in find_problems(manifest)}
    changed = manifest.model_copy(update={"mapping": Mappings(user=patched["user"], group=patched["group"])})
    return [
        Problem(_relocate(problem.where, app, patched, origins), problem.what, problem.mend)
        for problem in find_problems(changed)
        if problem.severity == "error" and (problem.what, problem.mend) not in before
    ]


def _relocate(where: str, app: AppConfig, patched: _Patched, origins: _Origins) -> str:
    found = _PLACE.match(where)
    if found is None:
        return f"{app.where}, mapping"
    kind, index = found["kind"], int(found["index"])
    if index in origins[kind]:
        return f"{app.where}, mapping.{kind}[{origins[kind][index]}]{found['rest']}"
    return f"{app.where}, mapping.{kind} (default mapping of '{patched[kind][index].target}')"
