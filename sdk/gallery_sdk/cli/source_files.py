"""The files that `gallery add` is given: what they show by themselves, and what has to be done about them first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from .column_text import print_notes

if TYPE_CHECKING:
    from ..apps import AppConfig
    from ..manifest import Manifest

_USUAL_KEYS: Final = ("id", "objectId", "employeeId")
_JSON_LINES: Final = (".jsonl", ".ndjson")
_NEITHER: Final = {
    ".json": "Write one object on each line, for example: jq -c '.[]' {0}.json > {0}.jsonl",
    ".xlsx": "Save it as CSV UTF-8",
    ".xls": "Save it as CSV UTF-8",
    ".ods": "Save it as CSV UTF-8",
}
_FILES: Final = ("users", "groups", "members")


def kind_of(people: str, groups: str | None, members: str | None) -> str:
    """The kind of source that the files are of by their names.

    Raises:
        UsageError: They are of several kinds, of none, or the groups of the memberships are not given.
    """
    from ..errors import UsageError

    if members is not None and groups is None:
        raise UsageError("memberships need groups", "--members", "Give --groups FILE as well")
    kinds: dict[str, str] = {}
    for option, file in (("--source", people), ("--groups", groups), ("--members", members)):
        if file is None:
            continue
        ending = Path(file).suffix.lower()
        if ending in _NEITHER:
            raise UsageError(
                f"{file} is neither CSV nor JSON Lines", option, _NEITHER[ending].format(Path(file).with_suffix(""))
            )
        kinds[file] = "jsonl" if ending in _JSON_LINES else "csv"
        if kinds[file] != kinds[people]:
            what = f"{people} and {file} are of different kinds"
            raise UsageError(what, option, "Export all files of a source as CSV, or all as JSON Lines (.jsonl)")
    return kinds[people]


def form_of(root: Path, people: str, kind: str) -> dict[str, str]:
    """`encoding` and `delimiter` as the file of people shows them, told on stderr; empty where they are the usual."""
    from ..sources import detect_settings

    form = detect_settings(root / people, kind)
    if form:
        said = " and ".join(f"source.{name} = {value!r}" for name, value in form.items())
        click.echo(f"Note: as {people} is written, the app gets {said}.", err=True)
    return form


def key_column(root: Path, source: Mapping[str, Any], wanted: str | None, *, asks: bool) -> str | None:
    """The column that people are known by, written down so that another export cannot silently choose another.

    None for a file that is not there yet or cannot be read, which `steps_before` tells of, and for JSON Lines with one
    of the usual keys.

    Raises:
        UsageError: The file has no such column, or none of the usual ones.
    """
    from ..errors import SourceError, UsageError
    from ..sources import SourceConfig, file_columns, near_column

    people = source["users"]
    try:
        columns = file_columns(SourceConfig.model_validate(source), root, people)
    except SourceError:
        return wanted
    if not columns or wanted in columns:
        return wanted
    usual = next((one for one in _USUAL_KEYS if one in columns), None)
    if wanted is None and usual is not None:
        return usual if source["kind"] == "csv" else None
    if wanted is None and asks:
        from .asking import ask

        question = "Column that never changes for a person"
        return ask(question, choices=columns, default=_near(_USUAL_KEYS, columns), check=lambda _text: None)
    what = f"no column {wanted!r}" if wanted is not None else f"none of the usual keys {', '.join(_USUAL_KEYS)}"
    near = near_column(wanted, columns) if wanted is not None else _near(_USUAL_KEYS, columns)
    mend = f"Did you mean --key {near}" if near else "Name the one that never changes for a person: --key COLUMN"
    raise UsageError(f"{people} has {what}; it has {', '.join(columns)}", "--key", mend)


def _near(names: tuple[str, ...], columns: tuple[str, ...]) -> str | None:
    from ..sources import near_column

    return next((one for name in names if (one := near_column(name, columns))), None)


def steps_before(app: AppConfig, manifest: Manifest, root: Path) -> Iterator[str]:
    """What has to be done about the source's files before the app can run; notes on their columns go to stderr.

    A file that is not there yet is no mistake: the export may come later. The others are held against the mappings.
    """
    from ..errors import SourceError
    from ..plugins import host_manager
    from ..runner import look_at_source

    absent = [name for name in _FILES if (label := getattr(app.source, name)) and not (root / label).exists()]
    for name in absent:
        yield _put_there(root, getattr(app.source, name))
    dropped = {*absent, *(("members",) if "groups" in absent else ())}
    there = app.source.model_copy(update=dict.fromkeys(dropped))
    if there.users is None and there.groups is None:
        return
    try:
        _, notes = look_at_source(app.model_copy(update={"source": there}), manifest, root, host_manager())
    except SourceError as error:
        yield f"{error.where}: {error.what}. {error.mend}"
        return
    print_notes(notes)


def _put_there(root: Path, label: str) -> str:
    from ..manifest.problems import nearest

    folder = (root / label).parent
    wanted = Path(label)
    stems = [one.stem for one in folder.iterdir() if one.suffix == wanted.suffix] if folder.is_dir() else []
    near = nearest(wanted.stem, stems)
    hint = f"; did you mean {wanted.with_stem(near)}?" if near else ""
    return f"put the export at {label}, where there is no file yet{hint}"
