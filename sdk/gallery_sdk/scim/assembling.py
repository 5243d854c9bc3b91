"""From flat values to a resource: `{'name.givenName': 'Ada'}` becomes `{"name": {"givenName": "Ada"}}`.

Paths are folded into a plan once per job; per object the plan is walked and no text is parsed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from ..errors import PathError
from ._access import as_boolean
from ._template import element_template
from .filters.ast import AttributePath
from .filters.path import parse_path
from .schemas import WELL_KNOWN, AttributeDefinition, SchemaSet
from .urns import is_core

PathKey = TypeVar("PathKey", bound=AttributePath | str)
Assembler: TypeAlias = Callable[[Mapping[str, object]], dict[str, object]]


def assemble(values: Mapping[PathKey, object], *, schemas: Sequence[str] = ()) -> dict[str, object]:
    """Fold one object's flat values; see `compile_assembler`, which is the one to use for many objects."""
    return compile_assembler(list(values), schemas=schemas)({str(path): value for path, value in values.items()})


def compile_assembler(
    paths: Iterable[AttributePath | str], *, schemas: Sequence[str] = (), schema: SchemaSet | None = None
) -> Assembler:
    """A function from flat values, keyed by the texts of `paths`, to a resource in its JSON shape.

    - Null, empty text and empty arrays count as absent; values of keys outside `paths` are ignored.
    - `emails[type eq "work"].value` gives an element `{"type": "work", "value": …}`; equal filters share one.
    - The first work e-mail made from filtered paths becomes `primary` where no element says who is.
    - Attributes of an extension stand under its URN, and `schemas` lists those that got a value.
    - `"True"` and `"False"` become booleans where the attribute is boolean (`active`, `primary`).
    - `emails.value`, a multi-valued attribute without a filter, gives one element.

    Args:
        paths: Everything that may be written, in the order in which it should be.
        schemas: The resource's own URNs, its base schema first; left out, `schemas` lists extensions alone, if any.
        schema: Tells booleans and multi-valued attributes; the core schemas of RFC 7643 when left out.

    Raises:
        PathError: Text that is not a path, or a filter that describes no element (`ne`, `or`, `co`…).
    """
    known = schema or WELL_KNOWN
    listed = {urn.lower() for urn in schemas}
    base = {known.base.urn.lower(), *(urn.lower() for urn in schemas[:1])}
    top = _Level(known.base.urn)
    extensions: dict[str, _Level] = {}
    booleans: list[str] = []
    for given in paths:
        key = str(given)
        path = parse_path(given, known_schemas=schemas) if isinstance(given, str) else given
        level = top
        if path.urn is not None and not is_core(path.urn) and path.urn.lower() not in base:
            level = extensions.setdefault(path.urn.lower(), _Level(path.urn))
        level.add(key, path, known.attribute(path.name, path.urn))
        definition = known.find(path)
        if definition is not None and definition.type == "boolean":
            booleans.append(key)
    below = [(level, urn not in listed) for urn, level in extensions.items()]

    def assembler(values: Mapping[str, object]) -> dict[str, object]:
        for key in booleans:
            if isinstance(values.get(key), str):
                values = {**values, key: as_boolean(values[key])}
        resource: dict[str, object] = {"schemas": [*schemas]} if schemas else {}
        top.fill(resource, values)
        for level, must_be_listed in below:
            extension: dict[str, object] = {}
            level.fill(extension, values)
            if extension:
                resource[level.urn] = extension
                if must_be_listed:
                    resource["schemas"] = [*resource.get("schemas", ()), level.urn]  # type: ignore[misc]  # a list
        return resource

    return assembler


@dataclass(slots=True)
class _Level:
    """The paths that share one object, a resource's top or an extension, by what it takes to write them.

    Attributes:
        plain: (key, name) of values that stand as they are.
        shared: (key, name) of whole attributes that other paths add to, copied so that the caller's stay untouched.
        subs: (key, name, sub) of complex attributes.
        elements: (key, name, sub, index of the element, template of the element) of multi-valued ones.
    """

    urn: str
    plain: list[tuple[str, str]] = field(default_factory=list)
    shared: list[tuple[str, str]] = field(default_factory=list)
    subs: list[tuple[str, str, str]] = field(default_factory=list)
    elements: list[tuple[str, str, str | None, int, dict[str, object]]] = field(default_factory=list)
    work_email: tuple[str, int] | None = None
    _names: dict[str, str] = field(default_factory=dict)
    _templates: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def add(self, key: str, path: AttributePath, definition: AttributeDefinition | None) -> None:
        """Take a path in; raises PathError where its filter describes no element."""
        name = self._names.setdefault(path.name.lower(), path.name)
        if path.filter is not None:
            self._add_element(key, name, path.sub, _template(key, path, definition))
        elif path.sub is None:
            self.plain.append((key, name))
        elif definition is not None and definition.multi_valued:
            self._add_element(key, name, path.sub, {})
        else:
            self.subs.append((key, name, path.sub))
        added_to = {name for _, name, *_ in (*self.subs, *self.elements)}
        self.shared += [pair for pair in self.plain if pair[1] in added_to]
        self.plain = [pair for pair in self.plain if pair[1] not in added_to]

    def _add_element(self, key: str, name: str, sub: str | None, template: dict[str, object]) -> None:
        wanted = (name, {part.lower(): value for part, value in template.items()})
        if wanted not in self._templates:
            self._templates.append(wanted)
        index = self._templates.index(wanted)
        self.elements.append((key, name, sub, index, template))
        if self.work_email is None and name.lower() == "emails" and wanted[1].get("type") == "work":
            self.work_email = (name, index)

    def fill(self, holder: dict[str, object], values: Mapping[str, object]) -> None:
        """Write what `values` has into `holder`; the hot path."""
        get = values.get
        # `or value == 0` keeps False and 0, and drops None, "", [] and {} in one test.
        for key, name in self.plain:
            if (value := get(key)) or value == 0:
                holder[name] = value
        for key, name in self.shared:
            if value := get(key):
                holder[name] = (
                    {**value} if isinstance(value, Mapping) else [*value] if isinstance(value, list) else value
                )
        for key, name, sub in self.subs:
            if (value := get(key)) or value == 0:
                complex_value = holder.get(name)
                if type(complex_value) is dict:
                    complex_value[sub] = value
                else:
                    holder[name] = {sub: value}
        if self.elements:
            self._fill_elements(holder, get)

    def _fill_elements(self, holder: dict[str, object], get: Callable[[str], object]) -> None:
        made: list[dict[str, object] | None] = [None] * len(self._templates)
        for key, name, sub, index, template in self.elements:
            if not ((value := get(key)) or value == 0):
                continue
            element = made[index]
            if element is None:
                made[index] = element = {**template}
                others = holder.get(name)
                if type(others) is list:
                    others.append(element)
                else:
                    holder[name] = [element] if others is None else [others, element]
            if sub is not None:
                element[sub] = value
            elif isinstance(value, Mapping):
                element.update(value)
            else:
                element["value"] = value
        if self.work_email is not None and (work := made[self.work_email[1]]) is not None:
            for email in holder[self.work_email[0]]:  # type: ignore[attr-defined]  # a list, for `work` stands in it
                if type(email) is dict and "primary" in email:
                    return
            work["primary"] = True


def _template(key: str, path: AttributePath, definition: AttributeDefinition | None) -> dict[str, object]:
    template = None if path.filter is None else element_template(path.filter, definition)
    if template is None:
        raise PathError(
            f"the filter of {path} describes no element to write",
            f"target path {key}",
            'Use equalities joined by "and", such as [type eq "work"]',
        )
    return template
