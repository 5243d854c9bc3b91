"""Provenance: a signed statement of who built a wheel, from what; verified without a network.

`attestation.json` beside pyproject.toml is a DSSE envelope (https://github.com/secure-systems-lab/dsse) around an
in-toto Statement v1 (https://in-toto.io/Statement/v1) with SLSA provenance (https://slsa.dev/provenance/v1). It must
name every wheel of the release that the registry pins, by SHA-256, and be signed (Ed25519, RFC 8032) by a key that
`registry/attesters.toml` lists for the connector:

    [[attester]]
    slug = "acme"
    public = "…"           # 32 bytes in hexadecimal
    builder = "https://github.com/acme/connector/.github/workflows/release.yml"

A Sigstore bundle is refused with that reason: whether its certificate holds can be told by its transparency log alone.
"""

from __future__ import annotations

import base64
import binascii
import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints, ValidationError

from ...errors import ConfigError
from ...manifest import Frozen
from ..models import Artefact, Read, Slug

ATTESTATION_NAME: Final = "attestation.json"
ATTESTERS_NAME: Final = "attesters.toml"
PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
_STATEMENT: Final = "https://in-toto.io/Statement/v1"
_PREDICATE: Final = "https://slsa.dev/provenance/v1"
_SIGSTORE: Final = ("verification_material", "verificationMaterial", "mediaType")

Text = Annotated[str, Field(min_length=1)]


class Attester(Frozen):
    """A key that is trusted to say who built a connector's wheels. `builder` is what its statements must name."""

    slug: Slug
    public: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    builder: Text


class _Attesters(Frozen):
    attester: tuple[Attester, ...] = ()


class _Signature(Read):
    sig: str


class _Envelope(Read):
    payload_type: str = Field(alias="payloadType")
    payload: str
    signatures: tuple[_Signature, ...] = Field(min_length=1)


class _Builder(Read):
    id: str


class _RunDetails(Read):
    builder: _Builder


class _Predicate(Read):
    run_details: _RunDetails = Field(alias="runDetails")


class _Subject(Read):
    name: str
    digest: dict[str, str]


class _Statement(Read):
    type: str = Field(alias="_type")
    subject: tuple[_Subject, ...]
    predicate_type: str = Field(alias="predicateType")
    predicate: _Predicate


def read_attesters(registry: Path, slug: str) -> tuple[Attester, ...]:
    """The keys that the registry trusts for a connector; none where it has no such file.

    Raises:
        ConfigError: The file cannot be read.
    """
    try:
        listed = _Attesters.model_validate(tomllib.loads((registry / ATTESTERS_NAME).read_text("utf-8")))
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigError(
            f"cannot be read ({type(error).__name__})", f"registry/{ATTESTERS_NAME}", "Mend the file"
        ) from error
    return tuple(one for one in listed.attester if one.slug == slug)


def find_doubts(data: bytes, wheels: Sequence[Artefact], attesters: Sequence[Attester]) -> tuple[list[str], str]:
    """What keeps an attestation from being believed, and who built the wheels by its word.

    Args:
        wheels: Those of the release; each must be named with the SHA-256 that it is pinned by.
    """
    try:
        document = json.loads(data)
        if isinstance(document, dict) and any(name in document for name in _SIGSTORE):
            return ["a Sigstore bundle cannot be verified without its transparency log"], ""
        envelope = _Envelope.model_validate_json(data)
        payload = base64.b64decode(envelope.payload, validate=True)
        statement = _Statement.model_validate_json(payload)
    except (ValueError, binascii.Error):  # pydantic's and JSON's errors are among the first
        return [f"{ATTESTATION_NAME} is no DSSE envelope around an in-toto statement of provenance"], ""
    doubts = []
    if (statement.type, statement.predicate_type) != (_STATEMENT, _PREDICATE):
        doubts.append(f"it states {statement.predicate_type} and not {_PREDICATE}")
    named = {(one.name, one.digest.get("sha256")) for one in statement.subject}
    doubts += [f"it does not name {one.name} with its SHA-256" for one in wheels if (one.name, one.sha256) not in named]
    builder = statement.predicate.run_details.builder.id
    if not any(_signed(envelope, payload, one.public) for one in attesters if one.builder == builder):
        doubts.append(f"no key of registry/{ATTESTERS_NAME} for builder {builder!r} signed it")
    return doubts, builder


def signed_bytes(payload_type: str, payload: bytes) -> bytes:
    """What is signed: DSSE's pre-authentication encoding."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def _signed(envelope: _Envelope, payload: bytes, public: str) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if envelope.payload_type != PAYLOAD_TYPE:
        return False
    key: Any = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
    for one in envelope.signatures:
        try:
            key.verify(base64.b64decode(one.sig, validate=True), signed_bytes(envelope.payload_type, payload))
        except (InvalidSignature, ValueError):
            continue
        return True
    return False
