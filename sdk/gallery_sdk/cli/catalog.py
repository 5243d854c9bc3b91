"""`gallery catalog`: the catalog made, signed, checked, and kept on this machine."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .catalog_statements import attest, confirm
from .declaring import declare, json_option
from .failing import PROBLEMS, show_error, show_problem
from .output import counted, print_fields, print_json
from .signing_keys import read_signing_key

if TYPE_CHECKING:
    from ..catalog.updating import Update

root_option = click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="The repository: the folder with connectors/ and registry/.",
)
date_option = click.option(
    "--date",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day that is written down; today by default (UTC).",
)


@click.group("catalog")
def command() -> None:
    """Make, sign and check a catalog, or get one.

    A team runs `update`; everything else is for whoever publishes a catalog.

    \b
    Example:
        gallery catalog update https://gallery.example/catalog.json --key gallery.pub.pem
    """


@declare("build")
@root_option
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Also write the publication there.")
@click.option("--check", is_flag=True, help="Write nothing; exit status 1 if a committed file is not what is built.")
@click.option("--bump", is_flag=True, help="Raise the catalog's number, for a publication; any problem refuses it.")
@date_option
def build(root: Path, out: Path | None, check: bool, bump: bool, day: datetime | None) -> None:
    """Build catalog.json from the connector folders and the registry.

    The result is the same to the byte wherever it is built. A connector with a problem is left out and told, with exit
    status 1; it hides no other. `--out` receives the publication: the catalog, one detail document per connector
    and the JSON Schemas. Only catalog.json and schemas/ are committed.

    With --bump any problem refuses the whole publication: a connector that readers have must not vanish from it.

    \b
    Example:
        gallery catalog build --out build/catalog
    """
    from ..catalog.grading import build_graded
    from ..catalog.publishing import bump as bump_catalog
    from ..catalog.publishing import compare_with_written, write
    from ..catalog.registry import bumped

    publishing = bump and not check
    built = build_graded(root, bumped(root, _day(day)) if publishing else None)
    for problem in built.problems:
        show_problem(problem.where, problem.what, problem.mend)
    if publishing and built.problems:
        what = f"there is no publication for {counted(len(built.problems), 'problem')}: nothing was written"
        show_problem("catalog", what, "Mend that, then run it again; the catalog's number is what it was")
        raise SystemExit(PROBLEMS)
    if publishing:
        head = bump_catalog(root, _day(day))
        click.echo(f"The catalog is version {head.version} of {head.date} now.")
    if check:
        differences = compare_with_written(built, root)
        for one in differences:
            show_problem(one.where, one.what, "Run `gallery catalog build` and commit what it writes")
        if not differences and not built.problems:
            click.echo(f"catalog.json is up to date: {counted(len(built.details), 'connector')}")
    else:
        written = write(built, root, out)
        click.echo(f"{counted(len(built.details), 'connector')}; {counted(len(written), 'file')} written")
    if built.problems or (check and differences):
        raise SystemExit(PROBLEMS)


@declare("release")
@click.argument("connectors", metavar="CONNECTOR...", nargs=-1, required=True)
@root_option
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Where the wheels go, for upload."
)
@date_option
def release(connectors: tuple[str, ...], root: Path, out: Path, day: datetime | None) -> None:
    """Build wheels of connectors and record their hashes in the registry.

    CONNECTOR is a slug, or a folder of the repository. The wheels are the same to the byte whoever builds them. Upload
    them to a package index, then build the catalog with --bump and sign it.

    \b
    Example:
        gallery catalog release slack --out dist
    """
    from ..catalog.publishing import release as make_release

    for record, wheel in make_release(root, connectors, out, day=_day(day)):
        click.echo(f"{record.slug} {record.version}  {wheel.name}  sha256:{record.files[0].sha256}")


@declare("keygen")
@click.argument("name", type=click.Path(path_type=Path, dir_okay=False))
def keygen(name: Path) -> None:
    """Make a key pair for signing: NAME.key.pem and NAME.pub.pem.

    The private file is encrypted when GALLERY_SIGNING_PASSPHRASE is set. Keep it out of version control; hand the
    public one to your readers.

    \b
    Example:
        gallery catalog keygen ~/keys/catalog-2027
    """
    from ..catalog.keys import make_key

    private, public = (name.with_name(f"{name.name}{ending}") for ending in (".key.pem", ".pub.pem"))
    click.echo(f"Key {make_key(private, public)}")
    click.echo(f"{private} signs and stays with you; {public} goes to your readers.")


@declare("sign")
@click.argument("catalog", type=click.Path(path_type=Path), default=Path("catalog.json"))
@click.option("--key", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Private key (PEM).")
def sign(catalog: Path, key: Path) -> None:
    """Sign a catalog: writes catalog.json.sig beside it.

    The signature covers the file's exact bytes. A second key adds its signature, so that readers of either key go on
    while one takes over. A number that was signed before with another content is refused.

    \b
    Example:
        gallery catalog sign build/catalog/catalog.json --key ~/keys/catalog-2027.key.pem
    """
    from ..catalog.fetching import fetch, normal_source
    from ..catalog.signing import SIGNATURE_NAME, parse_signature
    from ..catalog.signing import sign as sign_catalog

    path = Path(normal_source(str(catalog)))
    file = path.with_name(SIGNATURE_NAME)
    present = file.read_bytes() if file.exists() else None
    signed = sign_catalog(fetch(str(path)), read_signing_key(key), present)
    file.write_bytes(signed)
    signature = parse_signature(signed)
    keys = ", ".join(one.keyid[:16] for one in signature.signatures)
    click.echo(f"Version {signature.target.version} is signed by {keys}: {file}")


@declare("verify")
@click.argument("catalog", type=click.Path(path_type=Path), default=Path("catalog.json"))
@click.option(
    "--key",
    "keys",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    help="Public key (PEM); repeatable.",
)
@json_option
def verify(catalog: Path, keys: tuple[Path, ...], as_json: bool) -> None:
    """Check a catalog's signature, expiry and form.

    Without --key, the keys that this machine trusts are used.

    \b
    Example:
        gallery catalog verify build/catalog --key catalog-2027.pub.pem
    """
    from ..catalog.fetching import beside, fetch, normal_source
    from ..catalog.keys import read_public_key
    from ..catalog.signing import SIGNATURE_NAME
    from ..catalog.updating import trusted_keys
    from ..catalog.verifying import verify_catalog

    place = normal_source(str(catalog))
    trusted = tuple(read_public_key(key) for key in keys) or trusted_keys()
    found = verify_catalog(fetch(place), fetch(beside(place, SIGNATURE_NAME)), trusted, now=datetime.now(UTC))
    facts: dict[str, object] = {
        "version": found.catalog.version,
        "expires": found.catalog.expires.isoformat(),
        "connectors": len(found.catalog.connectors),
        "sha256": found.sha256,
        "key": found.key,
    }
    if as_json:
        print_json(facts)
    else:
        print_fields([(name.title(), value) for name, value in facts.items()])
    for line in found.catalog.unreadable:
        show_problem(str(catalog), line, "Upgrade gallery-sdk", label="Warning")


@declare("update")
@click.argument("source", required=False)
@click.option("--key", type=click.Path(path_type=Path, dir_okay=False), help="Trust this public key (PEM) from now on.")
@click.option("--details", is_flag=True, help="Fetch all details too, so that everything works offline.")
@click.option("--unsigned", is_flag=True, help="Take a catalog of your own from a path, without a signature.")
@json_option
def update(source: str | None, key: Path | None, details: bool, unsigned: bool, as_json: bool) -> None:
    """Get the newest catalog.

    SOURCE is the address or path of a catalog.json or of its folder; without it, the one used last. A catalog is kept
    only if a trusted key signed it, it has not expired, and it is not older than the one that is here.

    \b
    Example:
        gallery catalog update https://gallery.example/catalog.json --key gallery.pub.pem
    """
    from ..catalog.keys import read_public_key
    from ..catalog.updating import distrust, trust, trusted_keys
    from ..catalog.updating import update as update_catalog

    public = read_public_key(key) if key is not None else None
    added = trust(public) if public is not None and public not in trusted_keys() else None
    try:
        done = update_catalog(source, unsigned=unsigned, details=details)
    except BaseException:
        if added is not None:
            distrust(added)  # a key that has not proved itself is not left behind
        raise
    affected = _withdrawn_here(done)
    if as_json:
        print_json(
            {
                "version": done.verified.catalog.version,
                "previous": done.previous,
                "source": done.source,
                "expires": done.verified.catalog.expires.isoformat(),
                "connectors": len(done.verified.catalog.connectors),
                "key": done.verified.key,
                "details": done.details,
                "rewritten": done.rewritten,
                "withdrawn_here": [
                    {"connector": slug, "version": number, "reason": why} for slug, number, why in affected
                ],
            }
        )
    else:
        _print_update(done)
    for slug, number, why in affected:
        show_problem(f"connector {slug!r}", f"version {number} is withdrawn: {why}", f"Run `gallery upgrade {slug}`")
    for line in done.rewritten:
        mend = "Ask its publisher before you install it: a release is never changed, it is withdrawn"
        show_problem(done.source, line, mend, label="Warning")
    for error in done.failures:
        show_error(error, label="Warning")
    if done.failures:
        raise SystemExit(PROBLEMS)


def _print_update(done: Update) -> None:
    catalog = done.verified.catalog
    before = f", {done.previous} before" if done.previous and done.previous != catalog.version else ""
    click.echo(f"Catalog {catalog.version}{before}: {counted(len(catalog.connectors), 'connector')}")
    signed = f"signed by {done.verified.key[:16]}" if done.verified.key else "unsigned, from your own disk"
    click.echo(f"From {done.source}, {signed}, good until {catalog.expires:%Y-%m-%d}")
    for line in catalog.unreadable:
        show_problem(done.source, line, "Upgrade gallery-sdk", label="Warning")


def _withdrawn_here(done: Update) -> list[tuple[str, str, str]]:
    from ..plugins import load_index

    found = []
    for entry in load_index():
        withdrawal = done.verified.catalog.withdrawal(entry.slug, entry.dist_version) if entry.dist_version else None
        if withdrawal is not None:
            found.append((entry.slug, entry.dist_version, withdrawal.reason))
    return found


@declare("trust")
@click.argument("key", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--remove", "removed", metavar="NAME", help="Give up the key of that name, or its beginning.")
def trust_command(key: Path | None, removed: str | None) -> None:
    """Trust a publisher's public key on this machine, or show which are trusted.

    At most two at once: the present one and its successor.

    \b
    Example:
        gallery catalog trust gallery-2028.pub.pem
    """
    from ..catalog.keys import key_id, read_public_key
    from ..catalog.updating import distrust, trust, trusted_keys

    if removed is not None:
        click.echo(f"Given up: {distrust(removed)}")
    if key is not None:
        click.echo(f"Trusted: {trust(read_public_key(key))}")
    if key is None and removed is None:
        for public in trusted_keys():
            click.echo(key_id(public))
        if not trusted_keys():
            click.echo("No key is trusted yet.", err=True)


def _day(given: datetime | None) -> date:
    """The day to write down: as given, as SOURCE_DATE_EPOCH says, or today."""
    import os

    if given is not None:
        return given.date()
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(epoch), UTC).date() if epoch.isdigit() else datetime.now(UTC).date()


for _one in (update, build, release, attest, confirm, keygen, sign, verify, trust_command):
    command.add_command(_one)
