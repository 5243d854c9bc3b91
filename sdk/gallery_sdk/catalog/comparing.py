"""Connectors side by side: what each can do, asks for, and is known for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from ..errors import ExpressionSyntaxError
from ..expressions import compile_expression
from ..manifest import Manifest
from ..manifest.wording import limit_text, limited_text, protocol_text, sign_in_text, when_text, without_urn
from .models import CatalogEntry, Tier


@dataclass(frozen=True, slots=True)
class Subject:
    """A connector to compare: its manifest, and what only the catalog knows."""

    manifest: Manifest
    tier: Tier | None = None
    released: str | None = None

    @classmethod
    def of(cls, manifest: Manifest, entry: CatalogEntry | None) -> Subject:
        """With what the catalog knows, where it knows the connector."""
        if entry is None:
            return cls(manifest)
        return cls(manifest, entry.tier, entry.updated.isoformat() if entry.updated else None)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the comparison: the values in the order of the subjects; "" where there is none."""

    section: str
    label: str
    values: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether all are alike in this."""
        return len(set(self.values)) == 1


def compare(subjects: Sequence[Subject]) -> list[Row]:
    """Every line in which at least one of the subjects has something to say."""
    rows = [Row(section, label, tuple(say(one) for one in subjects)) for section, label, say in _LINES]
    for kind in ("user", "group"):
        rows += _per_item(f"What becomes of {kind} data", [_targets_by_source(one.manifest, kind) for one in subjects])
        rows += _per_item(
            f"{kind.title()} attributes",
            [_attributes(subject.manifest, kind) for subject in subjects],
        )
    rows += _per_item("Departures", [{one.id: "yes" for one in subject.manifest.quirks} for subject in subjects])
    return [row for row in rows if any(row.values)]


def _per_item(section: str, items: Sequence[dict[str, str]]) -> list[Row]:
    labels = dict.fromkeys(label for one in items for label in one)
    return [Row(section, label, tuple(one.get(label, "") for one in items)) for label in labels]


def _targets_by_source(manifest: Manifest, kind: str) -> dict[str, str]:
    """For each attribute of the directory, the target attributes that are filled from it by default."""
    targets: dict[str, list[str]] = {}
    for mapping in manifest.mappings[kind]:
        if not mapping.enabled:
            continue
        names: Iterable[str] = (mapping.source,) if mapping.source is not None else ()
        if mapping.expression is not None:
            with suppress(ExpressionSyntaxError):
                names = compile_expression(mapping.expression).inputs
        for name in names:
            targets.setdefault(name, []).append(without_urn(mapping.target))
    return {name: ", ".join(found) for name, found in sorted(targets.items())}


def _attributes(manifest: Manifest, kind: str) -> dict[str, str]:
    """When each target attribute is filled; where two extensions have one of the same name, it keeps its URN."""
    targets = [one.target for one in manifest.mappings[kind]]
    short = [without_urn(one) for one in targets]
    return {
        brief if short.count(brief) == 1 else mapping.target: when_text(mapping)
        for mapping, brief in zip(manifest.mappings[kind], short, strict=True)
    }


def _sign_ins(subject: Subject) -> str:
    return ", ".join(dict.fromkeys(sign_in_text(one.kind) for one in subject.manifest.auth_methods))


def _limits(subject: Subject) -> str:
    return "; ".join(f"{limited_text(one)}: {limit_text(one)}" for one in subject.manifest.limits)


def _inputs(subject: Subject) -> str:
    return ", ".join(f"{one.id}{'' if one.required else ' (optional)'}" for one in subject.manifest.config_inputs)


_LINES: Final[tuple[tuple[str, str, Callable[[Subject], str]], ...]] = (
    ("Identity", "Name", lambda one: one.manifest.name),
    ("Identity", "Version", lambda one: one.manifest.version),
    ("Identity", "Tier", lambda one: one.tier or ""),
    ("Identity", "Status", lambda one: one.manifest.status),
    ("Identity", "Released", lambda one: one.released or ""),
    ("Identity", "Vendor", lambda one: one.manifest.vendor.name if one.manifest.vendor else ""),
    ("Identity", "Connector by", lambda one: one.manifest.publisher.name if one.manifest.publisher else ""),
    ("Identity", "Categories", lambda one: ", ".join(one.manifest.categories)),
    ("Identity", "Licence", lambda one: one.manifest.license or ""),
    ("Abilities", "Protocol", lambda one: protocol_text(one.manifest.transport.kind)),
    ("Abilities", "Users", lambda one: ", ".join(one.manifest.capabilities.user)),
    ("Abilities", "Groups", lambda one: ", ".join(one.manifest.capabilities.group)),
    ("Abilities", "Features", lambda one: ", ".join(one.manifest.capabilities.features)),
    ("Abilities", "Rate limits", _limits),
    ("Lifecycle", "Leaves the scope", lambda one: one.manifest.lifecycle.on_unassign),
    ("Lifecycle", "Disabled in the source", lambda one: one.manifest.lifecycle.on_disable),
    ("Lifecycle", "Gone from the source", lambda one: one.manifest.lifecycle.on_delete),
    ("Lifecycle", "Account exists already", lambda one: one.manifest.lifecycle.conflict),
    ("Connecting", "Sign-in", _sign_ins),
    ("Connecting", "Settings", _inputs),
    ("Connecting", "Prerequisites", lambda one: "; ".join(one.manifest.prerequisites)),
    ("Connecting", "Limits to know", lambda one: "; ".join(one.manifest.limitations)),
)
