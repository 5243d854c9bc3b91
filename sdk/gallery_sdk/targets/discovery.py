"""What a SCIM endpoint says of itself, turned into a proposal of schema and mappings that a person can review.

Real servers serve all of it, half of it, or a sign-in page. Whatever is missing is filled in from RFC 7643 and said so;
discovery never fails over an endpoint that can be provisioned.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ..errors import AuthError, ScimError
from ..manifest import AttributeMapping, TargetAttribute
from ..scim import (
    GROUP_SCHEMAS,
    USER_SCHEMAS,
    AttributeDefinition,
    AttributePath,
    Discovered,
    SchemaSet,
    parse_path,
    parse_resource_types,
    parse_schemas,
    urns,
)
from ..transport import Request
from .connection import Connection
from .default_mappings import GROUP_DEFAULTS, USER_DEFAULTS
from .failure import Failure, TargetFailure
from .failures import FailureReader
from .findings import TargetFinding
from .provider_config import fetch_config

if TYPE_CHECKING:
    from ..manifest import Manifest
    from ..scim import ServiceProviderConfig
    from ..transport import Transport

_DEFAULTS: Final = {"user": USER_DEFAULTS, "group": GROUP_DEFAULTS}
_RFC: Final = {"user": USER_SCHEMAS, "group": GROUP_SCHEMAS}
_ENDPOINTS: Final = {"user": "/users", "group": "/groups"}
_TYPES: Final = frozenset({"string", "boolean", "integer", "decimal", "dateTime", "binary", "reference", "complex"})
_NEVER_MAPPED: Final = frozenset({"id", "meta", "schemas", "password", "groups"})


@dataclass(frozen=True, slots=True)
class Proposal:
    """What discovery came to.

    Attributes:
        attributes: By kind, the schema that the target declares; empty where it declares none.
        mappings: By kind, the proposed mappings; each `note` says why, and those that a person must decide are off.
        config: The service provider configuration; None where none is served.
        served: The documents that the target served, of ServiceProviderConfig, Schemas and ResourceTypes.
        findings: What was missing or had to be forgiven.
    """

    attributes: Mapping[str, tuple[TargetAttribute, ...]]
    mappings: Mapping[str, tuple[AttributeMapping, ...]]
    config: ServiceProviderConfig | None = None
    served: tuple[str, ...] = ()
    findings: tuple[TargetFinding, ...] = field(default=())

    def apply_to(self, manifest: Manifest) -> Manifest:
        """The generic connector's manifest with the proposal in the place of its own schema and mappings."""
        bare = manifest.model_copy(
            update={"attribute": type(manifest.attribute)(), "mapping": type(manifest.mapping)()}
        )
        return bare.with_discovered(attributes=self.attributes, mappings=self.mappings)


async def discover(transport: Transport, manifest: Manifest) -> Proposal:
    """Read what the target says of itself and propose mappings.

    Args:
        transport: Signed in to the target.
        manifest: The generic connector's, whose quirks may say that nothing is served (`config.missing`).

    Raises:
        AuthError: The target refuses the credential even for its collection of users.
        TransportError: It cannot be reached at all.
    """
    connection = Connection(transport, FailureReader(manifest.errors))
    config = await fetch_config(connection, manifest)
    types, schemas = Discovered(), Discovered()
    if not manifest.quirks_for("user").has("config.missing"):
        types = await _read(connection, "/ResourceTypes")
        schemas = await _read(connection, "/Schemas")
    if config is None and not schemas.schemas:
        await _refuse_bad_credential(connection, manifest)
    served = [
        name
        for name, there in (
            ("ServiceProviderConfig", config is not None),
            ("Schemas", bool(schemas.schemas)),
            ("ResourceTypes", bool(types.resource_types)),
        )
        if there
    ]
    sets = {kind: _schema_set(kind, types, schemas) for kind in _DEFAULTS}
    return Proposal(
        attributes={kind: () if one is None else tuple(_declared(one)) for kind, one in sets.items()},
        mappings={kind: tuple(_proposed(kind, one)) for kind, one in sets.items()},
        config=config,
        served=tuple(served),
        findings=connection.log.all(),
    )


async def _read(connection: Connection, path: str) -> Discovered:
    """One discovery document; an empty one where it is not served, and a finding says so."""
    try:
        response = await connection.send(Request("GET", path, label=f"read {path}"), "read", "user")
        body = connection.json(response, "read")
        found = parse_schemas(body) if path == "/Schemas" else parse_resource_types(body)
    except (TargetFailure, ScimError) as error:
        connection.log.add("discovery_missing", path, str(getattr(error, "status", None) or "no such document"))
        return Discovered()
    connection.log.take(found.findings)
    if not found.schemas and not found.resource_types:
        connection.log.add("discovery_missing", path, "empty")
    return found


async def _refuse_bad_credential(connection: Connection, manifest: Manifest) -> None:
    """Nothing is served: make sure that this is not for want of a credential, which would look the same."""
    path = manifest.transport.user_path
    try:
        await connection.send(Request("GET", path, params=[("count", "1")], label="list users"), "list", "user")
    except TargetFailure as failure:
        if failure.failure is Failure.STOP and failure.status in (401, 403):
            raise AuthError(failure.what, failure.where, failure.mend) from failure


