"""`gallery show`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from ..manifest.wording import limit_text, limited_text, protocol_text, sign_in_text, when_text, without_urn
from .connectors import look_up
from .declaring import complete_connectors, declare, json_option
from .mapping_text import value_text
from .output import faint, heading, plain, print_fields, print_table, print_text
from .tier_text import print_tier

if TYPE_CHECKING:
    from ..catalog.tiers import TierReport
    from ..manifest import AuthMethod, Input, Manifest

_NO_TIER: Final = "not known here; `gallery catalog update --details` gets what the catalog says of it"
_KINDS: Final[tuple[tuple[str, str], ...]] = (("user", "Users"), ("group", "Groups"))


@declare("show")
@click.argument("connector", shell_complete=complete_connectors)
@json_option
@click.option("--brief", is_flag=True, help="Only what it is and what it can do.")
@click.option("--mappings", "only_mappings", is_flag=True, help="Only the default attribute mappings.")
@click.option("--quirks", is_flag=True, help="Also where the app departs from the standard, with sources.")
def command(connector: str, as_json: bool, brief: bool, only_mappings: bool, quirks: bool) -> None:
    """Show what a connector does and what it asks for.

    It may be installed or only in the catalog. Its capabilities, how to sign in and where to find each credential,
    what must be set up in the app, and which attribute is filled from what. Its tier, and what keeps it from the next
    one, come from the folder that it is installed from, or from the catalog.

    \b
    Example:
        gallery show slack
    """
    manifest, installed = look_up(connector)
    if only_mappings and not as_json:
        _print_mappings(manifest)
        return
    tier = _tier_of(manifest, installed=installed)
    if as_json:
        import json

        document = json.loads(manifest.model_dump_json(by_alias=True))
        document["tier"] = tier.model_dump(mode="json") if tier is not None else None
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    if brief:
        _print_identity(manifest, tier.tier if tier is not None else _NO_TIER)
        return
    _print_identity(manifest, "" if tier is not None else _NO_TIER)
    if tier is not None:
        print_tier("Tier", tier)
    _print_rest(manifest, quirks=quirks)
    click.echo()
    first = "" if installed else f"`gallery install {manifest.slug}`, then "
    click.echo(f"Next: {first}`gallery add {manifest.slug} --name {manifest.slug}-prod`")


def print_page(manifest: Manifest, *, quirks: bool) -> None:
    """Print all that a manifest tells readers of a connector."""
    _print_identity(manifest)
    _print_rest(manifest, quirks=quirks)


def _tier_of(manifest: Manifest, *, installed: bool) -> TierReport | None:
    # The details of what is not installed were had for its manifest; for what is, no request is sent.
    from datetime import UTC, datetime

    from ..catalog.grading import find_tier

    return find_tier(manifest.slug, manifest.version, day=datetime.now(UTC).date(), offline=installed)


def _print_rest(manifest: Manifest, *, quirks: bool) -> None:
    _print_settings(manifest)
    _print_auth(manifest)
    _print_setup(manifest)
    _print_mappings(manifest)
    _print_behaviour(manifest, quirks=quirks)


def _print_identity(manifest: Manifest, tier: str = "") -> None:
    click.echo(f"{heading(manifest.name)}  {faint(f'{manifest.slug} {manifest.version}')}")
    if manifest.summary:
        print_text(manifest.summary)
    if manifest.status != "active":
        instead = f"; use {manifest.replaced_by}" if manifest.replaced_by else ""
        click.secho(f"This connector is {manifest.status}{instead}.", fg="yellow")
    click.echo()
    lifecycle = manifest.lifecycle
    print_fields(
        [
            ("Tier", tier),
            ("Vendor", manifest.vendor.name if manifest.vendor else ""),
            ("Connector by", f"{manifest.publisher.name} ({manifest.publisher.kind})" if manifest.publisher else ""),
            ("Categories", ", ".join(manifest.categories)),
            ("Users", ", ".join(manifest.capabilities.user) or "not provisioned"),
            ("Groups", ", ".join(manifest.capabilities.group) or "not provisioned"),
            ("On leaving", f"scope: {lifecycle.on_unassign}, source: {lifecycle.on_delete}"),
            ("Protocol", protocol_text(manifest.transport.kind)),
            ("Address", manifest.transport.base_url),
            ("Documentation", manifest.docs_url),
        ]
    )
    _print_list("Before you start", manifest.prerequisites)
    _print_list("Limits to know", manifest.limitations)


def _print_list(title: str, lines: tuple[str, ...]) -> None:
    if lines:
        click.echo(f"\n{heading(title)}")
        for line in lines:
            print_text(line, indent="  ", lead="- ")


def _print_settings(manifest: Manifest) -> None:
    if manifest.config_inputs:
        click.echo(f"\n{heading('Settings')}")
        for one in manifest.config_inputs:
            click.echo(f"  {one.id}  {faint(input_summary(one))}")
            print_text(_explained(one.title, one.help), indent="      ")


def input_summary(one: Input) -> str:
    """`string, required, for example acme` in few words."""
    words = [" | ".join(one.choices) if one.choices else one.type, "required" if one.required else "optional"]
    if one.default is not None:
        words.append(f"default {one.default}")
    if one.example is not None:
        words.append(f"for example {one.example}")
    return ", ".join(words)


def _print_auth(manifest: Manifest) -> None:
    if not manifest.auth_methods:
        return
    click.echo(f"\n{heading('Signing in')}")
    for method in manifest.auth_methods:
        click.echo(f"  {method.id}  {faint(_method_words(method))}")
        for one in method.inputs:
            kind = "secret, given as a reference" if one.type == "secret" else one.type
            click.echo(f"    {one.id}  {faint(kind)}")
            print_text(_explained(one.title, one.help), indent="      ")


def _explained(title: str, help_text: str) -> str:
    return f"{title}. {help_text}" if title and help_text else title or help_text


def _method_words(method: AuthMethod) -> str:
    words = [method.title or sign_in_text(method.kind)]
    if method.status != "supported":
        words.append(method.status)
    return ", ".join(words)


def _print_setup(manifest: Manifest) -> None:
    if manifest.setup:
        click.echo(f"\n{heading('Set up in the app')}")
        for number, step in enumerate(manifest.setup, start=1):
            click.echo(f"  {number}. {plain(step.title)}")
            print_text(step.text, indent="     ")
            if step.url:
                click.echo(f"     {plain(step.url)}")


def _print_mappings(manifest: Manifest) -> None:
    for kind, title in _KINDS:
        mappings = manifest.mapping.user if kind == "user" else manifest.mapping.group
        if not mappings:
            continue
        click.echo(f"\n{heading(f'{title}: what is filled from what')}")
        print_table(
            ("ATTRIBUTE", "FROM", "WHEN"),
            [(without_urn(one.target), value_text(one), when_text(one)) for one in mappings],
            rigid=(0, 2),
            indent="  ",
        )
    if manifest.capabilities.discovered and not any(manifest.mappings.values()):
        click.echo(f"\n{heading('Mappings')}")
        print_text("Proposed from the app's own discovery documents when an app is added.", indent="  ")


def _print_behaviour(manifest: Manifest, *, quirks: bool) -> None:
    if manifest.limits:
        click.echo(f"\n{heading('Rate limits')}")
        for limit in manifest.limits:
            click.echo(f"  {limited_text(limit)}: {limit_text(limit)}, per {limit.scope}")
    if not manifest.quirks:
        return
    if not quirks:
        click.echo(f"\n{len(manifest.quirks)} known departures from the standard are handled (--quirks lists them).")
        return
    click.echo(f"\n{heading('Departures from the standard')}")
    for quirk in manifest.quirks:
        value = "" if quirk.value is True else f" = {_quirk_value(quirk.value)}"
        click.echo(f"  {quirk.id}{plain(value)}")
        print_text(quirk.note or "", indent="      ")
        if quirk.source:
            day = f", read {quirk.read}" if quirk.read else ""
            print_text(f"Source: {quirk.source}{day}", indent="      ")


def _quirk_value(value: object) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, tuple) else str(value)
