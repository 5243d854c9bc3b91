"""The public face as a connector author uses it; checked by mypy, never run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_type

from gallery_sdk import (
    Failure,
    GalleryError,
    Manifest,
    PatchOperation,
    Request,
    Response,
    Target,
    TargetFailure,
    Transport,
    find_problems,
    hookimpl,
    read_manifest,
)


@hookimpl
def gallery_shape_patch(kind: str, operations: Sequence[PatchOperation]) -> list[PatchOperation] | None:
    """A hook takes and gives typed values."""
    return [one for one in operations if one.op != "remove"] if kind == "user" else None


@hookimpl
def gallery_classify_failure(response: Response, operation: str, kind: str) -> str | None:
    """A failure is one of the words of `Failure`."""
    return Failure.RETRY if response.status == 401 and response.media_type == "text/html" else None


async def use(transport: Transport, target: Target, values: Mapping[str, object]) -> None:
    """A target and its transport, driven by hand."""
    manifest = read_manifest("connector.toml")
    assert_type(manifest, Manifest)
    assert not [one for one in find_problems(manifest) if one.severity == "error"]
    assert_type(await transport.send(Request("GET", "/Users")), Response)
    try:
        created = await target.create("user", values)
    except TargetFailure as failure:
        assert_type(failure.failure, Failure)
    except GalleryError as error:
        assert_type(error.mend, str)
    else:
        assert_type(created.id, str)
