"""Mappings: expressions compile and fit, targets exist, and every object can be matched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from ...errors import PathError
from ...scim import parse_path
from ..base import KINDS, Kind
from ..mapping import AttributeMapping
from ..model import Manifest
from ..problems import Problem, did_you_mean, shown
from ..schema import TargetAttribute
from .values import SOFT_DELETED, compiled, value_problems

_NEVER_MAPPED: Final = {
    "id": "The target gives it",
    "meta": "The target keeps it",
    "schemas": "The client writes it from the mapped paths",
    "groups": "Memberships are changed on the group; map its members",
}
_LARGEST_LISTED: Final = 12


def mapping_problems(manifest: Manifest) -> Iterator[Problem]:
    """Check the mappings of both kinds."""
    for kind in KINDS:
        mappings = manifest.mappings[kind]
        able = manifest.capabilities.of(kind)
        where = f"{manifest.where}, mapping.{kind}"
        if mappings and not able:
            yield Problem(
                where,
                f"{kind}s are mapped, and capabilities.{kind} is empty",
                f"Say in capabilities.{kind} what can be done, or remove the mappings",
            )
        if not mappings:
            if "create" in able and not manifest.capabilities.discovered:
                yield Problem(
                    where,
                    f"{kind}s can be created, and nothing is mapped",
                    f"Add [[mapping.{kind}]], or the feature 'discovered' when the target describes itself",
                )
            continue
        yield from _names(manifest, kind)
        yield from _each(manifest, kind)
        yield from _required(manifest, kind)
        yield from _matching(manifest, kind)


def soft_deletion_is_mapped(manifest: Manifest) -> bool:
    """Whether some enabled user mapping reacts to a leaver, or is known to be meant to (the accountEnabled lint)."""
    for mapping in manifest.mappings["user"]:
        inputs = _inputs(mapping)
        if mapping.enabled and (SOFT_DELETED in inputs or _feeds_active_from_account(mapping, inputs)):
            return True
    return False


def _names(manifest: Manifest, kind: Kind) -> Iterator[Problem]:
    mappings = manifest.mappings[kind]
    for field in ("target", "id"):
        seen: dict[str, int] = {}
        for index, mapping in enumerate(mappings):
            name = getattr(mapping, field).casefold()
            if name in seen and (field == "target" or mapping.id != mapping.target):
                yield Problem(
                    f"{manifest.where}, mapping.{kind}[{index}].{field}",
                    f"{shown(getattr(mapping, field))} is already the {field} of mapping.{kind}[{seen[name]}]",
                    "Keep one mapping per target attribute" if field == "target" else "Give every mapping its own id",
                )
            seen.setdefault(name, index)


def _each(manifest: Manifest, kind: Kind) -> Iterator[Problem]:
    schema = {attribute.name: attribute for attribute in manifest.target_schema[kind]}
    for index, mapping in enumerate(manifest.mappings[kind]):
        where = f"{manifest.where}, mapping.{kind}[{index}]"
        yield from _target(manifest, kind, mapping, schema, where)
        yield from _reference(manifest, kind, mapping, schema.get(mapping.target), where)
        yield from value_problems(mapping, schema.get(mapping.target), where)
        if _feeds_active_from_account(mapping, _inputs(mapping)):
            yield Problem(
                f"{where}.{'source' if mapping.source else 'expression'}",
                "active follows accountEnabled, so a person who is unassigned or leaves the scope stays active",
                'Use Switch([IsSoftDeleted], , "False", "True", "True", "False"), which covers accountEnabled too',
                severity="warning",
            )


def _target(
    manifest: Manifest, kind: Kind, mapping: AttributeMapping, schema: Mapping[str, TargetAttribute], where: str
) -> Iterator[Problem]:
    scim = manifest.transport.kind != "rest"
    if scim:
        try:
            name = parse_path(mapping.target).name
        except PathError as error:
            yield Problem(f"{where}.target", f"{shown(mapping.target)}: {error.what}", error.mend)
            return
        reason = _NEVER_MAPPED.get(name)
        if reason is not None and (name != "groups" or kind == "user"):
            yield Problem(f"{where}.target", f"{shown(name)} is never mapped", f"Remove the mapping. {reason}")
            return
    elif mapping.target == "id":
        yield Problem(f"{where}.target", "'id' is never mapped", "Remove the mapping; the target gives it")
        return
    members = kind == "group" and mapping.target == "members"
    if not schema or (members and "members" not in schema):
        return
    attribute = schema.get(mapping.target)
    if attribute is None:
        known = sorted(schema)
        listed = ", ".join(known[:_LARGEST_LISTED]) + (" and more" if len(known) > _LARGEST_LISTED else "")
        yield Problem(
            f"{where}.target",
            f"{shown(mapping.target)} is not in the declared schema",
            did_you_mean(mapping.target, known, f"Declare it as [[attribute.{kind}]]; declared are {listed}"),
        )
    elif attribute.mutability == "readOnly" and mapping.type != "none":
        yield Problem(f"{where}.target", f"{shown(mapping.target)} is readOnly", "Remove the mapping")
    elif attribute.mutability == "immutable" and mapping.when != "create":
        yield Problem(
            f"{where}.when",
            f"{shown(mapping.target)} is immutable, and when is {mapping.when!r}",
            'Say when = "create"; the target refuses later changes',
        )


def _reference(
    manifest: Manifest, kind: Kind, mapping: AttributeMapping, attribute: TargetAttribute | None, where: str
) -> Iterator[Problem]:
    if kind == "group" and mapping.target == "members":
        if mapping.source is None or mapping.reference is None:
            yield Problem(where, "members need a source and a reference", 'Say source = "members", reference = "user"')
        if "members" not in manifest.capabilities.group:
            yield Problem(
                f"{where}.target",
                "members are mapped, and capabilities.group has no 'members'",
                "Add 'members' to capabilities.group, or remove the mapping",
            )
        return
    if mapping.reference is not None and mapping.constant is not None:
        yield Problem(
            f"{where}.reference",
            "a constant cannot be the source id of another object",
            "Give a source or an expression, or drop reference",
        )
    if attribute is not None and mapping.reference is not None and attribute.reference not in (None, mapping.reference):
        yield Problem(
            f"{where}.reference",
            f"{mapping.reference!r} is not what the attribute refers to ({attribute.reference!r})",
            f"Say reference = {attribute.reference!r}",
        )
    if attribute is not None and attribute.reference and mapping.type == "direct" and mapping.reference is None:
        yield Problem(
            f"{where}.reference",
            f"the attribute refers to a {attribute.reference}, and the mapping sends the source's own value",
            f'Say reference = "{attribute.reference}", so that the target\'s id is sent',
            severity="warning",
        )


def _required(manifest: Manifest, kind: Kind) -> Iterator[Problem]:
    if "create" not in manifest.capabilities.of(kind):
        return
    filled = {
        mapping.target
        for mapping in manifest.mappings[kind]
        if mapping.enabled and (mapping.type != "none" or mapping.default is not None)
    }
    for index, attribute in enumerate(manifest.target_schema[kind]):
        if attribute.required and attribute.mutability != "readOnly" and attribute.name not in filled:
            yield Problem(
                f"{manifest.where}, attribute.{kind}[{index}]",
                f"{shown(attribute.name)} is required, and no enabled mapping fills it",
                f"Add [[mapping.{kind}]] with target {attribute.name!r} and a source, expression, constant or default",
            )


def _matching(manifest: Manifest, kind: Kind) -> Iterator[Problem]:
    where = f"{manifest.where}, mapping.{kind}"
    enabled = [(index, one) for index, one in enumerate(manifest.mappings[kind]) if one.enabled]
    matching = [(index, one, one.match) for index, one in enabled if one.match is not None]
    if not matching:
        yield Problem(
            where,
            "there is no matching attribute, so existing accounts would be created again",
            "Give the mapping that identifies an object match = 1",
        )
        return
    first: dict[int, str] = {}
    for index, mapping, precedence in matching:
        if precedence in first:
            yield Problem(
                f"{where}[{index}].match",
                f"{precedence} is already used by {first[precedence]!r}",
                "Number matching attributes 1, 2, 3 in the order to try them",
            )
        first.setdefault(precedence, mapping.target)
    missing = next((number for number in range(1, max(first) + 1) if number not in first), None)
    if missing is not None and Counter(precedence for *_, precedence in matching).most_common(1)[0][1] == 1:
        index = next(index for index, _, precedence in matching if precedence > missing)
        yield Problem(
            f"{where}[{index}].match",
            f"precedence {missing} is missing",
            "Number matching attributes 1, 2, 3 in the order to try them",
        )
    for index, mapping, _ in matching:
        yield from _can_match(manifest, kind, mapping, f"{where}[{index}].match")


def _can_match(manifest: Manifest, kind: Kind, mapping: AttributeMapping, where: str) -> Iterator[Problem]:
    if mapping.type in ("none", "constant"):
        yield Problem(
            where,
            f"a mapping of type {mapping.type!r} cannot tell objects apart",
            "Match by an attribute with a source or an expression",
        )
    if mapping.reference is not None:
        yield Problem(where, "a reference is no matching attribute", "Match by a value that the source itself holds")
    if mapping.expression is not None and (expression := compiled(mapping.expression)) and expression.selects_unique:
        yield Problem(
            where,
            "SelectUniqueValue chooses a free value, so it never finds the account that has one",
            "Match by another attribute",
        )
    quirks = manifest.quirks_for(kind)
    if mapping.target == "externalId" and quirks.has("external_id.not_stored"):
        yield Problem(
            where,
            "externalId is a matching attribute, and quirk 'external_id.not_stored' says it cannot be looked up",
            "Match by another attribute",
        )
    attribute = next((one for one in manifest.target_schema[kind] if one.name == mapping.target), None)
    filterable = attribute.filterable if attribute is not None else None
    if filterable is None:
        filterable = mapping.target in manifest.capabilities.filters
    if not filterable and "read" not in manifest.capabilities.of(kind):
        yield Problem(
            where,
            f"{shown(mapping.target)} can neither be filtered on nor be found by listing",
            f"Declare the feature 'filter:{mapping.target}-eq', or 'read' in capabilities.{kind}",
        )


def _inputs(mapping: AttributeMapping) -> frozenset[str]:
    if mapping.source is not None:
        return frozenset({mapping.source})
    if mapping.expression is not None and (expression := compiled(mapping.expression)) is not None:
        return frozenset(expression.inputs)
    return frozenset()


def _feeds_active_from_account(mapping: AttributeMapping, inputs: frozenset[str]) -> bool:
    active = mapping.target.rpartition(":")[2].casefold() in ("active", "isactive", "disabled", "suspended")
    return active and "accountEnabled" in inputs and SOFT_DELETED not in inputs
