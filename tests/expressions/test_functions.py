"""The functions, case by case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from gallery_sdk.errors import ExpressionEvaluationError
from gallery_sdk.expressions import DROP, DROP_OBJECT, UniqueValue, to_text

Evaluate = Callable[..., object]

ROLES = [
    {"id": "2", "value": "auditor", "displayName": "Auditor"},
    {"id": "1", "value": "admin", "displayName": "Administrator"},
]


@pytest.mark.parametrize(
    ("text", "attributes", "expected"),
    [
        # null and the empty text
        ("Append([x], \".test\")", {}, None),
        ('Append("05", [x])', {}, "05"),
        ("Append([x], [y])", {"y": "b"}, "b"),
        ("Append([x], [y])", {}, None),
        ('Prepend("t-", [x])', {"x": "joe"}, "t-joe"),
        ('Prepend("t-", [x])', {}, None),
        ("ToLower([x])", {}, None),
        ('ToLower("")', {}, ""),
        ('Join(",", [x], [y])', {"x": "", "y": None}, None),
        ('"t-" & [x]', {}, "t-"),
        ('Replace([x], "a", , , "b", , )', {}, None),
        ('Replace([x], "<x>", , , , , "<x>@y")', {}, None),
        ('Word([x], 1, " ")', {}, ""),
        ("Count([x])", {}, 0),
        ("Count([x])", {"x": "one"}, 1),
        ("Item([x], 1)", {}, None),
        ("Item([x], 1)", {"x": "one"}, "one"),
        ("Not([x])", {}, True),
        ('Not("true")', {}, False),
        ("CBool([x])", {}, False),
        ("IsString([x])", {"x": ["a"]}, False),
        ("IsString([x])", {"x": 3}, True),
        ("IsNothing([x])", {"x": []}, True),
        ('Coalesce([x], "")', {"x": ""}, ""),
        ('Coalesce([x], [y], "z")', {"x": [], "y": ""}, "z"),
        # several values
        ("ToUpper([x])", {"x": ["a", "b"]}, ["A", "B"]),
        ("Trim([x])", {"x": [" a ", "b "]}, ["a", "b"]),
        ('Append([x], "!")', {"x": ["a", "b"]}, ["a!", "b!"]),
        ('Join(";", [x], "z")', {"x": ["a", "", "b"]}, "a;b;z"),
        ("RemoveDuplicates([x])", {"x": ["a", "A", "a"]}, ["a", "A"]),
        ('Switch([x], "none", "a", "one")', {"x": ["a"]}, "one"),
        ('Mid(Item([x], Contains([x], "SMTP:")), 6)', {"x": ["smtp:a@x", "SMTP:b@x"]}, "b@x"),
        # text
        ('Left("abc", 9)', {}, "abc"),
        ('Mid("abc", 9, 1)', {}, ""),
        ('Mid("abc", "2", "9")', {}, "bc"),
        ('InStr("Abc", "b", 1, vbTextCompare)', {}, 2),
        ('InStr("Abc", "a", 1, vbTextCompare)', {}, 1),
        ('InStr("abc", "z")', {}, 0),
        ('InStr("abc", "a", 9)', {}, 0),
        ('ToUpper("straße")', {}, "STRAßE"),
        ('ToUpper("title", "tr-TR")', {}, "TİTLE"),
        ('ToLower("IĞ", "tr-TR")', {}, "ığ"),
        ('ToLower("ΟΔΟΣ")', {}, "οδοσ"),
        ('NormalizeDiacritics("Æsøp œ ß ł ı İ Öö ð")', {}, "AEsoep oe ss l i I Oo ð"),
        ('NormalizeDiacritics("한국")', {}, "한국"),
        ('PCase("o\'neil-smith 2nd")', {}, "O'neil-Smith 2nd"),
        ('Word("a,,b", 2, ",")', {}, "b"),
        ('Word("a b", 3, " ")', {}, ""),
        ('Word("a b", 0, " ")', {}, ""),
        ('Split(" a ,, b ", ",")', {}, ["a", "b"]),
        ("StripSpaces([x])", {"x": "a b\tc"}, "ab\tc"),
        ("CStr([x])", {"x": True}, "True"),
        ("CStr([x])", {"x": 3.0}, "3"),
        # bytes and names
        ('ConvertFromBase64("SABlAGwAbABvACAAdwBvAHIAbABkACEA")', {}, "Hello world!"),
        ('ConvertFromBase64("SGVsbG8gd29ybGQh", UTF8)', {}, "Hello world!"),
        ('ConvertFromBase64("SGVsbG8gd29ybGQh", "ASCII")', {}, "Hello world!"),
        ("DNComponent(CRef([x]), 1)", {"x": "cn=Joe,ou=x"}, "Joe"),
        ("DNComponent([x], 1)", {"x": r"cn=Doe\, Jos\C3\A9,ou=x"}, "Doe, José"),
        ("DNComponent([x], 3)", {"x": "cn=Joe,ou=x"}, None),
        (
            "StringFromSid([x])",
            {"x": bytes.fromhex("010500000000000515000000A065CF7E784B9B5FE77C8770091C0100")},
            "S-1-5-21-2127521184-1604012920-1887927527-72713",
        ),
        # conditions
        ('IIF([x] = "", "empty", "other")', {}, "other"),
        ('IIF([x] <> "", "other", "empty")', {}, "other"),
        ("[x] <> [y]", {}, False),
        ("[x] = [y]", {}, False),
        ("[x] < 3", {}, False),
        ('[x] = "01"', {"x": "1"}, True),
        ('[x] = "a"', {"x": "A"}, False),
        ("[x] >= 10", {"x": "9"}, False),
        ('[x] > "10"', {"x": "b"}, True),
        ("[x] = 1", {"x": 1}, True),
        ('CDate([x]) > "2025-01-01"', {"x": "2025-02-01"}, True),
        ('IIF("TRUE", "y", "n")', {}, "y"),
        ('IIF("yes", "y", "n")', {}, "n"),
        ('IIF(2, "y", "n")', {}, "y"),
        ('IIF([x] = "a", IIF([y] = "b", "both", "one"), "none")', {"x": "a", "y": "b"}, "both"),
        ('Switch([x], "d", "A", "upper", "a", "lower", "a", "again")', {"x": "a"}, "lower"),
        ('Switch([x], "d", "3", "three")', {"x": 3}, "three"),
        ('Switch([x], "d", [y], "same")', {"x": "a", "y": "a"}, "same"),
        ('Switch([x], "d", "a", )', {"x": "a"}, None),
        ("Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")", {"IsSoftDeleted": True}, "False"),
        ('BitAnd("6", "&H3")', {}, 2),
        # dates
        ('DateAdd("m", 1, CDate("2024-01-31"))', {}, datetime(2024, 2, 29, tzinfo=UTC)),
        ('DateAdd("yyyy", "-1", "2024-02-29")', {}, datetime(2023, 2, 28, tzinfo=UTC)),
        ('DateAdd("d", 1.9, "2024-02-28")', {}, datetime(2024, 2, 29, tzinfo=UTC)),
        ('DateDiff("d", "2024-01-01T12:00:00", "2024-01-02T11:00:00")', {}, 0),
        ('DateDiff("d", "2024-01-02T11:00:00", "2024-01-01T12:00:00")', {}, 0),
        ('DateDiff("ww", "2024-01-06", "2024-01-07")', {}, 1),
        ('NumFromDate("1601-01-01T00:00:01")', {}, 10_000_000),
        ("CDate([x])", {}, None),
        ('FormatDateTime([x], , "yyyy", "yyyy")', {}, None),
        ('FormatDateTime("20150123105347.1Z", "yyyyMMddHHmmss.fZ", "yyyy-MM-dd")', {}, "2015-01-23"),
        ('FormatDateTime("3/4/2025", , , "dddd, d MMM yy")', {}, "Tuesday, 4 Mar 25"),
        ('FormatDateTime("2021-06-30+08:00", , "yyyy-MM-ddzzz", "yyyy-MM-dd")', {}, "2021-06-29"),
        ("Now()", {}, datetime(2025, 7, 30, tzinfo=UTC)),
        ("DefaultDomain()", {}, "contoso.example"),
        # patterns
        (r'Replace("ab", , "(a)(?<n>b)", , "$2$1$$", , )', {}, "ba$"),
        (r'Replace("ab", , "(?<n>a)(b)", , "$1", , )', {}, "b"),
        (r'Replace("abc", , "b", , "[$&]", , )', {}, "a[b]c"),
        (r'Replace("a.b", , "\\.", , "\\1", , )', {}, r"a\1b"),
        (r'Replace("x1y2", , "(?<d>\\d)", "d", "#", , )', {}, "x#y#"),
        (r'Replace([x], , "(?<d>\\d+)", "d", , [y], )', {"x": "kept", "y": "a7"}, "kept"),
        (r'Replace([x], , "(?<d>\\d+)", "d", , [y], )', {"y": "none"}, None),
        (r'Replace("Hello", , "[a-z-[aeiou]]", , "", , )', {}, "Heo"),
        (r'Replace("Hello", , "[^a-z-[H]]", , "", , )', {}, "Hello"),
        (r'Replace("aXbx", , "(?i)x", , "", , )', {}, "ab"),
        (r'Replace("aa bb", , "(?<c>.)\\k<c>", , "${c}", , )', {}, "a b"),
        (r'Replace("a{x}", , "a{x", , "", , )', {}, "}"),
        # roles
        ("SingleAppRoleAssignment([x])", {"x": ROLES}, "Administrator"),
        ("SingleAppRoleAssignments([x])", {"x": "Owner"}, "Owner"),
        ("AppRoleAssignments([x])", {"x": ROLES}, ["Auditor", "Administrator"]),
        ("AppRoleAssignmentsComplex([x])", {}, None),
        ("AssertiveAppRoleAssignmentsComplex([x])", {}, []),
        # what is left alone
        ("Join(\"\", \"a\", IgnoreFlowIfNullOrEmpty([x]))", {}, DROP),
        ('IIF([x] = "1", "a", IgnoreObjectFlow)', {}, DROP_OBJECT),
        ("ToLower(IIF(IsPresent([x]), [x], IgnoreAttributeFlow))", {}, DROP),
        ("Redact([x])", {"x": "secret"}, "secret"),
        ("SelectUniqueValue([x], [y], [x], [z])", {"x": "a", "y": "", "z": "b"}, UniqueValue(("a", "b"))),
        ("SelectUniqueValue([x], [y])", {}, None),
    ],
)  # fmt: skip
def test_a_function_gives(evaluate: Evaluate, text: str, attributes: dict[str, object], expected: object) -> None:
    """Each case gives exactly this value, in kind too."""
    value = evaluate(text, attributes)

    assert value == expected
    assert type(value) is type(expected)


def test_roles_become_objects_of_the_scim_core_schema(evaluate: Evaluate) -> None:
    """Value and display name travel; none of several roles is primary."""
    roles = evaluate("AppRoleAssignmentsComplex([r])", r=ROLES[:1])

    assert roles == [
        {"primary": False, "type": "WindowsAzureActiveDirectoryRole", "display": "Auditor", "value": "auditor"}
    ]
    assert evaluate("AssertiveAppRoleAssignmentsComplex([r])", r=ROLES[:1]) == roles


@pytest.mark.parametrize(
    ("text", "attributes"),
    [
        ("CDate([x])", {"x": "someday"}),
        ("CDate([x])", {"x": "2025-02-30"}),
        ("CDate([x])", {"x": 20250230}),
        ("CDate([x])", {"x": "9999-12-31T23:00:00-08:00"}),
        ('DateDiff("d", Now(), CDate([x]))', {}),
        ('DateAdd("yyyy", 9000, Now())', {}),
        ("DateFromNum([x])", {"x": "9223372036854775807"}),
        ("Item([x], 3)", {"x": ["private", "private"]}),
        ("Item([x], [y])", {"x": ["private"], "y": 0}),
        ("Item([x], [y])", {"x": ["private"], "y": "private"}),
        ("Mid([x], 0, 1)", {"x": "private"}),
        ("BitAnd([x], 1)", {"x": "private"}),
        ("CBool([x])", {"x": "private"}),
        ('Switch([x], , "a", "b")', {"x": ["private", "values"]}),
        ('IIF([x] = "a", "b", "c")', {"x": ["private", "values"]}),
        ("SelectUniqueValue([y], [x])", {"x": ["private", "values"], "y": "ok"}),
        ("ConvertFromBase64([x])", {"x": "private!"}),
        ("StringFromSid([x])", {"x": "cHJpdmF0ZQ=="}),
        ('Replace([x], , [y], , "", , )', {"x": "private", "y": "(private"}),
        ('FormatDateTime([x], , "yyyy-MM-dd", "yyyy")', {"x": "private"}),
        ("RandomString([x], 1, 1, 1, 1)", {"x": 3}),
        ('IIF(IsPresent([y]), "a", Error("AccountName is required"))', {}),
        ("Error([x])", {"x": "private"}),
    ],
)
def test_a_failure_names_the_part_and_no_value(evaluate: Evaluate, text: str, attributes: dict[str, object]) -> None:
    """What fails is the object, with the sub-expression and the cure; what the object holds is not shown."""
    with pytest.raises(ExpressionEvaluationError) as raised:
        evaluate(text, attributes)

    assert "private" not in str(raised.value)
    assert raised.value.where.rstrip(".)") in text.replace(", , ", ", , ")
    assert raised.value.mend


def test_a_constant_message_of_error_is_shown(evaluate: Evaluate) -> None:
    """The author of the mapping says what is wrong."""
    with pytest.raises(ExpressionEvaluationError, match="AccountName is required"):
        evaluate('Error("AccountName is required")')


def test_a_pattern_that_explodes_is_stopped(evaluate: Evaluate) -> None:
    """A loop inside a loop ends at the time limit and fails the object."""
    with pytest.raises(ExpressionEvaluationError, match=r"longer than 0\.1 s"):
        evaluate('Replace([x], , "(a|aa)+$", , "", , )', x="a" * 40 + "!")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, "True"),
        (False, "False"),
        (7, "7"),
        (1.5, "1.5"),
        (datetime(2021, 6, 9, 16, 5, 3, tzinfo=UTC), "6/9/2021 4:05:03 PM"),
        (datetime(2012, 1, 1, 0, 0, 0), "1/1/2012 12:00:00 AM"),
        (["a", None, 1], "a; 1"),
        ({"id": "1"}, '{"id":"1"}'),
        (b"\x00", "AA=="),
        (DROP, None),
    ],
)
def test_every_value_has_one_text(value: object, expected: str | None) -> None:
    """The text of a value is the same wherever it is shown or sent."""
    assert to_text(value) == expected
