"""Schemas as data (RFC 7643 sections 7 and 8.7): definitions, sets of them, and the core ones."""

from __future__ import annotations

from .core import ENTERPRISE_USER_SCHEMA, GROUP_SCHEMA, GROUP_SCHEMAS, USER_SCHEMA, USER_SCHEMAS, WELL_KNOWN
from .definition import COMMON_ATTRIBUTES, AttributeDefinition, Schema, SchemaSet

__all__ = [
    "COMMON_ATTRIBUTES",
    "ENTERPRISE_USER_SCHEMA",
    "GROUP_SCHEMA",
    "GROUP_SCHEMAS",
    "USER_SCHEMA",
    "USER_SCHEMAS",
    "WELL_KNOWN",
    "AttributeDefinition",
    "Schema",
    "SchemaSet",
]
