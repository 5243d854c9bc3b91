"""Where people are read from: the `Source` interface, CSV and JSON Lines files, the registry for more."""

from .config import SourceConfig
from .duplicates import SeenKeys
from .interface import Source
from .objects import SourceObject, SourcePage, SourceProblem
from .registry import SourceFactory, SourceRegistry, open_source

__all__ = [
    "SeenKeys",
    "Source",
    "SourceConfig",
    "SourceFactory",
    "SourceObject",
    "SourcePage",
    "SourceProblem",
    "SourceRegistry",
    "open_source",
]
