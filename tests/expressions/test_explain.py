"""Following an expression step by step."""

from __future__ import annotations

from gallery_sdk.expressions import EvaluationContext, StepState, compile_expression, explain


def test_each_step_shows_its_text_and_value(context: EvaluationContext) -> None:
    """Parents come first, with their depth; branches that were not taken are marked."""
    steps = explain('IIF([a] = "x", ToUpper([b]), CDate("bad"))', {"a": "x", "b": "ada"}, context)

    assert [(step.depth, step.text, step.shown) for step in steps] == [
        (0, 'IIF([a] = "x", ToUpper([b]), CDate("bad"))', '"ADA"'),
        (1, '[a] = "x"', '"True"'),
        (2, "[a]", '"x"'),
        (2, '"x"', '"x"'),
        (1, "ToUpper([b])", '"ADA"'),
        (2, "[b]", '"ada"'),
        (1, 'CDate("bad")', "(not taken)"),
        (2, '"bad"', "(not taken)"),
    ]


def test_branches_of_switch_and_coalesce_that_were_not_needed_are_marked(context: EvaluationContext) -> None:
    """Constants are branches like any other."""
    steps = explain('Coalesce(Switch([a], "d", "1", "one", "2", "two"), "z")', {"a": "1"}, context)

    assert [step.text for step in steps if step.state is StepState.SKIPPED] == ['"d"', '"2"', '"two"', '"z"']


def test_a_failure_is_a_step(context: EvaluationContext) -> None:
    """It is shown where it happened and in everything around it, without raising."""
    steps = explain('Append(CStr(CDate([a])), "x")', {"a": "someday"}, context)

    assert [step.state for step in steps[:4]] == [StepState.FAILED] * 3 + [StepState.EVALUATED]
    assert steps[2].shown == "(failed: the text is not a date)"


def test_redacted_values_are_masked_with_everything_made_of_them(context: EvaluationContext) -> None:
    """Neither the secret nor a text that contains it is shown."""
    steps = explain('Join("-", [b], Redact(ToLower([a])))', {"a": "Secret", "b": "shown"}, context)

    assert [step.shown for step in steps] == ["[Redact]", '"-"', '"shown"', "[Redact]", "[Redact]", "[Redact]"]
    assert not any("ecret" in f"{step.value}{step.shown}" for step in steps)


def test_a_dropped_value_is_shown_as_such(context: EvaluationContext) -> None:
    """The whole expression is dropped with a part of it."""
    steps = explain('Join("", "a", IgnoreFlowIfNullOrEmpty([b]))', {}, context)

    assert [step.shown for step in steps] == ["<DROP>", "(not taken)", '"a"', "<DROP>", "(null)"]


def test_generated_values_are_those_that_are_sent(context: EvaluationContext) -> None:
    """A preview shows the password that the account will get."""
    compiled, one = compile_expression("Append(Guid(), [x])"), context.for_object()

    sent = compiled({"x": "!"}, one)

    assert explain(compiled, {"x": "!"}, one)[0].value == sent
