"""Regular expressions written for .NET, run by the `regex` engine under a time limit.

Most of the two dialects agree. What differs is translated (class subtraction, `\\Z`, `\\k<name>`, the numbering
of groups, literal braces) or refused with a reason (balancing groups, conditionals, right to left).
Source: learn.microsoft.com/dotnet/standard/base-types/regular-expression-language-quick-reference
"""

from __future__ import annotations

import re
from typing import Final, NoReturn

from .values import FunctionFailure

_MAX_DEPTH: Final = 50
_QUANTIFIER: Final = re.compile(r"(?:[*+?]|\{[0-9]{1,6}(?:,[0-9]{0,6})?\})\??")
_GROUP_NAME: Final = re.compile(r"\(\?(?:<([^>=!][^>]*)>|'([^']*)')")
_FLAGS: Final = re.compile(r"\(\?([A-Za-z]*)(?:-([A-Za-z]*))?([:)])")
_BACK_REFERENCE: Final = re.compile(r"\\k(?:<(\w+)>|'(\w+)')")
_NUMBERED: Final = re.compile(r"\\([1-9][0-9]?)")
_SET: Final = re.compile(r"\\[dDwWsS]")
_CATEGORY: Final = re.compile(r"\\([pP])\{([A-Za-z0-9-]+)\}")
_CODE: Final = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|c([A-Za-z@\[\]\\^_]))")
_CONTROLS: Final = {"a": 7, "e": 27, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}


