"""`gallery new`."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from .declaring import declare
from .output import counted, faint

if TYPE_CHECKING:
    from ..scaffold.writing import Protocol


@declare("new")
@click.argument("slug")
@click.option(
    "--protocol", type=click.Choice(["scim2", "rest"]), default="scim2", show_default=True,
    help="What the app speaks: SCIM 2.0, or a REST API of its own.",
)  # fmt: skip
@click.option("--name", help="The app's name, for people; made from SLUG when left out.")
@click.option("--vendor", help="The app's maker; the name when left out.")
@click.option("--category", default="collaboration", show_default=True, help="What the app is for.")
@click.option("--maintainer", help="Who answers for the connector.")
@click.option("--base-url", help="Where the API begins; an address of examples when left out.")
@click.option("--docs-url", help="The vendor's page about the API; an address of examples when left out.")
@click.option(
    "--dir", "parent", type=click.Path(path_type=Path, file_okay=False), default=Path(), help="Where SLUG/ is written."
)
def command(
    slug: str,
    protocol: str,
    name: str | None,
    vendor: str | None,
    category: str,
    maintainer: str | None,
    base_url: str | None,
    docs_url: str | None,
    parent: Path,
) -> None:
    """Begin a connector.

    SLUG is its name everywhere: lower-case letters, digits and dashes. What is written reaches bronze and keeps its
    contract before any edit; from there on it is yours. A REST connector brings a target and a twin, in Python; a SCIM
    connector is data alone.

    \b
    Example:
        gallery new acme --protocol scim2 --base-url https://api.acme.com/scim/v2
    """
    from ..scaffold import NewConnector, write_connector

    title = name or " ".join(part.capitalize() for part in slug.split("-"))
    asked = NewConnector(
        slug=slug,
        name=title,
        protocol=cast("Protocol", protocol),
        category=category,
        vendor=vendor or title,
        maintainer=maintainer or f"{title} connector maintainers",
        base_url=(base_url or f"https://api.{slug}.example/{'scim/v2' if protocol == 'scim2' else 'v1'}").rstrip("/"),
        docs_url=docs_url or f"https://docs.{slug}.example/api",
        day=datetime.now(UTC).date(),
    )
    files = write_connector(asked, parent)
    folder = parent / slug
    for path in files:
        click.echo(f"  {path.relative_to(parent).as_posix()}")
    place = folder if folder.is_absolute() else f"./{folder.as_posix()}"  # a bare name is looked up in an index
    click.echo(f"{counted(len(files), 'file')} written. Next:")
    for line, why in (
        (f"pip install -e {shlex.quote(f'{place}[test]')}", "`gallery` finds it from then on, and can act it"),
        (f"gallery check {shlex.quote(str(folder))} --contract", "its tier, and what keeps it from the next one"),
        (f"edit {folder / asked.package / 'connector.toml'}", "what the template guessed, by what the vendor says"),
    ):
        click.echo(f"  {line}\n      {faint(why)}")
