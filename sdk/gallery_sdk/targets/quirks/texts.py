"""Desired values as the target would store them: what it cuts, folds, strips or limits, done before comparing.

Family: attribute.truncates, attribute.strip_characters, text.emoji_refused, empty_string.means_unset,
username.normalize, locale.separator, phone.format, multi_valued.max_items.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from ...manifest import QuirkSet
from ...scim import parse_path
from ..base import Canonical
from ..findings import FindingLog

Rewrite: TypeAlias = Callable[[dict[str, object]], None]
TextRule: TypeAlias = Callable[[str], str]

_EMOJI: Final = re.compile(
    "[\U0001f000-\U0001faff\U00002600-\U000027bf\U00002b00-\U00002bff\U000023e9-\U000023fa\U0001f1e6-\U0001f1ff"
    "\U000024c2\U000025aa-\U000025fe\U0000203c\U00002049\U00002934\U00002935\U00003030\U0000303d\U00003297\U00003299"
    "\U0000fe0e\U0000fe0f\U0000200d\U000020e3\U000e0020-\U000e007f]+"
)
_BLANKS: Final = re.compile(r" {2,}")
_LOCALES: Final = ("locale", "preferredLanguage")


def compile_canonical(quirks: QuirkSet, paths: Sequence[str], log: FindingLog) -> Canonical | None:
    """One function over flat values, which returns a new dict; None when no quirk of the family is declared."""
    rewrites = [*_text_rewrites(quirks, paths), *_phone_rewrites(quirks, paths, log)]
    rewrites += _item_limits(quirks, paths, log)
    if not rewrites:
        return None

    def canonical(values: dict[str, object]) -> dict[str, object]:
        values = dict(values)
        for rewrite in rewrites:
            rewrite(values)
        return values

    return canonical


def _text_rewrites(quirks: QuirkSet, paths: Sequence[str]) -> list[Rewrite]:
    rewrites: list[Rewrite] = []
    if quirks.has("text.emoji_refused"):
        rewrites.append(_every_text(without_emoji))
    for path, characters in quirks.value("attribute.strip_characters", dict, {}).items():
        table = str.maketrans("", "", characters)
        rewrites.append(_one_text(path, lambda text, table=table: text.translate(table)))  # type: ignore[misc]  # default binds
    normalise = quirks.value("username.normalize", dict)
    if normalise is not None:
        rewrites.append(_one_text("userName", user_name_rule(normalise)))
    separator = quirks.value("locale.separator", str)
    if separator is not None:
        rewrites += [_one_text(path, lambda text: re.sub("[-_]", separator, text)) for path in _LOCALES]
    for path, length in quirks.value("attribute.truncates", dict, {}).items():
        rewrites.append(_one_text(path, lambda text, length=length: text[:length]))  # type: ignore[misc]  # default binds
    if quirks.has("empty_string.means_unset"):
        rewrites.append(_drop_blanks)
    return rewrites


def without_emoji(text: str) -> str:
    """The text without emoji, their joiners and variation selectors; blanks that then meet are joined."""
    if text.isascii():
        return text
    bare = _EMOJI.sub("", text)
    return text if bare == text else _BLANKS.sub(" ", bare).strip()


def user_name_rule(rule: dict[str, object]) -> TextRule:
    """`username.normalize` as one function of a user name."""
    steps: list[TextRule] = []
    if rule.get("local_part"):
        steps.append(lambda text: text.partition("@")[0])
    if rule.get("transliterate"):
        steps.append(_fold)
    if rule.get("lower"):
        steps.append(str.lower)
    if rule.get("allowed"):
        outside, replacement = re.compile(f"[^{rule['allowed']}]"), str(rule.get("replacement", ""))
        steps.append(lambda text: outside.sub(lambda _: replacement, text))
    if isinstance(length := rule.get("max_length"), int):
        steps.append(lambda text: text[:length])

    def normalise(text: str) -> str:
        for step in steps:
            text = step(text)
        return text

    return normalise


def _fold(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _one_text(path: str, rule: TextRule) -> Rewrite:
    def rewrite(values: dict[str, object]) -> None:
        value = values.get(path)
        if isinstance(value, str):
            values[path] = rule(value)

    return rewrite


def _every_text(rule: TextRule) -> Rewrite:
    def apply(value: object) -> object:
        if isinstance(value, str):
            return rule(value)
        if isinstance(value, list):
            return [apply(each) for each in value]
        if isinstance(value, dict):
            return {key: apply(each) for key, each in value.items()}
        return value

    def rewrite(values: dict[str, object]) -> None:
        for path, value in values.items():
            values[path] = apply(value)

    return rewrite


def _drop_blanks(values: dict[str, object]) -> None:
    for path in [path for path, value in values.items() if isinstance(value, str) and not value.strip()]:
        del values[path]


def e164(text: str) -> str | None:
    """The number as `+` and 7 to 15 digits (ITU-T E.164); None where it is not an international number."""
    plus = text.strip().startswith("+")
    digits = re.sub(r"\D", "", text.replace("(0)", ""))
    if not plus:
        if not digits.startswith("00"):
            return None
        digits = digits[2:]
    return f"+{digits}" if 7 <= len(digits) <= 15 else None


def _phone_rewrites(quirks: QuirkSet, paths: Sequence[str], log: FindingLog) -> list[Rewrite]:
    if quirks.value("phone.format", str) != "e164":
        return []
    phones = [path for path in paths if path.lower().startswith("phonenumbers") and path.lower().endswith(".value")]

    def rewrite(values: dict[str, object]) -> None:
        for path in phones:
            value = values.get(path)
            if isinstance(value, str):
                number = e164(value)
                if number is None:
                    del values[path]
                    log.add("value_left_out", path, "no international telephone number")
                else:
                    values[path] = number

    return [rewrite]


def _item_limits(quirks: QuirkSet, paths: Sequence[str], log: FindingLog) -> list[Rewrite]:
    """Paths of an attribute that has fewer items than are mapped: the primary's first, then in mapping order."""
    return [
        _item_limit(name, most, _by_item(name, paths), log)
        for name, most in quirks.value("multi_valued.max_items", dict, {}).items()
    ]


def _by_item(name: str, paths: Sequence[str]) -> list[list[str]]:
    items: dict[str, list[str]] = {}
    for path in paths:
        parsed = parse_path(path)
        if parsed.name.lower() == name.lower() and parsed.filter is not None:
            items.setdefault(path[: path.rindex("]")], []).append(path)
    return list(items.values())


def _item_limit(name: str, most: int, items: list[list[str]], log: FindingLog) -> Rewrite:
    def is_primary(item: list[str], values: dict[str, object]) -> bool:
        return "primary eq true" in item[0].lower() or any(
            path.lower().endswith(".primary") and values.get(path) is True for path in item
        )

    def rewrite(values: dict[str, object]) -> None:
        there = [item for item in items if any(values.get(path) not in (None, "") for path in item)]
        if len(there) <= most:
            return
        there.sort(key=lambda item: not is_primary(item, values))
        for item in there[most:]:
            for path in item:
                values.pop(path, None)
            log.add("item_limit", item[0], f"the target takes {most} of {name}")

    return rewrite
