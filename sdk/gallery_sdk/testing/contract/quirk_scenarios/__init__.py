"""A scenario for every quirk of the vocabulary: what holds with it and does not hold without it.

Each acts on the connector's own target. Where the quirk shows itself in what the client sends, that is looked at;
where it shows itself in what the target answers and the twin would have to be led there first, the answer is given in
the twin's place.
"""

from __future__ import annotations

from . import members, names, objects, queries, values, writing
from .acting import SCENARIOS, QuirkScenario, every_path, scenario

__all__ = [
    "SCENARIOS",
    "QuirkScenario",
    "every_path",
    "members",
    "names",
    "objects",
    "queries",
    "scenario",
    "values",
    "writing",
]
