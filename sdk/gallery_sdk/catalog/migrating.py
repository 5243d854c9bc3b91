"""Manifests of older levels, rewritten for the current one.

Each step leads from the text of one level to that of the next; comments and order stay. A step is never changed once a
release of the SDK held it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..errors import ManifestError
from ..manifest import SCHEMA_LEVEL, Manifest, parse_manifest


@dataclass(frozen=True, slots=True)
class Step:
    """One step up. `apply` gives the new text and what was done, a line for each kind of change."""

    source_level: int
    apply: Callable[[str], tuple[str, list[str]]]


@dataclass(frozen=True, slots=True)
class Migration:
    """A manifest's text at the current level, and the way there.

    Attributes:
        level: The level that the text came with.
        changes: What was rewritten, in order; empty when nothing had to be.
    """

    text: str
    level: int
    changes: tuple[str, ...]


def read_any_level(path: Path, where: str | None = None) -> Manifest:
    """Read a manifest of any level that there is a way from; the file is left as it is.

    Raises:
        ManifestError: It cannot be read, is of a later level, or is no manifest at the end of the way.
    """
    where = str(path) if where is None else where
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestError(f"the file cannot be read ({error})", where, "Check the path and its encoding") from error
    return parse_manifest(migrate_text(text, where).text, where)


def migrate_text(text: str, where: str = "connector.toml", steps: Sequence[Step] | None = None) -> Migration:
    """Bring the text of a manifest to the current level.

    Args:
        text: TOML; what is no TOML is returned as it is, for the reader to say what is wrong.
        where: What the text is called in messages.
        steps: The ways from level to level; the SDK's own when left out.

    Raises:
        ManifestError: Its level is later than this SDK's, or no step leads on from it.
    """
    steps = STEPS if steps is None else steps
    goal = max([SCHEMA_LEVEL, *(step.source_level + 1 for step in steps)])
    level = _level(text)
    if level is None or level == goal:
        return Migration(text, goal, ())
    if level > goal:
        raise ManifestError(
            f"the manifest is of schema level {level}, and this SDK reads {goal}",
            f"{where}, schema",
            "Upgrade gallery-sdk",
        )
    began, changes = level, list[str]()
    while level < goal:
        step = next((one for one in steps if one.source_level == level), None)
        if step is None:
            raise ManifestError(
                f"no step leads on from schema level {level}", f"{where}, schema", "Write the manifest anew"
            )
        text, done = step.apply(text)
        changes += done
        level += 1
    return Migration(text, began, tuple(changes))


def _level(text: str) -> int | None:
    """The level, None when the text is no TOML or its level is no number; a manifest that names none has the first."""
    import tomllib

    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
    level = data.get("schema", 1)
    if isinstance(level, dict):  # the draft had the target's schema there
        return 0
    return level if isinstance(level, int) and not isinstance(level, bool) else None


# Level 0: the draft of the format. ------------------------------------------------------------------------------------

_MAPPING_FIELDS: Final = {"const": "constant", "expr": "expression"}
_QUIRK_FIELDS: Final = {"params": "value", "source_url": "source", "verified_on": "read"}
_ATTRIBUTE_FIELDS: Final = {"multi": "multi_valued", "max_len": "max_length"}
_KINDS: Final = ("user", "group")


def _from_draft(text: str) -> tuple[str, list[str]]:
    """`[[schema.user.attribute]]` made way for `schema`, the level; some fields were given whole words."""
    import tomlkit

    document, changes = tomlkit.parse(text), ["schema = 1 is the level of the format"]
    attribute = tomlkit.table(is_super_table=True)
    drafted = document.pop("schema")
    for kind in _KINDS:
        tables = drafted.get(kind, {}).get("attribute", ())
        if tables:
            attribute.add(kind, _renamed_all(tables, _ATTRIBUTE_FIELDS))
            changes.append(f"[[schema.{kind}.attribute]] is [[attribute.{kind}]]")
    document.add("attribute", attribute)
    mapping = document.get("mapping", {})
    for kind in _KINDS:
        if _uses(mapping.get(kind, ()), _MAPPING_FIELDS):
            mapping[kind] = _renamed_all(mapping[kind], _MAPPING_FIELDS)
            changes.append(f"[[mapping.{kind}]]: const is constant, expr is expression")
    if _uses(document.get("quirk", ()), _QUIRK_FIELDS):
        document["quirk"] = _renamed_all(document["quirk"], _QUIRK_FIELDS)
        changes.append("[[quirk]]: params is value, source_url is source, verified_on is read")
    return f"schema = 1\n{tomlkit.dumps(document)}", changes


def _uses(tables: Sequence[Mapping[str, Any]], fields: Mapping[str, str]) -> bool:
    return any(name in table for table in tables for name in fields)


def _renamed_all(tables: Sequence[Any], fields: Mapping[str, str]) -> Any:
    """The array of tables with fields renamed; comments and order stay."""
    import tomlkit

    renamed = tomlkit.aot()
    for table in tables:
        fresh = tomlkit.table()
        for key, item in table.value.body:
            if key is None:
                fresh.add(item)
            else:
                fresh.add(fields.get(key.key, key.key), item)
        renamed.append(fresh)
    return renamed


STEPS: Final[tuple[Step, ...]] = (Step(0, _from_draft),)
