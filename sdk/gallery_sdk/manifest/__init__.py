"""What a connector declares: its manifest, `connector.toml`, read, checked and frozen.

Names are imported at first use: the checks of the whole load the SCIM and expression rooms, the models pydantic, and
those who only report problems need neither.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._faces import imported_at_first_use

if TYPE_CHECKING:
    from .auth import AuthInput, AuthMethod
    from .base import Frozen, refuse
    from .behaviour import Capabilities, ErrorRule, Lifecycle, LimitDeclaration, Quirk, Transport, abilities
    from .categories import CATEGORIES
    from .checks import find_problems
    from .identity import Input, SetupStep
    from .json_schema import manifest_json_schema
    from .mapping import AttributeMapping, Mappings
    from .model import SCHEMA_LEVEL, Manifest
    from .problems import InvalidManifestError, Problem, ProblemsError, did_you_mean
    from .quirks import VOCABULARY, QuirkDefinition, QuirkSet
    from .reading import parse_manifest, read_manifest
    from .schema import TargetAttribute
    from .translating import problems_of

__all__ = [
    "CATEGORIES",
    "SCHEMA_LEVEL",
    "VOCABULARY",
    "AttributeMapping",
    "AuthInput",
    "AuthMethod",
    "Capabilities",
    "ErrorRule",
    "Frozen",
    "Input",
    "InvalidManifestError",
    "Lifecycle",
    "LimitDeclaration",
    "Manifest",
    "Mappings",
    "Problem",
    "ProblemsError",
    "Quirk",
    "QuirkDefinition",
    "QuirkSet",
    "SetupStep",
    "TargetAttribute",
    "Transport",
    "abilities",
    "did_you_mean",
    "find_problems",
    "manifest_json_schema",
    "parse_manifest",
    "problems_of",
    "read_manifest",
    "refuse",
]

_HOME = {
    "CATEGORIES": "categories",
    "SCHEMA_LEVEL": "model",
    "VOCABULARY": "quirks",
    "AttributeMapping": "mapping",
    "AuthInput": "auth",
    "AuthMethod": "auth",
    "Capabilities": "behaviour",
    "ErrorRule": "behaviour",
    "Frozen": "base",
    "Input": "identity",
    "InvalidManifestError": "problems",
    "Lifecycle": "behaviour",
    "LimitDeclaration": "behaviour",
    "Manifest": "model",
    "Mappings": "mapping",
    "Problem": "problems",
    "ProblemsError": "problems",
    "Quirk": "behaviour",
    "QuirkDefinition": "quirks",
    "QuirkSet": "quirks",
    "SetupStep": "identity",
    "TargetAttribute": "schema",
    "Transport": "behaviour",
    "abilities": "behaviour",
    "did_you_mean": "problems",
    "find_problems": "checks",
    "manifest_json_schema": "json_schema",
    "parse_manifest": "reading",
    "problems_of": "translating",
    "read_manifest": "reading",
    "refuse": "base",
}

__getattr__ = imported_at_first_use(__name__, _HOME)
