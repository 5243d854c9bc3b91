"""What stopped a connector's own code, told by its file and line: its author mends it there, and nowhere else."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ...errors import GalleryError

_ENTRY_POINTS: Final = "pyproject.toml, project.entry-points"
_DATA_ALONE: Final = "a connector of data alone names gallery_sdk.plugins.declarative:connector"


def refusal_of(error: BaseException, folder: Path, entry_point: str) -> tuple[str, str, str]:
    """What, where and how to mend, of an error that ended the acting of a connector.

    Args:
        folder: The connector's; a line of a file in it is where the mending is done.
        entry_point: The value of its entry point.

    Returns:
        The place is told from the folder on; "" is the folder itself.
    """
    chain = list(_causes(error))
    first = chain[-1]
    module = entry_point.partition(":")[0].strip()
    if isinstance(first, ModuleNotFoundError) and first.name and f"{module}.".startswith(f"{first.name}."):
        return (
            f"the entry point names {entry_point!r}, and there is no module {first.name!r}",
            _ENTRY_POINTS,
            f"Name the module that has the hooks; {_DATA_ALONE}",
        )
    place = next((found for one in reversed(chain) if (found := _line(one, folder.resolve()))), "")
    if place:
        return f"{type(first).__name__}: {first}", place, "Mend the line"
    if isinstance(first, AttributeError) and ":" in entry_point:
        return f"the entry point names {entry_point!r}: {first}", _ENTRY_POINTS, f"Name what is there; {_DATA_ALONE}"
    if isinstance(error, GalleryError):
        return error.what, "", error.mend
    return f"acting it failed: {type(error).__name__}: {error}", "", "Run its tests with pytest to see more"


def unreadable(error: SyntaxError | ValueError, path: Path) -> tuple[str, str, str]:
    """The same of a module that is no Python."""
    line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
    what = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"this is no Python: {what}", f"{path}{line}", "Mend the line"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error, what it was raised from, and so on to the first."""
    while error is not None:
        yield error
        error = error.__cause__


def _line(error: BaseException, folder: Path) -> str:
    """The last line of the folder's own code on the way to an error; "" where there is none."""
    frames = [(one.filename, one.lineno) for one in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError):
        frames.append((error.filename or "", error.lineno))
    own = [(Path(name), line) for name, line in frames if Path(name).is_relative_to(folder)]
    return f"{own[-1][0].relative_to(folder).as_posix()}, line {own[-1][1]}" if own else ""
