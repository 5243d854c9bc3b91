"""What is refused while compiling, and how the message points at it."""

from __future__ import annotations

import pytest

from gallery_sdk.errors import ExpressionSyntaxError
from gallery_sdk.expressions import MAX_DEPTH, MAX_LENGTH, Call, Node, StringConstant, compile_expression, parse


def _message(text: str) -> str:
    with pytest.raises(ExpressionSyntaxError) as raised:
        compile_expression(text)
    return str(raised.value)


def test_a_message_shows_the_place_the_expectation_and_the_cure() -> None:
    """Three lines: the expression, a caret under the place, what is wrong with what to do."""
    assert _message("Left([mail] 3)") == (
        "Left([mail] 3)\n"
        "            ^\n"
        'at character 13: expected "," or ")" in the arguments of Left, found \'3\'. '
        "Separate arguments by commas, and close them."
    )


def test_a_misspelt_function_is_answered_with_the_nearest() -> None:
    """The caret stands under the name, not under the expression that holds it."""
    assert _message('Append(ToLowr([mail]), "x")') == (
        'Append(ToLowr([mail]), "x")\n       ^\nat character 8: there is no function ToLowr. Did you mean ToLower.'
    )


def test_a_long_expression_is_shown_around_the_place() -> None:
    """The message stays readable whatever the length."""
    message = _message(f'Join("", "{"a" * 300}", nope, "{"b" * 300}")')
    shown, caret, _ = message.split("\n")

    assert shown.startswith("...") and shown.endswith("...")
    assert len(shown) <= 106
    assert shown[caret.index("^") :].startswith("nope")


def test_only_the_line_of_the_place_is_shown() -> None:
    """An expression over several lines keeps its caret in the right column."""
    shown, caret, _ = _message('Join("",\n  [a],\n  bad, [c])').split("\n")

    assert shown == "  bad, [c])"
    assert caret == "  ^"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "is empty"),
        ("   ", "is empty"),
        ("[mail", 'not closed by "]"'),
        ("[ ]", "name is empty"),
        ('"open', "not closed by a double quote"),
        ("ToLower('x')", "cannot stand in '"),
        ("ToLower(“x”)", "cannot stand in “"),
        ("ToLower([a]", "found the end"),
        ("ToLower([a]))", "closes nothing"),
        ("[a] [b]", "should end here"),
        ('IIF([a] = "x" AND [b] = "y", "1", "2")', "joined by AND or OR"),
        ("[a] = 1 or [b] = 2", "joined by AND or OR"),
        ("[a] = [b] = [c]", "one comparison only"),
        ("7abc", "not a number"),
        ("&HXY", "not a number"),
        ("-", "not a number"),
        ("[a] &", "found the end"),
        ("Mid([a])", "takes 2 to 3 arguments, but 1 came"),
        ("Mid([a], 1, 2, 3)", "takes 2 to 3 arguments, but 4 came"),
        ("Guid(1)", "takes no argument, but 1 came"),
        ("Join()", "takes 2 arguments or more, but none came"),
        ('Switch([a], "d", "k")', "in pairs after the first two"),
        ('Switch([a], "d", , "v")', "argument 3 of Switch, key, is missing"),
        ("Left(, 3)", "argument 1 of Left, string, is missing"),
        ("ToLower(mail)", "the word mail has no meaning"),
        ("InStr([a], [b], 1, ignoreCase)", "the word ignoreCase has no meaning"),
        ('DateAdd("day", 1, Now())', "not one of its choices"),
        ('ConvertFromBase64([a], "UTF7")', "not one of its choices"),
        ('Join(",", SelectUniqueValue([a], [b]))', "cannot be an argument"),
        ("Replace([a])", "do not belong together"),
        ('Replace([a], "x")', "do not belong together"),
        ('Replace([a], "", , , "y")', "oldValue is empty"),
        ('Replace([a], , "(?<n>x)", "m", "", , )', "no group m"),
        ('Replace([a], , "(?<n>x)", , "${m}", , )', "no group m"),
        ('FormatDateTime([a], , "yyyy", "ffffffff")', "not a date format"),
        ('FormatDateTime([a], "Backwards", "yyyy", "yyyy")', "not dateTimeStyles"),
        ('FormatDateTime([a], "yyyy")', "no output format"),
        ('Split([a], "")', "delimiter is empty"),
        ("RandomString(3, 2, 2, 0, 0)", "do not fit together"),
        ("RandomString(300, 1, 1, 1, 1)", "do not fit together"),
        ('RandomString(3, 3, 0, 0, 0, "0123456789")', "none of a class"),
    ],
)
def test_what_cannot_run_is_refused(text: str, what: str) -> None:
    """A mapping that could never work is found before any object is read."""
    assert what in _message(text)


