"""A team's folder is made, found, read and written without losing anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gallery_sdk.apps import InvalidConfigError, Workspace, create_workspace
from gallery_sdk.errors import ConfigError

_COMMENTED = """\
# Ours since 2024
connector = "acme"   # do not rename

[source]
kind = "csv"
users = "people.csv" # nightly

[auth]
method = "bearer"
token = "env:ACME_TOKEN"

[settings]
host = "old.acme.test"

[[scope.user]]  # sales first
clauses = [
  "a EQUALS b", # why
]

[engine]
page_size = 10
"""


def test_a_new_workspace_can_be_committed_at_once(tmp_path: Path) -> None:
    """State and plans are ignored, what was there stays."""
    (tmp_path / ".gitignore").write_text("*.log")
    (tmp_path / "README.md").write_text("Ours\n")

    workspace = create_workspace(tmp_path)

    assert (tmp_path / ".gitignore").read_text() == "*.log\n.gallery/\n*.plan\n"
    assert (tmp_path / "README.md").read_text() == "Ours\n"
    assert workspace.app_names() == ()
    assert workspace.state_path == tmp_path.resolve() / ".gallery" / "state.db"
    with pytest.raises(ConfigError, match="already"):
        create_workspace(tmp_path)


def test_a_workspace_is_found_from_any_folder_in_it(workspace: Workspace) -> None:
    """As version control does."""
    assert Workspace.find(workspace.apps_path) == workspace


def test_outside_a_workspace_the_way_to_one_is_told(tmp_path: Path) -> None:
    """The first error of a new user."""
    with pytest.raises(ConfigError, match="gallery init"):
        Workspace.find(tmp_path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "is missing"),
        ("schema = 2\n", "is 2"),
        ("schema = 1\nschemas = 1\n", "Did you mean 'schema'"),
        ("=", "TOML"),
    ],
)
def test_a_settings_file_of_another_level_is_refused(content: str, says: str, workspace: Workspace) -> None:
    """Better than to misread it."""
    (workspace.root / "gallery.toml").write_text(content)

    with pytest.raises(ConfigError, match=says):
        Workspace.find(workspace.root)


def test_an_app_that_was_written_is_read_back(workspace: Workspace, values: dict[str, Any]) -> None:
    """With lists of tables and all."""
    values["scope"] = {"user": [{"clauses": ["a EQUALS b"], "name": "x"}]}
    values["mapping"] = {"user": [{"target": "title", "constant": True}]}

    workspace.write_app("acme-prod", values)
    app = workspace.read_app("acme-prod")

    assert workspace.app_names() == ("acme-prod",)
    assert app.scope.user[0].name == "x"
    assert app.mapping.user[0].constant is True
    assert app.auth_method == "bearer"


def test_an_app_is_never_overwritten_without_being_told(workspace: Workspace, values: dict[str, Any]) -> None:
    """The old file is untouched."""
    path = workspace.write_app("acme-prod", values)
    before = path.read_text()

    with pytest.raises(ConfigError, match="exists already"):
        workspace.write_app("acme-prod", {**values, "connector": "other"})

    assert path.read_text() == before


def test_a_change_keeps_comments_order_and_layout(workspace: Workspace, values: dict[str, Any]) -> None:
    """What people wrote for each other is not the tool's to lose."""
    path = workspace.app_path("acme-prod")
    path.write_text(_COMMENTED)
    values["scope"] = {"user": [{"clauses": ["a EQUALS b"]}]}

    workspace.write_app("acme-prod", values, replace=True)

    text = path.read_text()
    for kept in ("# Ours since 2024", "# do not rename", "# nightly", "# sales first", "# why"):
        assert kept in text
    assert 'host = "team.acme.test"' in text
    assert "page_size" not in text
    assert text.index("[source]") < text.index("[auth]") < text.index("[settings]")


def test_nothing_is_written_that_could_not_be_read_back(workspace: Workspace, values: dict[str, Any]) -> None:
    """A secret least of all."""
    with pytest.raises(InvalidConfigError):
        workspace.write_app("acme-prod", {**values, "auth": {"token": "very-secret"}})

    assert list(workspace.apps_path.iterdir()) == []


def test_an_unknown_app_is_answered_with_the_nearest(workspace: Workspace, values: dict[str, Any]) -> None:
    """Or with all that there are."""
    workspace.write_app("slack-prod", values)

    with pytest.raises(ConfigError, match="Did you mean 'slack-prod'"):
        workspace.read_app("slack-pord")
    with pytest.raises(ConfigError, match="The apps here are slack-prod"):
        workspace.read_app("zoom")


@pytest.mark.parametrize("name", ["", "../x", "A", "a b", ".x", "x" * 65])
def test_a_name_that_could_leave_the_folder_is_refused(name: str, workspace: Workspace) -> None:
    """Names become file names."""
    with pytest.raises(ConfigError, match="cannot be the name"):
        workspace.read_app(name)


def test_a_file_whose_name_no_app_can_have_is_told(workspace: Workspace, values: dict[str, Any]) -> None:
    """Nothing reads it, so it must not lie there unnoticed; folders and hidden files are no apps."""
    workspace.write_app("acme-prod", values)
    for name in ("Bad Name.toml", ".acme.toml.1234.toml"):
        (workspace.apps_path / name).write_text("")
    (workspace.apps_path / "folder.toml").mkdir()

    assert workspace.app_names() == ("acme-prod",)
    assert [one.where for one in workspace.misnamed()] == ["apps/Bad Name.toml"]


def test_a_folder_that_cannot_be_written_is_an_error_that_says_so(tmp_path: Path, values: dict[str, Any]) -> None:
    """Never a bare exception, and no temporary file left."""
    (tmp_path / "apps").write_text("a file")
    workspace = Workspace(tmp_path)

    with pytest.raises(ConfigError, match="cannot be written"):
        workspace.write_app("acme-prod", values)

    assert [path.name for path in tmp_path.iterdir()] == ["apps"]
