"""Replace: five functions in one, told apart by the arguments that are supplied."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ..patterns import Match, Pattern, compile_pattern
from ..registry import ResultType
from ..sites import CallSite, Evaluate, of_text, on_text, on_values
from ..values import FunctionFailure, as_text, is_empty, is_list, one_value
from ._declaring import built_in, optional, required

_OLD, _PATTERN, _GROUP, _NEW, _OTHER, _TEMPLATE = range(1, 7)
_NAMES: Final = ("source", "oldValue", "regexPattern", "regexGroupName", "replacementValue",
                 "replacementAttributeName", "template")  # fmt: skip


def _replace(site: CallSite) -> Evaluate:
    modes: tuple[tuple[tuple[int, ...], Callable[[CallSite], Evaluate]], ...] = (
        ((_OLD, _TEMPLATE), _fill_template),
        ((_OLD, _NEW), _replace_text),
        ((_PATTERN, _GROUP, _OTHER), _take_from_other),
        ((_PATTERN, _GROUP, _NEW), _replace_group),
        ((_PATTERN, _NEW), _replace_matches),
    )
    needed, build = next((mode for mode in modes if all(site.given(index) for index in mode[0])), ((), None))
    if build is None:
        raise site.refuse(
            0,
            "these arguments of Replace do not belong together",
            "Supply oldValue and replacementValue, oldValue and template, regexPattern and replacementValue, or "
            "regexPattern, regexGroupName and either replacementValue or replacementAttributeName",
        )
    for index in range(1, len(_NAMES)):
        if site.given(index) and index not in needed:
            site.lint("unused-argument", f"Replace does not use {_NAMES[index]} beside its other arguments")
    if site.constants[_OLD] == "" and _OLD in needed:
        raise site.refuse(_OLD, "oldValue is empty", "Name the text to replace")
    return build(site)


def _fill_template(site: CallSite) -> Evaluate:
    def fill(source: str, *others: object) -> str:
        old, template = as_text(others[_OLD - 1]), as_text(others[_TEMPLATE - 1])
        return template.replace(old, source) if old else template

    return on_text(fill)(site)


def _replace_text(site: CallSite) -> Evaluate:
    old, new = site.constant_text(_OLD), site.constant_text(_NEW)
    if old is not None and new is not None:
        return of_text(site, lambda source: source.replace(old, new))

    def change(source: str, *others: object) -> str:
        old = as_text(others[_OLD - 1])
        return source.replace(old, as_text(others[_NEW - 1])) if old else source

    return on_text(change)(site)


def _take_from_other(site: CallSite) -> Evaluate:
    pattern = _constant_pattern(site)
    _constant_group(site, pattern)

    def take(source: object, *others: object) -> object:
        if not is_empty(source):
            return source if is_list(source) else as_text(source)
        other = one_value(others[_OTHER - 1])
        if is_empty(other):
            return None
        found = pattern or compile_pattern(as_text(others[_PATTERN - 1]))
        return found.find_group(as_text(other), _group_of(found, others))

    return on_values(take)(site)


def _replace_group(site: CallSite) -> Evaluate:
    pattern = _constant_pattern(site)
    _constant_group(site, pattern)

    def change(source: str, *others: object) -> str:
        found = pattern or compile_pattern(as_text(others[_PATTERN - 1]))
        group, new = _group_of(found, others), as_text(others[_NEW - 1])

        def only_group(match: Match) -> str:
            whole: str = match[0]
            start, end = match.span(group)
            if start < 0:
                return whole
            return whole[: start - match.start()] + new + whole[end - match.start() :]

        return found.replace(source, only_group)

    return on_text(change)(site)


def _replace_matches(site: CallSite) -> Evaluate:
    pattern = _constant_pattern(site)
    new = site.constant_text(_NEW)
    if pattern is not None and new is not None:
        unknown = pattern.unknown_names(new)
        if unknown:
            raise site.refuse(_NEW, f"the pattern has no group {unknown[0]}", f"Name it: (?<{unknown[0]}>...)")
        if "${" in new and not pattern.anchored:
            site.lint("unanchored-pattern", "text outside the match stays; begin the pattern with ^ or end it with $")
        substitute, ready = pattern.replacement(new), pattern
        return of_text(site, lambda source: ready.replace(source, substitute))

    def change(source: str, *others: object) -> str:
        found = pattern or compile_pattern(as_text(others[_PATTERN - 1]))
        return found.replace(source, found.replacement(as_text(others[_NEW - 1])))

    return on_text(change)(site)


def _constant_pattern(site: CallSite) -> Pattern | None:
    text = site.constant_text(_PATTERN)
    if text is None:
        return None
    try:
        return compile_pattern(text)
    except FunctionFailure as error:
        raise site.refuse(_PATTERN, error.what, error.mend) from error


def _constant_group(site: CallSite, pattern: Pattern | None) -> None:
    name = site.constant_text(_GROUP)
    if pattern is not None and name is not None and name not in pattern.names:
        raise site.refuse(_GROUP, f"the pattern has no group {name}", f"Name it in the pattern: (?<{name}>...)")


def _group_of(pattern: Pattern, others: tuple[object, ...]) -> str:
    name = as_text(others[_GROUP - 1])
    if name not in pattern.names:
        raise FunctionFailure("the pattern has no group of the name in regexGroupName", "Name it: (?<name>...)")
    return name


FUNCTIONS: Final = (
    built_in(
        "Replace",
        (
            required("source"),
            optional("oldValue", key="Find"),
            optional("regexPattern", key="RegularExpression"),
            optional("regexGroupName", key="RegularExpressionGroupName"),
            optional("replacementValue", key="Replacement"),
            optional("replacementAttributeName", key="ReplacementPropertyName"),
            optional("template", key="Template"),
        ),
        ResultType.STRING,
        _replace,
        "Replaces a text, the matches of a pattern, or one group of it; or fills a template; or takes a group out of "
        "another attribute when the source is empty.",
    ),
)
