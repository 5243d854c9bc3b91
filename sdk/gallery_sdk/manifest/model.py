"""The manifest as a whole: what `connector.toml` says, frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Literal

from pydantic import Field, PrivateAttr

from .auth import AuthMethod
from .base import KINDS, Frozen, Word
from .behaviour import Capabilities, ErrorRule, Lifecycle, LimitDeclaration, Quirk, Transport
from .identity import Breaking, Config, Input, Publisher, SetupStep, TargetApi, Tests, Vendor
from .mapping import AttributeMapping, Mappings
from .quirks import QuirkSet
from .schema import Attributes, TargetAttribute

SCHEMA_LEVEL = 1


class Auth(Frozen):
    """`[[auth.method]]`: the ways in which a connection proves itself, the preferred one first."""

    method: tuple[AuthMethod, ...] = ()


class Manifest(Frozen):
    """One connector, declared. Field order is that of the file.

    Attributes:
        schema_level: `schema` in the file: the level of this format.
        slug: The connector's name everywhere: entry point, folder, catalog. Never changed.
        version: Of the connector, semantic versioning.
        aliases: Former and other names of the app, for search.
        requires_sdk: Versions of the SDK that can run it (PEP 440 specifiers).
    """

    schema_level: Literal[1] = Field(default=1, alias="schema")
    slug: Word
    name: Word
    version: Word
    summary: str = Field(default="", max_length=120)
    categories: tuple[Word, ...] = ()
    keywords: tuple[Word, ...] = ()
    aliases: tuple[Word, ...] = ()
    vendor: Vendor | None = None
    publisher: Publisher | None = None
    maintainers: tuple[Word, ...] = ()
    license: str | None = None
    status: Literal["active", "deprecated", "withdrawn"] = "active"
    replaced_by: str | None = None
    product_url: str | None = None
    docs_url: str | None = None
    requires_sdk: str | None = None
    target_api: TargetApi | None = None
    prerequisites: tuple[Word, ...] = ()
    limitations: tuple[Word, ...] = ()
    setup: tuple[SetupStep, ...] = ()
    capabilities: Capabilities = Capabilities()
    transport: Transport
    config: Config = Config()
    auth: Auth = Auth()
    attribute: Attributes = Attributes()
    mapping: Mappings = Mappings()
    lifecycle: Lifecycle = Lifecycle()
    quirks: tuple[Quirk, ...] = Field(default=(), alias="quirk")
    limits: tuple[LimitDeclaration, ...] = Field(default=(), alias="limit")
    errors: tuple[ErrorRule, ...] = Field(default=(), alias="error")
    breaking: tuple[Breaking, ...] = ()
    tests: Tests = Tests()

    _where: str = PrivateAttr(default="connector.toml")

    @property
    def where(self) -> str:
        """The file it was read from, for messages."""
        return self._where

    @property
    def config_inputs(self) -> tuple[Input, ...]:
        """What a connection is told besides its credentials."""
        return self.config.input

    @property
    def auth_methods(self) -> tuple[AuthMethod, ...]:
        """The ways to authenticate, the preferred one first."""
        return self.auth.method

    def auth_method(self, wanted: str | None) -> AuthMethod | None:
        """The way to authenticate of that id, else the preferred one; None where there is none."""
        methods = self.auth_methods
        return next((one for one in methods if one.id == wanted), methods[0] if methods else None)

    @property
    def target_schema(self) -> dict[str, tuple[TargetAttribute, ...]]:
        """Declared attributes by kind; both kinds are there, empty where none are declared."""
        return {"user": self.attribute.user, "group": self.attribute.group}

    @property
    def mappings(self) -> dict[str, tuple[AttributeMapping, ...]]:
        """Default mappings by kind; both kinds are there, empty where none are declared."""
        return {"user": self.mapping.user, "group": self.mapping.group}

    def quirk(self, quirk_id: str) -> Quirk | None:
        """The first declaration of the quirk, or None."""
        return next((quirk for quirk in self.quirks if quirk.id == quirk_id), None)

    def quirks_for(self, kind: str) -> QuirkSet:
        """The quirks that hold for objects of the kind, those of the connection among them."""
        return QuirkSet({quirk.id: quirk.value for quirk in self.quirks if kind in quirk.kinds()})

    def without_quirk(self, quirk_id: str) -> Manifest:
        """The same manifest with one quirk switched off, to prove that the quirk is needed."""
        return self.model_copy(update={"quirks": tuple(quirk for quirk in self.quirks if quirk.id != quirk_id)})

    def with_discovered(
        self,
        *,
        attributes: Mapping[str, Sequence[TargetAttribute]],
        mappings: Mapping[str, Sequence[AttributeMapping]],
    ) -> Manifest:
        """The same manifest with schema and mappings proposed from the target's discovery.

        What the manifest declares for a kind stands; only kinds without a declaration are filled in.
        """
        schema = {kind: self.target_schema[kind] or tuple(attributes.get(kind, ())) for kind in KINDS}
        mapped = {kind: self.mappings[kind] or tuple(mappings.get(kind, ())) for kind in KINDS}
        return self.model_copy(update={"attribute": Attributes(**schema), "mapping": Mappings(**mapped)})

    def fingerprint(self) -> str:
        """SHA-256 of what the manifest says, in hexadecimal; layout, comments and file name do not count."""
        return sha256(self.model_dump_json(by_alias=True).encode()).hexdigest()
