"""The hooks of one connection as plain functions, looked up once; None where nobody implements one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..scim import PatchOperation

if TYPE_CHECKING:
    from ..plugins import ConnectionPlugins
    from ..transport import Response


@dataclass(frozen=True, slots=True)
class Hooks:
    """What a connector's code adds to the SCIM target; `gallery_sdk.plugins.specs` says when each is called."""

    shape_create: Callable[[str, dict[str, object]], dict[str, object]] | None = None
    shape_patch: Callable[[str, Sequence[PatchOperation]], list[PatchOperation]] | None = None
    read_resource: Callable[[str, dict[str, object]], dict[str, object]] | None = None
    classify_failure: Callable[[Response, str, str], str | None] | None = None


def hooks_of(plugins: ConnectionPlugins | None) -> Hooks:
    """The hooks that a connection's plugins implement."""
    if plugins is None:
        return Hooks()
    hook, has = plugins.hook, plugins.has_hook

    def shape_create(kind: str, resource: dict[str, object]) -> dict[str, object]:
        return hook.gallery_shape_create(kind=kind, resource=resource) or resource

    def shape_patch(kind: str, operations: Sequence[PatchOperation]) -> list[PatchOperation]:
        shaped = hook.gallery_shape_patch(kind=kind, operations=operations)
        return list(operations) if shaped is None else shaped

    def read_resource(kind: str, resource: dict[str, object]) -> dict[str, object]:
        return hook.gallery_read_resource(kind=kind, resource=resource) or resource

    def classify_failure(response: Response, operation: str, kind: str) -> str | None:
        said: str | None = hook.gallery_classify_failure(response=response, operation=operation, kind=kind)
        return said

    return Hooks(
        shape_create if has("gallery_shape_create") else None,
        shape_patch if has("gallery_shape_patch") else None,
        read_resource if has("gallery_read_resource") else None,
        classify_failure if has("gallery_classify_failure") else None,
    )
