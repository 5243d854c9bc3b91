"""What holds for every expression."""

from __future__ import annotations

import string
from datetime import UTC, datetime

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gallery_sdk.errors import ExpressionError
from gallery_sdk.expressions import (
    MAX_DEPTH,
    Attribute,
    Call,
    Comparison,
    Concat,
    EvaluationContext,
    FunctionRegistry,
    Node,
    NumberConstant,
    StringConstant,
    UniqueValue,
    Word,
    compile_expression,
    explain,
    parse,
    render,
    to_text,
)
from gallery_sdk.expressions.syntax import OPERATORS

CONTEXT = EvaluationContext(now=datetime(2025, 7, 30, tzinfo=UTC), default_domain="contoso.example")
SPECS = list(FunctionRegistry())

# A busy machine is no failure.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
LETTERS = string.ascii_letters + string.digits + " \t\n.:;,\"'\\[(){}&=<>$?*+-_éßİØ中😀\u0301\x00"

words = st.sampled_from(["vbTextCompare", "UTF8", "IgnoreAttributeFlow", "IgnoreObjectFlow"])
names = st.text(LETTERS, min_size=1, max_size=8).map(str.strip)
texts = st.one_of(
    st.text(LETTERS + "]", max_size=8),
    st.sampled_from(
        ["d", "2025-01-31", "yyyy-MM-dd", "1", "(?<n>a*)", "n", "${n}", ",", "True", "SGVsbG8h", "9223372036854775807"]
    ),
)
numbers = st.one_of(st.integers(-300, 300).map(str), st.sampled_from(["&HF7", "1.5", "-0.25", "99999999999999999999"]))
leaves: st.SearchStrategy[Node] = st.one_of(
    names.filter(bool).map(Attribute),
    st.sampled_from("abc").map(Attribute),
    texts.map(StringConstant),
    numbers.map(NumberConstant),
    words.map(Word),
)


def _call_of(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    """Calls with arguments that mostly fit."""

    @st.composite
    def call(draw: st.DrawFn) -> Node:
        spec = draw(st.sampled_from(SPECS))
        count = len(spec.parameters) + spec.repeated * draw(st.integers(0, 2))
        arguments = [
            draw(inner if spec.parameter(index).required else st.one_of(st.none(), inner)) for index in range(count)
        ]
        return Call(spec.name, tuple(arguments))

    return call()


def _loose_call(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    """Calls of any name; a single omitted argument cannot be written."""
    identifiers = st.text(string.ascii_letters + "_", min_size=1, max_size=6)
    arguments = st.lists(st.one_of(st.none(), inner), max_size=3).filter(lambda found: found != [None])
    return st.builds(Call, identifiers, arguments.map(tuple))


def _larger(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        _loose_call(inner),
        st.builds(Comparison, st.sampled_from(OPERATORS), inner, inner),
        st.lists(inner, min_size=2, max_size=3).map(tuple).map(Concat),
    )


def _runnable(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        _call_of(inner),
        _call_of(inner),
        st.builds(Comparison, st.sampled_from(OPERATORS), inner, inner),
        st.lists(inner, min_size=2, max_size=3).map(tuple).map(Concat),
    )


trees = st.recursive(leaves, _larger, max_leaves=12)
runnable = st.recursive(leaves, _runnable, max_leaves=12)
values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(LETTERS, max_size=8),
        st.sampled_from(["2025-01-31", "12/31/9999", "1", "yyyy", "aab", "cn=a,ou=b", "SGVsbG8h"]),
        st.datetimes(),
        st.dates(),
        st.binary(max_size=4),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["id", "value", "displayName"]), inner)
    ),
    max_leaves=4,
)
objects = st.dictionaries(st.one_of(st.sampled_from("abc"), names), values, max_size=4)


@UNHURRIED
@given(trees)
def test_parsing_undoes_rendering(tree: Node) -> None:
    """A tree is the same after it was text."""
    assert parse(render(tree)) == tree


@UNHURRIED
@given(st.one_of(st.text(LETTERS, max_size=40), st.text('ToLwerIF[]()"\\,&=<>- 1aH', max_size=40)))
@example("(" * 200)
@example('ToLower("' + "\\" * 51 + '")')
def test_any_text_compiles_or_is_refused(text: str) -> None:
    """Nothing but ExpressionError comes out, with a place and a cure."""
    try:
        compile_expression(text)
    except ExpressionError as error:
        assert error.what and error.mend and "^" in error.where


@settings(UNHURRIED, max_examples=300)
@given(runnable, objects)
def test_any_expression_gives_a_value_or_an_expression_error(tree: Node, attributes: dict[str, object]) -> None:
    """Whatever the object holds; and explaining it gives the same."""
    context = CONTEXT.for_object()
    try:
        compiled = compile_expression(tree)
    except ExpressionError:
        return
    try:
        value = compiled(attributes, context)
    except ExpressionError as error:
        assert "failed with" not in error.what  # an exception that the function did not foresee
        explain(compiled, attributes, context)
        return

    assert to_text(value) is None or isinstance(to_text(value), str)
    if not compiled.redacted:
        assert repr(explain(compiled, attributes, context)[0].value) == repr(value)
    if isinstance(value, UniqueValue):
        assert compiled.selects_unique
    if not compiled.can_be_null:
        assert to_text(value)


@UNHURRIED
@given(st.lists(st.text(LETTERS, max_size=5), min_size=1, max_size=6), st.text(LETTERS, min_size=1, max_size=2))
def test_join_leaves_out_only_what_is_empty(parts: list[str], separator: str) -> None:
    """No separator is doubled, and none stands at an end."""
    compiled = compile_expression(Call("Join", (StringConstant(separator), Attribute("parts"))))

    assert compiled({"parts": parts}, CONTEXT) == (separator.join(part for part in parts if part) or None)


@UNHURRIED
@given(
    st.text(LETTERS, max_size=10),
    st.dictionaries(st.text(LETTERS, max_size=3), st.text(LETTERS, max_size=3), min_size=1, max_size=4),
)
def test_switch_is_a_look_up(source: str, cases: dict[str, str]) -> None:
    """The first case that equals the source, else the default; whether keys are constants or not."""
    pairs = [part for case in cases.items() for part in case]
    constant = Call("Switch", (Attribute("s"), StringConstant("d"), *map(StringConstant, pairs)))
    names = [f"p{index}" for index in range(len(pairs))]
    variable = Call("Switch", (Attribute("s"), StringConstant("d"), *map(Attribute, names)))
    attributes = {"s": source, **dict(zip(names, pairs, strict=True))}

    for tree in (constant, variable):
        assert compile_expression(tree)(attributes, CONTEXT) == cases.get(source, "d")


@UNHURRIED
@given(st.integers(1, MAX_DEPTH - 1), st.text(LETTERS, max_size=5))
def test_depth_changes_nothing(depth: int, text: str) -> None:
    """An expression as deep as allowed runs."""
    compiled = compile_expression("Redact(" * depth + "[a]" + ")" * depth)

    assert compiled({"a": text}, CONTEXT) == text
