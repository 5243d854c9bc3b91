"""`gallery submit`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .declaring import declare, json_option
from .failing import PROBLEMS, show_problem
from .output import heading, print_json, print_table
from .show import print_page
from .tier_text import print_tier

if TYPE_CHECKING:
    from ..catalog.grading import LookedAt
    from ..catalog.grading.submitting import Item, Listing
    from ..catalog.tiers import TierReport

_STYLES = {"yes": "green", "no": "red", "waived": "yellow"}


@declare("submit")
@click.argument("path", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--dry-run", is_flag=True, help="Write nothing.")
@click.option(
    "--root", type=click.Path(path_type=Path, file_okay=False), default=Path(),
    help="The gallery's repository: the folder with connectors/ and registry/.",
)  # fmt: skip
@click.option("--hosted-at", metavar="URL", help="The package index that has it, for a connector that stays elsewhere.")
@click.option(
    "--site", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER",
    help="Also write the gallery's site there as it would be, to look at the page in a browser.",
)  # fmt: skip
@click.option("--acted/--as-kept", default=True, help="Act the connector now (default), or take its kept evidence.")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="Day that facts are dated against; today (UTC).")
@json_option
def command(
    path: Path, dry_run: bool, root: Path, hosted_at: str | None, site: Path | None, acted: bool,
    day: datetime | None, as_json: bool,
) -> None:  # fmt: skip
    """Prepare a connector's listing in the catalog.

    Shown are its tier with what keeps it from the next one, the checklist that galleries ask of vendors, each item with
    the rules that answer it, what would change in the catalog, and the connector's page. A folder outside of the
    repository is tried in a copy; --hosted-at prints its entry for the registry. Without --dry-run the evidence is kept
    in the connector's folder, to be committed with it. Exit status 1 below bronze, or where it could not be listed.

    \b
    Example:
        gallery submit connectors/acme --dry-run
    """
    from ..catalog.grading import collect, judge, look_at, write_evidence
    from ..catalog.grading.submitting import checklist, preview_listing, registry_entry
    from ..catalog.registry import read_registry

    read_registry(root)  # a root that is no gallery is told before anything is acted
    today = (day or datetime.now(UTC)).date()
    seen = look_at(path, today)
    if acted:
        seen.kept = collect(seen)
        if not dry_run:
            click.echo(f"Evidence is kept in {write_evidence(path, seen.kept)}.", err=True)
    report = judge(seen)
    listing = preview_listing(path, root, seen.manifest.slug, report, today)
    items = checklist(report)
    if site is not None:
        from ..site import build_site, publication_of

        build_site(publication_of(listing.built), docs=root / "docs").write(site)
        where = f"`python -m http.server --directory {site}` shows it, at /c/{seen.manifest.slug}/"
        click.echo(f"The site is in {site}; {where}.", err=True)
    if as_json:
        print_json(_document(seen, report, items, listing))
    else:
        _print(seen, report, items, listing)
        if hosted_at:
            click.echo(f"\n{heading('Its entry for registry/packages.toml')}\n")
            click.echo(registry_entry(seen, hosted_at, today))
            manifest = (seen.package / "connector.toml").relative_to(path)
            click.echo(f"\nCopy {manifest} to registry/manifests/{seen.manifest.slug}.toml, byte for byte.")
    if report.tier == "draft" or listing.problems:
        raise SystemExit(PROBLEMS)


def _print(seen: LookedAt, report: TierReport, items: list[Item], listing: Listing) -> None:
    print_tier(seen.manifest.slug, report)
    click.echo(f"\n{heading('What galleries ask')}")
    rows = [(one.answer, one.text, " ".join(one.rules)) for one in items]
    print_table(("", "", "RULES"), rows, rigid=(0, 2), styles=_STYLES, indent="  ")
    click.echo(f"\n{heading('In the catalog')}")
    for problem in listing.problems:
        show_problem(problem.where, problem.what, problem.mend)
    for line in listing.differences or (() if listing.problems else ("nothing would change",)):
        click.echo(f"  {line}")
    click.echo(f"\n{heading('Its page')}\n")
    print_page(seen.manifest, quirks=True)


def _document(seen: LookedAt, report: TierReport, items: list[Item], listing: Listing) -> dict[str, object]:
    return {
        "slug": seen.manifest.slug,
        "version": seen.manifest.version,
        "tier": report.tier,
        "rules": [one.model_dump(mode="json") for one in report.rules],
        "checklist": [{"text": one.text, "rules": one.rules, "answer": one.answer} for one in items],
        "catalog": listing.differences,
        "problems": [{"where": one.where, "what": one.what, "mend": one.mend} for one in listing.problems],
    }
