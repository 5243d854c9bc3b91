"""The connector imported, in a fresh interpreter: what that takes, and what it does besides.

Run by `collect` as `python -m`; prints one JSON document.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

QUICK_SECONDS: Final = 0.150
_WATCHED: Final = ("socket.connect", "socket.bind", "subprocess.Popen", "os.system", "os.remove", "os.mkdir")


def main(arguments: Sequence[str]) -> None:
    """Arguments: the folder, then the modules to import."""
    import gallery_sdk.manifest
    import gallery_sdk.plugins.markers
    import gallery_sdk.targets

    assert gallery_sdk
    folder, *modules = arguments
    sys.path.insert(0, folder)
    sys.dont_write_bytecode = True
    effects: list[str] = []
    watching = True

    def watch(event: str, details: tuple[Any, ...]) -> None:
        if not watching:
            return
        if event in _WATCHED:
            effects.append(event)
        elif event == "open" and _writes(details):
            effects.append(f"writes {Path(str(details[0])).name}")

    sys.addaudithook(watch)
    handlers, problem, began = len(logging.root.handlers), "", time.perf_counter()
    try:
        for module in modules:
            importlib.import_module(module)
    except (Exception, SystemExit) as error:
        problem = f"importing it raises {type(error).__name__}: {error}"
    seconds, watching = time.perf_counter() - began, False
    if len(logging.root.handlers) != handlers:
        effects.append("sets up logging")
    sys.stdout.write(json.dumps({"problem": problem, "effects": sorted(set(effects)), "seconds": seconds}))


def _writes(details: tuple[Any, ...]) -> bool:
    mode, flags = details[1], details[2]
    if isinstance(mode, str):
        return any(letter in mode for letter in "wax+")
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


if __name__ == "__main__":
    main(sys.argv[1:])
