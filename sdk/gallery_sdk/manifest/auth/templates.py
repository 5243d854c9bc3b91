"""The template language of `[[auth.method]]`: names in braces, a few functions of names, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

_NAME: Final = r"[A-Za-z_][A-Za-z0-9_]*"
TEMPLATE_NAME: Final = re.compile(rf"\{{({_NAME})\}}")
"""`{name}` alone, as addresses have it."""
TEMPLATE_TERM: Final = re.compile(
    rf"\{{(?:(?P<name>{_NAME})|(?P<function>b64|sha256_pub|upper):(?P<names>{_NAME}(?::{_NAME})*))\}}"
)
"""`{name}`, or a function of names:

- `{b64:user:password}`: the values joined by colons, in base64 (RFC 7617 section 2).
- `{sha256_pub:key}`, `{sha256_pub:key:password}`: of a private key in PEM, the SHA-256 of its public half (DER,
  SubjectPublicKeyInfo) in base64, without the word `SHA256:`.
- `{upper:name}`: in capitals.
"""
BUILT_IN_NAMES: Final = frozenset({"uuid4", "now_iso", "scope"})
_ARITY: Final = {"b64": (1, 9), "sha256_pub": (1, 2), "upper": (1, 1)}
_BRACE: Final = re.compile(r"[{}]")


@dataclass(frozen=True, slots=True)
class Slot:
    """One template of a method.

    Attributes:
        where: Its field: `token.params.account_id`.
        given: Names that stand here besides inputs: what earlier replies brought.
        is_address: A URL, in which a value must not lead elsewhere: names only, no functions.
    """

    where: str
    text: str
    given: frozenset[str] = frozenset()
    is_address: bool = False

    def names(self) -> frozenset[str]:
        """Every name that it uses."""
        return names_in(self.text)

    def problem(self) -> str | None:
        """What is wrong with its form."""
        term = TEMPLATE_NAME if self.is_address else TEMPLATE_TERM
        if _BRACE.search(term.sub("", self.text)):
            return f"{self.where}: {self.text!r} has a brace outside a {{name}}"
        for found in TEMPLATE_TERM.finditer(self.text):
            if found["function"] and not _has_its_arguments(found["function"], found["names"]):
                return f"{self.where}: {found[0]!r} has the wrong number of names"
        return None


def names_in(text: str) -> frozenset[str]:
    """Every name that a template uses, those inside functions included."""
    return frozenset(
        name for found in TEMPLATE_TERM.finditer(text) for name in (found["name"] or found["names"]).split(":")
    )


def texts_in(value: object, where: str) -> Iterator[tuple[str, str]]:
    """Place and text of every text in a value of tables and lists."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from texts_in(item, f"{where}.{name}")
    elif isinstance(value, (tuple, list)):
        for index, item in enumerate(value):
            yield from texts_in(item, f"{where}[{index}]")


def _has_its_arguments(function: str, names: str) -> bool:
    least, most = _ARITY[function]
    return least <= names.count(":") + 1 <= most
