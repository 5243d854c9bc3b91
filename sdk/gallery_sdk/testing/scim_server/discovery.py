"""What the server says of itself: ServiceProviderConfig, Schemas, ResourceTypes (RFC 7643 sections 5 to 8.7)."""

from __future__ import annotations

from collections.abc import Iterable

from ...scim import AttributeDefinition, Schema, SchemaSet, urns
from .behaviour import TwinBehaviour

ENDPOINTS = {"user": "/Users", "group": "/Groups"}


def service_provider_config(behaviour: TwinBehaviour, base_url: str) -> dict[str, object]:
    """The features that the behaviour has."""
    bulk, paging, filtering = behaviour.bulk, behaviour.paging, behaviour.filtering_of("user")
    return {
        "schemas": [urns.SERVICE_PROVIDER_CONFIG],
        "documentationUri": "https://www.rfc-editor.org/rfc/rfc7644",
        "patch": {"supported": behaviour.patching.mode != "refused"},
        "bulk": {
            "supported": bulk is not None,
            "maxOperations": 0 if bulk is None else bulk.max_operations,
            "maxPayloadSize": 0 if bulk is None else bulk.max_payload_bytes,
        },
        "filter": {"supported": filtering.mode in ("full", "equality"), "maxResults": paging.maximum},
        "changePassword": {"supported": False},
        "sort": {"supported": behaviour.sorting},
        "etag": {"supported": behaviour.etags},
        "pagination": {
            "cursor": paging.mode == "cursor",
            "index": paging.mode == "index",
            "defaultPaginationMethod": "cursor" if paging.mode == "cursor" else "index",
            "defaultPageSize": paging.default,
            "maxPageSize": paging.maximum,
        },
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "OAuth Bearer Token",
                "description": "A token in the Authorization header (RFC 6750)",
                "specUri": "https://www.rfc-editor.org/rfc/rfc6750",
                "primary": True,
            }
        ],
        "meta": {"resourceType": "ServiceProviderConfig", "location": f"{base_url}/ServiceProviderConfig"},
    }


def resource_types(schemas: Iterable[tuple[str, SchemaSet]], base_url: str) -> list[dict[str, object]]:
    """One entry per kind."""
    return [
        {
            "schemas": [urns.RESOURCE_TYPE],
            "id": known.base.name,
            "name": known.base.name,
            "endpoint": ENDPOINTS[kind],
            "description": known.base.description or known.base.name,
            "schema": known.base.urn,
            "schemaExtensions": [{"schema": extension.urn, "required": False} for extension in known.extensions],
            "meta": {"resourceType": "ResourceType", "location": f"{base_url}/ResourceTypes/{known.base.name}"},
        }
        for kind, known in schemas
    ]


def schema_documents(schemas: Iterable[SchemaSet], base_url: str) -> list[dict[str, object]]:
    """Every schema once, base schemas before extensions."""
    listed = {schema.urn: schema for known in schemas for schema in known}
    return [_document(schema, base_url) for schema in listed.values()]


def _document(schema: Schema, base_url: str) -> dict[str, object]:
    return {
        "schemas": [urns.SCHEMA],
        "id": schema.urn,
        "name": schema.name,
        "description": schema.description or schema.name,
        "attributes": [_attribute(each) for each in schema.attributes],
        "meta": {"resourceType": "Schema", "location": f"{base_url}/Schemas/{schema.urn}"},
    }


def _attribute(definition: AttributeDefinition) -> dict[str, object]:
    document: dict[str, object] = {
        "name": definition.name,
        "type": definition.type,
        "multiValued": definition.multi_valued,
        "description": definition.description or definition.name,
        "required": definition.required,
        "mutability": definition.mutability,
        "returned": definition.returned,
    }
    if definition.type in ("string", "reference", "binary"):
        document["caseExact"] = definition.case_exact
    if definition.type != "complex":
        document["uniqueness"] = definition.uniqueness
    if definition.canonical_values:
        document["canonicalValues"] = list(definition.canonical_values)
    if definition.reference_types:
        document["referenceTypes"] = list(definition.reference_types)
    if definition.sub_attributes:
        document["subAttributes"] = [_attribute(each) for each in definition.sub_attributes]
    return document
