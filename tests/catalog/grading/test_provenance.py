"""Provenance: an attestation that holds, and everything by which one does not."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gallery_sdk.catalog.grading.provenance import ATTESTATION_NAME

from .conftest import BUILDER, Workshop

KEY, OTHER = (Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (1, 2))


@pytest.fixture
def attested(workshop: Workshop) -> Workshop:
    """Released, its wheel attested by a key that the registry lists."""
    workshop.attest(workshop.release(), KEY)
    workshop.trust(KEY)
    return workshop


def rewrite(change: Callable[[dict[str, object]], object]) -> Callable[[Workshop], None]:
    """Change the envelope, its signature being left."""

    def spoil(one: Workshop) -> None:
        file = one.path / ATTESTATION_NAME
        envelope = json.loads(file.read_text("utf-8"))
        change(envelope)
        file.write_text(json.dumps(envelope), "utf-8")

    return spoil


def another_wheel(envelope: dict[str, object]) -> None:
    """State the provenance of something else."""
    statement = base64.b64decode(str(envelope["payload"])).replace(b"-py3-", b"-py2-")
    envelope["payload"] = base64.b64encode(statement).decode()


def test_an_attestation_that_holds_names_the_builder(attested: Workshop) -> None:
    """Statement, digest, builder and signature."""
    found = attested.outcome("V02")

    assert (found.status, found.evidence) == ("passed", f"built by {BUILDER}")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda one: one.trust(OTHER), "no key of registry/attesters.toml"),
        (lambda one: one.trust(KEY, builder="https://example.com/other"), "no key of registry/attesters.toml"),
        (lambda one: one.trust(KEY, slug="acne"), "no key of registry/attesters.toml"),
        (lambda one: (one.registry / "attesters.toml").unlink(), "no key of registry/attesters.toml"),
        (lambda one: (one.registry / "attesters.toml").write_text("attester = 7"), "cannot be read"),
        (rewrite(another_wheel), "does not name gallery_connector_acme"),
        (rewrite(lambda one: one.update(payloadType="text/plain")), "no key of registry/attesters.toml"),
        (rewrite(lambda one: one.update(signatures=[{"sig": "not base64!"}])), "no key of registry/attesters.toml"),
        (rewrite(lambda one: one.update(payload="e30=")), "is no DSSE envelope"),
        (rewrite(lambda one: one.update(verification_material={})), "without its transparency log"),
        (lambda one: (one.path / ATTESTATION_NAME).unlink(), "there is no attestation.json"),
        (lambda one: one.release("0.0.9"), "0.1.0 is not released"),
    ],
    ids=["other-key", "other-builder", "other-connector", "no-keys", "unreadable-keys", "other-wheel", "other-payload",
         "no-signature", "no-statement", "sigstore", "no-attestation", "no-release"],
)  # fmt: skip
def test_what_cannot_be_verified_does_not_pass(
    attested: Workshop, spoil: Callable[[Workshop], object], said: str
) -> None:
    """One change each; the evidence says which."""
    spoil(attested)

    found = attested.outcome("V02")

    assert found.status == "failed"
    assert said in found.evidence
