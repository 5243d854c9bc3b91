"""A connector that reaches gold, made from the scaffold, for tests to spoil one thing at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gallery_sdk.catalog.documents import digest
from gallery_sdk.catalog.grading import Evidence, LookedAt, judge, look_at, write_evidence
from gallery_sdk.catalog.grading.confirmation import write_confirmation
from gallery_sdk.catalog.grading.evidence import CheckRecord, Coverage, ImportRecord, Replay, WheelRecord
from gallery_sdk.catalog.grading.looked_at import cassette_digests
from gallery_sdk.catalog.grading.provenance import write_attestation
from gallery_sdk.catalog.keys import public_hex
from gallery_sdk.catalog.models import Artefact
from gallery_sdk.catalog.registry import OwnRelease, add_releases
from gallery_sdk.catalog.tiers import RuleOutcome, TierReport
from gallery_sdk.scaffold import NewConnector, write_connector
from gallery_sdk.testing.contract import CHECKS, checks

assert checks
DAY = date(2027, 1, 20)
_WHOLE = {"listed_twice": 0, "missing_unsaid": 0}
MEASURED = {
    "repeated_page": _WHOLE,
    "standing_cursor": _WHOLE,
    "shrinking_list": _WHOLE,
    "declared_limits_are_kept": {"requests": 24_000, "seconds": 3_600},
    "large_group": {
        "listing": 51, "listing_at_least": 51, "filling": 5, "filling_at_least": 5, "adding_one": 1,
        "adding_one_at_least": 1, "megabytes_at_most": 50,
    },
}  # fmt: skip
LIMITATIONS = '["Not tried on a real tenant yet", "Nested groups are left out"]'
BUILDER = "https://github.com/acme/connector/.github/workflows/release.yml"
BEHAVIOURS = ("connection_test", "create_user", "read_user")


@dataclass
class Workshop:
    """The connector's folder, in a repository of its own."""

    path: Path

    @property
    def package(self) -> Path:
        """Its import package."""
        return self.path / "gallery_connector_acme"

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a text of a file, which must be there."""
        file = self.path / name
        text = file.read_text("utf-8")
        assert old in text, f"{name} has no {old!r}"
        file.write_text(text.replace(old, new), "utf-8")

    def manifest(self, old: str, new: str) -> None:
        """The same in connector.toml."""
        self.edit("gallery_connector_acme/connector.toml", old, new)

    def record(self, origin: str = "vendor", day: date = DAY, body: str = "interactions: []\n") -> None:
        """Recordings of the core behaviours."""
        folder = self.path.parent.parent / "cassettes" / "acme"
        folder.mkdir(parents=True, exist_ok=True)
        for name in BEHAVIOURS:
            head = f"# recorded_from: {origin}\n# recorded_on: {day}\n# connector: acme\n# behaviour: {name}\n"
            (folder / f"{name}.yaml").write_text(head + body, "utf-8")

    def look(self) -> LookedAt:
        """What the rules see."""
        return look_at(self.path, DAY)

    def act(self, **changed: object) -> Evidence:
        """Evidence of a connector that keeps every promise, kept in its folder; `changed` fields replace others."""
        seen = self.look()
        names = [*CHECKS, *(f"quirk_{quirk.id.replace('.', '_')}" for quirk in seen.manifest.quirks)]
        evidence = Evidence(
            source_sha256=seen.source_sha256,
            sdk="0.1.0",
            contract=tuple(
                CheckRecord(name=name, grade="MUST", outcome="passed", measured=MEASURED.get(name, {}))
                for name in names
            ),
            replay=Replay(
                cassettes=cassette_digests(seen.cassettes),
                checks=tuple(CheckRecord(name=one.name, grade="MUST", outcome="passed") for one in seen.cassettes),
            ),
            wheel=WheelRecord(reproducible=True),
            imported=ImportRecord(quick=True),
            offered={kind: seen.manifest.capabilities.of(kind) for kind in ("user", "group")},
            coverage=Coverage(statements=100, executed=98),
        )
        evidence = evidence.model_copy(update=changed)
        write_evidence(self.path, evidence)
        return evidence

    def keep(self, evidence: Evidence) -> None:
        """Keep other evidence in its folder."""
        write_evidence(self.path, evidence)

    @property
    def registry(self) -> Path:
        """The repository's registry."""
        return self.path.parents[1] / "registry"

    def release(self, version: str = "0.1.0", manifest: str = "") -> Artefact:
        """Have the registry hold one release, of a wheel that comes back.

        Args:
            manifest: Its connector.toml, kept where there is one.
        """
        (self.registry / "manifests").mkdir(parents=True, exist_ok=True)
        (self.registry / "catalog.toml").write_text(f"version = 1\ndate = {DAY}\n", "utf-8")
        (self.registry / "releases.toml").unlink(missing_ok=True)
        if manifest:
            (self.registry / "manifests" / f"acme-{version}.toml").write_text(manifest, "utf-8")
        name = f"gallery_connector_acme-{version}-py3-none-any.whl"
        wheel = Artefact(name=name, sha256=digest(name.encode()), size=1)
        pinned = digest(manifest.encode())
        record = OwnRelease(slug="acme", version=version, released=DAY, manifest_sha256=pinned, files=(wheel,))
        add_releases(self.path.parents[1], [record])
        return wheel

    def attest(self, wheel: Artefact, key: Ed25519PrivateKey, builder: str = BUILDER) -> None:
        """Sign the provenance of a wheel, as the workflow that built it would."""
        write_attestation(self.path, (wheel,), key, builder)

    def confirm(self, wheel: Artefact, key: Ed25519PrivateKey, vendor: str = "Acme") -> None:
        """Sign for a wheel, as the app's vendor would."""
        write_confirmation(self.path, (wheel,), key, vendor)

    def know_vendor(self, key: Ed25519PrivateKey, name: str = "Acme", slug: str = "acme") -> None:
        """Let the registry list a key as a vendor's, and no other."""
        table = f'[[vendor]]\nslug = "{slug}"\nname = "{name}"\npublic = "{public_hex(key)}"\n'
        (self.registry / "vendors.toml").write_text(table, "utf-8")

    def trust(self, key: Ed25519PrivateKey, builder: str = BUILDER, slug: str = "acme") -> None:
        """Let the registry list a key, and no other."""
        table = f'[[attester]]\nslug = "{slug}"\npublic = "{public_hex(key)}"\nbuilder = "{builder}"\n'
        (self.registry / "attesters.toml").write_text(table, "utf-8")

    def grade(self) -> TierReport:
        """Its tier and every rule."""
        return judge(self.look())

    def outcome(self, rule: str) -> RuleOutcome:
        """What became of one rule."""
        return next(one for one in self.grade().rules if one.id == rule)


