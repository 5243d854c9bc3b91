"""`gallery upgrade`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .declaring import complete_connectors, declare, json_option
from .environments import environment_of, environment_options, lock_path
from .failing import show_problem
from .install import print_report, report_document, versions_of, warn_of_status
from .output import heading, plain, print_json

if TYPE_CHECKING:
    from ..catalog.environment import Environment
    from ..catalog.installing import Checked
    from ..catalog.models import Catalog
    from ..catalog.wanted import Wanted
    from ..manifest import Manifest


@declare("upgrade")
@click.argument("connectors", metavar="[CONNECTOR...]", nargs=-1, shell_complete=complete_connectors)
@click.option("--major", is_flag=True, help="Also to versions that break something.")
@click.option("--dry-run", is_flag=True, help="Check everything and show what would change; install nothing.")
@environment_options
@json_option
def command(
    connectors: tuple[str, ...],
    major: bool,
    dry_run: bool,
    lock: Path | None,
    python: Path | None,
    index_url: str | None,
    offline: Path | None,
    as_json: bool,
) -> None:
    """Upgrade connectors to the newest version that runs here.

    Without CONNECTOR, all that gallery.lock pins. What changes for you is shown: what breaks and until when, and
    where a default of the connector changed under a mapping of your own. A version that breaks something is taken
    only with --major. Plan files made before the upgrade are refused after it.

    \b
    Example:
        gallery upgrade slack --dry-run
    """
    from ..catalog.installing import prepared
    from ..catalog.lock import read_lock
    from ..catalog.updating import load_catalog

    environment, path = environment_of(python, index_url, offline), lock_path(lock)
    catalog = load_catalog().catalog
    slugs = list(dict.fromkeys(connectors)) or [one.slug for one in read_lock(path).connector]
    wanted = _newer(slugs, catalog, environment, major=major)
    with prepared(wanted, environment=environment, lock_path=path) as ready:
        notes = [line for one in ready.checked for line in _notes(one, remember=not dry_run)]
        report = None if dry_run else ready.carry_out(path)
        planned = [(one.wanted.slug, one.wanted.version, one.previous) for one in ready.checked]
    if as_json:
        rows = [{"connector": slug, "version": new, "previous": old} for slug, new, old in planned]
        print_json(
            {"dry_run": dry_run, "notes": notes, **(report_document(report, path) if report else {"connectors": rows})}
        )
        return
    for line in notes:
        click.echo(line)
    if report is not None:
        print_report(report)
    else:
        for slug, new, old in planned:
            click.echo(f"{slug} would go from {old} to {new}")
    if not planned:
        click.echo("Everything is up to date.")


def _newer(slugs: list[str], catalog: Catalog, environment: Environment, *, major: bool) -> list[Wanted]:
    from packaging.version import Version

    from ..catalog.choosing import choose
    from ..catalog.problems import InstallError
    from ..catalog.wanted import Wanted

    sdk, running = versions_of(environment)
    contents = environment.contents()
    wanted = []
    for slug in slugs:
        claims = contents.claims(slug)
        if not claims:
            raise InstallError("it is not installed", f"connector {slug!r}", f"Run `gallery install {slug}`")
        present = contents.dists[claims[0].dist].version
        choice = choose(catalog, slug, sdk=sdk, python=running, within_major_of=None if major else present)
        for number, reason in choice.skipped:
            if Version(number) > Version(present):
                more = "; take it with --major" if "another major" in reason else ""
                click.echo(f"{slug} {number} is passed over: {plain(reason)}{more}", err=True)
        warn_of_status(catalog, slug)
        withdrawn = catalog.withdrawal(slug, present) is not None
        if Version(choice.release.version) > Version(present) or withdrawn:
            wanted.append(Wanted.from_choice(choice, catalog))
    return wanted


def _notes(checked: Checked, *, remember: bool) -> list[str]:
    """What an upgrade changes for its users, line by line; `remember` what their overrides were written against."""
    from ..catalog.differences import find_changes
    from ..catalog.migrating import migrate_text, read_any_level
    from ..manifest import parse_manifest

    if not checked.previous_manifest:
        return []
    new = parse_manifest(migrate_text(checked.facts.manifest.decode("utf-8-sig")).text, checked.wheel.name)
    old = read_any_level(Path(checked.previous_manifest))
    lines = [heading(f"{new.name}: {checked.previous} to {checked.wanted.version}")]
    lines += [
        plain(f"  {one.level}: {one.where}: {one.what}") for one in find_changes(old, new) if one.level != "patch"
    ]
    for entry in new.breaking:
        if entry not in old.breaking:
            until = f" by {entry.deadline}" if entry.deadline else ""
            said = f"{entry.summary} {entry.migration or ''}".rstrip()
            lines.append(plain(f"  {entry.version} asks you to act{until}: {said}"))
    _show_conflicts(old, new, remember=remember)
    return lines


def _show_conflicts(old: Manifest, new: Manifest, *, remember: bool) -> None:
    """Hold the mappings of this workspace's apps against the changed defaults."""
    from ..apps import Merge, Workspace, merge_mappings, remember_defaults, take_snapshot
    from ..errors import ConfigError

    try:
        workspace = Workspace.find(Path.cwd())
    except ConfigError:
        return
    for name in workspace.app_names():
        try:
            app = workspace.read_app(name)
        except ConfigError:
            continue  # `gallery list` tells; it has nothing to do with the upgrade
        if app.connector == new.slug:
            if remember:
                remember_defaults(workspace, app, old)
            for one in merge_mappings(take_snapshot(old, app), new, app):
                if one.status is Merge.CONFLICT:
                    problem = one.problem(app.name)
                    show_problem(problem.where, problem.what, problem.mend, label="Conflict")
                elif one.status is Merge.AGREES:
                    what = f"the new default of {one.name!r} says the same"
                    show_problem(one.where, what, "The override can be removed", label="Note")
