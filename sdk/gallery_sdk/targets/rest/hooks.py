"""The hooks of a connector with an API of its own, by the files that every such connector has.

| file | holds |
|---|---|
| `target.py` | its subclass of `RestTarget`, made from manifest, transport, paths and settings |
| `scim.py` | `open_scim_target(manifest, transport, paths)`, where the setting `api` may be `scim` |
| `twin.py` or `twin/` | `TWIN`, the simulator |

None is imported before the hook that needs it is called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

from ...plugins import hookimpl

if TYPE_CHECKING:
    from ...manifest import Manifest
    from ...plugins.protocols import TargetLike, TwinFactory
    from ...transport import Transport

TargetHook: TypeAlias = "Callable[[Manifest, Transport, Mapping[str, str], Mapping[str, Sequence[str]]], TargetLike]"
TwinHook: TypeAlias = "Callable[[], TwinFactory]"


def rest_hooks(package: str, target: str) -> tuple[TargetHook, TwinHook]:
    """The hooks `gallery_target` and `gallery_twin`, for `plugin.py` to bind to these names.

        gallery_target, gallery_twin = rest_hooks(__package__, "FabrikamTarget")

    Args:
        package: The connector's import package.
        target: The class in its `target.py`.
    """

    @hookimpl
    def gallery_target(
        manifest: Manifest, transport: Transport, settings: Mapping[str, str], paths: Mapping[str, Sequence[str]]
    ) -> TargetLike:
        """Build the target of the API that the app's settings choose."""
        if settings.get("api") == "scim":
            by_scim: TargetLike = _held(package, "scim", "open_scim_target")(manifest, transport, paths)
            return by_scim
        made: TargetLike = _held(package, "target", target)(manifest, transport, paths, settings)
        return made

    @hookimpl
    def gallery_twin() -> TwinFactory:
        """Give the simulator."""
        twin: TwinFactory = _held(package, "twin", "TWIN")
        return twin

    return gallery_target, gallery_twin


def _held(package: str, module: str, name: str) -> Any:
    return getattr(import_module(f"{package}.{module}"), name)
