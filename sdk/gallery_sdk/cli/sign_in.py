"""`gallery sign-in`."""

from __future__ import annotations

import click

from .connectors import load_manifest
from .declaring import app_argument, declare
from .terminal import is_interactive
from .workspaces import current_workspace, secret_schemes


@declare("sign-in")
@app_argument
def command(app: str) -> None:
    """Sign in to an app by a browser, where it asks for that.

    Opens the app's consent page, or prints its address where there is no browser, and keeps the tokens that it answers
    with in your own data folder. Jobs renew them by themselves; when they no longer can, sign in again.

    \b
    Example:
        gallery sign-in figma-prod
    """
    import asyncio

    from .. import auth
    from ..errors import UsageError
    from ..runner import settings_of

    config = current_workspace().read_app(app, schemes=secret_schemes())
    manifest = load_manifest(config.connector)
    method = manifest.auth_method(config.auth_method)
    if method is None or method.kind != "oauth2_authorization_code":
        way = method.id if method is not None else "no credential"
        raise UsageError(f"{app} signs in by itself ({way})", config.where, f"Run `gallery test {app}`")
    secret = {one.id for one in method.inputs if one.type == "secret"}
    given = config.auth_inputs
    asyncio.run(
        auth.sign_in(
            method,
            inputs={name: value for name, value in given.items() if name not in secret},
            secrets={name: auth.resolve(value) for name, value in given.items() if name in secret},
            settings=settings_of(config, manifest),
            open_url=_open,
            app=config.name,
            features={"users_read", "users_write"} | ({"groups"} if config.groups.enabled else set()),
        )
    )
    click.echo(f"Signed in. Next: `gallery test {app}`")


def _open(url: str) -> None:
    click.echo(f"Sign in here; this command goes on by itself:\n\n  {url}\n", err=True)
    if is_interactive():
        click.launch(url)
