"""SCIM as data (RFC 7643, 7644, 9865): paths, filters, PATCH, lists, errors, discovery. Nothing here does I/O.

The discovery models load pydantic, and so are imported at their first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._faces import imported_at_first_use
from . import urns
from .assembling import Assembler, assemble, compile_assembler
from .error_bodies import ErrorShape, ScimErrorBody, error_body, parse_error
from .filters import (
    And,
    AttributePath,
    Comparison,
    Filter,
    Not,
    Or,
    Present,
    Scalar,
    ValuePath,
    and_,
    compile_filter,
    eq,
    or_,
    parse_filter,
    parse_path,
    print_filter,
    quote,
)
from .findings import SENTENCES, Finding, FindingCode
from .flattening import compile_flattener, flatten
from .listing import ListPage, parse_list
from .paging import CursorPaging, IndexPaging
from .patch import ABSENT, PatchOperation, apply_patch, build_patch, parse_patch, patch_body
from .paths import Getter, compile_getter
from .resources import check_create, check_media_type, parse_resource
from .schemas import (
    ENTERPRISE_USER_SCHEMA,
    GROUP_SCHEMA,
    GROUP_SCHEMAS,
    USER_SCHEMA,
    USER_SCHEMAS,
    AttributeDefinition,
    Schema,
    SchemaSet,
)

if TYPE_CHECKING:
    from .discovery import (
        Discovered,
        ResourceType,
        ServiceProviderConfig,
        parse_resource_types,
        parse_schemas,
        parse_service_provider_config,
    )

__all__ = [
    "ABSENT",
    "ENTERPRISE_USER_SCHEMA",
    "GROUP_SCHEMA",
    "GROUP_SCHEMAS",
    "SENTENCES",
    "USER_SCHEMA",
    "USER_SCHEMAS",
    "And",
    "Assembler",
    "AttributeDefinition",
    "AttributePath",
    "Comparison",
    "CursorPaging",
    "Discovered",
    "ErrorShape",
    "Filter",
    "Finding",
    "FindingCode",
    "Getter",
    "IndexPaging",
    "ListPage",
    "Not",
    "Or",
    "PatchOperation",
    "Present",
    "ResourceType",
    "Scalar",
    "Schema",
    "SchemaSet",
    "ScimErrorBody",
    "ServiceProviderConfig",
    "ValuePath",
    "and_",
    "apply_patch",
    "assemble",
    "build_patch",
    "check_create",
    "check_media_type",
    "compile_assembler",
    "compile_filter",
    "compile_flattener",
    "compile_getter",
    "eq",
    "error_body",
    "flatten",
    "or_",
    "parse_error",
    "parse_filter",
    "parse_list",
    "parse_patch",
    "parse_path",
    "parse_resource",
    "parse_resource_types",
    "parse_schemas",
    "parse_service_provider_config",
    "patch_body",
    "print_filter",
    "quote",
    "urns",
]

_LAZY = frozenset(
    {
        "Discovered",
        "ResourceType",
        "ServiceProviderConfig",
        "parse_resource_types",
        "parse_schemas",
        "parse_service_provider_config",
    }
)

__getattr__ = imported_at_first_use(__name__, dict.fromkeys(_LAZY, "discovery"))