@pytest.mark.parametrize(
    ("pattern", "what"),
    [
        (r"(?<-n>x)", "balancing groups"),
        (r"(?<a-b>x)", "balancing groups"),
        (r"(?(a)b|c)", "kind of group"),
        (r"(?r)a", "options other than"),
        (r"(?x)a b", "options other than"),
        (r"(?|a|b)", "kind of group"),
        (r"(?P<n>x)", "kind of group"),
        (r"(?<1>x)", "not a name"),
        (r"a++", "repeats nothing"),
        (r"*a", "repeats nothing"),
        (r"a{1}", None),
        (r"a{1}{2}", "repeats nothing"),
        (r"(a", "not closed"),
        (r"a)", "closes nothing"),
        (r"[a", "not closed"),
        (r"[b-a]", "runs backwards"),
        (r"[a-[b]c]", "must end its class"),
        (r"\X", "not an escape"),
        (r"\K", "not an escape"),
        (r"\2(a)", "no group 2"),
        (r"\k<n>", "not a regular expression"),
        (r"\p{Nonsense}", "not a regular expression"),
        (r"(?#open", "not closed"),
        ("\\", "a backslash ends"),
        ("(" * 60 + ")" * 60, "nest deeper"),
        ("[a-" * 60 + "]" * 60, "nest deeper"),
        (r"\x41\u0042\cA\e[\b]\G\A\z\Z", None),
        (r"(?'n'x)(?<m>y)(?:z)(?=.)(?!.)(?<=.)(?<!.)(?>a)(?i-s:b)(?#c)\p{Lu}\P{IsGreek}", None),
    ],
)
def test_a_pattern_is_of_dotnet_or_refused(pattern: str, what: str | None) -> None:
    """What the engine reads differently from .NET is translated or refused, never run as something else."""
    node = Call("Replace", (StringConstant("x"), None, StringConstant(pattern), None, StringConstant(""), None, None))
    if what is None:
        compile_expression(node)
        return

    with pytest.raises(ExpressionSyntaxError, match=what):
        compile_expression(node)


def test_depth_is_bounded() -> None:
    """Nesting up to the limit works, one level more is refused, and no depth exhausts the stack."""
    inside = MAX_DEPTH - 1

    assert parse("ToLower(" * inside + "[a]" + ")" * inside)
    for levels in (MAX_DEPTH, 1_000):
        with pytest.raises(ExpressionSyntaxError, match="nests deeper than 100 levels"):
            parse("ToLower(" * levels)
        with pytest.raises(ExpressionSyntaxError, match="nests deeper than 100 levels"):
            parse("(" * levels)


def test_a_tree_that_is_too_deep_is_refused() -> None:
    """Trees that no text gave are bounded as well."""
    node: Node = StringConstant("x")
    for _ in range(5_000):
        node = Call("ToLower", (node,))

    with pytest.raises(ExpressionSyntaxError, match="too deep"):
        compile_expression(node)


def test_length_is_bounded_and_can_be_raised() -> None:
    """10,000 characters by default, more on request."""
    text = f'Append([a], "{"x" * MAX_LENGTH}")'

    with pytest.raises(ExpressionSyntaxError, match="the limit is 10000"):
        compile_expression(text)
    assert compile_expression(text, max_length=20_000).inputs == {"a"}
