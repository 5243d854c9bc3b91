"""Docstrings in their parts: paragraphs, and the sections Args, Attributes, Returns and Raises."""

from __future__ import annotations

import inspect
import re
from typing import Final, NamedTuple

_SECTION: Final = re.compile(r"^(Args|Attributes|Returns|Raises):$", re.MULTILINE)
_ENTRY: Final = re.compile(r"^(?P<names>\S[^:]*): (?P<text>.*)$")


class Docstring(NamedTuple):
    """A docstring.

    Attributes:
        text: Everything before the first section.
        sections: By title; the text of each without its indent.
    """

    text: str
    sections: dict[str, str]

    def entries(self, title: str) -> dict[str, str]:
        """Name to text of a section's entries; `a, b: text` is an entry of both."""
        found: dict[str, str] = {}
        names: list[str] = []
        for line in self.sections.get(title, "").splitlines():
            match = _ENTRY.match(line)
            if match:
                names = [name.strip() for name in match["names"].split(",")]
                found.update(dict.fromkeys(names, match["text"]))
            else:
                for name in names:
                    found[name] += f" {line.strip()}"
        return found


def parse_docstring(documented: object) -> Docstring:
    """The docstring of a function or class, its own and no inherited one; or a docstring that is at hand as text."""
    text = documented if isinstance(documented, str) else getattr(documented, "__doc__", None) or ""
    parts = _SECTION.split(inspect.cleandoc(text))
    pairs = zip(parts[1::2], parts[2::2], strict=True)
    return Docstring(parts[0].strip(), {title: inspect.cleandoc(f"\n{body.rstrip()}") for title, body in pairs})
