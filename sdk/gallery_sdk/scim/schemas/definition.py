"""What is known of a resource's attributes (RFC 7643 section 7): light, immutable, made for look-ups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from ..urns import is_core

if TYPE_CHECKING:
    from ..filters.ast import AttributePath


Index: TypeAlias = "dict[str, AttributeDefinition]"


@dataclass(frozen=True, slots=True)
class AttributeDefinition:
    """One attribute or sub-attribute; defaults are those of RFC 7643 section 2.2.

    Attributes:
        type: string, boolean, decimal, integer, dateTime, reference, binary or complex.
        mutability: readOnly, readWrite, immutable or writeOnly.
        returned: always, never, default or request.
        uniqueness: none, server or global.
        reference_types: Resource types, `external` or `uri`.
        index: The sub-attributes by their name, as spelt and in lower case.
    """

    name: str
    type: str = "string"
    multi_valued: bool = False
    required: bool = False
    case_exact: bool = False
    mutability: str = "readWrite"
    returned: str = "default"
    uniqueness: str = "none"
    canonical_values: tuple[str, ...] = ()
    reference_types: tuple[str, ...] = ()
    sub_attributes: tuple[AttributeDefinition, ...] = ()
    description: str = ""
    index: Index = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", _index(self.sub_attributes))

    def sub(self, name: str) -> AttributeDefinition | None:
        """The sub-attribute of that name in any letter case, or None."""
        return self.index.get(name) or self.index.get(name.lower())


@dataclass(frozen=True, slots=True)
class Schema:
    """The attributes that one URN defines."""

    urn: str
    name: str
    attributes: tuple[AttributeDefinition, ...]
    description: str = ""
    index: Index = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", _index(self.attributes))

    def attribute(self, name: str) -> AttributeDefinition | None:
        """The attribute of that name in any letter case, or None."""
        return self.index.get(name) or self.index.get(name.lower())


@dataclass(frozen=True, slots=True)
class SchemaSet:
    """All that is known of one kind of resource: its base schema, the common attributes, its extensions.

    Attributes:
        base: The schema whose attributes stand at the top of the resource.
        extensions: Schemas whose attributes stand in an object under their URN.
        index: What may stand at the top of the resource by its name, as spelt and in lower case.
    """

    base: Schema
    extensions: tuple[Schema, ...] = ()
    index: Index = field(init=False, repr=False, compare=False)
    _by_urn: dict[str, Index] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        top = _index(COMMON_ATTRIBUTES) | self.base.index
        by_urn = {schema.urn.lower(): schema.index for schema in self.extensions}
        object.__setattr__(self, "index", top)
        object.__setattr__(self, "_by_urn", by_urn | {self.base.urn.lower(): top, "": top})

    def __iter__(self) -> Iterator[Schema]:
        return iter((self.base, *self.extensions))

    def knows(self, urn: str | None) -> bool:
        """Whether attributes under this URN (None: the base schema) are defined here."""
        return (urn or "").lower() in self._by_urn

    def extension(self, urn: str) -> Schema | None:
        """The extension of that URN in any letter case, or None."""
        return next((schema for schema in self.extensions if schema.urn.lower() == urn.lower()), None)

    def attribute(self, name: str, urn: str | None = None) -> AttributeDefinition | None:
        """The attribute `name` under `urn`; without a URN, of the base schema or common to all resources."""
        index = self.index
        if urn is not None:
            known = self._by_urn.get(urn.lower())
            if known is None and not is_core(urn):
                return None
            index = index if known is None else known
        return index.get(name) or index.get(name.lower())

    def find(self, path: AttributePath) -> AttributeDefinition | None:
        """The definition of what a path names: the sub-attribute if the path has one; None if undefined."""
        attribute = self.attribute(path.name, path.urn)
        return attribute if attribute is None or path.sub is None else attribute.sub(path.sub)


def _index(attributes: Iterable[AttributeDefinition]) -> Index:
    """Attributes by name; a name spelt in lower case finds them too."""
    attributes = tuple(attributes)
    return {a.name.lower(): a for a in attributes} | {a.name: a for a in attributes}


_META = tuple(
    AttributeDefinition(name, type_, case_exact=exact, mutability="readOnly")
    for name, type_, exact in (
        ("resourceType", "string", True),
        ("created", "dateTime", False),
        ("lastModified", "dateTime", False),
        ("location", "reference", True),
        ("version", "string", True),
    )
)

COMMON_ATTRIBUTES: tuple[AttributeDefinition, ...] = (
    AttributeDefinition("schemas", "reference", multi_valued=True, required=True, case_exact=True, returned="always"),
    AttributeDefinition(
        "id", case_exact=True, mutability="readOnly", returned="always", uniqueness="server", required=True
    ),
    AttributeDefinition("externalId", case_exact=True),
    AttributeDefinition("meta", "complex", mutability="readOnly", sub_attributes=_META),
)
"""Attributes that every resource has and no schema lists (RFC 7643 section 3.1)."""
