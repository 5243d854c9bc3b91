"""The public face gives what it names, sorted, and imports nothing before it is asked."""

from __future__ import annotations

import subprocess
import sys

import gallery_sdk


def test_every_public_name_is_there_and_documented() -> None:
    """What `__all__` names can be imported and says what it is."""
    assert gallery_sdk.__all__ == sorted(gallery_sdk.__all__)
    for name in gallery_sdk.__all__:
        assert getattr(gallery_sdk, name).__doc__, name


def test_importing_the_package_imports_none_of_its_rooms() -> None:
    """A command that needs none of them starts at once."""
    code = "import sys, gallery_sdk; print([one for one in sys.modules if one.startswith('gallery_sdk.')])"

    outcome = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert outcome.stdout == "[]\n"
