"""The words that may stand in a connector's cassettes: those that its own code and manifest say in public anyway."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ..contract import Stage, Subject

TOKEN: Final = re.compile(r"[^\s^\"'`=<>!(),;\[\]{}&?/]+")
"""A word of a text, a query or a path."""

_ROOMS: Final = ("scim", "targets", "auth")
_PARTS: Final = re.compile(r"[.:/$@ ]")


def vocabulary_of(subject: Subject) -> frozenset[str]:
    """Names and words of the connector's manifest and code (its twin's excepted), and of the SDK's protocols."""
    texts = [*_strings(subject.manifest.model_dump(mode="json", by_alias=True))]
    spec = find_spec(f"gallery_connector_{subject.slug.replace('-', '_')}")
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        for path in sorted(Path(folder).rglob("*.py")):
            if "twin" not in path.relative_to(folder).parts and path.name not in ("twin.py", "contract.py"):
                texts += _literals(path)
    return frozenset(_words(texts)) | _sdk_words()


def invented_by(stage: Stage) -> dict[str, str]:
    """Every text that the suite makes up, and what stands for it: without the name of the run or a real domain."""
    from ..contract.people import DOMAIN, PREFIX

    found: dict[str, str] = {}
    people = range(1, 9)
    for number in people:
        sources = [stage.source_person(number), stage.person(number), stage.person(number, IsSoftDeleted=True)]
        for text in _strings(sources):
            found[text] = text
    for name in ("Team", "Crew", "Everybody", "Few"):
        for text in _strings([stage.group(name)]):
            found[text] = text
    found |= {text: text for text in ("Director", "nobody")}
    connected = stage.connected
    plain = {
        text: kept.replace(connected.prefix, PREFIX).replace(f"@{connected.domain}", f"@{DOMAIN}")
        for text, kept in found.items()
        if text.strip()
    }
    # Some targets write names in capitals, others in small letters.
    cased = {change(text): change(kept) for text, kept in plain.items() for change in (str.upper, str.lower)}
    return {**cased, **plain}


def _words(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield text
        for token in TOKEN.findall(text):
            yield token
            yield from (part for part in _PARTS.split(token) if part)
            if token.startswith("urn:"):
                yield token.rpartition(":")[0]  # the extension that an attribute's path begins with


@cache
def _sdk_words() -> frozenset[str]:
    import gallery_sdk

    (root,) = gallery_sdk.__path__
    texts = [text for room in _ROOMS for path in sorted((Path(root) / room).rglob("*.py")) for text in _literals(path)]
    return frozenset(_words(texts))


def _literals(path: Path) -> list[str]:
    """Every text in a Python file but its docstrings; keys and words of an API are among them."""
    tree = ast.parse(path.read_text("utf-8"))
    skipped = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    constants = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in skipped)
    return [node.value for node in constants if isinstance(node.value, str)]


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield str(name)
            yield from _strings(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _strings(each)