class Translation:
    """A pattern in the dialect of the `regex` engine (version 1).

    Attributes:
        text: The pattern.
        groups: The engine's number of each group, by .NET number: unnamed groups first, then the named ones.
        names: Names of groups.
        loops: Quantifiers and groups with alternatives: places where matching can go back.
        nested: Whether a quantified group or a back reference could make matching take exponential time.
    """

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._depth = 0
        self._unnamed: list[int] = []
        self._named: dict[str, int] = {}
        self._count = 0
        self.loops = 0
        self.nested = False
        parts = self._alternatives()
        if self._at < len(pattern):
            self._refuse('")" closes nothing')
        self.groups = {0: 0}
        self.groups.update(enumerate([*self._unnamed, *self._named.values()], 1))
        self.names = frozenset(self._named)
        self.text = "".join(one if isinstance(one, str) else self._reference(one) for one in parts)

    def _alternatives(self) -> list[str | int]:
        """Translate up to the `)` that closes this group; numbers are back references to fill in."""
        parts: list[str | int] = []
        repeatable = False
        while self._at < len(self._pattern) and self._pattern[self._at] != ")":
            letter = self._pattern[self._at]
            quantifier = _QUANTIFIER.match(self._pattern, self._at)
            if quantifier is not None:
                if not repeatable:
                    self._refuse(f'"{quantifier.group()}" repeats nothing, or what is repeated already')
                parts.append(quantifier.group())
                self._at = quantifier.end()
                self.loops += 1
                repeatable = False
                continue
            repeatable = letter not in "|^"
            if letter == "(":
                before, count = len(parts), self.loops
                repeatable = self._group(parts)
                after = _QUANTIFIER.match(self._pattern, self._at)
                branches = "|" in parts[before:]
                if after and after.group() != "?" and (self.loops > count or branches):
                    self.nested = True
                self.loops += branches
            elif letter == "[":
                parts.append(self._class())
            elif letter == "\\":
                parts.append(self._escape())
            else:
                parts.append("\\" + letter if letter in "{}]" else letter)
                self._at += 1
        return parts

    def _group(self, parts: list[str | int]) -> bool:
        """Translate a group; return whether it can be repeated."""
        start = self._at
        opening = self._opening()
        if opening is None:  # a comment or options: nothing to close
            parts.append(self._pattern[start : self._at] if self._pattern[start + 2] != "#" else "")
            return False
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            self._refuse(f"groups nest deeper than {_MAX_DEPTH} levels")
        parts.append(opening)
        parts.extend(self._alternatives())
        if self._at >= len(self._pattern):
            self._at = start
            self._refuse('"(" is not closed')
        self._at += 1
        self._depth -= 1
        parts.append(")")
        return True

    def _opening(self) -> str | None:
        text, at = self._pattern, self._at
        if text.startswith("(*", at):
            self._refuse('"*" repeats nothing')
        if not text.startswith("(?", at):
            self._at += 1
            self._count += 1
            self._unnamed.append(self._count)
            return "("
        for plain in ("(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>"):
            if text.startswith(plain, at):
                self._at += len(plain)
                return plain
        if text.startswith("(?#", at):
            end = text.find(")", at)
            if end < 0:
                self._refuse("the comment is not closed")
            self._at = end + 1
            return None
        if found := _GROUP_NAME.match(text, at):
            name = found[1] or found[2] or ""
            if "-" in name:
                self._refuse("balancing groups are not supported")
            if not name.isidentifier() or not name.isascii():
                self._refuse(f'"{name}" is not a name for a group')
            self._at = found.end()
            # A name used twice is one group; the engine numbers it once, too.
            if name not in self._named:
                self._count += 1
                self._named[name] = self._count
            return f"(?P<{name}>"
        if found := _FLAGS.match(text, at):
            if set((found[1] or "") + (found[2] or "")) - set("ims"):
                self._refuse("options other than i, m and s are not supported")
            self._at = found.end()
            return found.group() if found[3] == ":" else None
        return self._refuse("this kind of group is not supported")

    def _escape(self) -> str | int:
        """Translate an escape outside a class; a number is a back reference by .NET number."""
        text, at = self._pattern, self._at
        if found := _BACK_REFERENCE.match(text, at):
            self._at = found.end()
            self.nested = True
            return f"(?P={found[1] or found[2]})"
        if found := _NUMBERED.match(text, at):
            self._at = found.end()
            self.nested = True
            return int(found[1])
        letter = text[at + 1 : at + 2]
        if letter and letter in "AbBGZz":
            self._at += 2
            return {"Z": r"(?=\n?\Z)", "z": r"\Z"}.get(letter, "\\" + letter)
        return self._set_escape() or re.escape(self._character())

    def _set_escape(self) -> str | None:
        """Translate an escape that stands for a set, or return None."""
        if found := _SET.match(self._pattern, self._at):
            self._at = found.end()
            return found.group()
        if found := _CATEGORY.match(self._pattern, self._at):
            self._at = found.end()
            name = found[2]
            return f"\\{found[1]}{{{'In' + name[2:] if name.startswith('Is') else name}}}"
        return None

    def _character(self, *, in_class: bool = False) -> str:
        """Return the one character that comes next, read through its escape."""
        text, at = self._pattern, self._at
        if text[at] != "\\":
            self._at += 1
            return text[at]
        if found := _CODE.match(text, at):
            self._at = found.end()
            control = found[3]
            return chr(int(found[1] or found[2], 16)) if control is None else chr(ord(control.upper()) - 64)
        letter = text[at + 1 : at + 2]
        if not letter:
            self._refuse("a backslash ends the pattern")
        if in_class and letter == "b":
            letter = "\b"
        elif letter in _CONTROLS:
            letter = chr(_CONTROLS[letter])
        elif letter == "_" or letter.isalnum():
            self._refuse(f'"\\{letter}" is not an escape of .NET')
        self._at += 2
        return letter

    def _class(self) -> str:
        start = self._at
        self._at += 1
        negated = self._pattern.startswith("^", self._at)
        self._at += negated
        items: list[str] = []
        subtracted = ""
        while not (items and self._pattern.startswith("]", self._at)):
            if self._at >= len(self._pattern):
                self._at = start
                self._refuse('"[" is not closed')
            if subtracted:
                self._refuse("a subtraction must end its class")
            if items and self._pattern.startswith("-[", self._at):
                self._at += 1
                self._depth += 1
                if self._depth > _MAX_DEPTH:
                    self._refuse(f"classes nest deeper than {_MAX_DEPTH} levels")
                subtracted = self._class()
                self._depth -= 1
                continue
            items.append(self._set_escape() or self._range())
        self._at += 1
        plain = f"[{'^' if negated else ''}{''.join(items)}]"
        return f"[{plain}--{subtracted}]" if subtracted else plain

    def _range(self) -> str:
        low = self._character(in_class=True)
        following = self._pattern[self._at : self._at + 2]
        if following[:1] != "-" or following in ("-", "-]", "-[") or _SET.match(self._pattern, self._at + 1):
            return re.escape(low)
        self._at += 1
        high = self._character(in_class=True)
        if high < low:
            self._refuse(f'the range "{low}-{high}" runs backwards')
        return f"{re.escape(low)}-{re.escape(high)}"

    def _reference(self, number: int) -> str:
        if number not in self.groups:
            self._refuse(f"there is no group {number} to refer to")
        return f"\\g<{self.groups[number]}>"

    def _refuse(self, what: str) -> NoReturn:
        raise FunctionFailure(
            f"the pattern cannot be used at its character {self._at + 1}: {what}",
            "Correct the pattern; in a text each of its backslashes is doubled",
        )
