"""Mappings for an app without a connector of its own, proposed from what the app says of itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from .failing import show_error
from .output import counted, print_text

if TYPE_CHECKING:
    from ..apps import AppConfig
    from ..manifest import AttributeMapping, Manifest
    from ..targets import Proposal


def propose(app: AppConfig, manifest: Manifest) -> dict[str, list[dict[str, object]]]:
    """Ask the app for its discovery documents; the answer is the `[mapping]` table, and what was found is printed.

    Only what differs from the connector's defaults is in the table. An app that cannot be asked yet, for want of a
    secret or of a network, gets the defaults; that is said, and is no error.
    """
    import asyncio

    from ..errors import AuthError, SecretError, TransportError
    from ..runner import open_transport
    from ..targets import discover

    async def ask() -> Proposal:
        transport = await open_transport(app, manifest)
        try:
            return await discover(transport, manifest)
        finally:
            await transport.aclose()

    try:
        proposal = asyncio.run(ask())
    except (AuthError, SecretError, TransportError) as error:
        show_error(error, label="Note")
        print_text(
            "The app was not asked for its schemas, so the usual mappings stand. Repeat the command with --force when "
            "it can be reached.",
            to_stderr=True,
        )
        return {}
    _tell(proposal)
    return {
        kind: table
        for kind, mappings in proposal.mappings.items()
        if (table := overrides(manifest.mappings["user" if kind == "user" else "group"], mappings))
    }


def overrides(defaults: Sequence[AttributeMapping], proposed: Sequence[AttributeMapping]) -> list[dict[str, object]]:
    """What turns the default mappings into the proposed ones."""
    wanted = {one.target for one in proposed}
    known = {one.target: one for one in defaults}
    table: list[dict[str, object]] = [
        {"target": target, "enabled": False, "note": "The app does not declare it"}
        for target in known
        if target not in wanted
    ]
    for one in proposed:
        if one.target not in known:
            table.append(_fields(one))
    return table


def _fields(mapping: AttributeMapping) -> dict[str, object]:
    written: Mapping[str, Any] = mapping.model_dump(exclude={"id", "origin", "mark"}, exclude_defaults=True)
    return dict(written)


def _tell(proposal: Proposal) -> None:
    if proposal.served:
        click.echo(f"The app describes itself: {', '.join(proposal.served)}.")
    else:
        click.echo("The app serves no discovery documents; the core attributes of RFC 7643 are mapped.")
    for kind, mappings in proposal.mappings.items():
        off = [one.target.rpartition(":")[2] for one in mappings if not one.enabled]
        click.echo(f"  {kind}s: {counted(len(mappings) - len(off), 'mapping')} proposed")
        if off:
            print_text(f"its own attributes, switched off until you name their source: {', '.join(off)}", indent="    ")
