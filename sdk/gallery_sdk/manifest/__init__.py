"""What a connector declares: its manifest, `connector.toml`, read, checked and frozen."""

from __future__ import annotations

from .auth import AuthInput, AuthMethod
from .behaviour import Capabilities, ErrorRule, Lifecycle, LimitDeclaration, Quirk, Transport
from .categories import CATEGORIES
from .checks import find_problems
from .identity import Input, SetupStep
from .json_schema import manifest_json_schema
from .mapping import AttributeMapping
from .model import SCHEMA_LEVEL, Manifest
from .problems import InvalidManifestError, Problem
from .quirks import VOCABULARY, QuirkDefinition, QuirkSet
from .reading import parse_manifest, read_manifest
from .schema import TargetAttribute

__all__ = [
    "CATEGORIES",
    "SCHEMA_LEVEL",
    "VOCABULARY",
    "AttributeMapping",
    "AuthInput",
    "AuthMethod",
    "Capabilities",
    "ErrorRule",
    "Input",
    "InvalidManifestError",
    "Lifecycle",
    "LimitDeclaration",
    "Manifest",
    "Problem",
    "Quirk",
    "QuirkDefinition",
    "QuirkSet",
    "SetupStep",
    "TargetAttribute",
    "Transport",
    "find_problems",
    "manifest_json_schema",
    "parse_manifest",
    "read_manifest",
]
