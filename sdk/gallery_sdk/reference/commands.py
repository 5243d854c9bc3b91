"""The page of commands, from their help."""

from __future__ import annotations

from collections.abc import Iterator

import click

from ..cli.root import SECTIONS, cli

_WIDTH = 100


def page() -> str:
    """The help of every command and of every command below it."""
    parts = ["# Commands", f"```text\n{_help(cli, click.Context(cli, info_name='gallery'))}\n```"]
    top = click.Context(cli, info_name="gallery")
    for title, commands in SECTIONS.items():
        parts.append(f"## {title}")
        for name in commands:
            command = cli.get_command(top, name)
            assert command is not None, name
            for path, text in _helps(command, click.Context(command, info_name=name, parent=top)):
                parts.append(f"### `{path}`\n\n```text\n{text}\n```")
    return "\n\n".join(parts)


def _helps(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    yield context.command_path, _help(command, context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None, name
            yield from _helps(below, click.Context(below, info_name=name, parent=context))


def _help(command: click.Command, context: click.Context) -> str:
    formatter = click.HelpFormatter(width=_WIDTH, max_width=_WIDTH)
    command.format_help(context, formatter)
    return click.unstyle(formatter.getvalue()).strip()
