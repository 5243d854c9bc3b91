"""`gallery search`."""

from __future__ import annotations

from collections.abc import Collection

import click

from ..catalog.listings import Listing, Wish, is_past, kept_catalog, listings, search
from ..catalog.stored import HOW_TO_GET, NONE_KEPT
from ..plugins.index import load_index
from .declaring import declare, json_option
from .failing import show_problem
from .output import print_json, print_table

_TIERS = ("bronze", "silver", "gold", "platinum")


@declare("search")
@click.argument("query", nargs=-1)
@click.option("--category", help="Only of this category, for example crm.")
@click.option("--auth", metavar="KIND", help="Only with this kind of sign-in, for example bearer_token.")
@click.option(
    "--can",
    "capabilities",
    metavar="ABILITY",
    multiple=True,
    help="Only what can do this, for example user:delete or group:members; may be repeated.",
)
@click.option("--tier", type=click.Choice(_TIERS), help="Only of this tier or better.")
@click.option("--protocol", type=click.Choice(["scim2", "scim1", "rest"]), help="Only of this protocol.")
@click.option("--installed", "only_installed", is_flag=True, help="Only what is installed.")
@json_option
def command(
    query: tuple[str, ...],
    category: str | None,
    auth: str | None,
    capabilities: tuple[str, ...],
    tier: str | None,
    protocol: str | None,
    only_installed: bool,
    as_json: bool,
) -> None:
    """Find a connector.

    QUERY may be a name, a former name, a category or a keyword, and need not be spelled well; or a way to sign in or a
    protocol, as it is written (bearer, OAuth, SCIM 2.0). The best answer comes first. Without it all connectors are
    listed: those of the catalog on this machine, and the installed ones.

    \b
    Example:
        gallery search chat --can group:members
    """
    catalog = kept_catalog()
    everything = listings(catalog, load_index())
    _refuse_unknown(everything, category, auth, capabilities)
    listed = [one for one in everything if one.installed or not only_installed]
    found = search(" ".join(query), listed, Wish(category, auth, capabilities, tier, protocol))
    if catalog is not None and is_past(catalog):
        show_problem("catalog", "it has expired", "Run `gallery catalog update`", label="Warning")
    if as_json:
        print_json([_document(one) for one in found])
        return
    if not found:
        _say_nothing_found(" ".join(query), listed, know_catalog=catalog is not None)
        return
    print_table(
        ("CONNECTOR", "NAME", "VERSION", "TIER", "INSTALLED", "SUMMARY"),
        [(one.slug, one.name, one.version, one.tier or "-", one.installed or "-", _summary(one)) for one in found],
        rigid=(0, 2, 3, 4),
    )
    if catalog is None and any(one.tier is None for one in found):
        click.echo(NONE_KEPT, err=True)


def _refuse_unknown(
    listed: list[Listing], category: str | None, auth: str | None, capabilities: tuple[str, ...]
) -> None:
    """Refuse what no connector can have. What one has is known without loading the words of manifests.

    Raises:
        UsageError: It is a slip, or of another format.
    """
    if category is not None and not any(category in one.categories for one in listed):
        from ..manifest import CATEGORIES

        _refuse("--category", category, CATEGORIES)
    if auth is not None:
        from ..manifest.wording import SIGN_INS

        short = [kind.removeprefix("oauth2_") for kind in SIGN_INS]
        if auth not in short and not any(auth in one.auth for one in listed):
            _refuse("--auth", auth, SIGN_INS)
    for able in capabilities:
        if not any(able in one.capabilities for one in listed):
            from ..manifest import abilities

            _refuse("--can", able, abilities())


def _refuse(option: str, value: str, known: Collection[str]) -> None:
    if value in known:
        return
    from ..errors import UsageError
    from ..manifest import did_you_mean

    *first, last = known
    there = f"Use one of {', '.join(first)} or {last}"
    meant = did_you_mean(value, known, "")
    mend = f"{meant}? {there}" if meant else there
    raise UsageError(f"there is no {value!r}", option, mend)


def _summary(one: Listing) -> str:
    if one.withdrawn is not None:
        return f"WITHDRAWN: {one.withdrawn}"
    return one.summary if one.status == "active" else f"{one.status.upper()}: {one.summary}"


def _document(one: Listing) -> dict[str, object]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in one._asdict().items()}


def _say_nothing_found(query: str, listed: list[Listing], *, know_catalog: bool) -> None:
    if query:
        what = f"No connector answers to '{query}'"
    else:
        what = "No connector is like that" if listed else "No connector is installed"
    more = "" if know_catalog else f" A catalog brings more: {HOW_TO_GET}."
    click.echo(
        f"{what}.{more} Any SCIM 2.0 app can be connected by its URL: gallery add --url URL --name NAME", err=True
    )
