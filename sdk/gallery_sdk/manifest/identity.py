"""Who a connector is for, who wrote it, and what a person must do before it works."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from .base import Frozen, Word


class Vendor(Frozen):
    """The maker of the app."""

    name: Word
    url: str | None = None


class Publisher(Frozen):
    """Who speaks for the connector.

    Attributes:
        kind: `vendor` when it is the app's maker, `project` for this gallery, else `community`.
    """

    name: Word
    url: str | None = None
    kind: Literal["vendor", "community", "project"] = "community"


class SetupStep(Frozen):
    """One step of the set-up guide, in the order of the manifest."""

    title: Word
    text: str = ""
    url: str | None = None


class Breaking(Frozen):
    """A version that asks its users to act."""

    version: Word
    summary: Word
    impact: tuple[Word, ...] = ()
    deadline: date | None = None
    migration: str | None = None


class Waiver(Frozen):
    """A contract test that the connector does not meet yet; shown, and void after `until`."""

    test: Word
    reason: Word
    until: date


class Tests(Frozen):
    """Which recordings and contract tests prove the connector.

    Attributes:
        cassettes: Folder name below `cassettes/`; the slug when left out.
        contract: Contract tests that must pass; empty means all that the capabilities call for.
    """

    cassettes: str | None = None
    contract: tuple[Word, ...] = ()
    waive: tuple[Waiver, ...] = ()


class TargetApi(Frozen):
    """The vendor's API that the connector was written against."""

    name: Word
    version: str | None = None
    docs_url: str | None = None
    changelog_url: str | None = None


class Input(Frozen):
    """One thing that a person tells about the connection: a form field, a command-line prompt, a row in the docs.

    Attributes:
        id: The name in templates (`{id}`); an input of type `url` also gives `{id_host}`, its host name.
        choices: Allowed values, for type `choice` only.
        pattern: A regular expression that the whole value must match.
        used_by: `template` when a `{id}` uses it, `code` when the connector's own code asks for it.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    title: str = ""
    help: str = ""
    type: Literal["string", "url", "choice", "boolean", "integer"] = "string"
    required: bool = False
    default: str | bool | int | None = None
    choices: tuple[Word, ...] = ()
    example: str | bool | int | None = None
    pattern: str | None = None
    used_by: Literal["template", "code"] = "template"


class Config(Frozen):
    """`[config]`: what a connection is told besides its credentials."""

    input: tuple[Input, ...] = ()
