"""The closed vocabulary of quirks: the ways in which targets depart from RFC 7643 and RFC 7644.

One id stands for exactly one code path of the SCIM target, and its `doc` says what that code path does: it is
the contract between a manifest, the target, the twin and the contract suite. An id without a code path has no
place here. What another part of the manifest already says is no quirk:

    media types, page sizes                 [transport] content_type, accept, page_size, page_max
    which status means what                 [[error]]
    throttling under another status         [[error]] with failure = "rate_limited"
    lengths and case that are *refused*     [[schema.user.attribute]] max_length, case_exact
    attributes that only a create may set   [[mapping.user]] when = "create"

What the client tolerates from everybody has no id either: 200 instead of 201, no body after a write, a numeric or
textual `status` in errors, booleans read as text, `schemas` missing in answers, `Resources` null or absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from .attributes import ATTRIBUTES
from .definition import QuirkDefinition
from .objects import OBJECTS
from .queries import QUERIES
from .quirk_set import QuirkSet
from .writing import WRITING

VOCABULARY: Final[Mapping[str, QuirkDefinition]] = MappingProxyType(
    {definition.id: definition for definition in (*WRITING, *ATTRIBUTES, *OBJECTS, *QUERIES)}
)
"""Every quirk by its id."""

__all__ = ["VOCABULARY", "QuirkDefinition", "QuirkSet"]
