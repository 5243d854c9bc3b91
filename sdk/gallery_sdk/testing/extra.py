"""The extra `testing`: libraries that acting a connector needs, and using one does not."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from shlex import quote
from typing import Final

from ..errors import UsageError

_LIBRARIES: Final = {"pytest": "pytest", "vcr": "vcrpy"}  # what is imported, by the name it is installed by


def require_testing_extra(where: str) -> None:
    """Refuse to begin what would end for want of a library; asked before anything is acted.

    Args:
        where: What was to be acted, for the message.

    Raises:
        UsageError: A library of the extra is not installed; the next step is a command to paste.
    """
    missing = [name for module, name in _LIBRARIES.items() if find_spec(module) is None]
    if missing:
        raise UsageError(
            f"acting a connector needs {' and '.join(missing)}, not installed beside this gallery",
            where,
            f"Run `{quote(sys.executable)} -m pip install 'gallery-sdk[testing]'`",
        )
