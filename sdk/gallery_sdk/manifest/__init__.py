"""What a connector declares: its manifest, `connector.toml`, read, checked and frozen."""

from __future__ import annotations

from .behaviour import Capabilities, ErrorRule, Lifecycle, LimitDeclaration, Quirk, Transport
from .identity import Input, SetupStep
from .mapping import AttributeMapping
from .model import SCHEMA_LEVEL, Manifest
from .problems import InvalidManifestError, Problem
from .quirks import VOCABULARY, QuirkDefinition, QuirkSet
from .reading import parse_manifest, read_manifest
from .schema import TargetAttribute

__all__ = [
    "SCHEMA_LEVEL",
    "VOCABULARY",
    "AttributeMapping",
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
    "parse_manifest",
    "read_manifest",
]
