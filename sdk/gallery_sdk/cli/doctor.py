"""`gallery doctor`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import click

from .declaring import declare, json_option
from .failing import PROBLEMS
from .output import counted, heading, plain, print_json, wrap

if TYPE_CHECKING:
    from ..apps import AppConfig, Workspace
    from ..manifest import Manifest

_MARKS: Final = {
    "ok": ("ok  ", "green"),
    "note": ("note", "cyan"),
    "warning": ("warn", "yellow"),
    "error": ("FAIL", "red"),
}
_OLDEST_CLOCK: Final = 1_767_225_600  # 2026-01-01: this version is younger than that


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: its area, how it is, and the next step where it is not well.

    A note is worth knowing, and may be as it is meant.
    """

    area: str
    state: Literal["ok", "note", "warning", "error"]
    what: str
    mend: str = ""


@declare("doctor")
@json_option
def command(as_json: bool) -> None:
    """Check this installation and this workspace.

    Looks at Python and the SDK, the installed connectors and why broken ones are broken, the cache, the clock, and in a
    workspace at each app's file, whether its secrets can be resolved (never what they are), its source files and
    their columns, and the state database. Sends nothing. Exit status 1 if anything has to be mended.

    \b
    Example:
        gallery doctor
    """
    findings = list(_all())
    if as_json:
        print_json([asdict(one) for one in findings])
    else:
        area = ""
        for one in findings:
            if one.area != area:
                click.echo(("\n" if area else "") + heading(one.area))
                area = one.area
            _print(one)
        errors = sum(one.state == "error" for one in findings)
        warnings = sum(one.state == "warning" for one in findings)
        click.echo(f"\n{counted(errors, 'error')}, {counted(warnings, 'warning')}")
    if any(one.state == "error" for one in findings):
        raise SystemExit(PROBLEMS)


def _print(one: Finding) -> None:
    word, colour = _MARKS[one.state]
    for place, line in enumerate(wrap(plain(one.what), 8)):
        click.echo(f"  {click.style(word, fg=colour) if not place else '    '}  {line}")
    if one.mend:
        for place, line in enumerate(wrap(plain(one.mend), 14)):
            click.echo(f"        {'Next: ' if not place else '      '}{line}")


def _all() -> Iterator[Finding]:
    yield from _installation()
    yield from _cache()
    yield from _connectors()
    yield from _workspace()


def _installation() -> Iterator[Finding]:
    import platform
    import sys
    import time
    from importlib.metadata import version

    yield Finding("Installation", "ok", f"Python {platform.python_version()} at {sys.executable}")
    yield Finding("Installation", "ok", f"gallery-sdk {version('gallery-sdk')} at {Path(__file__).parents[1]}")
    now = time.time()
    if now < _OLDEST_CLOCK:
        yield Finding(
            "Installation",
            "error",
            f"the clock says {time.strftime('%Y-%m-%d', time.gmtime(now))}",
            "Set it; tokens and certificates are judged by it",
        )
    else:
        yield Finding("Installation", "ok", f"clock and zone: {_now(now)}")
    yield _host_plugins()


def _now(now: float) -> str:
    from .times import local_time

    return local_time(now)


def _host_plugins() -> Finding:
    from ..errors import PluginError
    from ..plugins import host_manager

    try:
        host = host_manager()
    except PluginError as error:
        return Finding("Installation", "error", f"{error.where}: {error.what}", error.mend)
    schemes = ("env", "file", "keyring", *host.secret_resolvers())
    return Finding("Installation", "ok", f"places for secrets: {', '.join(schemes)}")


def _cache() -> Iterator[Finding]:
    import json
    import os

    from ..plugins.cache import cache_folder

    folder = Path(cache_folder())
    if not folder.exists():
        yield Finding("Cache", "ok", f"{folder} (not made yet)")
        return
    if not os.access(folder, os.W_OK | os.R_OK):
        yield Finding("Cache", "warning", f"{folder} cannot be used; searches are slower", "Check its owner and mode")
        return
    for path in sorted(folder.glob("connectors-*.json")):
        try:
            json.loads(path.read_bytes())
        except (OSError, ValueError):
            yield Finding(
                "Cache", "warning", f"{path} is damaged; it is made anew when needed", f"Remove it: rm {path}"
            )
    yield Finding("Cache", "ok", str(folder))


def _connectors() -> Iterator[Finding]:
    from ..catalog.installed import withdrawn_here
    from ..catalog.listings import kept_catalog
    from ..plugins import load_index

    entries = load_index(refresh=True)
    if not entries:
        yield Finding(
            "Connectors",
            "warning",
            "none is installed",
            "Install one: `gallery install SLUG`; `gallery search` finds it",
        )
    for entry in entries:
        if entry.broken is not None:
            yield Finding(
                "Connectors",
                "error",
                f"{entry.slug} (distribution {entry.dist} {entry.dist_version}): {entry.broken}",
                "Mend or reinstall the distribution, or uninstall it",
            )
        else:
            yield from _connector(entry.slug, entry.version)
    for one in withdrawn_here(kept_catalog(), entries):
        yield Finding(
            "Connectors",
            "error" if one.critical else "warning",
            f"{one.slug} {one.version} is withdrawn ({'critical, ' if one.critical else ''}{one.reason})",
            f"Run `gallery upgrade {one.slug}`",
        )


