"""Whoever signed the bytes is the one who is believed, and nothing else is."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gallery_sdk.catalog.documents import digest
from gallery_sdk.catalog.keys import key_id, make_key, read_private_key, read_public_key
from gallery_sdk.catalog.problems import CatalogError
from gallery_sdk.catalog.signing import parse_signature
from gallery_sdk.catalog.verifying import Seen, Verified, verify_catalog

from .conftest import NOW, Keys, Repository, catalog_with


def _verify(data: bytes, signature: bytes, *trusted: str, seen: Seen | None = None) -> Verified:
    return verify_catalog(data, signature, trusted, now=NOW, seen=seen)


@pytest.fixture
def catalog(repository: Repository) -> bytes:
    """A small catalog."""
    repository.connector("acme")
    return repository.build().catalog


def test_a_signed_catalog_is_believed_by_who_trusts_the_key(catalog: bytes, keys: Keys) -> None:
    """The name of the key that vouches for it is told."""
    verified = _verify(catalog, keys.sign(catalog), keys.public())

    assert verified.key == key_id(keys.public())
    assert verified.sha256 == digest(catalog)
    assert [one.slug for one in verified.catalog.connectors] == ["acme"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_changed_byte_is_believed(catalog: bytes, keys: Keys, data: st.DataObject) -> None:
    """Wherever the change is, in the catalog or in its signature."""
    signature = keys.sign(catalog)
    victim, other = (catalog, signature) if data.draw(st.booleans()) else (signature, catalog)
    place = data.draw(st.integers(0, len(victim) - 1))
    bits = data.draw(st.integers(1, 255))
    changed = victim[:place] + bytes([victim[place] ^ bits]) + victim[place + 1 :]
    pair = (changed, other) if victim is catalog else (other, changed)

    try:
        verified = _verify(*pair, keys.public())
    except CatalogError:
        return

    # Outside of what is signed, layout of the signature file is all that can change unseen.
    assert victim is signature
    assert verified.sha256 == digest(catalog)
    assert parse_signature(changed).signatures == parse_signature(signature).signatures


def test_a_catalog_of_an_unknown_key_is_refused(catalog: bytes, keys: Keys) -> None:
    """However well it is signed."""
    with pytest.raises(CatalogError, match="no trusted key"):
        _verify(catalog, keys.sign(catalog, "stranger"), keys.public())


def test_a_signature_under_a_trusted_name_by_another_key_is_refused(catalog: bytes, keys: Keys) -> None:
    """A name is no proof."""
    forged = json.loads(keys.sign(catalog, "stranger"))
    forged["signatures"][0]["keyid"] = key_id(keys.public())

    with pytest.raises(CatalogError, match="not that of the key"):
        _verify(catalog, json.dumps(forged).encode(), keys.public())


def test_two_keys_sign_while_one_takes_over(catalog: bytes, keys: Keys) -> None:
    """Readers of the old key, of the new one and of both believe the same file."""
    both = keys.sign(catalog, "new", keys.sign(catalog, "old"))

    for trusted in ((keys.public("old"),), (keys.public("new"),), (keys.public("old"), keys.public("new"))):
        assert _verify(catalog, both, *trusted).sha256 == digest(catalog)
    assert len(parse_signature(both).signatures) == 2
    assert keys.sign(catalog, "new", both) == both


def test_an_older_catalog_is_refused(repository: Repository, keys: Keys) -> None:
    """A rollback would bring back a version with a known hole."""
    repository.head(version=8)
    catalog = repository.build().catalog

    with pytest.raises(CatalogError, match="version 8 is older than 9"):
        _verify(catalog, keys.sign(catalog), keys.public(), seen=Seen(9, "0" * 64))


def test_two_contents_of_one_number_are_refused(catalog: bytes, keys: Keys) -> None:
    """By readers, and by whoever is about to sign the second one."""
    other = catalog_with_generic(catalog)

    with pytest.raises(CatalogError, match="with another content"):
        _verify(other, keys.sign(other), keys.public(), seen=Seen(1, digest(catalog)))
    with pytest.raises(CatalogError, match="signed before, with another content"):
        keys.sign(other, "one", keys.sign(catalog))


def catalog_with_generic(catalog: bytes) -> bytes:
    """The same number, another content."""
    document = json.loads(catalog)
    document["generic"] = ["acme"]
    return json.dumps(document).encode()


def test_an_expired_catalog_is_refused(catalog: bytes, keys: Keys) -> None:
    """Somebody may be holding newer ones back; what is pinned already may still be read about."""
    late = NOW + timedelta(days=90)

    with pytest.raises(CatalogError, match="expired on 2027-04-15"):
        verify_catalog(catalog, keys.sign(catalog), (keys.public(),), now=late)
    assert verify_catalog(catalog, keys.sign(catalog), (keys.public(),), now=late, expired_ok=True).catalog.version == 1


def test_a_catalog_of_a_later_level_is_refused(repository: Repository, keys: Keys) -> None:
    """With the way out; nothing of it is half read."""
    later = catalog_with(repository.build(), schema=2)

    with pytest.raises(CatalogError, match="upgrade gallery-sdk"):
        verify_catalog(later, None, (), now=NOW)
    with pytest.raises(CatalogError, match="no catalog"):
        keys.sign(later)


def test_one_unreadable_entry_hides_no_other(repository: Repository, keys: Keys) -> None:
    """A later SDK may publish what this one does not understand."""
    repository.connector("acme")
    repository.connector("slack")
    built = repository.build()
    rows = json.loads(built.catalog)["connectors"]
    rows[0]["transport"] = 7
    rows[1]["from_the_future"] = {"x": 1}
    data = catalog_with(built, connectors=rows)

    catalog = _verify(data, keys.sign(data), keys.public()).catalog

    assert [one.slug for one in catalog.connectors] == ["slack"]
    assert catalog.unreadable == ("connectors[0] (acme), transport: Input should be a valid string",)


def test_a_private_key_is_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mode 0600, never written over; with a passphrase it opens only with that."""
    monkeypatch.setenv("GALLERY_SIGNING_PASSPHRASE", "right horse")
    private, public = tmp_path / "k.key.pem", tmp_path / "k.pub.pem"

    name = make_key(private, public)

    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert name == key_id(read_public_key(public))
    assert read_private_key(private).public_key().public_bytes_raw().hex() == read_public_key(public)
    with pytest.raises(CatalogError, match="the file exists"):
        make_key(private, public)
    for wrong in ("wrong horse", ""):
        monkeypatch.setenv("GALLERY_SIGNING_PASSPHRASE", wrong)
        with pytest.raises(CatalogError, match="cannot be opened") as caught:
            read_private_key(private)
        assert "right horse" not in str(caught.value)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not here")
