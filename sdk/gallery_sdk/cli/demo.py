"""`gallery demo`."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from .connectors import load_connector
from .declaring import complete_connectors, declare
from .failing import PROBLEMS, USAGE
from .output import faint, heading, print_text, wrap

if TYPE_CHECKING:
    from ..manifest import Manifest
    from ..testing import Twin, TwinServer

_VARIABLE: Final = "GALLERY_DEMO_{}"
_FOLDED: Final = 76


@declare("demo")
@click.argument("connector", default="slack", shell_complete=complete_connectors)
@click.option("--keep", is_flag=True, help="Leave the folder, and say where it is.")
@click.option(
    "--people", type=click.IntRange(10, 100_000), default=200, show_default=True, help="How many in the directory."
)
def command(connector: str, keep: bool, people: int) -> None:
    """See the whole thing work, without any account.

    Serves the connector's twin, a simulator of the app, on a port of this machine, writes a directory of invented
    people, and then types what a team types: every command is shown and really run. Nothing leaves this machine.

    \b
    Example:
        gallery demo slack --keep
    """
    from .demo_twin import served_twin

    plugins = load_connector(connector)
    folder = Path(tempfile.mkdtemp(prefix="gallery-demo-"))
    try:
        with served_twin(plugins) as (twin, server), contextlib.chdir(folder), _environment(twin.credentials):
            failed = _play(plugins.manifest, twin, server, people)
    finally:
        if keep:
            click.echo(f"\nThe folder is {folder}. Its app was the twin, which has ended.")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    if failed:
        raise SystemExit(PROBLEMS)


def _play(manifest: Manifest, twin: Twin, server: TwinServer, people: int) -> bool:
    """Act the whole story; the answer says whether any command found problems."""
    from ..apps import create_workspace, write_sample_directory
    from .demo_story import change_directory, first_person

    app = f"{manifest.slug}-demo"
    write_sample_directory(Path(), people=people, groups=12)
    create_workspace(Path())
    click.echo(f"{heading(f'{manifest.name}, played by its twin')} at {server.url}{twin.base_path}")
    if twin.note:
        print_text(twin.note)
    print_text(f"The directory: {people:,} invented people in people.csv and 12 groups in groups.csv.")
    stage = _Stage()
    stage.say("What is this connector, and what can it do?")
    stage.type("show", manifest.slug, "--brief")
    stage.say("Connect it. The file that this writes says where the secret is kept, and not the secret.")
    stage.type("add", manifest.slug, "--name", app, *_options(manifest, twin, server))
    if twin.rate_scale != 1:
        _hurry(app, twin.rate_scale)
        print_text(f"(The demo adds rate_scale = {twin.rate_scale:g} under [engine]: so fast runs the twin's clock.)")
    stage.say("Can it be reached?")
    stage.type("test", app)
    stage.say("Look before you leap: what would happen, to whom, and why?")
    stage.type("plan", app, "--limit", "1", "--out", "first.plan")
    person = first_person(Path())
    stage.say("Try it on one person first.")
    stage.type("provision", app, "--user", person)
    stage.say("Good. Now everybody.")
    stage.type("run", app, "--once")
    story = change_directory(Path())
    stage.say("The next day the directory has changed:")
    for sentence in story.sentences:
        print_text(sentence, indent="  ", lead="- ")
    stage.say("Only that is sent.")
    stage.type("plan", app, "--limit", "6", "--out", "second.plan")
    stage.type("run", app, "--once")
    stage.say("What happened to the person who was renamed?")
    stage.type("log", app, "--about", story.renamed)
    stage.say("And how does it stand now?")
    stage.type("status", app)
    _say_what_is_next(manifest)
    return stage.failed


def _say_what_is_next(manifest: Manifest) -> None:
    click.echo(f"\n{heading('Yours next')}")
    lacking = lacking_on_the_path(Path(sysconfig.get_path("scripts")))
    first = [(lacking, "so that this shell finds `gallery`, which it does not yet")] if lacking else []
    for line, why in (
        *first,
        ("gallery init provisioning && cd provisioning", "a folder for your team, under version control"),
        (f"gallery show {manifest.slug}", "what to set up in the app, and what it asks for"),
        (f"gallery add {manifest.slug} --name {manifest.slug}-prod", "asks you, one question after the other"),
    ):
        click.echo(f"  {line}\n      {faint(why)}")


def lacking_on_the_path(scripts: Path) -> str:
    """What a shell must be told before `gallery` is the command in this folder; "" where it is already."""
    found = shutil.which("gallery")
    if not (scripts / "gallery").exists() or (found is not None and Path(found).samefile(scripts / "gallery")):
        return ""
    activate = scripts / "activate"
    return (
        f". {shlex.quote(str(activate))}" if activate.exists() else f'export PATH={shlex.quote(str(scripts))}:"$PATH"'
    )


class _Stage:
    """Shows each command as a person would type it, and runs it by the very function that they would run."""

    def __init__(self) -> None:
        self.failed = False

    def say(self, text: str) -> None:
        """A line between two commands."""
        click.echo()
        for line in wrap(text, 2):
            click.secho(f"# {line}", fg="cyan")

    def type(self, *words: str) -> None:
        """Print the command, and run it."""
        from .root import cli

        click.echo(f"{click.style('$', bold=True)} {_folded(['gallery', *words])}")
        try:
            cli.main(list(words), prog_name="gallery", standalone_mode=False)
        except SystemExit as ended:
            if ended.code not in (None, 0, PROBLEMS, USAGE):
                raise  # a signal ends the whole story, not this command alone
            self.failed |= bool(ended.code)


def _folded(words: Sequence[str]) -> str:
    """A long command over several lines, as shells allow; an option stays beside its value."""
    lines = [""]
    for place, word in enumerate(words):
        quoted = shlex.quote(word)
        follows = words[place + 1] if word.startswith("--") and place + 1 < len(words) else ""
        needed = len(quoted) + (len(follows) + 1 if follows and not follows.startswith("--") else 0)
        if word.startswith("--") and len(lines[-1]) + needed > _FOLDED:
            lines.append("   ")
        lines[-1] += f" {quoted}" if lines[-1] else quoted
    return " \\\n".join(lines)


def _options(manifest: Manifest, twin: Twin, server: TwinServer) -> list[str]:
    """Options of `gallery add` that lead to the twin."""
    method = next((one for one in manifest.auth_methods if one.id == twin.method), None)
    secret = {one.id for one in method.inputs if one.type == "secret"} if method is not None else set()
    words = ["--url", f"{server.url}{twin.base_path}"]
    if method is not None and len(manifest.auth_methods) > 1:
        words += ["--auth", method.id]
    for name, value in twin.settings.items():
        words += ["--set", f"{name}={value}"]
    for name, value in twin.credentials.items():
        words += ["--set", f"{name}={f'env:{_variable(name)}' if name in secret else value}"]
    return [*words, "--source", "people.csv", "--groups", "groups.csv", "--members", "memberships.csv", "--no-input"]


def _hurry(app: str, rate_scale: float) -> None:
    """Let the job keep to the app's rate limits by the twin's clock."""
    import tomllib

    from .workspaces import current_workspace

    workspace = current_workspace()
    values = tomllib.loads(workspace.app_path(app).read_text(encoding="utf-8"))
    workspace.write_app(app, {**values, "engine": {"rate_scale": float(rate_scale)}}, replace=True)


def _variable(name: str) -> str:
    return _VARIABLE.format(name.upper())


@contextlib.contextmanager
def _environment(credentials: Mapping[str, str]) -> Iterator[None]:
    """The twin's credentials in the environment, where the app's file refers to them."""
    names = {_variable(name): value for name, value in credentials.items()}
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(names)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