def _connector(slug: str, version: str) -> Iterator[Finding]:
    from ..errors import GalleryError
    from ..manifest import find_problems
    from .connectors import load_manifest

    try:
        problems = [one for one in find_problems(load_manifest(slug)) if one.severity == "error"]
    except GalleryError as error:
        yield Finding("Connectors", "error", f"{slug}: {error.where}: {error.what}", error.mend)
        return
    for problem in problems:
        yield Finding("Connectors", "error", f"{slug}: {problem.where}: {problem.what}", problem.mend)
    if not problems:
        yield Finding("Connectors", "ok", f"{slug} {version}")


def _workspace() -> Iterator[Finding]:
    from ..errors import ConfigError
    from .workspaces import current_workspace

    try:
        workspace = current_workspace()
    except ConfigError as error:
        missing = not any((folder / "gallery.toml").is_file() for folder in (Path.cwd(), *Path.cwd().parents))
        state: Literal["ok", "error"] = "ok" if missing else "error"
        what = "this folder is in none" if missing else f"{error.where}: {error.what}"
        yield Finding("Workspace", state, what, "" if missing else error.mend)
        return
    yield Finding("Workspace", "ok", str(workspace.root))
    yield _state(workspace)
    for problem in workspace.misnamed():
        yield Finding("Workspace", "warning", f"{problem.where}: {problem.what}, so nothing reads it", problem.mend)
    for name in workspace.app_names():
        yield from _app(workspace, name)


def _state(workspace: Workspace) -> Finding:
    from ..errors import StoreError

    if not workspace.state_path.exists():
        return Finding("Workspace", "ok", "no state yet; it is made by the first cycle")
    from ..store import open_database, refuse_damage

    try:
        engine = open_database(workspace.state_path)
        try:
            refuse_damage(engine)
        finally:
            engine.dispose()
    except StoreError as error:
        return Finding("Workspace", "error", f"{error.where}: {error.what}", error.mend)
    size = workspace.state_path.stat().st_size
    return Finding(
        "Workspace", "ok", f"state database {workspace.state_path.relative_to(workspace.root)}, {size:,} bytes"
    )


def _app(workspace: Workspace, name: str) -> Iterator[Finding]:
    from ..apps import effective_mappings, find_connection_problems
    from ..errors import GalleryError
    from .connectors import load_manifest
    from .workspaces import read_app, secret_schemes

    area = f"App {name}"
    try:
        app = read_app(workspace, name)
        manifest = load_manifest(app.connector)
        effective_mappings(manifest, app)
    except GalleryError as error:
        for problem in getattr(error, "problems", (error,)):
            yield Finding(area, "error", f"{problem.where}: {problem.what}", problem.mend)
        return
    problems = find_connection_problems(app, manifest, schemes=secret_schemes())
    for problem in problems:
        yield Finding(area, "error", f"{problem.where}: {problem.what}", problem.mend)
    if not problems:
        yield Finding(area, "ok", f"{app.where} fits {manifest.slug} {manifest.version}")
    yield from _secrets(area, app.where, app.auth_inputs)
    yield from _source(area, workspace, app, manifest)


def _secrets(area: str, where: str, inputs: dict[str, str]) -> Iterator[Finding]:
    from ..auth import find_secret_problems, is_reference, resolve
    from ..errors import SecretError

    for name, value in inputs.items():
        if not is_reference(value):
            continue
        try:
            resolve(value, where=f"{where}, auth.{name}")
        except SecretError as error:
            yield Finding(area, "error", f"secret {name} ({value}) does not resolve: {error.what}", error.mend)
            continue
        loose = find_secret_problems(value)
        for one in loose:
            yield Finding(area, "warning", f"secret {name}: {one.what} ({value})", one.mend)
        if not loose:
            yield Finding(area, "ok", f"secret {name} ({value}) resolves")


def _source(area: str, workspace: Workspace, app: AppConfig, manifest: Manifest) -> Iterator[Finding]:
    """The files, their keys and their columns, as far as `gallery test` looks at them before it connects."""
    from ..errors import GalleryError
    from ..plugins import host_manager
    from ..runner import look_at_source
    from .column_text import note_text

    try:
        source, notes = look_at_source(app, manifest, workspace.root, host_manager())
    except GalleryError as error:
        yield Finding(area, "error", f"source: {error.where}: {error.what}", error.mend)
        return
    yield Finding(area, "ok", f"source {source.name}")
    for note in notes:
        likely = note.is_likely_mistake
        mend = f"Rename the column, or map the attribute from it in {app.where}" if likely else ""
        yield Finding(area, "warning" if likely else "note", note_text(note), mend)
