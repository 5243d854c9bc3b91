"""Provenance: who built a wheel, and from what, in SLSA's words (https://slsa.dev/provenance/v1).

`attestation.json` is a statement (see `statements`) that names its builder, signed by a key that
`registry/attesters.toml` lists for the connector and that builder:

    [[attester]]
    slug = "acme"
    public = "…"           # 32 bytes in hexadecimal
    builder = "https://github.com/acme/connector/.github/workflows/release.yml"

A Sigstore bundle is refused with that reason: whether its certificate holds can be told by its transparency log alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..models import Artefact
from .statements import ListedKey, StatementError, Text, read_keys, read_statement, write_statement

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ATTESTATION_NAME: Final = "attestation.json"
ATTESTERS_NAME: Final = "attesters.toml"
_PREDICATE: Final = "https://slsa.dev/provenance/v1"
_BUILD: Final = "urn:gallery:catalog-release:1"
"""As `gallery catalog release` builds: from the folder, with SOURCE_DATE_EPOCH at midnight UTC of the release's day."""


class Attester(ListedKey):
    """A key that is trusted to say who built a connector's wheels. `builder` is what its statements must name."""

    builder: Text


def read_attesters(registry: Path, slug: str) -> tuple[Attester, ...]:
    """The keys that the registry trusts for a connector; none where it has no such file.

    Raises:
        ConfigError: The file cannot be read.
    """
    return read_keys(registry, ATTESTERS_NAME, "attester", Attester, slug)


def write_attestation(path: Path, wheels: Sequence[Artefact], key: Ed25519PrivateKey, builder: str) -> None:
    """Sign who built the wheels of a release."""
    predicate = {"buildDefinition": {"buildType": _BUILD}, "runDetails": {"builder": {"id": builder}}}
    write_statement(path / ATTESTATION_NAME, _PREDICATE, predicate, wheels, key)


def find_doubts(data: bytes, wheels: Sequence[Artefact], attesters: Sequence[Attester]) -> tuple[list[str], str]:
    """What keeps an attestation from being believed, and who built the wheels by its word.

    Args:
        wheels: Those of the release; each must be named with the SHA-256 that it is pinned by.
    """
    try:
        statement = read_statement(data, _PREDICATE)
        builder = statement.predicate["runDetails"]["builder"]["id"]
    except StatementError as error:
        return [f"{ATTESTATION_NAME}: {error}"], ""
    except (KeyError, TypeError):
        return [f"{ATTESTATION_NAME} names no builder"], ""
    doubts = statement.unnamed(wheels)
    if not any(statement.is_signed_by(one.public) for one in attesters if one.builder == builder):
        doubts.append(f"no key of registry/{ATTESTERS_NAME} for builder {builder!r} signed it")
    return doubts, str(builder)
