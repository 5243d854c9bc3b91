"""The names of Snowflake's schemas. Source: https://docs.snowflake.com/en/user-guide/scim-user-api-reference."""

from __future__ import annotations

from typing import Final

from gallery_sdk.scim import urns

USER: Final = urns.USER
GROUP: Final = urns.GROUP
ENTERPRISE: Final = urns.ENTERPRISE_USER
EXTENSION: Final = "urn:ietf:params:scim:schemas:extension:2.0:User"
ATTRIBUTES: Final = (
    "allowedInterfaces", "defaultRole", "defaultSecondaryRoles", "defaultWarehouse", "snowflakeTags", "type",
)  # fmt: skip
"""Of the extension; integrations of client type OKTA have them in the enterprise extension instead."""
