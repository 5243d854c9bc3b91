"""The help text is the documentation."""

from __future__ import annotations

import inspect

import click
import pytest

from gallery_sdk.cli.root import SECTIONS, cli

from .conftest import Gallery

COMMANDS = [(name, text) for section in SECTIONS.values() for name, (_, text) in section.items()]


@pytest.mark.parametrize(("name", "text"), COMMANDS, ids=[name for name, _ in COMMANDS])
def test_every_command_explains_itself_with_an_example(name: str, text: str) -> None:
    """What `gallery --help` says of a command is its own first sentence, and its help ends in an example."""
    command = cli.get_command(click.Context(cli), name)

    assert command is not None
    documentation = inspect.cleandoc(command.help or "")
    assert documentation.splitlines()[0] == text
    assert f"gallery {name}" in documentation.split("Example:")[1]
    assert len(command.get_short_help_str(200)) <= 62


def test_help_lists_every_command_in_its_section(gallery: Gallery) -> None:
    """All commands are on one screen of 80 columns."""
    shown = gallery("--help")

    assert shown.exit_code == 0
    assert [line.split()[0] for line in shown.stdout.splitlines() if line.startswith("  ") and line[2:3].islower()][
        -len(COMMANDS) :
    ]
    for name, text in COMMANDS:
        assert f"  {name}" in shown.stdout
        assert text in shown.stdout
    assert max(len(line) for line in shown.stdout.splitlines()) <= 80


@pytest.mark.parametrize(
    ("typed", "meant"), [("serch", "search"), ("provison", "provision"), ("statu", "status")], ids=lambda text: text
)
def test_a_mistyped_command_is_answered_with_the_nearest(gallery: Gallery, typed: str, meant: str) -> None:
    """Wrong usage is status 2, said on stderr, with the word that was meant."""
    answer = gallery(typed)

    assert answer.exit_code == 2
    assert f"Did you mean '{meant}'?" in answer.stderr
    assert answer.stdout == ""


def test_a_word_like_no_command_leads_to_the_help(gallery: Gallery) -> None:
    """Nothing is guessed where nothing is near."""
    answer = gallery("xyzzy")

    assert answer.exit_code == 2
    assert "`gallery --help`" in answer.stderr


def test_the_version_is_that_of_the_distribution(gallery: Gallery) -> None:
    """`--version` prints one line."""
    from importlib.metadata import version

    assert gallery("--version").stdout == f"gallery {version('gallery-sdk')}\n"


def test_shells_complete_apps_and_connectors(
    gallery: Gallery, workspace: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Completion knows the apps of the workspace."""
    from pathlib import Path

    from gallery_sdk.cli.declaring import complete_apps, complete_connectors

    Path("apps").mkdir(exist_ok=True)
    Path("apps/desk.toml").touch()
    context, parameter = click.Context(cli), click.Argument(["app"])

    assert [one.value for one in complete_apps(context, parameter, "d")] == ["desk"]
    assert [one.value for one in complete_apps(context, parameter, "x")] == []
    assert "scim" in [one.value for one in complete_connectors(context, parameter, "sc")]
