"""P: the package: builds, imports without side effects, brings nothing that a connector has no use for."""

from __future__ import annotations

import ast
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement

from ...names import normal_dist
from ..looked_at import LookedAt
from ..rule import Seen, failed, judged, passed, rule

ALLOWED_DEPENDENCIES: Final = frozenset({"gallery-sdk", "orjson", "pydantic"})
_DANGEROUS_CALLS: Final = frozenset({"eval", "exec", "compile", "__import__", "breakpoint"})
_DANGEROUS_MODULES: Final = frozenset(
    {"pickle", "marshal", "shelve", "subprocess", "ctypes", "socket", "multiprocessing", "webbrowser", "pty"}
)


@rule(
    "P01",
    "bronze",
    why="A connector is installed as a wheel.",
    mend="Run `pip wheel --no-deps PATH` and mend what it says.",
    waivable=False,
)
def wheel_builds(seen: LookedAt) -> Seen:
    """Its wheel builds and holds the manifest, and no package of somebody else."""
    record = seen.evidence.wheel if seen.evidence is not None else None
    if record is None:
        return failed(seen.lacking)
    return failed(record.problem) if record.problem else passed("built and looked into")


@rule(
    "P03",
    "bronze",
    why="Every command that uses the connector waits for its import.",
    mend="Import what is heavy inside the hook that needs it.",
)
def imports_quickly(seen: LookedAt) -> Seen:
    """It is imported within 150 ms, the SDK being loaded."""
    record = seen.evidence.imported if seen.evidence is not None else None
    if record is None:
        return failed(seen.lacking)
    if record.problem:
        return failed(record.problem)
    return passed("within 150 ms") if record.quick else failed("the import takes longer than 150 ms")


@rule(
    "P04",
    "bronze",
    why="Code that acts when it is imported acts on every machine that merely lists connectors' details.",
    mend="Do nothing at import: no file written, no socket, no process, no logging set up.",
    waivable=False,
)
def importing_does_nothing(seen: LookedAt) -> Seen:
    """Importing it writes no file, opens no socket, starts no process and sets up no logging."""
    record = seen.evidence.imported if seen.evidence is not None else None
    if record is None:
        return failed(seen.lacking)
    return judged([*([record.problem] if record.problem else []), *record.effects], "nothing seen by the audit hook")


@rule(
    "P05",
    "bronze",
    why="Every dependency and every way to run foreign code is one more way in.",
    mend="Depend on gallery-sdk; reach the network through the transport that a hook is given.",
)
def brings_nothing_dangerous(seen: LookedAt) -> Seen:
    """It depends on the SDK and its libraries, and runs no foreign code."""
    wrong = [f"it depends on {name!r}" for name in _dependencies(seen) if name not in ALLOWED_DEPENDENCIES]
    for name, tree in seen.modules.items():
        wrong += [f"{name}, line {line}: {what}" for line, what in _dangers(tree)]
    return judged(wrong, f"{len(seen.modules)} modules looked through")


def _dependencies(seen: LookedAt) -> list[str]:
    names = []
    for text in seen.table.get("dependencies", []):
        try:
            names.append(normal_dist(Requirement(str(text)).name))
        except InvalidRequirement:
            names.append(str(text))
    return names


def _dangers(tree: ast.Module) -> list[tuple[int, str]]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""] if not node.level else []
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _DANGEROUS_CALLS:
            found.append((node.lineno, f"{node.func.id}()"))
            continue
        else:
            continue
        found += [(node.lineno, f"imports {one}") for one in names if one.partition(".")[0] in _DANGEROUS_MODULES]
    return found
