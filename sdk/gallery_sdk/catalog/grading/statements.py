"""Signed statements about released wheels, verified without a network.

A statement is a file beside pyproject.toml: a DSSE envelope (https://github.com/secure-systems-lab/dsse) around an
in-toto Statement v1 (https://in-toto.io/Statement/v1). It names every wheel of a release by SHA-256, and is signed
(Ed25519, RFC 8032) by a key that the registry lists for the connector. What it says of the wheels is its predicate:
who built them (`provenance`), or that the app's vendor answers for them (`confirmation`).
"""

from __future__ import annotations

import base64
import binascii
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

from pydantic import Field, StringConstraints, ValidationError

from ...errors import ConfigError
from ...manifest import Frozen
from ..models import Artefact, Read, Slug

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
_STATEMENT: Final = "https://in-toto.io/Statement/v1"
_SIGSTORE: Final = ("verification_material", "verificationMaterial", "mediaType")

Text = Annotated[str, Field(min_length=1)]


class ListedKey(Frozen):
    """A public key that a file of the registry lists for a connector; 32 bytes in hexadecimal."""

    slug: Slug
    public: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


Key = TypeVar("Key", bound=ListedKey)


def read_keys(registry: Path, name: str, table: str, model: type[Key], slug: str) -> tuple[Key, ...]:
    """The keys that a file of the registry lists for a connector; none where there is no such file.

    Args:
        name: Of the file.
        table: Its array of tables, and nothing else stands in it.

    Raises:
        ConfigError: The file cannot be read.
    """
    try:
        document = tomllib.loads((registry / name).read_text("utf-8"))
        if set(document) - {table} or not isinstance(document.get(table, []), list):
            raise ValueError(table)
        listed = [model.model_validate(one) for one in document.get(table, [])]
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:  # TOML's, UTF-8's and pydantic's errors are among the latter
        raise ConfigError(f"cannot be read ({type(error).__name__})", f"registry/{name}", "Mend the file") from error
    return tuple(one for one in listed if one.slug == slug)


class _Signature(Read):
    sig: str


class _Envelope(Read):
    payload_type: str = Field(alias="payloadType")
    payload: str
    signatures: tuple[_Signature, ...] = Field(min_length=1)


class _Subject(Read):
    name: str
    digest: dict[str, str]


class _Statement(Read):
    type: str = Field(alias="_type")
    subject: tuple[_Subject, ...]
    predicate_type: str = Field(alias="predicateType")
    predicate: dict[str, Any]


class StatementError(ValueError):
    """A file is no statement of the wanted kind; its text says why."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement, read and not believed yet.

    Attributes:
        predicate: What it says of the wheels.
    """

    predicate: Mapping[str, Any]
    _subjects: frozenset[tuple[str, str | None]]
    _envelope: _Envelope
    _payload: bytes

    def unnamed(self, wheels: Sequence[Artefact]) -> list[str]:
        """What it does not say: each wheel must be named with the SHA-256 that it is pinned by."""
        return [
            f"it does not name {one.name} with its SHA-256"
            for one in wheels
            if (one.name, one.sha256) not in self._subjects
        ]

    def is_signed_by(self, public: str) -> bool:
        """Whether the key signed exactly this."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        if self._envelope.payload_type != PAYLOAD_TYPE:
            return False
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
        for one in self._envelope.signatures:
            try:
                key.verify(base64.b64decode(one.sig, validate=True), _encoded(self._payload))
            except (InvalidSignature, ValueError):
                continue
            return True
        return False


def read_statement(data: bytes, predicate_type: str) -> Statement:
    """Read a statement of one kind.

    Raises:
        StatementError: It is of another kind, or no statement.
    """
    try:
        document = json.loads(data)
        if isinstance(document, dict) and any(name in document for name in _SIGSTORE):
            raise StatementError("a Sigstore bundle cannot be verified without its transparency log")
        envelope = _Envelope.model_validate_json(data)
        payload = base64.b64decode(envelope.payload, validate=True)
        found = _Statement.model_validate_json(payload)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError, ValidationError, binascii.Error) as error:
        raise StatementError("it is no DSSE envelope around an in-toto statement") from error
    if (found.type, found.predicate_type) != (_STATEMENT, predicate_type):
        raise StatementError(f"it states {found.predicate_type} and not {predicate_type}")
    subjects = frozenset((one.name, one.digest.get("sha256")) for one in found.subject)
    return Statement(found.predicate, subjects, envelope, payload)


def write_statement(
    path: Path, predicate_type: str, predicate: Mapping[str, Any], wheels: Sequence[Artefact], key: Ed25519PrivateKey
) -> None:
    """Sign a statement about wheels, and write it."""
    from ..keys import key_id, public_hex

    statement = {
        "_type": _STATEMENT,
        "subject": [{"name": one.name, "digest": {"sha256": one.sha256}} for one in wheels],
        "predicateType": predicate_type,
        "predicate": predicate,
    }
    payload = json.dumps(statement, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    signature = {"keyid": key_id(public_hex(key)), "sig": base64.b64encode(key.sign(_encoded(payload))).decode()}
    envelope = {
        "payload": base64.b64encode(payload).decode(), "payloadType": PAYLOAD_TYPE, "signatures": [signature],
    }  # fmt: skip
    path.write_text(json.dumps(envelope, indent=1) + "\n", "utf-8")


def _encoded(payload: bytes) -> bytes:
    """What is signed: DSSE's pre-authentication encoding."""
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
