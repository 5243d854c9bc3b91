"""A team's folder: gallery.toml and apps/<name>.toml, read, checked and written back.

Names are imported at first use: to know which apps there are, no model is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._faces import imported_at_first_use

if TYPE_CHECKING:
    from .connection import find_connection_problems
    from .json_schema import APP_SCHEMA, app_json_schema
    from .mappings import effective_lifecycle, effective_mappings
    from .models import (
        AppConfig,
        Engine,
        Groups,
        LifecycleOverride,
        MappingOverride,
        Safety,
        Schedule,
        Scope,
        ScopeFilter,
    )
    from .problems import InvalidConfigError
    from .reading import parse_app, read_app
    from .sample import write_sample_directory
    from .secret_references import is_variable
    from .snapshots import Snapshot, read_snapshot, take_snapshot, write_snapshot
    from .three_way import Merge, MergedMapping, keep_overrides, merge_mappings, remember_defaults, settle_mappings
    from .workspace import Workspace, create_workspace

__all__ = [
    "APP_SCHEMA",
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
    "app_json_schema",
    "create_workspace",
    "effective_lifecycle",
    "effective_mappings",
    "find_connection_problems",
    "is_variable",
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

_HOME = {
    "APP_SCHEMA": "json_schema",
    "AppConfig": "models",
    "Engine": "models",
    "Groups": "models",
    "InvalidConfigError": "problems",
    "LifecycleOverride": "models",
    "MappingOverride": "models",
    "Merge": "three_way",
    "MergedMapping": "three_way",
    "Safety": "models",
    "Schedule": "models",
    "Scope": "models",
    "ScopeFilter": "models",
    "Snapshot": "snapshots",
    "Workspace": "workspace",
    "app_json_schema": "json_schema",
    "create_workspace": "workspace",
    "effective_lifecycle": "mappings",
    "effective_mappings": "mappings",
    "find_connection_problems": "connection",
    "is_variable": "secret_references",
    "keep_overrides": "three_way",
    "merge_mappings": "three_way",
    "parse_app": "reading",
    "read_app": "reading",
    "read_snapshot": "snapshots",
    "remember_defaults": "three_way",
    "settle_mappings": "three_way",
    "take_snapshot": "snapshots",
    "write_sample_directory": "sample",
    "write_snapshot": "snapshots",
}

__getattr__ = imported_at_first_use(__name__, _HOME)
