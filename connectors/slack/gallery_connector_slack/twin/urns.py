"""The URNs of Slack's two SCIM versions. Source: https://docs.slack.dev/reference/scim-api, read 2026-11-23."""

from __future__ import annotations

from typing import Final

V1: Final = "urn:scim:schemas:core:1.0"
V1_ENTERPRISE: Final = "urn:scim:schemas:extension:enterprise:1.0"
V1_GUEST: Final = "urn:scim:schemas:extension:slack:guest:1.0"
V1_PROFILE: Final = "urn:scim:schemas:extension:slack:profile:1.0"
V2_USER: Final = "urn:ietf:params:scim:schemas:core:2.0:User"
V2_GROUP: Final = "urn:ietf:params:scim:schemas:core:2.0:Group"
V2_ENTERPRISE: Final = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
V2_GUEST: Final = "urn:ietf:params:scim:schemas:extension:slack:guest:2.0:User"
V2_PROFILE: Final = "urn:ietf:params:scim:schemas:extension:slack:profile:2.0:User"
V2_LIST: Final = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
V2_ERROR: Final = "urn:ietf:params:scim:api:messages:2.0:Error"

ENTERPRISE: Final = {"v1": V1_ENTERPRISE, "v2": V2_ENTERPRISE}
GUEST: Final = {"v1": V1_GUEST, "v2": V2_GUEST}
PROFILE: Final = {"v1": V1_PROFILE, "v2": V2_PROFILE}
USER: Final = {"v1": V1, "v2": V2_USER}
GROUP: Final = {"v1": V1, "v2": V2_GROUP}
LIST: Final = {"v1": V1, "v2": V2_LIST}
EXTENSIONS: Final = (V1_ENTERPRISE, V1_GUEST, V1_PROFILE, V2_ENTERPRISE, V2_GUEST, V2_PROFILE)
