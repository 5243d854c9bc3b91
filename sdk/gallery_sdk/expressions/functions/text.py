"""Functions of text: joining, cutting, letters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from ..context import EvaluationContext
from ..letters import lower, proper, upper, without_diacritics
from ..registry import Emptiness, ResultType
from ..sites import CallSite, Evaluate, of_text, on_text, on_values
from ..values import FunctionFailure, as_integer, as_list, as_text, is_list
from ._declaring import CLOUD_SYNC, GRAPH, built_in, optional, repeating, required


def _affix(join: Callable[[str, str], str], source: int) -> Callable[[CallSite], Evaluate]:
    """Compile Append and Prepend: null is no text, but a constant alone is not worth having."""

    def build(site: CallSite) -> Evaluate:
        evaluate, affix = site.evaluate(source), site.evaluate(1 - source)
        fixed = site.constant_text(1 - source)
        if fixed is not None:
            return of_text(site, lambda text: join(text, fixed), source=source)
        constant = site.fixed[1 - source]

        def run(attributes: Mapping[str, object], context: EvaluationContext) -> object:
            value, other = evaluate(attributes, context), affix(attributes, context)
            if value is None and (constant or other is None):
                return None
            try:
                added = as_text(other)
                if is_list(value):
                    return [join(as_text(one), added) for one in value if one is not None]
                return join(as_text(value), added)
            except FunctionFailure as error:
                raise site.failed(error) from error

        return run

    return build


def _join(site: CallSite) -> Evaluate:
    separator = site.evaluate(0)
    sources = [site.evaluate(index) for index in range(1, len(site.arguments)) if site.given(index)]
    fixed = site.constant_text(0)

    def texts(value: object) -> list[str]:
        try:
            return [text for one in as_list(value) if (text := as_text(one))]
        except FunctionFailure as error:
            raise site.failed(error) from error

    def run(attributes: Mapping[str, object], context: EvaluationContext) -> object:
        parts: list[str] = []
        for source in sources:
            value = source(attributes, context)
            if value.__class__ is str:
                if value:
                    parts.append(value)
            elif value is not None:
                parts.extend(texts(value))
        if not parts:
            return None
        between = fixed if fixed is not None else "".join(texts(separator(attributes, context)))
        return between.join(parts)

    return run


def _left(text: str, count: object) -> str:
    length = as_integer(count, "numChars")
    return text[:length] if length >= 0 else text


def _mid(text: str, start: object, length: object) -> str:
    first = as_integer(start, "start")
    if first < 1:
        raise FunctionFailure("start is below 1", "Count from 1, the first character")
    if length is None:
        return text[first - 1 :]
    return text[first - 1 : first - 1 + max(0, as_integer(length, "length"))]


def _build_mid(site: CallSite) -> Evaluate:
    start, length = site.constants[1:]
    if start.__class__ is int and start >= 1 and (length is None or length.__class__ is int):  # True is no number
        part = slice(start - 1, None if length is None else start - 1 + max(0, length))
        return of_text(site, lambda text: text[part])
    return on_text(_mid)(site)


def _word(text: str, number: object, delimiters: object) -> str:
    marks = as_text(delimiters)
    index = as_integer(number, "wordNumber")
    if index < 1:
        return ""
    for mark in marks[1:]:
        text = text.replace(mark, marks[0])
    words = [word for word in text.split(marks[0]) if word] if marks else [text]
    return words[index - 1] if index <= len(words) else ""


def _position(text: object, part: object, start: object, compare: object) -> int:
    whole, sought = as_text(text), as_text(part)
    first = 1 if start is None else as_integer(start, "start")
    if first < 1:
        raise FunctionFailure("start is below 1", "Count from 1, the first character")
    if compare == "vbTextCompare":
        whole, sought = lower(whole), lower(sought)
    return 0 if first > len(whole) else whole.find(sought, first - 1) + 1


def _cased(change: Callable[[str, str | None], str]) -> Callable[[CallSite], Evaluate]:
    def build(site: CallSite) -> Evaluate:
        if site.constants[1] is None:
            return of_text(site, lambda text: change(text, None))
        return on_text(lambda text, culture: change(text, as_text(culture)))(site)

    return build


def _as_string(value: object) -> str | None:
    return None if value is None else as_text(value)


_STRING: Final = ResultType.STRING

JOIN: Final = built_in(
    "Join",
    (required("separator"), repeating("source", flows=True)),
    _STRING,
    _join,
    "The sources, and all values of multi-valued ones, with the separator between them; empty ones are left out.",
    emptiness=Emptiness.IF_ALL,
)

FUNCTIONS: Final = (
    built_in(
        "Append", (required("source", flows=True), required("suffix", flows=True)), _STRING,
        _affix(lambda source, suffix: source + suffix, 0),
        "The source with the suffix behind it.", emptiness=Emptiness.LIKE_SOURCE,
    ),
    built_in(
        "Prepend", (required("prefix", flows=True), required("source", flows=True)), _STRING,
        _affix(lambda source, prefix: prefix + source, 1),
        "The source with the prefix before it.", source=GRAPH,
    ),
    JOIN,
    built_in(
        "Left", (required("string"), required("numChars")), _STRING, on_text(_left, null=""),
        "The first characters of a text; a negative number gives the whole text.",
    ),
    built_in(
        "Mid", (required("source"), required("start"), optional("length")), _STRING, _build_mid,
        "So many characters of the source from a position on; the first is 1. Without a length, the rest.",
    ),
    built_in(
        "Word", (required("string"), required("wordNumber"), required("delimiters")), _STRING, on_text(_word, null=""),
        "The word of this number, from 1; each of the delimiters' characters ends a word.",
    ),
    built_in(
        "InStr",
        (required("value1"), required("value2"), optional("start"),
         optional("compareType", choices=("vbBinaryCompare", "vbTextCompare"), words=True)),
        ResultType.INTEGER, on_values(_position),
        "The position of value2 in value1, from 1; 0 if it is not there. vbTextCompare ignores case.",
        emptiness=Emptiness.NEVER,
    ),
    built_in(
        "ToLower", (required("source"), optional("culture")), _STRING, _cased(lower),
        "The source in lower case, by the rules of a culture such as tr-TR if given.",
        emptiness=Emptiness.LIKE_SOURCE,
    ),
    built_in(
        "ToUpper", (required("source"), optional("culture")), _STRING, _cased(upper),
        "The source in upper case, by the rules of a culture such as tr-TR if given.",
        emptiness=Emptiness.LIKE_SOURCE,
    ),
    built_in(
        "PCase", (required("source"), optional("wordSeparators")), _STRING,
        on_text(lambda text, separators: proper(text, None if separators is None else as_text(separators))),
        "The first letter of each word in upper case, all others in lower case.", emptiness=Emptiness.LIKE_SOURCE,
    ),
    built_in(
        "NormalizeDiacritics", (required("source"),), _STRING, on_text(without_diacritics),
        "The source with letters that carry no marks: e for é, oe for ø, ss for ß.",
    ),
    built_in(
        "StripSpaces", (required("source"),), _STRING, on_text(lambda text: text.replace(" ", "")),
        "The source without blanks.",
    ),
    built_in(
        "Trim", (required("value"),), ResultType.ANY, on_text(str.strip),
        "The text, or each text of a list, without white space at its ends.", source=CLOUD_SYNC,
    ),
    built_in(
        "CStr", (required("value"),), _STRING, on_values(_as_string), "The value as text.",
        emptiness=Emptiness.LIKE_SOURCE,
    ),
    built_in(
        "CRef", (required("value"),), _STRING, on_values(_as_string), "The text of a reference.",
        emptiness=Emptiness.LIKE_SOURCE, source=CLOUD_SYNC,
    ),
)  # fmt: skip