def measuring(name: str, **counted: int) -> Callable[[Evidence], Evidence]:
    """Evidence in which one check counted something else."""

    def change(evidence: Evidence) -> Evidence:
        records = [
            one.model_copy(update={"measured": {**one.measured, **counted}}) if one.name == name else one
            for one in evidence.contract
        ]
        return evidence.model_copy(update={"contract": tuple(records)})

    return change


def failing(name: str) -> Callable[[Evidence], Evidence]:
    """Evidence in which one check failed."""

    def change(evidence: Evidence) -> Evidence:
        records = [
            one.model_copy(update={"outcome": "failed", "detail": "it is not so"}) if one.name == name else one
            for one in evidence.contract
        ]
        return evidence.model_copy(update={"contract": tuple(records)})

    return change


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """A connector that keeps every rule up to gold, recorded from its vendor and acted."""
    asked = NewConnector(
        slug="acme",
        name="Acme",
        protocol="rest",
        category="collaboration",
        vendor="Acme",
        maintainer="Ada Byron",
        base_url="https://api.acme.com/v1",
        docs_url="https://docs.acme.com/api",
        day=DAY,
    )
    write_connector(asked, tmp_path / "connectors")
    made = Workshop(tmp_path / "connectors" / "acme")
    made.manifest('maintainers = ["Ada Byron"]', 'maintainers = ["Ada Byron", "Charles B."]')
    made.manifest('kind = "bearer_token"', f'kind = "bearer_token"\nverified = {{ on = {DAY}, how = "docs" }}')
    made.manifest('limitations = ["Not tried on a real tenant yet"]', f"limitations = {LIMITATIONS}")
    made.record()
    made.act()
    return made
