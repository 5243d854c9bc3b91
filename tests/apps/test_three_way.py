"""An upgrade of the connector meets a team's own mappings."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gallery_sdk.apps import (
    AppConfig,
    InvalidConfigError,
    Merge,
    Workspace,
    effective_mappings,
    keep_overrides,
    merge_mappings,
    read_snapshot,
    remember_defaults,
    settle_mappings,
    take_snapshot,
)
from gallery_sdk.errors import ConfigError, UsageError
from gallery_sdk.manifest import AttributeMapping, Manifest
from gallery_sdk.manifest.mapping import Mappings

TITLE = {"mapping": {"user": [{"target": "title", "source": "position"}]}}
MakeApp = Callable[..., AppConfig]


def upgraded(manifest: Manifest, **changes: dict[str, Any] | None) -> Manifest:
    """The connector's next version: mappings by id changed, added, or (None) dropped."""
    mappings = {one.id: one for one in manifest.mapping.user}
    for name, fields in changes.items():
        if fields is None:
            del mappings[name]
        elif name in mappings:
            mappings[name] = mappings[name].model_copy(update=fields)
        else:
            mappings[name] = AttributeMapping(id=name, **fields)
    return manifest.model_copy(update={"version": "2.0.0", "mapping": Mappings(user=tuple(mappings.values()))})


def statuses(old: Manifest, new: Manifest, before: AppConfig, after: AppConfig | None = None) -> dict[str, Merge]:
    """What the upgrade means for each mapping."""
    return {one.name: one.status for one in merge_mappings(take_snapshot(old, before), new, after or before)}


def test_without_an_upgrade_nothing_is_to_be_decided(manifest: Manifest, app: MakeApp) -> None:
    """Defaults are unchanged, overrides are kept."""
    assert statuses(manifest, manifest, app(TITLE)) == {"userName": Merge.UNCHANGED, "job": Merge.KEPT}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"userName": {"source": "mail"}}, {"userName": Merge.NEW_DEFAULT}, id="not overridden"),
        pytest.param({"job": {"default": "Person"}}, {"job": Merge.KEPT}, id="another field of the overridden one"),
        pytest.param({"job": {"source": "position"}}, {"job": Merge.AGREES}, id="changed to what the override says"),
        pytest.param({"job": {"source": "role"}}, {"job": Merge.CONFLICT}, id="the overridden field"),
        pytest.param(
            {"job": {"source": None, "expression": "Trim([jobTitle])"}}, {"job": Merge.CONFLICT}, id="another value"
        ),
        pytest.param({"job": None}, {"job": Merge.CONFLICT}, id="dropped"),
        pytest.param({"job": {"target": "nickName"}}, {"job": Merge.CONFLICT}, id="to another target"),
        pytest.param(
            {"nick": {"target": "nickName", "source": "nick"}}, {"nick": Merge.NEW_DEFAULT}, id="one more mapping"
        ),
        pytest.param({"userName": {"note": "said otherwise"}}, {"userName": Merge.UNCHANGED}, id="explained anew"),
    ],
)
def test_each_mapping_is_merged_three_ways(
    manifest: Manifest, app: MakeApp, changes: dict[str, Any], expected: dict[str, Merge]
) -> None:
    """Only a change of the very fields that an override writes is a conflict."""
    found = statuses(manifest, upgraded(manifest, **changes), app(TITLE))

    assert expected.items() <= found.items()
    assert [status for name, status in found.items() if name not in expected] == [
        Merge.KEPT if name == "job" else Merge.UNCHANGED for name in found if name not in expected
    ]


def test_a_default_for_what_the_team_mapped_itself_is_a_conflict(manifest: Manifest, app: MakeApp) -> None:
    """The team's own mapping would silently become a patch to something else."""
    own = app({"mapping": {"user": [{"target": "nickName", "source": "alias"}]}})

    found = statuses(manifest, upgraded(manifest, nickName={"target": "nickName", "source": "nick"}), own)

    assert found["nickName"] is Merge.CONFLICT


def test_a_conflict_stops_the_app_and_says_what_to_do(manifest: Manifest, app: MakeApp, workspace: Workspace) -> None:
    """Place, field and the next step, and nothing is forgotten by trying again."""
    settle_mappings(workspace, app(TITLE), manifest)

    for _ in range(2):
        with pytest.raises(InvalidConfigError) as caught:
            settle_mappings(workspace, app(TITLE), upgraded(manifest, job={"source": "role"}))

    (problem,) = caught.value.problems
    assert problem.where == "apps/acme-prod.toml, mapping.user[0]"
    assert "source of 'job'" in problem.what
    assert "gallery mappings acme-prod --keep 'job'" in problem.mend


@pytest.mark.parametrize(
    ("edited", "source"),
    [
        pytest.param({}, "role", id="override removed"),
        pytest.param({"mapping": {"user": [{"target": "title", "source": "rank"}]}}, "rank", id="override edited"),
    ],
)
def test_editing_the_app_resolves_a_conflict(
    manifest: Manifest, app: MakeApp, workspace: Workspace, edited: dict[str, Any], source: str
) -> None:
    """What the file says now was written with the new default in sight."""
    new = upgraded(manifest, job={"source": "role"})
    settle_mappings(workspace, app(TITLE), manifest)

    settle_mappings(workspace, app(edited), new)

    assert {one.id: one.source for one in effective_mappings(new, app(edited))["user"]}["job"] == source
    settle_mappings(workspace, app(edited), new)


