"""One thing that the catalog room does with 300 connectors, in a fresh interpreter: milliseconds, imports included.

cold-index     the index of what is installed, nothing kept from before
warm-index     the same, kept
pluggy         every installed plugin loaded and registered, as pluggy does it
verify FOLDER  the signed catalog in a folder: signature, number, expiry, entries
site FOLDER    the site of that catalog, every page
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from ..invented import MOST


def main(what: str, folder: str = "") -> None:
    """Do it, check that it was done, and print the time."""
    prepare: Callable[[str], Callable[[], int]] = {
        "cold-index": lambda _: _index,
        "warm-index": lambda _: _index,
        "pluggy": lambda _: _pluggy,
        "verify": _verifying,
        "site": _building,
    }[what]
    run = prepare(folder)  # which loads what is asked and no other room: the collector would look through it
    began, cpu = time.perf_counter(), time.process_time()
    count = run()
    took = {"wall": (time.perf_counter() - began) * 1000, "cpu": (time.process_time() - cpu) * 1000}
    if count < MOST:
        raise SystemExit(f"{what} saw {count} connectors of {MOST}")
    print(json.dumps(took))


def _index() -> int:
    from gallery_sdk.plugins import load_index

    return len([one for one in load_index() if one.broken is None])


def _pluggy() -> int:
    import pluggy

    manager = pluggy.PluginManager("gallery")
    return manager.load_setuptools_entrypoints("gallery.connectors")


def _verifying(folder: str) -> Callable[[], int]:
    def verify() -> int:
        data, signature, key = ((Path(folder) / name).read_bytes() for name in ("catalog.json", "signature", "key"))
        verified = verify_catalog(data, signature, (key.decode(),), now=datetime.now(UTC))
        return len(verified.catalog.connectors)

    import cryptography.hazmat.primitives.asymmetric.ed25519  # noqa: F401

    from gallery_sdk.catalog import verify_catalog  # what is asked is the verification: the aim is without imports

    return verify


def _building(folder: str) -> Callable[[], int]:
    def build() -> int:
        publication = read_publication(Path(folder))
        files = build_site(publication).files
        return sum(name.startswith("c/") and name.endswith("/index.html") for name in files)

    from gallery_sdk.site import build_site, read_publication

    return build


if __name__ == "__main__":
    main(*sys.argv[1:])
