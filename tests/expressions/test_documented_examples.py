"""What the public documentation of the language shows."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from gallery_sdk.expressions import (
    DROP,
    DROP_OBJECT,
    EvaluationContext,
    compile_expression,
    explain,
    parse,
    render,
    to_text,
)

EXAMPLES: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("documented_examples.json").read_text(encoding="utf-8")
)["examples"]

each_example = pytest.mark.parametrize(
    "example", [pytest.param(example, id=f"{example['id']}-{example['expression'][:40]}") for example in EXAMPLES]
)


def _context(example: dict[str, Any]) -> EvaluationContext:
    return EvaluationContext(now=datetime.fromisoformat(example.get("now", "2026-01-01T00:00:00Z")))


def _shown(value: object) -> object:
    if value is DROP or value is DROP_OBJECT:
        return value.value
    return value if isinstance(value, list) else to_text(value)


@each_example
def test_a_documented_example_gives_what_it_says(example: dict[str, Any]) -> None:
    """Every example evaluates to its documented output."""
    compiled = compile_expression(example["expression"])

    value = compiled(example["attributes"], _context(example))

    assert _shown(value) == example["expected"]


@each_example
def test_a_documented_example_explains_itself_with_the_same_value(example: dict[str, Any]) -> None:
    """Following an expression step by step never changes what it gives."""
    steps = explain(example["expression"], example["attributes"], _context(example))

    assert _shown(steps[0].value) == example["expected"]


@each_example
def test_a_documented_example_survives_being_rendered(example: dict[str, Any]) -> None:
    """The tree of the rendered text is the tree of the text."""
    node = parse(example["expression"])

    assert parse(render(node)) == node


@each_example
def test_knowing_the_columns_changes_no_value(example: dict[str, Any]) -> None:
    """The quicker way to read attributes gives what the general one gives."""
    names = compile_expression(example["expression"]).inputs

    compiled = compile_expression(example["expression"], attributes=names)

    assert _shown(compiled(example["attributes"], _context(example))) == example["expected"]
