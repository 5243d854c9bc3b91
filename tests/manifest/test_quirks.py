"""The vocabulary is closed, documented, and its values are checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gallery_sdk.manifest import VOCABULARY, InvalidManifestError, QuirkDefinition, QuirkSet, parse_manifest
from gallery_sdk.manifest.quirks.values import Flag

if TYPE_CHECKING:
    from .conftest import JsonSchema

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 2000)
    | st.floats(allow_nan=False)
    | st.sampled_from(["", "a", "lower"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "primary", ""]), inner, max_size=2)
    ),
    max_leaves=4,
)


@pytest.mark.parametrize("definition", VOCABULARY.values(), ids=VOCABULARY)
def test_every_quirk_is_documented_and_its_example_fits(definition: QuirkDefinition) -> None:
    """Authors read the doc and copy the example."""
    assert definition.doc.endswith(".") and len(definition.doc) > 40
    assert set(definition.applies) <= {"user", "group"} or definition.applies == ("connection",)
    assert definition.value_type.problem(definition.example) is None
    assert definition.value_type.describe()


@pytest.mark.parametrize("definition", VOCABULARY.values(), ids=VOCABULARY)
@settings(max_examples=25)
@given(value=ANYTHING)
def test_the_check_and_the_published_schema_agree(
    definition: QuirkDefinition, value: object, json_schema: type[JsonSchema]
) -> None:
    """What an editor accepts, the reader accepts, and the other way round."""
    schema = json_schema(definition.value_type.json_schema())

    assert schema.accepts(value) == (definition.value_type.problem(value) is None)


def test_a_flag_takes_true_only() -> None:
    """A quirk that does not apply is not declared."""
    assert Flag().problem(True) is None
    assert Flag().problem(False) == "False is not true"


def test_a_quirk_is_read_by_the_type_that_the_vocabulary_gives_it() -> None:
    """Lists arrive as tuples, tables as dicts; a caller of another opinion is told so."""
    quirks = QuirkSet({"filter.only": ("userName",), "read.after_write_lag": 5, "put.forbidden": True})

    assert quirks.value("filter.only", tuple) == ("userName",)
    assert quirks.value("read.after_write_lag", float) == 5.0
    assert quirks.value("page.start_index_base", int, 1) == 1
    assert quirks.value("page.start_index_base", int) is None
    assert list(quirks.without("put.forbidden")) == ["filter.only", "read.after_write_lag"]
    with pytest.raises(TypeError, match=r"filter\.only"):
        quirks.value("filter.only", str)


def test_the_username_rule_of_a_target_can_be_declared_whole(sound: str) -> None:
    """The parts of the rule are named, and an unknown part is refused by name."""
    rule = '[[quirk]]\nid = "username.normalize"\nvalue = { lower = true, allowed = "a-z0-9._-", max_length = 21 }\n'

    quirks = parse_manifest(sound + rule).quirks_for("user")

    assert quirks.value("username.normalize", dict, {})["max_length"] == 21
    with pytest.raises(InvalidManifestError, match="key 'lowr' is not known here"):
        parse_manifest(sound + rule.replace("lower", "lowr"))
