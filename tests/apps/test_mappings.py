"""Overrides are patches to the connector's mappings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gallery_sdk.apps import AppConfig, InvalidConfigError, effective_lifecycle, effective_mappings
from gallery_sdk.manifest import Manifest

Make = Callable[..., AppConfig]


def _override(app: Make, *overrides: dict[str, Any]) -> AppConfig:
    return app({"mapping": {"user": list(overrides)}})


def test_without_overrides_the_connector_stands(app: Make, manifest: Manifest) -> None:
    """Both kinds are there."""
    assert effective_mappings(manifest, app()) == {"user": manifest.mappings["user"], "group": ()}


def test_a_patch_changes_what_it_writes_and_nothing_else(app: Make, manifest: Manifest) -> None:
    """A new value replaces the old kind of value; default and id stay."""
    mappings = effective_mappings(manifest, _override(app, {"target": "title", "constant": "Staff", "when": "create"}))

    job = mappings["user"][1]
    assert (job.id, job.source, job.constant, job.when, job.default) == ("job", None, "Staff", "create", "Member")
    assert mappings["user"][0] == manifest.mappings["user"][0]


def test_a_mapping_is_named_by_id_and_may_get_another_target(app: Make, manifest: Manifest) -> None:
    """The id survives renames, also in a later version of the connector."""
    mappings = effective_mappings(manifest, _override(app, {"id": "job", "target": "nickName"}))

    assert (mappings["user"][1].id, mappings["user"][1].target, mappings["user"][1].source) == (
        "job",
        "nickName",
        "jobTitle",
    )


def test_a_target_without_a_mapping_gets_a_new_one_at_the_end(app: Make, manifest: Manifest) -> None:
    """It is complete in itself."""
    mappings = effective_mappings(
        manifest, _override(app, {"target": "externalId", "source": "employeeId", "match": 2})
    )

    assert [one.target for one in mappings["user"]] == ["userName", "title", "externalId"]
    assert mappings["user"][2].match == 2


def test_a_mapping_is_switched_off_and_stays_visible(app: Make, manifest: Manifest) -> None:
    """So that it can be shown, and switched on again."""
    mappings = effective_mappings(manifest, _override(app, {"target": "title", "enabled": False}))

    assert [one.enabled for one in mappings["user"]] == [True, False]


def test_matching_precedence_moves_to_another_attribute(app: Make, manifest: Manifest) -> None:
    """0 makes a mapping no matching attribute."""
    mappings = effective_mappings(
        manifest,
        _override(app, {"target": "userName", "match": 0}, {"target": "externalId", "source": "id", "match": 1}),
    )

    assert [one.match for one in mappings["user"]] == [None, None, 1]


@pytest.mark.parametrize(
    ("override", "says"),
    [
        ({"target": "titel", "source": "a"}, "mapping.user[0].target: the connector declares no attribute 'titel'"),
        ({"target": "titel", "source": "a"}, "Did you mean 'title'"),
        ({"id": "jobs", "source": "a"}, "no mapping has the id 'jobs'. Did you mean 'job'"),
        ({"target": "nickName", "when": "create"}, "gives no value"),
        ({"target": "title", "match": 1}, "mapping.user[0]"),
        ({"id": "job", "target": "userName"}, "mapping.user[0]"),
    ],
    ids=["target", "nearest", "id", "no-value", "precedence-twice", "target-twice"],
)
def test_an_override_that_does_not_fit_is_located_in_the_apps_file(
    override: dict[str, Any], says: str, app: Make, manifest: Manifest
) -> None:
    """The connector's file is not the team's to mend."""
    with pytest.raises(InvalidConfigError) as caught:
        effective_mappings(manifest, _override(app, override))

    assert says in str(caught.value)
    assert all(problem.where.startswith("apps/acme-prod.toml, mapping") for problem in caught.value.problems)


def test_an_expression_that_does_not_compile_is_located_in_the_apps_file(app: Make, manifest: Manifest) -> None:
    """Before a cycle reads anybody."""
    with pytest.raises(InvalidConfigError) as caught:
        effective_mappings(manifest, _override(app, {"target": "title", "expression": "Colesce([jobTitle], )"}))

    [problem] = caught.value.problems
    assert problem.where == "apps/acme-prod.toml, mapping.user[0].expression"


def test_two_overrides_of_one_mapping_are_refused(app: Make, manifest: Manifest) -> None:
    """Which of them wins would depend on their order."""
    with pytest.raises(InvalidConfigError, match="overrides the same mapping"):
        effective_mappings(manifest, _override(app, {"target": "title", "default": "x"}, {"id": "job", "default": "y"}))


def test_the_lifecycle_is_the_connectors_with_the_apps_over_it(app: Make, manifest: Manifest) -> None:
    """People who leave the scope may be left alone."""
    lifecycle = effective_lifecycle(manifest, app({"lifecycle": {"on_unassign": "none"}}))

    assert lifecycle.on_unassign == "none"
    assert lifecycle.on_delete == manifest.lifecycle.on_delete
