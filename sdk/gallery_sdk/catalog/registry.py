"""The registry: what a repository says about its catalog besides its connector folders.

registry/catalog.toml        number, date and expiry of the catalog; withdrawn versions; slugs that look alike
registry/releases.toml       artefacts of the repository's own connectors, written by `gallery catalog release`
registry/packages.toml       connectors that are hosted elsewhere, with their artefacts
registry/manifests/<slug>.toml   the connector.toml of such a package, byte for byte
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

from pydantic import AfterValidator, Field, ValidationError

from ..errors import ConfigError
from ..manifest import Frozen, ProblemsError, problems_of
from ..manifest.base import refuse
from .fetching import is_safe
from .models import Artefact, Dist, Range, Release, Sha256, Slug, VersionText, Withdrawal

FOLDER: Final = "registry"
HEAD_FILE: Final = "catalog.toml"
RELEASES_FILE: Final = "releases.toml"
PACKAGES_FILE: Final = "packages.toml"
MANIFESTS: Final = "manifests"

M = TypeVar("M", bound=Frozen)


def _is_index(text: str) -> str:
    if "@" in text:  # before any message that shows it: everybody reads what a catalog says
        raise refuse("the address of a package index holds a user or a password", "Give it without")
    if any(letter.isspace() for letter in text) or not is_safe(text):
        raise refuse(f"{text!r} is no https address", "Give one as https://packages.example/simple")
    return text


IndexAddress = Annotated[str, AfterValidator(_is_index)]
"""Address of a package index (PEP 503): https, or this machine's own."""


class InvalidRegistryError(ProblemsError, ConfigError):
    """A registry file with one problem or more."""


class WithdrawnRecord(Withdrawal, Frozen):
    """`[[withdrawn]]`: versions that must not be used any more."""


class Head(Frozen):
    """`catalog.toml`.

    Attributes:
        version: Number of the catalog; `gallery catalog build --bump` raises it for a publication.
        date: Day of that publication; the catalog's own, since no clock is read.
        valid_days: How long after it readers go on trusting the catalog without a newer one.
        index: Address of the package index that the repository's own wheels are uploaded to; None for the one that a
            reader's installer is set up with.
        distinct: Pairs of slugs that look alike and are different connectors.
    """

    version: int = Field(ge=1)
    date: date
    valid_days: Annotated[int, Field(ge=1, le=400)] = 90
    index: IndexAddress | None = None
    distinct: tuple[tuple[Slug, Slug], ...] = ()
    withdrawn: tuple[WithdrawnRecord, ...] = ()

    @property
    def generated(self) -> datetime:
        """Midnight UTC of the date."""
        return datetime.combine(self.date, time(), tzinfo=UTC)

    @property
    def expires(self) -> datetime:
        """When readers stop trusting it."""
        return self.generated + timedelta(days=self.valid_days)


class ReleaseRecord(Frozen):
    """A release that was built: `[[release]]` in releases.toml, `[[package.release]]` in packages.toml."""

    version: VersionText
    released: date
    requires_sdk: Range = ""
    python: Range = ""
    api_level: int = 1
    schema_level: int = 1
    manifest_sha256: Sha256
    source_sha256: Sha256 | None = None
    files: tuple[Artefact, ...] = Field(min_length=1)

    def as_release(self) -> Release:
        """As the catalog has it."""
        return Release(**{name: getattr(self, name) for name in Release.model_fields})


class OwnRelease(ReleaseRecord):
    """A release of a connector of this repository."""

    slug: Slug


class OutsidePackage(Frozen):
    """A connector that is hosted elsewhere.

    Attributes:
        publisher: Who may publish under this slug; the manifest must name the same.
        index: Address of the package index that has it; None for the one that the installer is set up with.
        code: It brings Python besides its manifest.
        release: The newest first.
    """

    slug: Slug
    dist: Dist
    publisher: Annotated[str, Field(min_length=1)]
    index: IndexAddress | None = None
    code: bool = False
    release: tuple[ReleaseRecord, ...] = Field(min_length=1)


class _Releases(Frozen):
    release: tuple[OwnRelease, ...] = ()


class _Packages(Frozen):
    package: tuple[OutsidePackage, ...] = ()


@dataclass(frozen=True, slots=True)
class Registry:
    """Everything that the registry's files say."""

    head: Head
    releases: tuple[OwnRelease, ...]
    packages: tuple[OutsidePackage, ...]


def read_registry(root: Path) -> Registry:
    """Read the registry of the repository; only `catalog.toml` must be there.

    Raises:
        ConfigError: A file is absent or cannot be read.
        InvalidRegistryError: A file does not say what it must.
    """
    folder = root / FOLDER
    return Registry(
        _read(folder / HEAD_FILE, Head),
        _read(folder / RELEASES_FILE, _Releases, optional=True).release,
        _read(folder / PACKAGES_FILE, _Packages, optional=True).package,
    )


def bumped(root: Path, day: date) -> Registry:
    """The registry with the catalog's number raised and its date set; nothing is written before `bump`.

    Raises:
        ConfigError: A file cannot be read, or the date is before the present one.
        InvalidRegistryError: A file does not say what it must.
    """
    registry = read_registry(root)
    head = registry.head
    if day < head.date:
        raise ConfigError(
            f"{day} is before {head.date}, the date of version {head.version}",
            f"{FOLDER}/{HEAD_FILE}, date",
            "Give a later --date; dates of catalogs never go back",
        )
    return replace(registry, head=head.model_copy(update={"version": head.version + 1, "date": day}))


def bump(root: Path, day: date) -> Head:
    """Raise the catalog's number and set its date, in `catalog.toml`; comments there stay.

    Raises:
        ConfigError: As of `bumped`.
    """
    import tomlkit

    path, head = root / FOLDER / HEAD_FILE, bumped(root, day).head
    document = tomlkit.parse(path.read_text(encoding="utf-8"))
    document["version"], document["date"] = head.version, head.date
    path.write_text(tomlkit.dumps(document), encoding="utf-8")
    return head


def add_releases(root: Path, records: Sequence[OwnRelease]) -> None:
    """Append releases to `releases.toml`, which is made when it is absent; what stands there is not touched."""
    import tomlkit
    from tomlkit.items import AoT

    path = root / FOLDER / RELEASES_FILE
    text = path.read_text(encoding="utf-8") if path.exists() else _RELEASES_INTRODUCTION
    document = tomlkit.parse(text)
    listed = document.get("release")
    if not isinstance(listed, AoT):
        listed = tomlkit.aot()
        document["release"] = listed
    for record in records:
        table = tomlkit.table()
        fields: dict[str, Any] = record.model_dump(exclude_defaults=True)
        files = fields.pop("files")
        table.update({"slug": fields.pop("slug"), **fields})
        rows = tomlkit.array().multiline(True)
        for file in files:
            row = tomlkit.inline_table()
            row.update(file)
            rows.append(row)
        table["files"] = rows
        listed.append(table)
    path.write_text(tomlkit.dumps(document), encoding="utf-8")


_RELEASES_INTRODUCTION: Final = """\
# Artefacts of this repository's connectors, written by `gallery catalog release`. A release is never changed:
# a version that must not be used any more is withdrawn in catalog.toml.

"""


def _read(path: Path, model: type[M], *, optional: bool = False) -> M:
    where = f"{FOLDER}/{path.name}"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        if optional:
            return model()
        raise ConfigError(
            "there is no such file",
            str(path),
            "Run the command in a repository of connectors, or name one with --root; registry/README.md shows its form",
        ) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", where, "Mend the file") from error
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise InvalidRegistryError(problems_of(error, model, where)) from None
