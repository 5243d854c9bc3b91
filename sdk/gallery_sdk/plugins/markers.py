"""The two decorators of the hook system, under the project name that pluggy pairs them by."""

from __future__ import annotations

from typing import Final

import pluggy

PROJECT: Final = "gallery"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a function of a connector or host plugin as the implementation of the hook of its name."""
