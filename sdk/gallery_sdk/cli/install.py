"""`gallery install`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from .declaring import declare, json_option
from .environments import environment_of, environment_options, lock_path
from .failing import show_problem
from .output import plain, print_json

if TYPE_CHECKING:
    from ..catalog.environment import Environment
    from ..catalog.installing import Report
    from ..catalog.models import Catalog
    from ..catalog.wanted import Wanted


def complete_catalog(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Slugs of the kept catalog, for shells."""
    from ..catalog.listings import kept_catalog, listings

    return [
        CompletionItem(one.slug, help=one.summary)
        for one in listings(kept_catalog(), ())
        if one.slug.startswith(incomplete)
    ]


@declare("install")
@click.argument("connectors", metavar="CONNECTOR...", nargs=-1, shell_complete=complete_catalog)
@click.option("--version", "version", help="This version, in place of the newest that runs here.")
@click.option("--locked", is_flag=True, help="Exactly what gallery.lock pins; all of it when no connector is named.")
@environment_options
@json_option
def command(
    connectors: tuple[str, ...],
    version: str | None,
    locked: bool,
    lock: Path | None,
    python: Path | None,
    index_url: str | None,
    offline: Path | None,
    as_json: bool,
) -> None:
    """Install connectors from the catalog.

    A connector is named as the catalog names it; the newest version that this SDK and this Python run is taken. Its
    SHA-256 is compared with the catalog's before anything of it is unpacked, and what else it needs must fit
    what is installed. Whatever is refused changes nothing. The result is pinned in gallery.lock.

    \b
    Example:
        gallery install slack
    """
    from ..catalog.installing import prepared

    if not connectors and not locked:
        raise click.UsageError("Name a connector, or give --locked to install what gallery.lock pins.")
    if version is not None and (len(connectors) != 1 or locked):
        raise click.UsageError("--version goes with one connector, and without --locked.")
    environment, path = environment_of(python, index_url, offline), lock_path(lock)
    wanted = _from_lock(connectors, path) if locked else _from_catalog(connectors, version, environment)
    with prepared(wanted, environment=environment, lock_path=path, locked=locked) as ready:
        report = ready.carry_out(path)
    if as_json:
        print_json(report_document(report, path))
        return
    print_report(report)
    there = {slug for slug, _, _ in report.connectors}
    for one in wanted:
        if one.slug not in there:
            click.echo(f"{one.slug} {one.version} is installed already")
    if report.connectors:
        click.echo(f"Pinned in {path}. Next: `gallery add {wanted[0].slug} --name {wanted[0].slug}-prod`")


def _from_catalog(slugs: tuple[str, ...], version: str | None, environment: Environment) -> list[Wanted]:
    from ..catalog.choosing import choose
    from ..catalog.updating import load_catalog
    from ..catalog.wanted import Wanted

    catalog = load_catalog().catalog
    sdk, running = versions_of(environment)
    wanted = []
    for slug in dict.fromkeys(slugs):
        choice = choose(catalog, slug, sdk=sdk, python=running, version=version)
        for number, reason in choice.skipped:
            click.echo(f"{slug} {number} is passed over: {plain(reason)}", err=True)
        warn_of_status(catalog, slug)
        warn_of_tier(catalog, slug)
        wanted.append(Wanted.from_choice(choice, catalog))
    return wanted


def _from_lock(slugs: tuple[str, ...], path: Path) -> list[Wanted]:
    from datetime import UTC, datetime

    from ..catalog.stored import read_state
    from ..catalog.updating import load_catalog
    from ..catalog.wanted import locked_connectors

    catalog = None
    if read_state().sha256:
        # The lock pins every byte; the catalog is asked only whether one of them is withdrawn by now.
        catalog = load_catalog(expired_ok=True).catalog
        if catalog.is_expired(datetime.now(UTC)):
            mend = "Run `gallery catalog update`"
            show_problem("catalog", f"it expired on {catalog.expires:%Y-%m-%d}", mend, label="Warning")
    wanted = locked_connectors(path, slugs, catalog)
    if catalog is not None:
        for one in wanted:
            warn_of_tier(catalog, one.slug)
    return wanted


def versions_of(environment: Environment) -> tuple[str, str]:
    """Versions of gallery-sdk and of Python in the environment.

    Raises:
        InstallError: gallery-sdk is not there.
    """
    from ..catalog.problems import InstallError
    from ..catalog.requirements import SDK

    contents = environment.contents()
    if SDK not in contents.dists:
        raise InstallError("gallery-sdk is not installed there", environment.python, "Install gallery-sdk there first")
    return contents.dists[SDK].version, contents.markers["python_full_version"]


def warn_of_status(catalog: Catalog, slug: str) -> None:
    """Say so when a connector is on its way out."""
    entry = catalog.by_slug[slug]
    if entry.status != "active":
        instead = f"Look at `gallery show {entry.replaced_by}`" if entry.replaced_by else "Plan for another one"
        show_problem(f"connector {slug!r}", f"it is {entry.status}", instead, label="Warning")


def warn_of_tier(catalog: Catalog, slug: str) -> None:
    """Say so, in one line, when a connector is a draft or nobody has computed its tier."""
    entry = catalog.by_slug.get(slug)
    if entry is not None and entry.tier in (None, "draft"):
        what = "its tier is draft" if entry.tier else "its tier is not known"
        show_problem(f"connector {slug!r}", f"{what}; do not run it with real accounts yet", "", label="Warning")


def print_report(report: Report) -> None:
    """One line for everything that was installed."""
    for slug, version, previous in report.connectors:
        if slug in report.were_there:
            click.echo(f"{slug} {version} was there already; the lock names it now")
            continue
        before = f" (was {previous})" if previous and previous != version else ""
        click.echo(f"{slug} {version} installed{before}")
    for dist, version in report.packages:
        click.echo(f"{dist} {version} installed, which it needs")


def report_document(report: Report, path: Path) -> dict[str, object]:
    """The report for `--json`."""
    return {
        "connectors": [
            {"connector": slug, "version": version, "previous": previous}
            for slug, version, previous in report.connectors
        ],
        "packages": [{"dist": dist, "version": version} for dist, version in report.packages],
        "lock": str(path),
    }
