"""`catalog.json` and its detail documents, as readers see them.

Readers take what they know and leave the rest: a field that a later SDK adds must not lock older ones out. What is
published is written through the same models, so it cannot lack a field.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from functools import cache, cached_property
from typing import Annotated, ClassVar, Final, Literal

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    StringConstraints,
    ValidationError,
)

from .problems import CatalogError

CATALOG_SCHEMA_LEVEL: Final = 1
LARGEST_BYTES: Final = 32_000_000

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])$")]
Dist = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$")]
WheelName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.+!-]+\.whl$")]
Tier = Literal["draft", "bronze", "silver", "gold", "platinum"]


@cache  # a catalog says the same few hundreds of times
def _is_version(text: str) -> str:
    try:
        Version(text)
    except InvalidVersion as error:
        raise ValueError(f"{text!r} is not a version") from error
    if text != text.strip():  # PEP 440 reads over blanks and line ends; a line of requirements does not
        raise ValueError(f"{text!r} has blanks around it")
    return text


@cache
def _is_range(text: str) -> str:
    try:
        SpecifierSet(text)
    except InvalidSpecifier as error:
        raise ValueError(f"{text!r} is not a version range") from error
    return text


VersionText = Annotated[str, AfterValidator(_is_version)]
Range = Annotated[str, AfterValidator(_is_range)]
"""PEP 440 specifiers; an empty text takes every version."""


class Read(BaseModel):
    """Frozen, converts nothing, leaves unknown fields."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="ignore", strict=True)


class Artefact(Read):
    """A wheel, pinned. `size` in bytes."""

    name: WheelName
    sha256: Sha256
    size: int = Field(ge=0)


class Release(Read):
    """One version of a connector.

    Attributes:
        version: As the distribution has it (PEP 440); `1.3.0` in the manifest and here are the same.
        requires_sdk: Versions of gallery-sdk that run it.
        python: Versions of Python that run it.
        api_level: The level of the SDK's hooks that its code is written against.
        schema_level: The level of its manifest.
        manifest_sha256: Of the bytes of its connector.toml.
        source_sha256: Of its source tree; None for a package hosted elsewhere.
        files: Its wheels; empty before the release was built, when it cannot be installed from an index.
        released: The day; None before.
    """

    version: VersionText
    requires_sdk: Range = ""
    python: Range = ""
    api_level: int = 1
    schema_level: int = 1
    manifest_sha256: Sha256
    source_sha256: Sha256 | None = None
    files: tuple[Artefact, ...] = ()
    released: date | None = None


class PublisherFacts(Read):
    """Who speaks for the connector."""

    name: str
    kind: Literal["vendor", "community", "project"]
    url: str | None = None


class Score(Read):
    """How many tier rules passed, failed, were waived, and do not apply."""

    passed: int
    failed: int
    waived: int
    not_applicable: int


class CapabilityWords(Read):
    """What can be done with users and groups, and what the target's API offers."""

    user: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    features: tuple[str, ...] = ()


class Counts(Read):
    """Default mappings by kind."""

    user: int = 0
    group: int = 0


class DetailReference(Read):
    """Where the detail document lies, relative to catalog.json, and what it must hash to."""

    path: str = Field(pattern=r"^c/[a-z0-9-]+\.json$")
    sha256: Sha256
    size: int


class BreakingNote(Read):
    """A version that asks its users to act."""

    version: str
    summary: str
    deadline: date | None = None
    migration: str | None = None


class CatalogEntry(Read):
    """One connector in the catalog.

    Attributes:
        tier: Computed by program; None while nobody has computed it.
        auth: Kinds of authentication, the preferred one first.
        quirks: Ids of the declared departures from the standard.
        code: It brings Python besides its manifest.
        dist: The distribution to install; never guessed from the slug.
        index: Address of the package index that has it; None for the one that the installer is set up with.
        home: `repository` for a folder of this repository, `outside` for a package hosted elsewhere.
        releases: The newest first.
        updated: Day of the newest release; None before the first.
    """

    slug: Slug
    name: str
    summary: str = ""
    aliases: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    vendor: str = ""
    publisher: PublisherFacts | None = None
    maintainers: tuple[str, ...] = ()
    license: str | None = None
    docs_url: str | None = None
    status: Literal["active", "deprecated", "withdrawn"] = "active"
    replaced_by: str | None = None
    tier: Tier | None = None
    score: Score | None = None
    transport: str
    auth: tuple[str, ...] = ()
    capabilities: CapabilityWords = CapabilityWords()
    quirks: tuple[str, ...] = ()
    mappings: Counts = Counts()
    code: bool = False
    dist: Dist
    index: str | None = None
    home: Literal["repository", "outside"] = "repository"
    releases: tuple[Release, ...] = Field(min_length=1)
    detail: DetailReference
    breaking: tuple[BreakingNote, ...] = ()
    updated: date | None = None

    @property
    def released(self) -> tuple[str, ...]:
        """Versions that have wheels, the newest first; empty before the first release."""
        return tuple(one.version for one in self.releases if one.files)


