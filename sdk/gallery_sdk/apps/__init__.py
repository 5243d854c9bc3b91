"""A team's folder: gallery.toml and apps/<name>.toml, read, checked and written back."""

from .connection import find_connection_problems
from .mappings import effective_lifecycle, effective_mappings
from .models import AppConfig, Engine, Groups, LifecycleOverride, MappingOverride, Safety, Schedule, Scope, ScopeFilter
from .problems import InvalidConfigError
from .reading import parse_app, read_app
from .sample import write_sample_directory
from .snapshots import Snapshot, read_snapshot, take_snapshot, write_snapshot
from .three_way import Merge, MergedMapping, keep_overrides, merge_mappings, remember_defaults, settle_mappings
from .workspace import Workspace, create_workspace

__all__ = [
    "AppConfig",
    "Engine",
    "Groups",
    "InvalidConfigError",
    "LifecycleOverride",
    "MappingOverride",
    "Merge",
    "MergedMapping",
    "Safety",
    "Schedule",
    "Scope",
    "ScopeFilter",
    "Snapshot",
    "Workspace",
    "create_workspace",
    "effective_lifecycle",
    "effective_mappings",
    "find_connection_problems",
    "keep_overrides",
    "merge_mappings",
    "parse_app",
    "read_app",
    "read_snapshot",
    "remember_defaults",
    "settle_mappings",
    "take_snapshot",
    "write_sample_directory",
    "write_snapshot",
]
