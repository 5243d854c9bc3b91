"""The page of errors, from their tree."""

from __future__ import annotations

from collections.abc import Iterator

from .. import errors
from ..errors import GalleryError
from .docstrings import parse_docstring


def page() -> str:
    """Every error of `gallery_sdk.errors`: what it is, beneath what it is caught with."""
    parts = [
        "# Errors",
        "Every error raised on purpose says what is wrong (`what`), where (`where`) and how to mend it (`mend`). Catch "
        "the class that you would handle; `GalleryError` catches all.",
    ]
    for depth, error in tree(GalleryError):
        text = " ".join(parse_docstring(error).text.split())
        fields = [f"- `{name}`: {about}" for name, about in parse_docstring(error).entries("Attributes").items()]
        parts.append(f"{'#' * min(depth + 2, 6)} `{error.__name__}`")
        parts += [text, *(["\n".join(fields)] if fields else [])]
    return "\n\n".join(parts)


def tree(error: type[GalleryError], depth: int = 0) -> Iterator[tuple[int, type[GalleryError]]]:
    """The error and those below it with their depth, as the errors module defines them."""
    yield depth, error
    for below in error.__subclasses__():
        if below.__module__ == errors.__name__:
            yield from tree(below, depth + 1)
