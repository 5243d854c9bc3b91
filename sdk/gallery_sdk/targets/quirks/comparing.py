"""When two values of a path are the same to the target although they are not the same to Python.

For every target: identifiers that RFC 7643 does not call case exact (user names, e-mail addresses) and paths that the
manifest declares `case_exact = false` or unique compare without regard to letter case; a boolean or number equals its
text; an item of a list is found by its `value`. Other texts compare exactly: a corrected capital in a name is a change
that people wait for.

Family: external_id.not_stored, locale.separator, phone.format, empty_string.means_unset, group.rename_unsupported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ...manifest import QuirkSet
from ..base import Comparer
from .texts import e164

if TYPE_CHECKING:
    from ...manifest import TargetAttribute


def compile_comparer(quirks: QuirkSet, paths: Sequence[str], attributes: Mapping[str, TargetAttribute]) -> Comparer:
    """The comparison of one kind of object; called only where plain equality failed."""
    folded = {path for path in paths if _is_folded(path, attributes.get(path))}
    never = {"externalId"} if quirks.has("external_id.not_stored") else set()
    locales = {"locale", "preferredLanguage"} if quirks.has("locale.separator") else set()
    phones = {path for path in paths if path.lower().startswith("phonenumbers") and quirks.has("phone.format")}
    blanks = quirks.has("empty_string.means_unset")

    def equal(path: str, old: object, new: object) -> bool:
        if path in never:
            return True
        if isinstance(old, str) and isinstance(new, str):
            if path in folded:
                return old.casefold() == new.casefold()
            if path in locales:
                return old.replace("_", "-").casefold() == new.replace("_", "-").casefold()
            if path in phones:
                return (e164(old) or old) == (e164(new) or new)
            return old == new or (blanks and not old.strip() and not new.strip())
        if isinstance(old, list) and isinstance(new, list):
            return same_items(old, new)
        if blanks and isinstance(old or new, str) and not (old and new):
            return not str(old or new).strip()
        return _same_scalar(old, new)

    return equal


def _is_folded(path: str, attribute: TargetAttribute | None) -> bool:
    if attribute is not None:
        if attribute.case_exact:
            return False
        if attribute.unique or "case_exact" in attribute.model_fields_set:
            return True
    lower = path.lower()
    return lower == "username" or (lower.startswith("emails") and lower.endswith("value"))


def _same_scalar(old: object, new: object) -> bool:
    """Whether a boolean or a number meets its own text; null and absent are the caller's affair."""
    if isinstance(old, (list, dict)) or isinstance(new, (list, dict)) or old is None or new is None:
        return False
    if isinstance(old, bool) or isinstance(new, bool):
        return str(old).lower() == str(new).lower()
    return str(old) == str(new)


def same_items(old: list[object], new: list[object]) -> bool:
    """Whether each wanted item is there and no other: by `value`, with at least the wanted sub-attributes.

    Targets add sub-attributes of their own (`display`, `$ref`, `primary`) and keep no order (RFC 7643 section 2.4).
    """
    if len(old) != len(new):
        return False
    rest = [each if isinstance(each, Mapping) else {"value": each} for each in old]
    for each in new:
        wanted = each if isinstance(each, Mapping) else {"value": each}
        found = next((one for one in rest if all(_meets(one.get(key), value) for key, value in wanted.items())), None)
        if found is None:
            return False
        rest.remove(found)
    return True


def _meets(old: object, new: object) -> bool:
    return old == new or (old in (None, "") and new in (None, "")) or _same_scalar(old, new)
