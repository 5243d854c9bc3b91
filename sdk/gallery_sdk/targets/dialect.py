"""How one kind of object is written to and read from one target: mappings' paths and quirks, compiled once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from ..manifest import QuirkSet
from ..scim import PatchOperation, SchemaSet, build_patch, compile_assembler, compile_getter, parse_path, urns
from .base import Canonical, Comparer
from .findings import FindingLog
from .hooks import Hooks
from .quirks import (
    FilterText,
    PatchShaper,
    compile_canonical,
    compile_comparer,
    compile_filter_text,
    compile_ignored,
    compile_item_shaper,
    compile_patch_shaper,
    compile_reader,
    compile_whole,
    filterable_paths,
    reference_subs,
    unsendable_in_updates,
    whole_attributes,
)
from .quirks.references import read_reference
from .schema_sets import schema_set

if TYPE_CHECKING:
    from ..manifest import Manifest, TargetAttribute

Values: TypeAlias = Mapping[str, object]
Resource: TypeAlias = dict[str, object]

CORE: Final = {"user": urns.USER, "group": urns.GROUP}
REQUIRED: Final = {"user": "userName", "group": "displayName"}


@dataclass(slots=True)
class Dialect:
    """Everything compiled for one kind.

    Attributes:
        paths: Mapped target paths but `members`, in mapping order.
        assemble: Flat values to the resource as the target wants it.
        flatten: A parsed resource to flat values; it may change the resource that it is given.
        shape: Operations of a change to those that the target takes; None where they go as they are.
        whole: The part of `shape` that makes a list whole whose items cannot be told apart at the target.
        unsendable: Paths that no update carries, with the finding that a difference becomes.
        filterable: Paths that are looked up by filter; shrinks when the target turns out to ignore or refuse one.
        filters: The filters for a path, made at its first look-up.
        exact: Paths that match in their very letter case only.
        list_omits: Mapped paths that lists leave out.
        unreadable: Paths whose value cannot be read back, so that reading proves nothing about them.
        hooks: What the connector's own code adds.
    """

    kind: str
    quirks: QuirkSet
    paths: tuple[str, ...]
    schema: SchemaSet
    assemble: Callable[[Values], Resource]
    flatten: Callable[[Resource], dict[str, object]]
    shape: PatchShaper | None
    whole: PatchShaper | None
    canonical: Canonical | None
    comparer: Comparer
    ignored: Callable[[Mapping[str, object]], bool] | None
    unsendable: Mapping[str, str]
    filterable: frozenset[str]
    filters: dict[str, FilterText]
    exact: frozenset[str]
    list_omits: frozenset[str]
    unreadable: frozenset[str]
    hooks: Hooks

    def filter_text(self, path: str) -> FilterText:
        """The filters that look `path` up."""
        made = self.filters.get(path)
        if made is None:
            made = self.filters[path] = compile_filter_text(self.quirks, path)
        return made

    def operations(self, before: Values, after: Values) -> list[PatchOperation]:
        """The operations from one state to the other, in the target's words."""
        wanted = self.assemble(after)
        found = build_patch(self.assemble(before), wanted, schema=self.schema)
        return self.shaped(found, wanted) if found else found

    def shaped(self, operations: list[PatchOperation], after: Resource) -> list[PatchOperation]:
        """Operations in the target's words: quirks, then the connector's hook."""
        if self.shape is not None:
            operations = self.shape(operations, after)
        hook = self.hooks.shape_patch
        return operations if hook is None or not operations else hook(self.kind, operations)

    def revised(self, resource: Resource) -> Resource:
        """A parsed resource after the connector's hook."""
        hook = self.hooks.read_resource
        return resource if hook is None else hook(self.kind, resource)

    def matches(self, path: str, found: object, wanted: object) -> bool:
        """Whether an object with the value `found` is one that was looked for by `wanted`."""
        if found is None:
            return False
        if path not in self.exact and isinstance(found, str) and isinstance(wanted, str):
            return found.casefold() == wanted.casefold() or self.equal(path, found, wanted)
        return self.equal(path, found, wanted)

    def equal(self, path: str, old: object, new: object) -> bool:
        """Whether the target would call the two values of `path` the same."""
        if old == new or (old in (None, "", []) and new in (None, "", [])):
            return True
        return self.comparer(path, old, new)


