"""What changed from one manifest to another, and how much it asks of those who use the connector.

`major` changes what an existing connection does or needs without anybody having asked for it; `minor` adds what was not
there; `patch` changes words. In doubt a change is major: an upgrade that surprises writes into accounts of people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final, Literal, TypeVar

from ..manifest import AttributeMapping, AuthMethod, Frozen, Manifest, TargetAttribute

Level = Literal["patch", "minor", "major"]
LEVELS: Final[tuple[Level, ...]] = ("patch", "minor", "major")
T = TypeVar("T")

_WORDS: Final = (
    "name", "summary", "categories", "keywords", "aliases", "vendor", "publisher", "maintainers", "license",
    "product_url", "docs_url", "target_api", "prerequisites", "limitations", "setup", "tests", "breaking",
)  # fmt: skip
_ADDED_OR_CHANGED: Final = ("quirks", "limits", "errors", "requires_sdk", "status", "replaced_by")
_INPUT_WORDS: Final = frozenset({"title", "help", "example", "used_by"})
_MAPPING_WORDS: Final = frozenset({"note", "origin", "mark"})
_ATTRIBUTE_WORDS: Final = frozenset({"source", "mark"})


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes:
        level: What it asks of a version number.
        where: Path in the manifest, by names: `mapping.user[title]`.
        what: What changed, in words.
    """

    level: Level
    where: str
    what: str


def find_changes(old: Manifest, new: Manifest) -> list[Change]:
    """Every difference between two manifests of one connector, the heaviest first."""
    changes = [
        *_capabilities(old, new),
        *_transport(old, new),
        *_inputs("config.input", old.config_inputs, new.config_inputs),
        *_auth(old, new),
        *_attributes(old, new),
        *_mappings(old, new),
        *_lifecycle(old, new),
        *_rest(old, new),
    ]
    return sorted(changes, key=lambda one: -LEVELS.index(one.level))


def heaviest(changes: Iterable[Change]) -> Level | None:
    """The level of the heaviest change; None when there is none."""
    return max((one.level for one in changes), key=LEVELS.index, default=None)


def _capabilities(old: Manifest, new: Manifest) -> Iterator[Change]:
    for part in ("user", "group", "features"):
        before, after = getattr(old.capabilities, part), getattr(new.capabilities, part)
        yield from (_change("major", f"capabilities.{part}", f"{one} is gone") for one in before if one not in after)
        yield from (_change("minor", f"capabilities.{part}", f"{one} is new") for one in after if one not in before)


def _transport(old: Manifest, new: Manifest) -> Iterator[Change]:
    before, after = old.transport, new.transport
    for host in before.allowed_hosts:
        if not any(host == other or fnmatchcase(host, other) for other in after.allowed_hosts):
            yield _change("major", "transport.allowed_hosts", f"{host} is not allowed any more")
    for host in after.allowed_hosts:
        if not any(host == other or fnmatchcase(host, other) for other in before.allowed_hosts):
            yield _change("minor", "transport.allowed_hosts", f"{host} is allowed now")
    for name in ("kind", "base_url", "user_path", "group_path"):
        yield from _differs("major", f"transport.{name}", getattr(before, name), getattr(after, name))
    for name in type(before).model_fields.keys() - {"allowed_hosts", "kind", "base_url", "user_path", "group_path"}:
        yield from _differs("minor", f"transport.{name}", getattr(before, name), getattr(after, name))


def _inputs(where: str, old: Sequence[Frozen], new: Sequence[Frozen]) -> Iterator[Change]:
    gone, added, kept = _matched(old, new, lambda one: str(_field(one, "id")))
    for name in gone:
        yield _change("major", f"{where}[{name}]", "the input is gone")
    for name, fresh in added.items():
        needed = bool(_field(fresh, "required")) and _field(fresh, "default") is None
        what = "a required input is new" if needed else "an optional input is new"
        yield _change("major" if needed else "minor", f"{where}[{name}]", what)
    for name, (before, after) in kept.items():
        place = f"{where}[{name}]"
        for field in type(before).model_fields:
            one, other = _field(before, field), _field(after, field)
            if one == other:
                continue
            if field in _INPUT_WORDS:
                yield _change("patch", f"{place}.{field}", "it is worded anew")
            elif field == "required":
                yield _change("major" if other else "minor", f"{place}.required", f"{_said(one)} is {_said(other)}")
            elif field == "choices" and isinstance(one, tuple) and isinstance(other, tuple) and one and other:
                yield _change(
                    "minor" if set(one) <= set(other) else "major", f"{place}.choices", _list_change(one, other)
                )
            else:
                yield _change("major", f"{place}.{field}", f"{_said(one)} is {_said(other)}")


def _auth(old: Manifest, new: Manifest) -> Iterator[Change]:
    gone, added, kept = _matched(old.auth_methods, new.auth_methods, lambda one: one.id)
    yield from (_change("major", f"auth.method[{name}]", "the method is gone") for name in gone)
    yield from (_change("minor", f"auth.method[{name}]", "the method is new") for name in added)
    for name, (before, after) in kept.items():
        yield from _inputs(f"auth.method[{name}].input", before.inputs, after.inputs)
        yield from _method(f"auth.method[{name}]", before, after)
    first = [methods[0].id for methods in (old.auth_methods, new.auth_methods) if methods]
    if len(first) == 2 and first[0] != first[1] and first[0] in kept:
        yield _change("major", "auth.method", f"the preferred method was {first[0]} and is {first[1]}")


