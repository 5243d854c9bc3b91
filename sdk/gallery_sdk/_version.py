"""The version, in the one place that packaging and the index of connectors read."""

from __future__ import annotations

from typing import Final

__version__: Final = "0.1.0"
