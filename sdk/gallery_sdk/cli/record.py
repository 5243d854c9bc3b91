"""`gallery record`."""

from __future__ import annotations

from pathlib import Path

import click

from .declaring import complete_connectors, declare


@declare("record")
@click.argument("connector", shell_complete=complete_connectors)
@click.option(
    "--live", is_flag=True, help="Record a tenant of the vendor's instead of the twin; objects are made there."
)
@click.option(
    "--set", "given", metavar="ID=VALUE", multiple=True,
    help="With --live: a setting or credential; a secret as a reference such as env:NAME.",
)  # fmt: skip
@click.option("--auth", "method", metavar="ID", help="With --live: the way to sign in.")
@click.option("--domain", default="example.com", show_default=True, help="With --live: domain of invented addresses.")
@click.option("--only", "names", metavar="BEHAVIOUR", multiple=True, help="Record this behaviour; may be repeated.")
@click.option(
    "--into", "folder", type=click.Path(path_type=Path, file_okay=False), default=Path("cassettes"), show_default=True,
    help="Holds a folder for each connector.",
)  # fmt: skip
def command(
    connector: str, live: bool, given: tuple[str, ...], method: str | None, domain: str, names: tuple[str, ...],
    folder: Path,
) -> None:  # fmt: skip
    """Record a connector's behaviours for its tests.

    Acts every behaviour of the contract suite that can be recorded, against the twin or with --live against a real
    tenant, and writes one small cassette each. Only what is known to be public or invented is written; everything else
    is replaced. Each cassette is replayed without a network before it is kept; one that did not change is left alone.

    With --live everything made carries the prefix gallery-contract and is taken away again.

    \b
    Example:
        gallery record slack
        gallery record slack --live --set token=env:SLACK_TOKEN --domain corp.example
    """
    from secrets import token_hex

    from ..errors import UsageError
    from ..testing.cassettes import record
    from ..testing.contract import LiveVenue, load_subject
    from .connectors import load_connector

    if not live and (given or method is not None):
        raise UsageError("--set and --auth are for a real tenant", "gallery record", "Add --live, or leave them out")
    values = {}
    for one in given:
        name, sign, value = one.partition("=")
        if not sign or not name:
            raise UsageError(f"--set {name!r} gives no value", "gallery record", "Write --set ID=VALUE")
        values[name] = value
    load_connector(connector)
    venue = LiveVenue(values, method, domain, token_hex(3)) if live else None
    counted = 0
    for recorded in record(load_subject(connector), folder, live=venue, names=names):
        counted += 1
        click.echo(f"{recorded.outcome:<10} {recorded.path}")
    if not counted:
        raise UsageError(
            "none of these behaviours is asked of a tenant", "gallery record", "Record them without --live"
        )
