"""`gallery add`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from .connectors import load_manifest
from .declaring import complete_connectors, declare
from .output import heading, print_text
from .terminal import is_interactive
from .workspaces import current_workspace, secret_schemes

if TYPE_CHECKING:
    from ..apps import AppConfig, Workspace
    from ..manifest import Manifest

GENERIC: Final = "scim"
"""The connector that answers for every URL without a connector of its own."""


@declare("add")
@click.argument("connector", required=False, shell_complete=complete_connectors)
@click.option("--name", help="What the app is called here: apps/NAME.toml.")
@click.option("--url", help="Address of the app; without CONNECTOR the generic SCIM connector takes it.")
@click.option("--set", "given", metavar="KEY=VALUE", multiple=True, help="One input of the connector; may be repeated.")
@click.option("--auth", "method", metavar="METHOD", help="How to sign in; the connector's preferred way by default.")
@click.option("--source", metavar="FILE", help="People: a CSV or JSON Lines file.")
@click.option("--groups", metavar="FILE", help="Groups, likewise.")
@click.option("--members", metavar="FILE", help="Who is in which group: group key and person key on each row.")
@click.option("--key", metavar="COLUMN", help="The column that never changes for a person; id by default.")
@click.option("--force", is_flag=True, help="Replace an app of that name.")
@click.option("--no-input", is_flag=True, help="Ask nothing, even on a terminal.")
def command(
    connector: str | None,
    name: str | None,
    url: str | None,
    given: tuple[str, ...],
    method: str | None,
    source: str | None,
    groups: str | None,
    members: str | None,
    key: str | None,
    force: bool,
    no_input: bool,
) -> None:
    """Connect an app.

    On a terminal it asks for what is missing, one input after the other, and says where to find each. Elsewhere it asks
    nothing: what is missing is listed in one error, with the options to give. The result is the file apps/NAME.toml,
    without any secret: a secret is named by its place, env:NAME, file:/path or keyring:service/user.

    Source files lie in this folder, and may come later: what is not there yet is the first next step. Of a file that is
    there the columns are looked at, and a --key that is none of them is refused.

    An app without a connector of its own is added by its URL alone, if it speaks SCIM 2.0: its discovery documents are
    read, and mappings are proposed from the schemas found there.

    \b
    Example:
        gallery add slack --name slack-prod --set token=env:SLACK_TOKEN --source people.csv
    """
    from .answers import Answers

    if connector is None and url is None:
        raise click.UsageError("Name a connector (`gallery search` finds one), or give --url.")
    workspace = current_workspace()
    manifest = load_manifest(connector or GENERIC)
    answers = Answers(
        manifest,
        asks=is_interactive() and not no_input,
        given=given,
        url=url,
        files=(source, groups, members),
        key=key,
        root=workspace.root,
    )
    if answers.asks:
        _explain(manifest)
    chosen = answers.name(name, lambda text: _refuse_taken(workspace, text, force=force))
    if chosen is not None:
        _refuse_taken(workspace, chosen, force=force)
    values = answers.collect(chosen or "", method)
    assert chosen is not None  # `collect` refused it
    app = _checked(values, chosen, manifest)
    if manifest.capabilities.discovered:
        from .proposal import propose

        if proposed := propose(app, manifest):
            values["mapping"] = proposed
            app = _checked(values, chosen, manifest)
    path = workspace.write_app(chosen, values, replace=force, schemes=secret_schemes())
    click.echo(f"Wrote {_relative(path)}.")
    _print_next(app, manifest, workspace.root)


def _refuse_taken(workspace: Workspace, name: str, *, force: bool) -> None:
    """Say so before any question is asked, and not after all of them."""
    from ..errors import ConfigError

    if workspace.app_path(name).exists() and not force:
        raise ConfigError(
            "the app exists already", f"apps/{name}.toml", "Choose another --name, or replace it: --force"
        )


def _checked(values: Mapping[str, Any], name: str, manifest: Manifest) -> AppConfig:
    """The app as it would be read back.

    Raises:
        InvalidConfigError: Something does not fit the connector; nothing was written.
    """
    from ..apps import InvalidConfigError, effective_mappings, find_connection_problems, parse_app

    schemes = secret_schemes()
    app = parse_app(values, name, schemes=schemes)
    if problems := find_connection_problems(app, manifest, schemes=schemes):
        raise InvalidConfigError(problems)
    effective_mappings(manifest, app)
    return app


def _explain(manifest: Manifest) -> None:
    """What has to be done in the app first, in the manifest's own steps."""
    click.echo(f"{heading(manifest.name)}  {manifest.summary}\n", err=True)
    for line in manifest.prerequisites:
        print_text(f"Needed: {line}", to_stderr=True)
    for number, step in enumerate(manifest.setup, start=1):
        click.echo(f"{number}. {step.title}", err=True)
        print_text(step.text, indent="   ", to_stderr=True)
        if step.url:
            click.echo(f"   {step.url}", err=True)
    click.echo(err=True)


def _print_next(app: AppConfig, manifest: Manifest, root: Path) -> None:
    """The steps that remain, in their order: files and secrets that are not there yet, signing in, a look."""
    from .source_files import steps_before

    lead = "Next: "
    for step in (*steps_before(app, manifest, root), *_secrets_to_set(app)):
        click.echo(f"{lead}{step}")
        lead = "Then: "
    steps = [f"gallery test {app.name}", f"gallery plan {app.name}"]
    if manifest.capabilities.discovered:
        steps.insert(1, f"gallery mappings {app.name}")
    if needs_person(app, manifest):
        steps.insert(0, f"gallery sign-in {app.name}")
    click.echo(lead + ", then ".join(f"`{step}`" for step in steps))


def _secrets_to_set(app: AppConfig) -> Iterator[str]:
    from ..auth import is_reference, resolve
    from ..errors import SecretError

    for name, value in app.auth_inputs.items():
        if not is_reference(value):
            continue
        try:
            resolve(value, where=f"auth.{name}")
        except SecretError as error:
            scheme, _, place = value.partition(":")
            is_variable = scheme == "env"
            yield (
                f"set {place} in the environment: export {place}=..." if is_variable else f"{error.what}. {error.mend}"
            )


def needs_person(app: AppConfig, manifest: Manifest) -> bool:
    """Whether somebody has to sign in by a browser before a job can run."""
    method = manifest.auth_method(app.auth_method)
    return method is not None and method.kind == "oauth2_authorization_code"


def _relative(path: Path) -> Path:
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path
