"""Whatever dialect a change is written in, it leads from what was there to what is wanted."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gallery_sdk.scim import apply_patch, parse_patch, parse_resource, patch_body
from gallery_sdk.targets.dialect import Dialect, compile_dialect
from gallery_sdk.targets.findings import FindingLog

from .conftest import DEPARTMENT, HOME, MANAGER, USER_PATHS, WORK, manifest_with

DIALECTS: dict[str, dict[str, object]] = {
    "rfc": {},
    "title": {"patch.op_case": "title"},
    "booleans": {"patch.bool_as_string": True},
    "no-path": {"patch.path_omitted": True},
    "no-filter": {"patch.no_filtered_path": True},
    "no-complex": {"patch.no_complex_value": True},
    "replace-only": {"patch.replace_only": True, "clear.style": "null"},
    "extensions": {"patch.extension_as_object": True},
    "null": {"clear.style": "null"},
    "empty": {"clear.style": "empty_string"},
    "manager": {"manager.sub_attribute": "managerId", "patch.extension_as_object": True, "clear.style": "null"},
    "plain-manager": {"manager.plain_string": True},
    "no-types": {"email.type_not_returned": {"primary": "work", "other": "home"}},
    "slack": {
        "email.type_not_returned": {"primary": "work", "other": "home"},
        "email.primary_required": True,
        "phone.types_inverted": True,
        "patch.extension_as_object": True,
        "manager.sub_attribute": "managerId",
        "empty_string.means_unset": True,
    },
    "everything": {
        "patch.op_case": "title",
        "patch.bool_as_string": True,
        "patch.no_filtered_path": True,
        "patch.no_complex_value": True,
        "clear.style": "empty_string",
    },
}  # fmt: skip
TEXTS = [path for path in USER_PATHS if path not in ("active", "roles")]

flat_values = st.fixed_dictionaries(
    {"userName": st.sampled_from(["ada", "eve"])},
    optional={
        "active": st.booleans(),
        "roles": st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=2, unique=True).map(
            lambda names: [{"value": name} for name in names]
        ),
        **{path: st.sampled_from(["x", 'quo"te', "ä\\"]) for path in TEXTS if path != "userName"},
    },
)


COMPILED = {
    name: compile_dialect(manifest_with(quirks), "user", USER_PATHS, FindingLog()) for name, quirks in DIALECTS.items()
}


@pytest.mark.parametrize("dialect", COMPILED.values(), ids=COMPILED)
@settings(max_examples=25, deadline=None)
@given(before=flat_values, after=flat_values)
def test_a_change_in_any_dialect_leads_to_what_is_wanted(
    dialect: Dialect, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """A server that keeps RFC 7644 and forgives what Entra ID and Okta send ends in the wanted values."""
    stored = dialect.assemble(before)

    body = patch_body(dialect.operations(before, after))
    changed, _ = parse_resource(apply_patch(stored, parse_patch(body), compat=True))

    read = dialect.flatten(changed)
    differing = {
        path: (read.get(path), after.get(path))
        for path in USER_PATHS
        if not dialect.equal(path, read.get(path), after.get(path))
    }
    assert differing == {}


@settings(max_examples=25, deadline=None)
@given(values=flat_values)
def test_nothing_is_sent_where_nothing_changed(values: dict[str, Any]) -> None:
    """In no dialect."""
    for dialect in COMPILED.values():
        assert dialect.operations(values, dict(values)) == []


def test_the_paths_of_these_tests_cover_every_shape() -> None:
    """Plain, complex, filtered, whole lists, extensions and references."""
    assert {"userName", "name.givenName", WORK, HOME, "roles", DEPARTMENT, MANAGER} <= set(USER_PATHS)
