"""A group of commands that knows their names and help without importing them."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

Sections = Mapping[str, Mapping[str, tuple[str, str]]]
"""Heading, then command name, then (module, one-line help)."""


class LazyGroup(click.Group):
    """Imports the module of a command when that command is run or its own help is asked for."""

    def __init__(self, *, sections: Sections, package: str, **options: Any) -> None:
        """Takes `sections` in the order in which help shows them; modules are relative to `package`."""
        super().__init__(**options)
        self._sections, self._package = sections, package

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order of the sections."""
        return [name for section in self._sections.values() for name in section]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command: what its module calls `command`."""
        for section in self._sections.values():
            if cmd_name in section:
                module = import_module(section[cmd_name][0], self._package)
                gc.enable()  # `main` had it off for loading; here the work begins
                command = module.command
                assert isinstance(command, click.Command)
                return command
        return None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, with the nearest name when there is no such command."""
        if args and not args[0].startswith("-") and args[0] not in self.list_commands(ctx):
            from difflib import get_close_matches

            near = get_close_matches(args[0], self.list_commands(ctx), n=1)
            hint = f"Did you mean '{near[0]}'?" if near else f"Run `{ctx.command_path} --help` to see all commands."
            raise click.UsageError(f"There is no command '{args[0]}'. {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the sections, all with one column width."""
        width = max(len(name) for name in self.list_commands(ctx))
        for heading, section in self._sections.items():
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(width), text) for name, (_, text) in section.items()])

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Read the words of the command line, and print the help where that is asked for."""
        with _ends_with_its_reader():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a reader of its output who had enough (`| head`) ends it quietly."""
        with _ends_with_its_reader():
            return super().invoke(ctx)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command and exit; with `standalone_mode` False errors are left to the caller."""
        if os.environ.get("NO_COLOR"):
            extra.setdefault("color", False)
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        from .failing import exits_in_our_manner

        with exits_in_our_manner(args):
            status = super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        raise SystemExit(status if isinstance(status, int) else 0)


@contextmanager
def _ends_with_its_reader() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:  # click would end with status 1, which here means that the work found problems
        from .failing import leave_closed_pipe

        leave_closed_pipe()
