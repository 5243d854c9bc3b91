"""How a command ends when it does not end well: the message on stderr, and the exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final, NoReturn

import click

from . import INTERRUPTED
from .output import harmless

if TYPE_CHECKING:
    from ..errors import GalleryError

PROBLEMS: Final = 1
USAGE: Final = 2
_PIPE_CLOSED: Final = 141  # 128 + SIGPIPE


@contextmanager
def exits_in_our_manner(args: Sequence[str] | None) -> Iterator[None]:
    """Turn whatever a command raises into a message and an exit status; tracebacks only for `--debug`."""
    from ..errors import GalleryError

    given = sys.argv[1:] if args is None else args
    debug = "--debug" in given or os.environ.get("GALLERY_DEBUG", "") not in ("", "0")
    _open_closed_streams()
    _survive_narrow_encodings()
    try:
        yield
    except click.ClickException as error:
        _flush()
        error.show()
        raise SystemExit(USAGE) from None
    except (click.Abort, KeyboardInterrupt, EOFError):
        click.echo("Stopped.", err=True)
        raise SystemExit(INTERRUPTED) from None
    except GalleryError as error:
        _flush()
        if debug:
            click.echo(_traceback(error), err=True)
        show_error(error)
        raise SystemExit(exit_status(error)) from None
    except Exception as error:
        _flush()
        if debug:
            click.echo(_traceback(error), err=True)
        else:
            show_unexpected(error)
        raise SystemExit(PROBLEMS) from None


def exit_status(error: GalleryError) -> int:
    """2 for what its user must write differently, 1 for everything else."""
    from ..errors import UsageError

    return USAGE if isinstance(error, UsageError) else PROBLEMS


def show_error(error: GalleryError, *, label: str = "Error") -> None:
    """Print what is wrong, where, and the next step, on stderr; every problem of an error that holds several."""
    problems = getattr(error, "problems", None) or (error,)
    for problem in problems:
        show_problem(problem.where, problem.what, problem.mend, label=label)


def show_problem(where: str, what: str, mend: str, *, label: str = "Error") -> None:
    """Print one problem on stderr: the place and what is wrong there, then the next step on a line of its own."""
    where, what, mend = harmless(where), harmless(what), harmless(mend)
    colour = False if os.environ.get("NO_COLOR") else None
    head = click.style(f"{label}:", fg="yellow" if label == "Warning" else "red", bold=True)
    if "\n" in where:  # an expression with a caret below it
        click.echo(f"{head} {what}", err=True, color=colour)
        for line in where.splitlines():
            click.echo(f"    {line}", err=True, color=colour)
    else:
        click.echo(f"{head} {where + ': ' if where else ''}{what}", err=True, color=colour)
    if mend:
        click.echo(f"{click.style('  Next:', bold=True)} {mend}", err=True, color=colour)


def show_unexpected(error: Exception, *, app: str = "") -> str:
    """Say in one line that this is our fault, and where the details are; the line, secrets masked, is returned."""
    from ..transport import redact

    place = _write_details(error)
    what = redact(f"{type(error).__name__}: {error}".splitlines()[0])[:200]
    detail = f" Details: {place}" if place else " Run it again with --debug to see where."
    line = f"something unexpected happened ({what})"
    click.echo(f"Error: {f'{app}: ' if app else ''}{line}.{detail}", err=True)
    return line


def _write_details(error: Exception) -> str | None:
    """Keep the traceback in the user's cache folder."""
    import tempfile
    from pathlib import Path

    from ..plugins.cache import cache_folder

    with suppress(OSError):
        folder = Path(cache_folder()) / "errors"
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix="error-", suffix=".txt", dir=folder)  # mode 0600
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(_traceback(error))
        return name
    return None


def _traceback(error: Exception) -> str:
    """Where an error was raised, secrets masked."""
    import traceback

    from ..transport import redact

    return redact("".join(traceback.format_exception(error)))


def _flush() -> None:
    with suppress(OSError, ValueError):
        sys.stdout.flush()


def leave_closed_pipe() -> NoReturn:
    """End as a shell expects of a program whose reader has left."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the last flush does not fail again
    raise SystemExit(_PIPE_CLOSED)


def _open_closed_streams() -> None:
    """Let a standard stream that was closed at the start (`>&-`) lead nowhere.

    Otherwise the next file that is opened, the state's perhaps, takes its number and is written to as if it were it.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):  # 0, 1, 2: the lowest free number is taken
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))


def _survive_narrow_encodings() -> None:
    """On a terminal that cannot show a character, show a question mark rather than fail."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None and (stream.encoding or "").lower().replace("-", "") != "utf8":
            with suppress(OSError, ValueError):
                reconfigure(errors="replace")
