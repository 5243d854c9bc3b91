"""A team's folder: gallery.toml and apps/<name>.toml, read, checked and written back."""

from .connection import find_connection_problems
from .mappings import effective_lifecycle, effective_mappings
from .models import AppConfig, Engine, Groups, LifecycleOverride, MappingOverride, Safety, Schedule, Scope, ScopeFilter
from .problems import InvalidConfigError
from .reading import parse_app, read_app
from .sample import write_sample_directory
from .workspace import Workspace, create_workspace

__all__ = [
    "AppConfig",
    "Engine",
    "Groups",
    "InvalidConfigError",
    "LifecycleOverride",
    "MappingOverride",
    "Safety",
    "Schedule",
    "Scope",
    "ScopeFilter",
    "Workspace",
    "create_workspace",
    "effective_lifecycle",
    "effective_mappings",
    "find_connection_problems",
    "parse_app",
    "read_app",
    "write_sample_directory",
]
