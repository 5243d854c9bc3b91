"""What a mapping yields is held to what the target declares, before a request is sent."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gallery_sdk.errors import ExpressionEvaluationError
from gallery_sdk.expressions import EvaluationContext
from gallery_sdk.manifest import AttributeMapping, TargetAttribute
from gallery_sdk.provisioning import ObjectMapping

LICENCE = TargetAttribute(name="userType", enum=("Basic", "Licensed"))


def mapped(value: object, attribute: TargetAttribute = LICENCE) -> object:
    mapping = ObjectMapping("user", [AttributeMapping(target="userType", source="licence")], {"userType": attribute})
    return mapping.for_create({"licence": value}, EvaluationContext(now=datetime(2026, 1, 1, tzinfo=UTC))).values.get(
        "userType"
    )


@pytest.mark.parametrize(("given", "sent"), [("Basic", "Basic"), ("LICENSED", "Licensed"), (None, None)])
def test_a_listed_value_is_sent_in_the_target_s_spelling(given: object, sent: object) -> None:
    """Letter case is the target's; nobody's value is made up."""
    assert mapped(given) == sent


@pytest.mark.parametrize("exact", [False, True])
def test_any_other_value_fails_the_object_and_names_the_choices(exact: bool) -> None:
    """The value itself is not quoted: it may be personal."""
    with pytest.raises(ExpressionEvaluationError, match="Basic, Licensed") as caught:
        mapped("basic " if not exact else "basic", LICENCE.model_copy(update={"case_exact": exact}))

    assert "'basic" not in str(caught.value)