def compile_dialect(
    manifest: Manifest, kind: str, paths: Sequence[str], log: FindingLog, hooks: Hooks | None = None
) -> Dialect:
    """Compile one kind of one connection.

    Raises:
        PathError: A mapped path is no attribute path, or describes no element to write.
    """
    quirks = manifest.quirks_for(kind)
    paths = tuple(dict.fromkeys(path for path in paths if path != "members"))
    attributes = {one.name: one for one in manifest.target_schema["user" if kind == "user" else "group"]}
    schema = schema_set(kind, attributes)
    references = reference_subs(quirks, paths, attributes)
    unreadable = _unreadable(quirks, paths, schema)
    # What comes back for unreadable paths says nothing about what is stored.
    readable = [path for path in paths if path not in unreadable]
    return Dialect(
        kind=kind,
        quirks=quirks,
        paths=paths,
        schema=schema,
        assemble=_assembler(quirks, kind, paths, schema, references),
        flatten=_flattener(quirks, readable, schema, references),
        shape=compile_patch_shaper(quirks, schema, references),
        whole=compile_whole(whole_attributes(quirks)),
        canonical=_with_lists(compile_canonical(quirks, paths, log), paths, schema),
        comparer=compile_comparer(quirks, paths, attributes),
        ignored=compile_ignored(quirks),
        unsendable=unsendable_in_updates(quirks),
        filterable=filterable_paths(manifest, kind, quirks, paths, attributes),
        filters={},
        exact=frozenset(path for path in paths if _is_exact(path, schema, attributes.get(path))),
        list_omits=frozenset(quirks.value("list.omits", tuple, ())) & frozenset(paths),
        unreadable=unreadable,
        hooks=hooks or Hooks(),
    )


def _is_exact(path: str, schema: SchemaSet, attribute: TargetAttribute | None) -> bool:
    if attribute is not None:
        return attribute.case_exact
    definition = schema.find(parse_path(path))
    return definition is not None and definition.case_exact


def _unreadable(quirks: QuirkSet, paths: Sequence[str], schema: SchemaSet) -> frozenset[str]:
    found = set(quirks.value("attribute.not_compared", tuple, ()))
    if quirks.has("external_id.not_stored"):
        found.add("externalId")
    for path in paths:
        definition = schema.find(parse_path(path))
        if definition is not None and (definition.returned == "never" or definition.mutability == "writeOnly"):
            found.add(path)
    return frozenset(found & set(paths))


def _assembler(
    quirks: QuirkSet, kind: str, paths: Sequence[str], schema: SchemaSet, references: Mapping[str, str | None]
) -> Callable[[Values], Resource]:
    sent = [path for path in paths if path != "active" or not quirks.has("active.readonly")]
    fold = compile_assembler(sent, schemas=[CORE[kind]], schema=schema)
    shape_items = compile_item_shaper(quirks)
    wrapped = [(path, sub) for path, sub in references.items() if sub is not None]
    if not wrapped and shape_items is None:
        return fold

    def assemble(values: Values) -> Resource:
        for path, sub in wrapped:
            value = values.get(path)
            if value and isinstance(value, str):
                values = {**values, path: {sub: value}}
        resource = fold(values)
        if shape_items is not None:
            shape_items(resource)
        return resource

    return assemble


def _flattener(
    quirks: QuirkSet, paths: Sequence[str], schema: SchemaSet, references: Mapping[str, str | None]
) -> Callable[[Resource], dict[str, object]]:
    readers = [
        (path, compile_getter(path, schema=schema), references.get(path, ""), path in references) for path in paths
    ]
    prepare = compile_reader(quirks, paths)
    blanks_are_absent = quirks.has("empty_string.means_unset")

    def flatten(resource: Resource) -> dict[str, object]:
        if prepare is not None:
            prepare(resource)
        values: dict[str, object] = {}
        for path, read, sub, is_reference in readers:
            value = read(resource)
            if is_reference:
                value = read_reference(value, sub)
            if value is None or (blanks_are_absent and isinstance(value, str) and not value.strip()):
                continue
            values[path] = value
        return values

    return flatten


def _with_lists(canonical: Canonical | None, paths: Sequence[str], schema: SchemaSet) -> Canonical | None:
    """Also make objects of the texts in a list whose items are objects: `roles` takes `{"value": …}`."""
    lists = [path for path in paths if _holds_objects(path, schema)]
    if not lists:
        return canonical

    def with_lists(values: dict[str, object]) -> dict[str, object]:
        for path in lists:
            items = values.get(path)
            if isinstance(items, list) and any(not isinstance(item, Mapping) for item in items):
                made = [item if isinstance(item, Mapping) else {"value": item} for item in items]
                values = {**values, path: made}
        return values if canonical is None else canonical(values)

    return with_lists


def _holds_objects(path: str, schema: SchemaSet) -> bool:
    parsed = parse_path(path)
    attribute = schema.attribute(parsed.name, parsed.urn)
    if attribute is None or parsed.sub is not None or parsed.filter is not None:
        return False
    return attribute.multi_valued and attribute.type == "complex"
