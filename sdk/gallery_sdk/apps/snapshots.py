"""What an app's overrides were written against: apps/defaults/<name>.toml, committed beside the app's file.

An override says what a team wants, not what it departs from. The latter is kept here, one line for each default mapping
of the connector, so that an upgrade can be told apart from the team's own changes. The file is written by the first run
after overrides were made, and by each one after an upgrade that leaves nothing to decide; a workspace that cannot be
written to, such as a read-only checkout, works with the file that was committed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from gallery_sdk.errors import ConfigError
from gallery_sdk.manifest import AttributeMapping, Manifest

from .models import AppConfig, MappingOverride
from .tables import read_toml
from .workspace import Workspace

KINDS: Final = ("user", "group")
_SAID: Final = {"note", "origin", "mark"}  # fields that explain a mapping and do not change what it does
_HEAD: Final = """\
The defaults of the connector that the overrides in {where} were written against, and those overrides.
The gallery writes this file and compares it after an upgrade of the connector. Commit it.
"""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Default mappings and overrides as they were.

    Attributes:
        version: Of the connector.
        defaults: By kind and id, with the fields that decide what a mapping does.
        overrides: By kind and name (see `override_name`), the fields that were written.
    """

    connector: str
    version: str
    defaults: Mapping[str, Mapping[str, AttributeMapping]]
    overrides: Mapping[str, Mapping[str, Mapping[str, object]]]


def take_snapshot(manifest: Manifest, app: AppConfig) -> Snapshot:
    """What would be remembered now."""
    return Snapshot(
        manifest.slug,
        manifest.version,
        {kind: {one.id: bare(one) for one in mappings} for kind, mappings in manifest.mappings.items()},
        {kind: {override_name(one): written(one) for one in overrides_of(app, kind)} for kind in KINDS},
    )


def read_snapshot(workspace: Workspace, app: AppConfig) -> Snapshot | None:
    """What is remembered of an app; None where nothing is, or where the app had another connector then.

    Raises:
        ConfigError: The file cannot be read, or is not one that the gallery wrote.
    """
    path, where = _place(workspace, app)
    if not path.is_file():
        return None
    content = read_toml(path, where)
    if content.get("connector") != app.connector:
        return None
    try:
        return Snapshot(
            app.connector,
            str(content["version"]),
            {kind: dict(_mappings(content.get(kind, {}))) for kind in KINDS},
            {kind: dict(content.get("override", {}).get(kind, {})) for kind in KINDS},
        )
    except (ValidationError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError(
            "is not as the gallery wrote it", where, "Take it back from version control, or delete it to begin anew"
        ) from error


def write_snapshot(workspace: Workspace, app: AppConfig, snapshot: Snapshot) -> None:
    """Remember a state of the app; one without overrides, or without defaults to override, needs no file.

    Raises:
        ConfigError: The file cannot be written.
    """
    from .writing import write_whole

    path, where = _place(workspace, app)
    if any(snapshot.overrides.values()) and any(snapshot.defaults.values()):
        write_whole(path, _text(snapshot, app.where), where)
        return
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigError(f"cannot be removed: {error.strerror}", where, "Check who may write there") from error


def overrides_of(app: AppConfig, kind: str) -> tuple[MappingOverride, ...]:
    """The app's overrides of a kind, in the order of its file."""
    return app.mapping.user if kind == "user" else app.mapping.group


def override_name(override: MappingOverride) -> str:
    """The id that an override names, else its target."""
    return override.id or override.target or ""


def written(override: MappingOverride) -> dict[str, object]:
    """The fields that an override sets."""
    return override.model_dump(exclude_none=True, exclude={"id", "note"} if override.id else {"id", "target", "note"})


def bare(mapping: AttributeMapping) -> AttributeMapping:
    """The mapping without what only explains it."""
    return mapping.model_copy(update=dict.fromkeys(_SAID))


def _place(workspace: Workspace, app: AppConfig) -> tuple[Path, str]:
    name = f"{app.name}.toml"
    return workspace.apps_path / "defaults" / name, f"apps/defaults/{name}"


def _mappings(table: Mapping[str, Mapping[str, Any]]) -> Iterable[tuple[str, AttributeMapping]]:
    for name, fields in table.items():
        yield name, AttributeMapping.model_validate({"target": name, **fields, "id": name})


def _text(snapshot: Snapshot, where: str) -> str:
    import tomlkit

    document = tomlkit.document()
    for line in _HEAD.format(where=where).splitlines():
        document.add(tomlkit.comment(line))
    document["connector"], document["version"] = snapshot.connector, snapshot.version
    for kind, mappings in snapshot.defaults.items():
        if mappings:
            document[kind] = _lines({one.id: _fields(one) for one in mappings.values()})
    if any(snapshot.overrides.values()):
        document["override"] = {kind: _lines(fields) for kind, fields in snapshot.overrides.items() if fields}
    return tomlkit.dumps(document)


def _fields(mapping: AttributeMapping) -> dict[str, object]:
    fields = mapping.model_dump(exclude_defaults=True, exclude={"id"})
    return {name: value for name, value in fields.items() if name != "target" or value != mapping.id}


def _lines(tables: Mapping[str, Mapping[str, object]]) -> Any:
    """A table with one line for each of its tables, so that a difference between two versions is read at a glance."""
    import tomlkit

    table = tomlkit.table()
    for name, fields in tables.items():
        line = tomlkit.inline_table()
        line.update(fields)
        table[name] = line
    return table