def _method(where: str, before: AuthMethod, after: AuthMethod) -> Iterator[Change]:
    yield from _differs("major", f"{where}.kind", before.kind, after.kind)
    words = {"title", "docs_url", "verified"}
    for field in sorted(type(before).model_fields.keys() - {"kind", "inputs", "id"}):
        # Other scopes ask an administrator to consent once more.
        level: Level = "patch" if field in words else "major" if field == "scopes" else "minor"
        yield from _differs(level, f"{where}.{field}", getattr(before, field), getattr(after, field))


def _attributes(old: Manifest, new: Manifest) -> Iterator[Change]:
    for kind in ("user", "group"):
        gone, added, kept = _matched(old.target_schema[kind], new.target_schema[kind], lambda one: one.name)
        yield from (_change("major", f"attribute.{kind}[{name}]", "the attribute is gone") for name in gone)
        for name, one in added.items():
            level: Level = "major" if one.required and not _filled(new, kind, name) else "minor"
            yield _change(level, f"attribute.{kind}[{name}]", "the attribute is new")
        for name, (before, after) in kept.items():
            yield from _attribute(f"attribute.{kind}[{name}]", before, after)


def _attribute(where: str, before: TargetAttribute, after: TargetAttribute) -> Iterator[Change]:
    for field in type(before).model_fields:
        one, other = getattr(before, field), getattr(after, field)
        if one == other:
            continue
        level: Level = "major"
        if field in _ATTRIBUTE_WORDS:
            level = "patch"
        elif field in ("required", "unique"):
            level = "major" if other else "minor"
        elif field == "max_length":
            level = "minor" if other is None or (one is not None and other > one) else "major"
        elif field == "enum":
            level = "minor" if not other or (one and set(one) <= set(other)) else "major"
        elif field == "filterable":
            level = "minor"
        yield _change(level, f"{where}.{field}", f"{_said(one)} is {_said(other)}")


def _mappings(old: Manifest, new: Manifest) -> Iterator[Change]:
    for kind in ("user", "group"):
        gone, added, kept = _matched(old.mappings[kind], new.mappings[kind], lambda one: one.id)
        yield from (_change("major", f"mapping.{kind}[{name}]", "the mapping is gone") for name in gone)
        for name, one in added.items():
            level: Level = "major" if one.match is not None else "minor"
            yield _change(level, f"mapping.{kind}[{name}]", "a mapping is new")
        for name, (before, after) in kept.items():
            yield from _mapping(f"mapping.{kind}[{name}]", before, after)


def _mapping(where: str, before: AttributeMapping, after: AttributeMapping) -> Iterator[Change]:
    """A mapping that is off, or only fills new accounts, can change without touching the accounts that are there."""
    quiet = not (before.enabled or after.enabled) or (before.when == after.when == "create" and after.match is None)
    for field in type(before).model_fields:
        one, other = getattr(before, field), getattr(after, field)
        if one == other:
            continue
        level: Level = "minor" if quiet else "major"
        if field in _MAPPING_WORDS:
            level = "patch"
        elif field == "enabled":
            level = "minor" if other and after.match is None else "major"
        elif (
            (field in ("default", "when") and after.when != "always")
            or (field == "multi" and other == "add_only")
            or (field == "clear_when_empty" and not other)
        ):
            level = "minor"
        yield _change(level, f"{where}.{field}", f"{_said(one)} is {_said(other)}")


def _lifecycle(old: Manifest, new: Manifest) -> Iterator[Change]:
    for field in type(old.lifecycle).model_fields:
        yield from _differs("major", f"lifecycle.{field}", getattr(old.lifecycle, field), getattr(new.lifecycle, field))


def _rest(old: Manifest, new: Manifest) -> Iterator[Change]:
    yield from _differs("major", "slug", old.slug, new.slug)
    for name in _WORDS:
        if getattr(old, name) != getattr(new, name):
            yield _change("patch", name, "it is worded anew")
    for name in _ADDED_OR_CHANGED:
        before, after = getattr(old, name), getattr(new, name)
        if before == after:
            continue
        if isinstance(before, tuple):
            gone, added = [one for one in before if one not in after], [one for one in after if one not in before]
            yield _change("minor", name, f"{len(added)} new or changed, {len(gone)} gone or changed")
        else:
            yield _change("minor", name, f"{_said(before)} is {_said(after)}")


def _matched(
    old: Sequence[T], new: Sequence[T], key: Callable[[T], str]
) -> tuple[list[str], dict[str, T], dict[str, tuple[T, T]]]:
    """Names that are gone, new ones, and pairs of those that stayed."""
    before: Mapping[str, T] = {key(one): one for one in old}
    after: Mapping[str, T] = {key(one): one for one in new}
    return (
        [name for name in before if name not in after],
        {name: one for name, one in after.items() if name not in before},
        {name: (before[name], after[name]) for name in before if name in after},
    )


def _filled(manifest: Manifest, kind: str, name: str) -> bool:
    return any(one.target == name and one.enabled for one in manifest.mappings[kind])


def _differs(level: Level, where: str, before: object, after: object) -> Iterator[Change]:
    if before != after:
        yield _change(level, where, f"{_said(before)} is {_said(after)}")


def _change(level: Level, where: str, what: str) -> Change:
    return Change(level, where, what)


def _said(value: object) -> str:
    text = "nothing" if value is None or value == () else repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _list_change(before: Sequence[object], after: Sequence[object]) -> str:
    gone, added = [str(one) for one in before if one not in after], [str(one) for one in after if one not in before]
    parts = [f"{word}: {', '.join(names)}" for word, names in (("gone", gone), ("new", added)) if names]
    return "; ".join(parts) or "another order"


def _field(one: Frozen, name: str) -> object:
    """A field that inputs of a configuration and of a sign-in method have in common."""
    value: object = getattr(one, name)
    return value
