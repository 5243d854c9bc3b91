"""The top of the command line."""

from __future__ import annotations

from typing import Final

import click

from .lazy import LazyGroup, Sections

SECTIONS: Final[Sections] = {
    "Find and connect": {
        "search": (".search", "Find a connector."),
        "show": (".show", "Show what a connector does and what it asks for."),
        "compare": (".compare", "Compare connectors side by side."),
        "install": (".install", "Install connectors from the catalog."),
        "upgrade": (".upgrade", "Upgrade connectors to the newest version that runs here."),
        "remove": (".remove", "Remove installed connectors."),
        "init": (".init", "Make a folder a workspace."),
        "add": (".add", "Connect an app."),
        "sign-in": (".sign_in", "Sign in to an app by a browser, where it asks for that."),
        "list": (".list", "List the apps of this workspace."),
        "mappings": (".mappings", "Show where each attribute of an app comes from."),
        "test": (".test", "Check that source and app can be reached."),
    },
    "Look, then run": {
        "plan": (".plan", "Show what would change, and write it to a file."),
        "apply": (".apply", "Carry out exactly what a plan file says."),
        "provision": (".provision", "Provision one person or group now, step by step."),
        "run": (".run", "Keep apps in step, on schedule or once."),
        "status": (".status", "Show where apps stand."),
        "log": (".log", "Show what happened to whom, when and why."),
        "restart": (".restart", "Have the next cycle read everything anew."),
    },
    "Write and mend": {
        "expr": (".expr", "Evaluate a mapping expression."),
        "new": (".new", "Begin a connector."),
        "check": (".check", "Check connectors: what is wrong, and which tier they reach."),
        "submit": (".submit", "Prepare a connector's listing in the catalog."),
        "semver-check": (".semver_check", "Check that a new version says how much it changed."),
        "migrate": (".migrate", "Bring connector manifests to the current level of the format."),
        "catalog": (".catalog", "Make, sign and check a catalog, or get one."),
        "site": (".site", "Make the catalog a static site, or look at it."),
        "schema": (".schema", "Print the JSON Schema of a file format."),
        "doctor": (".doctor", "Check this installation and this workspace."),
        "twin": (".twin", "Serve an app's simulator to try things on."),
        "record": (".record", "Record a connector's behaviours for its tests."),
        "demo": (".demo", "See the whole thing work, without any account."),
    },
}


def _print_version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from .._version import __version__

        click.echo(f"gallery {__version__}")
        ctx.exit()


cli = LazyGroup(
    name="gallery",
    sections=SECTIONS,
    package=__package__,
    help=(
        "Keep the accounts of your apps in step with your directory.\n\n"
        "Results go to stdout, problems to stderr. Exit status: 0 done, 1 the work found problems, "
        "2 wrong usage or configuration."
    ),
    epilog="`gallery COMMAND --help` explains a command, with an example. New here? Run `gallery demo`.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    params=[
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_print_version,
            help="Show the version and exit.",
        ),
        click.Option(
            ["--debug"], is_flag=True, expose_value=False, help="Show tracebacks of errors; also GALLERY_DEBUG=1."
        ),
    ],
)
"""The command `gallery`."""
