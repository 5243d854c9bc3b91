"""Valid filters that are probably slips."""

from __future__ import annotations

from gallery_sdk.scoping import ScopingFilter, find_questions, parse_clause


def _ask(text: str, **options: object) -> list[str]:
    return find_questions([ScopingFilter((parse_clause(text),), "sales")], **options)  # type: ignore[arg-type]  # forwarded


def test_a_pattern_without_anchors_is_asked_about() -> None:
    """It also finds longer values, which the examples in circulation do not intend."""
    assert "anywhere" in _ask("workerId REGEX MATCH (1[0-9]{6})")[0]
    assert _ask("workerId REGEX MATCH ^1[0-9]{6}$") == []
    assert _ask("mail REGEX MATCH @example\\.com$") == []
    assert _ask("workerId REGEX MATCH 1[0-9]{6}", regex_match="full") == []


def test_an_attribute_that_the_source_lacks_is_asked_about() -> None:
    """A misspelt attribute is absent for everyone, so the clause decides the same for all."""
    [question] = _ask("Department EQUALS Sales", known=("id", "department"))

    assert question.startswith("sales: 'Department EQUALS Sales' reads 'Department', which the source does not have")
    assert question.endswith("the source spells it 'department'")
    assert _ask("department EQUALS Sales", known=("department",)) == []
