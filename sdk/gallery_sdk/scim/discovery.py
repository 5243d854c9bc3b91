"""What a target says of itself: ServiceProviderConfig, Schemas, ResourceTypes (RFC 7643 sections 5 to 7).

Every reader is lenient: a member that is missing or of the wrong kind takes the RFC's default and is reported,
for real servers leave out much and discovery must not fail over it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from ..errors import ScimError
from ._access import as_boolean, lookup
from .findings import Finding, FindingCode
from .schemas import AttributeDefinition, Schema, SchemaSet


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class BulkSupport(_Model):
    """Bulk limits; 0 where the target names none."""

    supported: bool = False
    max_operations: int = 0
    max_payload_size: int = 0


class FilterSupport(_Model):
    """Whether filters work, and the most results that one may have."""

    supported: bool = False
    max_results: int = 0


class PaginationSupport(_Model):
    """How lists are paged (RFC 9865 section 4); index paging where the target says nothing."""

    cursor: bool = False
    index: bool = True
    default_mode: str = "index"
    default_page_size: int | None = None
    max_page_size: int | None = None
    cursor_timeout_seconds: int | None = None


class AuthenticationScheme(_Model):
    """One way in: oauth, oauth2, oauthbearertoken, httpbasic, httpdigest, or the target's own word."""

    type: str
    name: str = ""
    description: str = ""
    primary: bool = False


class ServiceProviderConfig(_Model):
    """The features that the target claims; claims, not proof."""

    patch: bool = False
    bulk: BulkSupport = BulkSupport()
    filter: FilterSupport = FilterSupport()
    change_password: bool = False
    sort: bool = False
    etag: bool = False
    pagination: PaginationSupport = PaginationSupport()
    authentication_schemes: tuple[AuthenticationScheme, ...] = ()
    documentation_uri: str | None = None
    findings: tuple[Finding, ...] = ()


class ResourceType(_Model):
    """A kind of resource: where it lives, its schema, the extensions it may carry (URN, required)."""

    name: str
    endpoint: str
    schema_urn: str
    extensions: tuple[tuple[str, bool], ...] = ()
    description: str = ""


class Discovered(_Model):
    """What a list of schemas or resource types came to, and what had to be forgiven."""

    schemas: tuple[Schema, ...] = ()
    resource_types: tuple[ResourceType, ...] = ()
    findings: tuple[Finding, ...] = ()

    def schema_set(self, resource_type: ResourceType) -> SchemaSet | None:
        """The schemas of a resource type put together; None where its base schema was not published."""
        by_urn = {schema.urn.lower(): schema for schema in self.schemas}
        base = by_urn.get(resource_type.schema_urn.lower())
        if base is None:
            return None
        extensions = (by_urn.get(urn.lower()) for urn, _ in resource_type.extensions)
        return SchemaSet(base, tuple(schema for schema in extensions if schema is not None))


def parse_service_provider_config(body: object) -> ServiceProviderConfig:
    """Read /ServiceProviderConfig, bare or as the only entry of a list.

    Raises:
        ScimError: The body holds no object.
    """
    entries = _entries(body, "ServiceProviderConfig")
    if not entries or not isinstance(entries[0], Mapping):
        raise _not_discovery("ServiceProviderConfig", body)
    reader = _Reader("ServiceProviderConfig")
    config = entries[0]
    bulk, filter_ = reader.section(config, "bulk"), reader.section(config, "filter")
    schemes = lookup(config, "authenticationSchemes")
    return ServiceProviderConfig(
        patch=reader.flag(reader.section(config, "patch"), "supported"),
        bulk=BulkSupport(
            supported=reader.flag(bulk, "supported"),
            max_operations=_number(bulk, "maxOperations") or 0,
            max_payload_size=_number(bulk, "maxPayloadSize") or 0,
        ),
        filter=FilterSupport(
            supported=reader.flag(filter_, "supported"), max_results=_number(filter_, "maxResults") or 0
        ),
        change_password=reader.flag(reader.section(config, "changePassword"), "supported"),
        sort=reader.flag(reader.section(config, "sort"), "supported"),
        etag=reader.flag(reader.section(config, "etag"), "supported"),
        pagination=_pagination(lookup(config, "pagination")),
        authentication_schemes=tuple(
            AuthenticationScheme(
                type=_text(scheme, "type") or "unknown",
                name=_text(scheme, "name"),
                description=_text(scheme, "description"),
                primary=as_boolean(lookup(scheme, "primary")) is True,
            )
            for scheme in (schemes if isinstance(schemes, list) else [schemes])
            if isinstance(scheme, Mapping)
        ),
        documentation_uri=_text(config, "documentationUri") or None,
        findings=tuple(reader.findings),
    )


def parse_schemas(body: object) -> Discovered:
    """Read /Schemas: a ListResponse, a bare array or one schema; what is no schema is reported and skipped.

    Raises:
        ScimError: The body is neither an object nor an array.
    """
    reader = _Reader("Schemas")
    schemas = []
    for index, entry in enumerate(_entries(body, "Schemas")):
        urn = _text(entry, "id") if isinstance(entry, Mapping) else ""
        if not isinstance(entry, Mapping) or not urn:
            reader.skip(index)
            continue
        attributes = reader.attributes(lookup(entry, "attributes"), urn)
        schemas.append(Schema(urn, _text(entry, "name") or urn, attributes, _text(entry, "description")))
    return Discovered(schemas=tuple(schemas), findings=tuple(reader.findings))