def test_openssl_agrees_on_key_and_signature(catalog: bytes, keys: Keys, tmp_path: Path) -> None:
    """A second opinion: the signature is plain Ed25519 over the file's bytes."""
    signature = parse_signature(keys.sign(catalog)).signatures[0]
    (tmp_path / "catalog").write_bytes(catalog)
    (tmp_path / "sig").write_bytes(bytes.fromhex(signature.sig))
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", str(keys.public_path()), "-rawin"]

    done = subprocess.run(
        [*command, "-in", str(tmp_path / "catalog"), "-sigfile", str(tmp_path / "sig")], capture_output=True, text=True
    )

    assert "Signature Verified Successfully" in done.stdout


def test_keys_are_named_as_the_update_framework_names_them() -> None:
    """Computed from the canonical JSON of the key object, for a key that is written out here."""
    public = "7bfa2f0d9a8c3bd4c5f2a6f0d4d1ce64c2fbc6e9f4d3b4a5e6f708192a3b4c5d"
    text = '{"keytype":"ed25519","keyval":{"public":"' + public + '"},"scheme":"ed25519"}'

    assert key_id(public) == digest(text.encode())


def test_a_signature_file_keeps_nobody_busy(catalog: bytes, keys: Keys) -> None:
    """Whoever is on the way can write one; a hundred thousand wrong signatures take half a minute to check."""
    long = json.loads(keys.sign(catalog))
    long["signatures"] = [{"keyid": key_id(keys.public()), "sig": "0" * 128}] * 17

    with pytest.raises(CatalogError, match="no signature file"):
        _verify(catalog, json.dumps(long).encode(), keys.public())


def test_a_version_is_one_word(repository: Repository, keys: Keys) -> None:
    """A line end in it would be one in a file of requirements, between a version and its hash."""
    repository.connector("acme")
    built = repository.build()
    rows = json.loads(built.catalog)["connectors"]
    rows[0]["releases"][0]["version"] = "1.0.0\n"
    data = catalog_with(built, connectors=rows)

    assert "has blanks around it" in _verify(data, keys.sign(data), keys.public()).catalog.unreadable[0]


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b"null", b"\xff", b'{"type":"gallery-catalog"}', b"[" * 100_000])
def test_what_is_no_catalog_is_refused_in_our_words(text: bytes) -> None:
    """Whatever it is."""
    with pytest.raises(CatalogError, match="no catalog"):
        verify_catalog(text, None, (), now=NOW)
