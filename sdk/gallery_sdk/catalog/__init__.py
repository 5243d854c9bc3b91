"""The catalog: built, signed, verified, searched; connectors installed from it, compared, and held to their versions.

Names are imported at first use: a search needs neither pydantic nor cryptography.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._faces import imported_at_first_use

if TYPE_CHECKING:
    from .building import Built, build
    from .choosing import Choice, choose, find_entry
    from .comparing import Row, Subject, compare
    from .details import Detail, read_detail
    from .differences import Change, find_changes
    from .environment import Environment
    from .folders import ConnectorFolder, connector_folders, find_manifest, read_folder, source_sha256
    from .installing import Preparation, prepared, remove
    from .listings import Listing, Wish, kept_catalog, listings, search
    from .lock import Lock, read_lock, write_lock
    from .migrating import Migration, migrate_text, read_any_level
    from .models import Catalog, CatalogEntry, Release, Withdrawal, parse_catalog
    from .names import look_alikes, nearest_slug
    from .problems import CatalogError, InstallError
    from .publishing import Difference, bump, compare_with_written, release, write
    from .schemas import published_schemas
    from .semver import Verdict, check_version
    from .signing import sign
    from .subjects import find_subject
    from .tiers import Grade, RuleOutcome, TierReport
    from .updating import load_catalog, load_detail, update
    from .verifying import Verified, verify_catalog
    from .wanted import Wanted, locked_connectors
    from .wheels import build_wheel, look_into

__all__ = [
    "Built",
    "Catalog",
    "CatalogEntry",
    "CatalogError",
    "Change",
    "Choice",
    "ConnectorFolder",
    "Detail",
    "Difference",
    "Environment",
    "Grade",
    "InstallError",
    "Listing",
    "Lock",
    "Migration",
    "Preparation",
    "Release",
    "Row",
    "RuleOutcome",
    "Subject",
    "TierReport",
    "Verdict",
    "Verified",
    "Wanted",
    "Wish",
    "Withdrawal",
    "build",
    "build_wheel",
    "bump",
    "check_version",
    "choose",
    "compare",
    "compare_with_written",
    "connector_folders",
    "find_changes",
    "find_entry",
    "find_manifest",
    "find_subject",
    "kept_catalog",
    "listings",
    "load_catalog",
    "load_detail",
    "locked_connectors",
    "look_alikes",
    "look_into",
    "migrate_text",
    "nearest_slug",
    "parse_catalog",
    "prepared",
    "published_schemas",
    "read_any_level",
    "read_detail",
    "read_folder",
    "read_lock",
    "release",
    "remove",
    "search",
    "sign",
    "source_sha256",
    "update",
    "verify_catalog",
    "write",
    "write_lock",
]

_HOME = {
    "Built": "building",
    "Catalog": "models",
    "CatalogEntry": "models",
    "CatalogError": "problems",
    "Change": "differences",
    "Choice": "choosing",
    "ConnectorFolder": "folders",
    "Detail": "details",
    "Difference": "publishing",
    "Environment": "environment",
    "Grade": "tiers",
    "InstallError": "problems",
    "Listing": "listings",
    "Lock": "lock",
    "Migration": "migrating",
    "Preparation": "installing",
    "Release": "models",
    "Row": "comparing",
    "RuleOutcome": "tiers",
    "Subject": "comparing",
    "TierReport": "tiers",
    "Verdict": "semver",
    "Verified": "verifying",
    "Wanted": "wanted",
    "Wish": "listings",
    "Withdrawal": "models",
    "build": "building",
    "build_wheel": "wheels",
    "bump": "publishing",
    "check_version": "semver",
    "choose": "choosing",
    "compare": "comparing",
    "compare_with_written": "publishing",
    "connector_folders": "folders",
    "find_changes": "differences",
    "find_entry": "choosing",
    "find_manifest": "folders",
    "find_subject": "subjects",
    "kept_catalog": "listings",
    "listings": "listings",
    "load_catalog": "updating",
    "load_detail": "updating",
    "locked_connectors": "wanted",
    "look_alikes": "names",
    "look_into": "wheels",
    "migrate_text": "migrating",
    "nearest_slug": "names",
    "parse_catalog": "models",
    "prepared": "installing",
    "published_schemas": "schemas",
    "read_any_level": "migrating",
    "read_detail": "details",
    "read_folder": "folders",
    "read_lock": "lock",
    "release": "publishing",
    "remove": "installing",
    "search": "listings",
    "sign": "signing",
    "source_sha256": "folders",
    "update": "updating",
    "verify_catalog": "verifying",
    "write": "publishing",
    "write_lock": "lock",
}

__getattr__ = imported_at_first_use(__name__, _HOME)
