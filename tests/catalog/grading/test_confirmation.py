"""The vendor's word: a signature by the vendor's key, and nothing that anybody can write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gallery_sdk.catalog.grading.confirmation import CONFIRMATION_NAME
from gallery_sdk.catalog.grading.provenance import ATTESTATION_NAME
from gallery_sdk.catalog.keys import make_key, read_private_key
from gallery_sdk.cli.root import cli

from .conftest import Workshop

KEY, OTHER = (Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (1, 2))


@pytest.fixture
def confirmed(workshop: Workshop) -> Workshop:
    """Released, and confirmed by a key that the registry lists as the vendor's."""
    workshop.confirm(workshop.release(), KEY)
    workshop.know_vendor(KEY)
    return workshop


def of_another_kind(one: Workshop) -> None:
    """An attestation under the name of a confirmation, signed by the same key."""
    one.attest(one.release(), KEY)
    (one.path / ATTESTATION_NAME).replace(one.path / CONFIRMATION_NAME)


def test_a_confirmation_that_holds_names_the_vendor(confirmed: Workshop) -> None:
    """Statement, digest, name and signature."""
    found = confirmed.outcome("V01")

    assert (found.status, found.evidence) == ("passed", "signed by Acme")


def test_whoever_calls_himself_the_vendor_shows_nothing(workshop: Workshop) -> None:
    """A tier is computed, never declared."""
    workshop.release()
    workshop.manifest('name = "Ada Byron"\nkind = "community"', 'name = "Acme"\nkind = "vendor"')

    found = workshop.outcome("V01")

    assert (found.status, found.evidence) == ("failed", "there is no confirmation.json")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda one: one.know_vendor(OTHER), "no key of registry/vendors.toml for 'Acme' signed it"),
        (lambda one: one.know_vendor(KEY, name="Acne"), "no key of registry/vendors.toml"),
        (lambda one: one.know_vendor(KEY, slug="acne"), "no key of registry/vendors.toml"),
        (lambda one: (one.registry / "vendors.toml").unlink(), "no key of registry/vendors.toml"),
        (lambda one: (one.registry / "vendors.toml").write_text("vendor = 7"), "cannot be read"),
        (lambda one: one.confirm(one.release(), KEY, vendor="Acne"), "it speaks for 'Acne'"),
        (lambda one: one.confirm(one.release().model_copy(update={"sha256": "0" * 64}), KEY), "it does not name"),
        (of_another_kind, "https://slsa.dev/provenance/v1 and not urn:gallery:vendor-confirmation:1"),
        (lambda one: (one.path / CONFIRMATION_NAME).write_bytes(b"[" * 100_000), "is no DSSE envelope"),
        (lambda one: (one.path / CONFIRMATION_NAME).write_bytes(b"\xff"), "is no DSSE envelope"),
        (lambda one: one.release("0.0.9"), "0.1.0 is not released"),
    ],
    ids=["other-key", "other-vendor", "other-connector", "no-keys", "unreadable-keys", "speaks-for-another",
         "other-wheel", "other-kind", "nested", "no-text", "no-release"],
)  # fmt: skip
def test_what_cannot_be_verified_does_not_pass(
    confirmed: Workshop, spoil: Callable[[Workshop], object], said: str
) -> None:
    """One change each; the evidence says which."""
    spoil(confirmed)

    found = confirmed.outcome("V01")

    assert found.status == "failed"
    assert said in found.evidence


def sign_by_command(command: str, one: Workshop, folder: Path, *more: str) -> Result:
    """Sign with a new key, as its owner would."""
    make_key(folder / "me.key.pem", folder / "me.pub.pem")
    words = ["catalog", command, str(one.path), "--key", str(folder / "me.key.pem"), *more]
    return CliRunner().invoke(cli, words, prog_name="gallery")


@pytest.mark.parametrize(
    ("command", "rule", "file"),
    [
        (("confirm",), "V01", "vendors.toml"),
        (("attest", "--builder", 'https://ci.example/"acme"'), "V02", "attesters.toml"),
    ],
)
def test_what_a_command_signs_counts_once_the_registry_lists_the_key(
    command: tuple[str, ...], rule: str, file: str, workshop: Workshop, tmp_path: Path
) -> None:
    """It prints the entry that the registry needs; before that nothing is believed."""
    workshop.release()

    signed = sign_by_command(command[0], workshop, tmp_path, *command[1:])
    before = workshop.outcome(rule).status
    (workshop.registry / file).write_text(signed.output.partition("has:\n")[2], "utf-8")

    assert signed.exit_code == 0, signed.output
    assert before == "failed"
    assert workshop.outcome(rule).status == "passed"
    assert str(read_private_key(tmp_path / "me.key.pem").private_bytes_raw().hex()) not in signed.output


def test_nothing_is_signed_before_the_release(workshop: Workshop, tmp_path: Path) -> None:
    """There is no wheel yet."""
    signed = sign_by_command("confirm", workshop, tmp_path)

    assert signed.exit_code == 2
    assert "gallery catalog release acme" in signed.output
    assert not (workshop.path / CONFIRMATION_NAME).exists()
