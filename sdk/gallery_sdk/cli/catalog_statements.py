"""`gallery catalog attest` and `gallery catalog confirm`: who built a release, and that the vendor answers for it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .declaring import declare
from .signing_keys import read_signing_key

if TYPE_CHECKING:
    from ..catalog.grading import LookedAt
    from ..catalog.models import Artefact

_folder = click.argument("connector", type=click.Path(path_type=Path, exists=True, file_okay=False))
_key = click.option("--key", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Private key (PEM).")


@declare("attest")
@_folder
@_key
@click.option(
    "--builder", required=True, metavar="URI", help="What built the wheel, for example the workflow's address."
)
def attest(connector: Path, key: Path, builder: str) -> None:
    """Sign who built a connector's release.

    CONNECTOR is its folder. Writes attestation.json there: SLSA provenance of the wheels that `gallery catalog release`
    recorded, for rule V02. The key is the builder's, and must be listed in registry/attesters.toml.

    \b
    Example:
        gallery catalog attest connectors/acme --key ci.key.pem --builder https://ci.example/acme/release
    """
    from ..catalog.grading.provenance import ATTESTATION_NAME, ATTESTERS_NAME, write_attestation
    from ..catalog.keys import public_hex

    seen = _look_at(connector)
    private = read_signing_key(key)
    write_attestation(connector, _wheels(seen), private, builder)
    click.echo(f"Wrote {connector / ATTESTATION_NAME}.")
    _print_entry(ATTESTERS_NAME, "attester", slug=seen.manifest.slug, public=public_hex(private), builder=builder)


@declare("confirm")
@_folder
@_key
def confirm(connector: Path, key: Path) -> None:
    """Sign, as the app's vendor, for a connector's release.

    CONNECTOR is its folder. Writes confirmation.json there: the vendor answers for the wheels that `gallery catalog
    release` recorded, for rule V01. The key must be listed in registry/vendors.toml as the vendor's.

    \b
    Example:
        gallery catalog confirm connectors/acme --key acme-vendor.key.pem
    """
    from ..catalog.grading.confirmation import CONFIRMATION_NAME, VENDORS_NAME, write_confirmation
    from ..catalog.keys import public_hex
    from ..errors import UsageError

    seen = _look_at(connector)
    if seen.manifest.vendor is None:
        raise UsageError("the manifest names no vendor", seen.manifest.where, "Add [vendor] with its name")
    private = read_signing_key(key)
    name = seen.manifest.vendor.name
    write_confirmation(connector, _wheels(seen), private, name)
    click.echo(f"Wrote {connector / CONFIRMATION_NAME}.")
    _print_entry(VENDORS_NAME, "vendor", slug=seen.manifest.slug, name=name, public=public_hex(private))


def _look_at(connector: Path) -> LookedAt:
    from ..catalog.grading import look_at

    return look_at(connector, datetime.now(UTC).date())


def _wheels(seen: LookedAt) -> tuple[Artefact, ...]:
    from ..errors import UsageError

    if seen.release is None:
        raise UsageError(
            f"{seen.manifest.slug} {seen.manifest.version} is not released: there is no wheel to sign for",
            str(seen.path),
            f"Run `gallery catalog release {seen.manifest.slug}` first",
        )
    return seen.release.files


def _print_entry(file: str, table: str, **values: str) -> None:
    """What the registry must hold for the signature to count."""
    import json

    click.echo(f"It counts where registry/{file} has:\n\n[[{table}]]")
    for name, value in values.items():
        click.echo(f"{name} = {json.dumps(value, ensure_ascii=False)}")
