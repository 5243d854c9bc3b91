"""Checks of a manifest as a whole: does what it says fit together?

Each module looks at one side of it and yields problems; none stops at the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeAlias

from ...errors import ManifestError
from ..model import Manifest
from ..problems import InvalidManifestError, Problem
from ..reading import read_manifest
from .behaviour import behaviour_problems
from .identity import identity_problems
from .lifecycle import lifecycle_problems
from .mappings import mapping_problems
from .secrets import secret_problems
from .templates import template_problems

Check: TypeAlias = Callable[[Manifest], Iterator[Problem]]

_CHECKS: Final[tuple[Check, ...]] = (
    identity_problems,
    template_problems,
    mapping_problems,
    lifecycle_problems,
    behaviour_problems,
    secret_problems,
)


def find_problems(manifest: Manifest | Path | str) -> list[Problem]:
    """Everything that is wrong with a manifest, errors and warnings, in the order of the checks.

    Args:
        manifest: A manifest, or the path of a `connector.toml`; a file that cannot be read is a problem, not an
            exception.
    """
    if not isinstance(manifest, Manifest):
        try:
            manifest = read_manifest(manifest)
        except InvalidManifestError as error:
            return list(error.problems)
        except ManifestError as error:
            return [Problem(error.where, error.what, error.mend)]
    return [problem for check in _CHECKS for problem in check(manifest)]
