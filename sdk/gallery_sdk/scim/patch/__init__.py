"""PATCH of RFC 7644 section 3.5.2: build operations from a difference, apply operations to a resource."""

from __future__ import annotations

from .apply import apply_patch
from .build import build_patch
from .operation import ABSENT, PatchOperation, parse_patch, patch_body

__all__ = ["ABSENT", "PatchOperation", "apply_patch", "build_patch", "parse_patch", "patch_body"]
