"""Problems of an app's file, all of them at once."""

from __future__ import annotations

from gallery_sdk.errors import ConfigError
from gallery_sdk.manifest import ProblemsError


class InvalidConfigError(ProblemsError, ConfigError):
    """An app's file with one problem or more."""
