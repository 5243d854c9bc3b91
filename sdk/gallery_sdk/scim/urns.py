"""The URNs of SCIM: schemas (RFC 7643) and messages (RFC 7644 section 8.2), each spelt once."""

from __future__ import annotations

from typing import Final

USER: Final = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP: Final = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE_USER: Final = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
SERVICE_PROVIDER_CONFIG: Final = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
RESOURCE_TYPE: Final = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
SCHEMA: Final = "urn:ietf:params:scim:schemas:core:2.0:Schema"

LIST_RESPONSE: Final = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
SEARCH_REQUEST: Final = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
PATCH_OP: Final = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
BULK_REQUEST: Final = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
BULK_RESPONSE: Final = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
ERROR: Final = "urn:ietf:params:scim:api:messages:2.0:Error"

SCIM1_CORE: Final = "urn:scim:schemas:core:1.0"
SCIM1_ENTERPRISE_USER: Final = "urn:scim:schemas:extension:enterprise:1.0"

_CORE_PREFIXES: Final = ("urn:ietf:params:scim:schemas:core:", "urn:scim:schemas:core:")


def is_core(urn: str) -> bool:
    """Whether attributes under this URN stand at the top of a resource rather than in an extension object."""
    return urn.lower().startswith(_CORE_PREFIXES)
