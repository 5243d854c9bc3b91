"""Evaluating one expression in a fixed context."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pytest

from gallery_sdk.expressions import EvaluationContext, FunctionRegistry, compile_expression

NOW = datetime(2025, 7, 30, tzinfo=UTC)
Evaluate = Callable[..., object]


@pytest.fixture(scope="session")
def context() -> EvaluationContext:
    """A run at midnight of 30 July 2025, in a tenant with a default domain."""
    return EvaluationContext(now=NOW, default_domain="contoso.example")


@pytest.fixture(scope="session")
def evaluate(context: EvaluationContext) -> Evaluate:
    """Compile an expression and give its value for attributes named as keywords."""

    def run(text: str, attributes: Mapping[str, object] | None = None, **named: object) -> object:
        return compile_expression(text)({**(attributes or {}), **named}, context.for_object())

    return run


@pytest.fixture
def registry() -> FunctionRegistry:
    """Built-in functions, to which a test may add its own."""
    return FunctionRegistry()
