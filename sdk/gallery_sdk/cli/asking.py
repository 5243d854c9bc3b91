"""Questions on a terminal, on stderr, each with its explanation. None of them shows a secret."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import click

from ..errors import GalleryError
from .failing import show_error
from .output import heading, print_text

_PLACES: Final = {
    "env": "an environment variable, set by whatever starts the gallery",
    "file": "a file that only you can read",
    "keyring": "the keyring of this machine",
}


def ask(
    title: str,
    *,
    help_text: str = "",
    example: object = None,
    choices: Sequence[str] = (),
    default: str | None = None,
    optional: bool = False,
    check: Callable[[str], None],
) -> str:
    """Ask until the answer fits; an optional question may be left empty.

    Args:
        check: Raises `GalleryError` for an answer that does not fit; its message is shown and the question repeated.
    """
    click.echo(err=True)
    print_text(help_text, to_stderr=True)
    if example is not None and default is None:
        click.echo(f"For example: {example}", err=True)
    question = f"{heading(title)}{' (Enter to leave out)' if optional and default is None else ''}"
    shown_default = default if default is not None else "" if optional else None
    while True:
        answer: str = click.prompt(
            question,
            default=shown_default,
            show_default=bool(default),
            type=click.Choice(list(choices)) if choices else str,
            err=True,
        )
        answer = answer.strip()
        if not answer:
            if optional:
                return ""
            continue
        try:
            check(answer)
        except GalleryError as error:
            show_error(error)
            continue
        return answer


class _PlaceType(click.Choice):  # type: ignore[type-arg]  # generic from click 8.2 on, and 8.1 will do
    """Where a secret is kept; who answers with the secret itself does not see it repeated."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in self.choices:
            self.fail(f"answer with {', '.join(self.choices)}; the secret itself is not asked for here", param, ctx)
        return value


def ask_choice(title: str, choices: Mapping[str, str], *, kind: type[click.Choice[str]] = click.Choice) -> str:
    """Ask for one of several, the first by default; each is explained."""
    click.echo(err=True)
    width = max(len(one) for one in choices)
    for one, text in choices.items():
        click.echo(f"  {one:<{width}}  {text}", err=True)
    first = next(iter(choices))
    answer: str = click.prompt(heading(title), default=first, type=kind(list(choices)), err=True)
    return answer


def ask_file(title: str, root: Path, *, default: str, optional: bool) -> str | None:
    """Ask for a file, relative to the workspace; one that is not there yet is taken after a word about it."""
    there = (root / default).is_file()
    answer = ask(title, default=default if there or not optional else None, optional=optional, check=lambda _text: None)
    if not answer:
        return None
    if not (root / answer).is_file():
        click.echo(f"Note: there is no {root / answer} yet.", err=True)
    return answer


def ask_secret(app: str, name: str, *, title: str, help_text: str, optional: bool) -> str | None:
    """Ask where a secret is kept, and give the reference; it may be put there on the spot, without being shown."""
    click.echo(err=True)
    print_text(help_text, to_stderr=True)
    if optional and not click.confirm(f"{heading(title)}: give one?", default=False, err=True):
        return None
    place = ask_choice(f"{title}: where is it kept?", _PLACES, kind=_PlaceType)
    if place == "env":
        answer = ask("Name of the variable", default=variable(app, name), check=_check_variable)
        return f"env:{answer}"
    if place == "file":
        return _in_file(app, name, title)
    return _in_keyring(app, name, title)


def _check_variable(text: str) -> None:
    """Refuse what no shell could set, without repeating it.

    Raises:
        UsageError: It may be the secret itself.
    """
    from ..apps import is_variable
    from ..errors import UsageError

    if not is_variable(text):
        raise UsageError(
            "this is no name of a variable; if it is the secret itself, it is neither stored nor needed here",
            "name of the variable",
            "Give a name of letters, digits and '_', and set the variable where the gallery runs",
        )


def _in_file(app: str, name: str, title: str) -> str:
    import platformdirs

    default = platformdirs.user_config_path("gallery", appauthor=False) / "secrets" / f"{app}-{name}"
    path = Path(ask("Path of the file", default=str(default), check=_outside_repositories)).expanduser()
    if not path.exists():
        secret = _typed_secret(title, f"written to {path} with mode 0600")
        if secret:
            write_secret(path, secret)
            click.echo(f"Wrote {path}, readable by you alone.", err=True)
    return f"file:{path}"


def _outside_repositories(text: str) -> None:
    """Refuse a place that version control would pick up.

    Raises:
        UsageError: The file would lie in a git repository.
    """
    from ..errors import UsageError

    path = Path(text).expanduser().absolute()
    if path.is_dir():
        raise UsageError("this is a folder", str(path), "Name a file in it")
    if not Path(text).expanduser().is_absolute():
        raise UsageError("the path is relative", "path of the secret", "Write the whole path, outside this folder")
    for folder in path.parents:
        if (folder / ".git").exists() or (folder / "gallery.toml").exists():
            raise UsageError(f"{folder} is for version control", str(path), "Keep secrets outside of repositories")


def write_secret(path: Path, secret: str) -> None:
    """Write a new file with mode 0600; it never exists with a wider one.

    Raises:
        UsageError: It cannot be written.
    """
    from ..errors import UsageError

    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(secret + "\n")
    except OSError as error:
        raise UsageError(f"cannot be written ({error.strerror})", str(path), "Choose another place") from error


def _in_keyring(app: str, name: str, title: str) -> str:
    service = f"gallery/{app}"
    reference = f"keyring:{service}/{name}"
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        click.echo("The keyring needs the package keyring: pip install 'gallery-sdk[keyring]'", err=True)
        return reference
    try:
        there = keyring.get_password(service, name) is not None
        secret = "" if there else _typed_secret(title, "put into the keyring")
        if secret:
            keyring.set_password(service, name, secret)
            click.echo("Put into the keyring.", err=True)
    except KeyringError as error:
        click.echo(f"The keyring cannot be used here ({type(error).__name__}); put it there later.", err=True)
    return reference


def _typed_secret(title: str, fate: str) -> str:
    """The secret, typed without being shown; empty to do it later."""
    answer: str = click.prompt(
        f"{title}, {fate} (not shown; Enter to do it later)", default="", show_default=False, hide_input=True, err=True
    )
    return answer.strip()


def variable(app: str, name: str) -> str:
    """The environment variable that a secret of an app is looked for in, unless told otherwise."""
    words = "".join(letter if letter.isalnum() else "_" for letter in f"{app}_{name}").upper()
    return f"_{words}" if words[:1].isdigit() else words  # which a shell could not set
