"""What the contract suite must know of ServiceNow: quirks are those of its SCIM plugin, under the columns' names."""

from __future__ import annotations

from typing import Final

from gallery_sdk.testing.contract import ConnectorContract

from .scim import NAMES

CONTRACT: Final = ConnectorContract(
    quirk_settings={"api": "scim"},
    names={kind: {path: column for column, path in table.items()} for kind, table in NAMES.items()},
)