def _schema_set(kind: str, types: Discovered, schemas: Discovered) -> SchemaSet | None:
    """The schemas of a kind: by its resource type, else by the core URN and every extension that names it."""
    for one in types.resource_types:
        if one.endpoint.rstrip("/").lower().endswith(_ENDPOINTS[kind]):
            found = schemas.schema_set(one)
            if found is not None:
                return found
    core = urns.USER if kind == "user" else urns.GROUP
    base = next((one for one in schemas.schemas if one.urn.lower() == core.lower()), None)
    if base is None:
        return None
    suffix = f":{core.rpartition(':')[2]}".lower()
    extensions = tuple(one for one in schemas.schemas if one is not base and one.urn.lower().endswith(suffix))
    return SchemaSet(base, extensions)


def _proposed(kind: str, schemas: SchemaSet | None) -> Iterable[AttributeMapping]:
    """The usual mappings of what the target declares writable, then its own extensions, switched off."""
    mapped: set[tuple[str | None, str]] = set()
    for default in _DEFAULTS[kind]:
        path = parse_path(default.target)
        mapped.add((path.urn, path.name.lower()))
        if schemas is None:
            yield _with_note(default, "RFC 7643 core attribute; the target serves no schema to check it against")
            continue
        definition = _find(schemas, path)
        if definition is None:
            if default.match is None and path.name != "externalId":
                continue  # not declared: sending it would be refused or dropped
            yield _with_note(default, "RFC 7643 core attribute, which the target's schema does not mention")
        elif definition.mutability in ("readOnly", "immutable") and default.match is None and path.name != "members":
            continue
        else:
            yield _with_note(default, f"the target declares it {definition.mutability}")
    if schemas is not None:
        yield from _extensions(kind, schemas, mapped)


def _find(schemas: SchemaSet, path: AttributePath) -> AttributeDefinition | None:
    """The definition of a path; a lone mapped sub-attribute must be declared too, where sub-attributes are."""
    attribute = schemas.attribute(path.name, path.urn)
    if attribute is None or path.sub is None or not attribute.sub_attributes:
        return attribute
    return attribute.sub(path.sub)


def _extensions(kind: str, schemas: SchemaSet, mapped: set[tuple[str | None, str]]) -> Iterable[AttributeMapping]:
    for schema in schemas.extensions:
        for one in schema.attributes:
            if one.mutability == "readOnly" or (schema.urn, one.name.lower()) in mapped:
                continue
            if one.type == "complex" and not one.multi_valued:
                targets = [
                    f"{schema.urn}:{one.name}.{sub.name}" for sub in one.sub_attributes if sub.mutability != "readOnly"
                ]
            else:
                targets = [f"{schema.urn}:{one.name}"]
            required = "; the target requires it" if one.required else ""
            for target in targets:
                yield AttributeMapping(
                    id=target,
                    target=target,
                    source=target.rpartition(":")[2].rpartition(".")[2],
                    enabled=False,
                    note=f"From the target's extension {schema.name}{required}; name its source and switch it on",
                    origin="the target's /Schemas",
                    mark="inferred",
                )


def _with_note(default: AttributeMapping, reason: str) -> AttributeMapping:
    note = reason if default.note is None else f"{reason}. {default.note}"
    return default.model_copy(update={"note": note[:1].upper() + note[1:]})


def _declared(schemas: SchemaSet) -> Iterable[TargetAttribute]:
    """The target's schema as a manifest would declare it: the paths that mappings use."""
    if schemas.base.attribute("externalId") is None:
        yield _target_attribute("externalId", AttributeDefinition("externalId", case_exact=True))  # common to all
    for schema in schemas:
        prefix = "" if schema is schemas.base else f"{schema.urn}:"
        for one in schema.attributes:
            if one.name in _NEVER_MAPPED:
                continue
            yield from _attribute(prefix, one)


def _attribute(prefix: str, one: AttributeDefinition) -> Iterable[TargetAttribute]:
    name = f"{prefix}{one.name}"
    if one.type != "complex" or one.name in ("members", "manager"):
        yield _target_attribute(name, one)
        return
    if not one.multi_valued:
        for sub in one.sub_attributes:
            yield _target_attribute(f"{name}.{sub.name}", sub)
        return
    yield _target_attribute(name, one)
    kinds = one.sub("type")
    for kind in kinds.canonical_values if kinds is not None else ():
        for sub in one.sub_attributes:
            if sub.name not in ("type", "$ref"):
                yield _target_attribute(f'{name}[type eq "{kind}"].{sub.name}', sub)


def _target_attribute(name: str, one: AttributeDefinition) -> TargetAttribute:
    known = {"type": one.type if one.type in _TYPES else "string"}
    if one.mutability in ("readWrite", "readOnly", "immutable", "writeOnly"):
        known["mutability"] = one.mutability
    reference = "user" if one.name in ("members", "manager") else None
    return TargetAttribute.model_validate(
        {
            "name": name,
            **known,
            "multi_valued": one.multi_valued,
            "required": one.required,
            "unique": one.uniqueness in ("server", "global"),
            **({"case_exact": True} if one.case_exact else {}),
            "reference": reference,
            "source": "the target's /Schemas",
            "mark": "documented",
        }
    )
