"""Snowflake's SCIM API in memory: what the connector is tested against and tried with."""

from __future__ import annotations

from gallery_sdk.testing import Twin

from .application import SnowflakeTwin
from .settings import Grant, SnowflakeSettings

__all__ = ["Grant", "SnowflakeSettings", "SnowflakeTwin", "make_twin"]


def make_twin() -> Twin:
    """The twin as the demo and the contract suite start it."""
    return Twin(
        make=SnowflakeTwin,
        base_path="/scim/v2",
        settings={"account": "acme-twin"},
        method="scim_token",
        credentials={"token": next(iter(SnowflakeSettings().tokens))},
        note="Snowflake limits requests in flight, not requests a second; so does its twin",
    )
