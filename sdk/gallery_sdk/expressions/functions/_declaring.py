"""Short ways to declare the built-in functions, and where they are documented."""

from __future__ import annotations

from typing import Final

from ..registry import Build, Emptiness, FunctionSpec, Parameter, ResultType

REFERENCE: Final = "learn.microsoft.com/entra/identity/app-provisioning/functions-for-customizing-application-data"
CLOUD_SYNC: Final = "learn.microsoft.com/entra/identity/hybrid/cloud-sync/reference-expressions"
GRAPH: Final = "learn.microsoft.com/graph/api/synchronization-synchronizationschema-functions"
CUSTOMIZE: Final = "learn.microsoft.com/entra/identity/app-provisioning/customize-application-attributes"


def required(name: str, *, key: str = "", flows: bool = False, choices: tuple[str, ...] = ()) -> Parameter:
    return Parameter(name, tree_key=key, flows=flows, choices=choices)


def optional(
    name: str, *, key: str = "", flows: bool = False, choices: tuple[str, ...] = (), words: bool = False
) -> Parameter:
    return Parameter(name, required=False, tree_key=key, flows=flows, choices=choices, words=words)


def repeating(name: str, *, key: str = "", flows: bool = False) -> Parameter:
    return Parameter(name, repeating=True, tree_key=key, flows=flows)


def built_in(
    name: str,
    parameters: tuple[Parameter, ...],
    result_type: ResultType,
    build: Build,
    documentation: str,
    *,
    emptiness: Emptiness = Emptiness.POSSIBLE,
    source: str = REFERENCE,
    pure: bool = True,
    drops: bool = False,
    top_level: bool = False,
    aliases: tuple[str, ...] = (),
) -> FunctionSpec:
    """Return a function; one that the public reference documents belongs to the dialect `entra`."""
    return FunctionSpec(
        name,
        parameters,
        result_type,
        pure=pure,
        documentation=documentation,
        source=source,
        dialect="entra" if source == REFERENCE else "extended",
        aliases=aliases,
        emptiness=emptiness,
        drops=drops,
        top_level=top_level,
        build=build,
    )
