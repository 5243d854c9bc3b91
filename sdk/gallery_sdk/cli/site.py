"""`gallery site`: the catalog as pages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .catalog import root_option
from .declaring import declare
from .failing import PROBLEMS, show_problem
from .output import counted

if TYPE_CHECKING:
    from ..site import Publication

publication_option = click.option(
    "--publication",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Show what `gallery catalog build --out` wrote there, signature included, instead of building the catalog.",
)
title_option = click.option(
    "--title", default="The open gallery", show_default=True, help="What the site calls itself."
)


@click.group("site")
def command() -> None:
    """Make the catalog a static site, or look at it.

    The pages need no server of ours and no JavaScript to be read; search, facets and comparison come alive with it.
    Nothing is loaded from elsewhere.

    \b
    Example:
        gallery site serve
    """


@declare("build")
@root_option
@publication_option
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("build/site"), show_default=True,
    help="The site's folder; what the site does not have is removed from it.",
)  # fmt: skip
@click.option("--url", help="Where the site will stand; sitemap.xml and absolute links of the feed need it.")
@title_option
def build(root: Path, publication: Path | None, out: Path, url: str | None, title: str) -> None:
    """Write the site to a folder.

    Beside the pages lie the catalog, its detail documents and schemas, so that the site is also where
    `gallery catalog update` gets them. Exit status 1 if a connector was left out.

    \b
    Example:
        gallery site build --out build/site --url https://gallery.example/
    """
    from ..site import SiteName, build_site

    name = SiteName(title, _address(url))
    shown, complete = _publication(root, publication)
    site = build_site(shown, name=name, docs=_docs(root))
    changed = site.write(out)
    click.echo(
        f"{counted(len(shown.listed), 'connector')}, {counted(len(site.pages), 'page')} in {out}; "
        f"{counted(changed, 'file')} changed"
    )
    if name.url is None:
        click.echo("There is no sitemap.xml: its entries need the site's address, --url.", err=True)
    if not complete:
        raise SystemExit(PROBLEMS)


@declare("serve")
@root_option
@publication_option
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="On 127.0.0.1; 0 for any.")
@title_option
def serve(root: Path, publication: Path | None, port: int, title: str) -> None:
    """Build the site in memory and serve it on this machine.

    With the headers that a server on the internet should send. Ctrl-C ends it.

    \b
    Example:
        gallery site serve --port 8080
    """
    from ..errors import UsageError
    from ..site import SiteName, SiteServer, build_site

    shown, _ = _publication(root, publication)
    try:
        server = SiteServer(port)
    except OSError as error:
        raise UsageError(
            f"port {port} cannot be opened ({error.strerror})", "gallery site serve --port", "Choose another, or 0"
        ) from error
    with server:
        server.files = build_site(shown, name=SiteName(title, server.url), docs=_docs(root)).files
        click.echo(f"{server.url}  ({counted(len(shown.listed), 'connector')}; Ctrl-C ends it)")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo()


def _publication(root: Path, folder: Path | None) -> tuple[Publication, bool]:
    """What is shown, and whether every connector of the repository or the publication is in it."""
    from ..site import publication_of, read_publication

    if folder is not None:
        shown = read_publication(folder)
        problems = shown.problems
    else:
        from ..catalog.grading import build_graded

        built = build_graded(root)
        shown = publication_of(built)
        problems = built.problems + shown.problems
    for problem in problems:
        show_problem(problem.where, problem.what, problem.mend)
    return shown, not problems


def _docs(root: Path) -> Path | None:
    return root / "docs" if (root / "docs").is_dir() else None


def _address(url: str | None) -> str | None:
    if url is None:
        return None
    from urllib.parse import urlsplit

    from ..errors import UsageError

    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment:
        raise UsageError(f"{url!r} is not the address of a site", "--url", "Write https://, host and path")
    return url if url.endswith("/") else f"{url}/"


command.add_command(build)
command.add_command(serve)
