"""How much of a connector's own code is executed, in statements' lines, without another library."""

from __future__ import annotations

import ast
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any


class Traced:
    """Lines executed while tracing, by file.

    Args:
        files: Those to watch; no other frame is looked into, so that little time is lost.
    """

    def __init__(self, files: Mapping[str, str]) -> None:
        self._executed: dict[str, set[int]] = {path: set() for path in files}
        self._wanted = {path: _statements(text, path) for path, text in files.items()}

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Trace this thread meanwhile, and those that are started in it."""
        before = sys.gettrace()
        threading.settrace(self._enter)
        sys.settrace(self._enter)
        try:
            yield
        finally:
            sys.settrace(before)
            threading.settrace(None)

    def statements(self) -> int:
        """How many there are."""
        return sum(map(len, self._wanted.values()))

    def executed(self) -> list[str]:
        """Those that were executed, as `path:line`, in order; two runs together executed the union."""
        return sorted(f"{path}:{line}" for path, lines in self._wanted.items() for line in lines & self._executed[path])

    def _enter(self, frame: FrameType, event: str, detail: Any) -> Callable[..., Any] | None:
        lines = self._executed.get(frame.f_code.co_filename)
        if lines is None:
            return None

        def step(inner: FrameType, what: str, _detail: Any) -> Callable[..., Any]:
            if what == "line":
                lines.add(inner.f_lineno)
            return step

        return step


def traced(package: Path, names: list[str]) -> Traced:
    """A tracer of the named modules of a package."""
    return Traced({str(package / name): (package / name).read_text("utf-8") for name in names})


def _statements(text: str, path: str) -> set[int]:
    """First lines of statements that run: no docstring, and nothing that only type checkers read."""
    tree, lines, skipped = ast.parse(text), set[int](), set[int]()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            skipped |= {line for inner in node.body for line in range(inner.lineno, (inner.end_lineno or 0) + 1)}
        if isinstance(node, ast.stmt) and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            lines.add(node.lineno)
    return (lines & _lines_of(compile(text, path, "exec"))) - skipped


def _lines_of(code: CodeType) -> set[int]:
    lines = {line for _, _, line in code.co_lines() if line}
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            lines |= _lines_of(inner)
    return lines
