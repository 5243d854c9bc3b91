"""The contract of Snowflake."""

from __future__ import annotations

from gallery_sdk.testing.contract import contract_suite

TestSnowflake = contract_suite("snowflake")
