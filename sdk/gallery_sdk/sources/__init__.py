"""Where people are read from: the `Source` interface, CSV and JSON Lines files, the registry for more."""

from .config import SourceConfig
from .detecting import detect_settings
from .duplicates import SeenKeys
from .interface import Source
from .near_names import near_column
from .objects import SourceObject, SourcePage, SourceProblem
from .registry import SourceFactory, SourceRegistry, file_columns, open_source

__all__ = [
    "SeenKeys",
    "Source",
    "SourceConfig",
    "SourceFactory",
    "SourceObject",
    "SourcePage",
    "SourceProblem",
    "SourceRegistry",
    "detect_settings",
    "file_columns",
    "near_column",
    "open_source",
]