def parse_resource_types(body: object) -> Discovered:
    """Read /ResourceTypes: a ListResponse, a bare array or one resource type.

    Raises:
        ScimError: The body is neither an object nor an array.
    """
    reader = _Reader("ResourceTypes")
    types = []
    for index, entry in enumerate(_entries(body, "ResourceTypes")):
        if not isinstance(entry, Mapping) or not _text(entry, "schema") or not _text(entry, "endpoint"):
            reader.skip(index)
            continue
        extensions = lookup(entry, "schemaExtensions")
        types.append(
            ResourceType(
                name=_text(entry, "name") or _text(entry, "id") or _text(entry, "endpoint").strip("/"),
                endpoint=_text(entry, "endpoint"),
                schema_urn=_text(entry, "schema"),
                extensions=tuple(
                    (_text(each, "schema"), as_boolean(lookup(each, "required")) is True)
                    for each in (extensions if isinstance(extensions, list) else [])
                    if isinstance(each, Mapping) and _text(each, "schema")
                ),
                description=_text(entry, "description"),
            )
        )
    return Discovered(resource_types=tuple(types), findings=tuple(reader.findings))


class _Reader:
    def __init__(self, where: str) -> None:
        self._where = where
        self.findings: list[Finding] = []

    def section(self, config: Mapping[str, object], name: str) -> Mapping[str, object]:
        """The named object; a bare boolean in its place says whether the feature is supported."""
        value = lookup(config, name)
        if isinstance(value, bool):
            value = {"supported": value}
        if not isinstance(value, Mapping):
            self.findings.append(Finding(FindingCode.MISSING_IN_DISCOVERY, f"{self._where}.{name}"))
            return {}
        return value

    def flag(self, section: Mapping[str, object], name: str) -> bool:
        value = lookup(section, name)
        if isinstance(value, str):
            self.findings.append(Finding(FindingCode.BOOLEAN_AS_TEXT, f"{self._where}.{name}", value))
        return as_boolean(value) is True

    def skip(self, index: int) -> None:
        self.findings.append(Finding(FindingCode.BAD_RESOURCE_IN_PAGE, f"{self._where}[{index}]"))

    def attributes(self, entries: object, where: str, depth: int = 0) -> tuple[AttributeDefinition, ...]:
        if not isinstance(entries, list):
            self.findings.append(Finding(FindingCode.MISSING_IN_DISCOVERY, f"{where}.attributes"))
            return ()
        made = []
        for entry in entries:
            name = _text(entry, "name") if isinstance(entry, Mapping) else ""
            if not isinstance(entry, Mapping) or not name:
                self.findings.append(Finding(FindingCode.MISSING_IN_DISCOVERY, f"{where}.attributes.name"))
                continue
            subs = lookup(entry, "subAttributes")
            # SCIM nests once; a document that nests deeper is cut rather than followed down.
            below = self.attributes(subs, f"{where}:{name}", depth + 1) if isinstance(subs, list) and not depth else ()
            made.append(
                AttributeDefinition(
                    name=name,
                    type=_text(entry, "type") or ("complex" if below else "string"),
                    multi_valued=self.flag(entry, "multiValued"),
                    required=self.flag(entry, "required"),
                    case_exact=self.flag(entry, "caseExact"),
                    mutability=_text(entry, "mutability") or "readWrite",
                    returned=_text(entry, "returned") or "default",
                    uniqueness=_text(entry, "uniqueness") or "none",
                    canonical_values=_texts(entry, "canonicalValues"),
                    reference_types=_texts(entry, "referenceTypes"),
                    sub_attributes=below,
                    description=_text(entry, "description"),
                )
            )
        return tuple(made)


def _pagination(value: object) -> PaginationSupport:
    if not isinstance(value, Mapping):
        return PaginationSupport()
    cursor = as_boolean(lookup(value, "cursor")) is True
    index = as_boolean(lookup(value, "index"))
    return PaginationSupport(
        cursor=cursor,
        index=index if isinstance(index, bool) else True,
        default_mode=_text(value, "defaultPaginationMethod") or ("cursor" if cursor and index is False else "index"),
        default_page_size=_number(value, "defaultPageSize"),
        max_page_size=_number(value, "maxPageSize"),
        cursor_timeout_seconds=_number(value, "cursorTimeout"),
    )


def _entries(body: object, where: str) -> Sequence[object]:
    """The entries of a list, of a bare array, or the one object that stands in its place."""
    if isinstance(body, list):
        return body
    if not isinstance(body, Mapping):
        raise _not_discovery(where, body)
    resources = lookup(body, "Resources")
    if isinstance(resources, list):
        return resources
    return [] if lookup(body, "totalResults") is not None else [body]


def _not_discovery(where: str, body: object) -> ScimError:
    return ScimError(
        f"the answer is no discovery document but {type(body).__name__}",
        where,
        "Check the base URL; many targets serve discovery under /scim/v2, and some serve none",
    )


def _text(entry: Mapping[str, object], name: str) -> str:
    value = lookup(entry, name)
    return value.strip() if isinstance(value, str) else ""


def _texts(entry: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = lookup(entry, name)
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def _number(entry: Mapping[str, object], name: str) -> int | None:
    value = lookup(entry, name)
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 19:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