class Withdrawal(Read):
    """Versions that must not be used any more.

    Attributes:
        versions: PEP 440 specifiers; an empty text means all of them.
        severity: `critical` also refuses versions that a lock file has pinned.
    """

    slug: Slug
    versions: Range = ""
    severity: Literal["withdrawn", "critical"]
    reason: str
    since: date
    replaced_by: Slug | None = None

    def covers(self, slug: str, version: str) -> bool:
        """Whether the version of that connector is withdrawn."""
        return slug == self.slug and SpecifierSet(self.versions).contains(version, prereleases=True)


class Sdk(Read):
    """The SDK that the catalog was built with, and the levels that it runs."""

    current: str
    api_levels: tuple[int, ...]
    schema_levels: tuple[int, ...]


class Category(Read):
    """A category's id and the words that people read."""

    id: str
    name: str


class Catalog(Read):
    """The whole index.

    Attributes:
        version: Rises with every publication; a reader refuses a lower one than it has seen.
        generated: From the registry's date, never from a clock.
        expires: After it a reader takes the catalog for one that somebody holds back.
        distinct: Pairs of slugs that look alike and are known to be different connectors.
        generic: Connectors that serve any app of their protocol.
    """

    type: Literal["gallery-catalog"] = "gallery-catalog"
    schema_level: Literal[1] = Field(default=1, alias="schema")
    version: int = Field(ge=1)
    generated: AwareDatetime
    expires: AwareDatetime
    sdk: Sdk
    categories: tuple[Category, ...] = ()
    connectors: tuple[CatalogEntry, ...]
    withdrawn: tuple[Withdrawal, ...] = ()
    distinct: tuple[tuple[Slug, Slug], ...] = ()
    generic: tuple[Slug, ...] = ()

    _unreadable: tuple[str, ...] = PrivateAttr(default=())

    @property
    def unreadable(self) -> tuple[str, ...]:
        """What this SDK could not read of the catalog, one line an entry; the others are there all the same."""
        return self._unreadable

    @cached_property
    def by_slug(self) -> dict[str, CatalogEntry]:
        """The connectors by slug."""
        return {entry.slug: entry for entry in self.connectors}

    def withdrawal(self, slug: str, version: str) -> Withdrawal | None:
        """Why that version is withdrawn, the critical reason first, or None."""
        found = [one for one in self.withdrawn if one.covers(slug, version)]
        return min(found, key=lambda one: one.severity != "critical", default=None)

    def can_be_installed(self, slug: str) -> bool:
        """Whether a version of that connector has wheels, is not withdrawn, and is taken by whoever names none."""
        return any(
            self.withdrawal(slug, version) is None and not Version(version).is_prerelease
            for version in self.by_slug[slug].released
        )

    def is_expired(self, now: datetime) -> bool:
        """Whether `now`, which knows its time zone, is past the catalog's expiry."""
        return now >= self.expires


def parse_catalog(data: bytes, where: str = "catalog.json") -> Catalog:
    """Read a catalog. An entry that cannot be read is left out and told in `unreadable`; it hides no other.

    Raises:
        CatalogError: It is no catalog, of a later level, or its head cannot be read.
    """
    mend = "Get it anew with `gallery catalog update`; upgrade gallery-sdk if that does not help"
    if len(data) > LARGEST_BYTES:
        raise CatalogError(f"the file is larger than {LARGEST_BYTES} bytes", where, "Check that this is a catalog")
    try:
        return Catalog.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        found = ", ".join((".".join(str(part) for part in first["loc"]), first["msg"])).strip(", ")
    try:
        document = json.loads(data)
        level = document.get("schema")
        rows = document.pop("connectors")
        lines: list[str] = []
        entries = [entry for place, row in enumerate(rows) if (entry := _entry(row, place, lines)) is not None]
        catalog = Catalog.model_validate_json(json.dumps({**document, "connectors": []}))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CatalogError(f"this is no catalog that can be read ({found})", where, mend) from error
    if level != CATALOG_SCHEMA_LEVEL or not lines:
        raise CatalogError(f"this is no catalog that can be read ({found})", where, mend)
    whole = catalog.model_copy(update={"connectors": tuple(entries)})
    whole._unreadable = tuple(lines)
    return whole


def _entry(row: object, place: int, lines: list[str]) -> CatalogEntry | None:
    try:
        return CatalogEntry.model_validate_json(json.dumps(row))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        slug = row.get("slug") if isinstance(row, dict) else None
        path = ".".join(str(part) for part in first["loc"])
        lines.append(f"connectors[{place}] ({slug}), {path}: {first['msg']}")
        return None