def test_an_edit_elsewhere_resolves_nothing(manifest: Manifest, app: MakeApp, workspace: Workspace) -> None:
    """A note, or a field that is not in conflict, shows no decision."""
    settle_mappings(workspace, app(TITLE), manifest)
    edited = app({"mapping": {"user": [{"target": "title", "source": "position", "when": "create", "note": "ours"}]}})

    with pytest.raises(InvalidConfigError):
        settle_mappings(workspace, edited, upgraded(manifest, job={"source": "role"}))


def test_a_kept_override_stands_over_the_new_default(manifest: Manifest, app: MakeApp, workspace: Workspace) -> None:
    """One of two conflicts is decided, the other waits."""
    two = app(
        {
            "mapping": {
                "user": [
                    {"target": "title", "source": "position"},
                    {"target": "userName", "source": "mail"},
                ]
            }
        }
    )
    new = upgraded(manifest, job={"source": "role"}, userName={"source": "upn"})
    settle_mappings(workspace, two, manifest)

    keep_overrides(workspace, two, new, ["job"])

    with pytest.raises(InvalidConfigError) as caught:
        settle_mappings(workspace, two, new)
    assert [problem.where for problem in caught.value.problems] == ["apps/acme-prod.toml, mapping.user[1]"]
    keep_overrides(workspace, two, new, ["userName"])
    settle_mappings(workspace, two, new)
    assert {one.id: one.source for one in effective_mappings(new, two)["user"]} == {
        "userName": "mail",
        "job": "position",
    }


def test_only_what_is_in_conflict_can_be_kept(manifest: Manifest, app: MakeApp, workspace: Workspace) -> None:
    """A misspelt name is not passed over."""
    settle_mappings(workspace, app(TITLE), manifest)

    with pytest.raises(UsageError, match="'jop' is not in conflict"):
        keep_overrides(workspace, app(TITLE), upgraded(manifest, job={"source": "role"}), ["jop"])


def test_what_is_remembered_is_read_back(manifest: Manifest, app: MakeApp, workspace: Workspace) -> None:
    """The file is TOML with one line for each mapping."""
    settle_mappings(workspace, app(TITLE), manifest)

    text = (workspace.root / "apps/defaults/acme-prod.toml").read_text("utf-8")
    assert read_snapshot(workspace, app(TITLE)) == take_snapshot(manifest, app(TITLE))
    assert 'userName = {source = "userPrincipalName", match = 1}' in text
    assert tomllib.loads(text)["override"] == {"user": {"title": {"source": "position"}}}
    assert workspace.app_names() == ()


def test_an_app_without_overrides_leaves_no_file(manifest: Manifest, app: MakeApp, workspace: Workspace) -> None:
    """Nothing can be in conflict; a file from before goes when the last override goes."""
    settle_mappings(workspace, app(), manifest)
    assert not (workspace.root / "apps/defaults").exists()

    settle_mappings(workspace, app(TITLE), manifest)
    settle_mappings(workspace, app(), manifest)

    assert list((workspace.root / "apps/defaults").iterdir()) == []


def test_a_folder_that_cannot_be_written_to_is_no_hindrance(
    manifest: Manifest, app: MakeApp, workspace: Workspace
) -> None:
    """A file stands where the folder should be: nothing is remembered, and the app runs."""
    (workspace.root / "apps/defaults").write_text("", "utf-8")

    settle_mappings(workspace, app(TITLE), manifest)

    assert read_snapshot(workspace, app(TITLE)) is None


@pytest.mark.parametrize("text", ['connector = "acme"\n', 'connector = "acme"\nversion = "1"\nuser = 3\n', "= 1"])
def test_a_damaged_file_is_told(manifest: Manifest, app: MakeApp, workspace: Workspace, text: str) -> None:
    """It is never taken for one that remembers nothing."""
    path: Path = workspace.root / "apps/defaults/acme-prod.toml"
    path.parent.mkdir()
    path.write_text(text, "utf-8")

    with pytest.raises(ConfigError, match=r"apps/defaults/acme-prod\.toml"):
        settle_mappings(workspace, app(TITLE), manifest)


def test_another_connector_begins_anew(manifest: Manifest, app: MakeApp, workspace: Workspace) -> None:
    """What was remembered of one connector says nothing about another."""
    settle_mappings(workspace, app(TITLE), manifest)
    other = manifest.model_copy(update={"slug": "other"})

    settle_mappings(workspace, app({**TITLE, "connector": "other"}), upgraded(other, job={"source": "role"}))

    found = read_snapshot(workspace, app({**TITLE, "connector": "other"}))
    assert found is not None
    assert found.connector == "other"


def test_an_upgrade_remembers_what_no_run_has(manifest: Manifest, app: MakeApp, workspace: Workspace) -> None:
    """The conflict is found although the app never ran before; what a run remembered is not replaced."""
    new = upgraded(manifest, job={"source": "role"})

    remember_defaults(workspace, app(TITLE), manifest)
    remember_defaults(workspace, app(TITLE), new)

    with pytest.raises(InvalidConfigError, match="source of 'job'"):
        settle_mappings(workspace, app(TITLE), new)
