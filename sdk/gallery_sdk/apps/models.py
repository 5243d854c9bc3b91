"""What an app's file says, frozen: apps/<name>.toml."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from hashlib import sha256
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, StrictBool, StrictFloat, StrictInt, model_validator

from gallery_sdk.manifest.base import Frozen, refuse
from gallery_sdk.scoping import ScopePredicate, ScopingFilter, compile_scope, parse_clause
from gallery_sdk.sources import SourceConfig

Word = Annotated[str, Field(min_length=1)]
Scalar = str | StrictBool | StrictInt | StrictFloat
Wish = Literal["deactivate", "delete", "none"]

_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION: Final = re.compile(r"(?:\d+[smhd])+")


def parse_duration(text: str) -> int:
    """Seconds in a text such as "40m", "1h30m" or "2d".

    Raises:
        ValueError: It is not of this form, or is 0.
    """
    compact = text.replace(" ", "")
    if not _DURATION.fullmatch(compact):
        raise ValueError(f"'{text}' is not a duration")
    seconds = sum(int(number) * _SECONDS[unit] for number, unit in re.findall(r"(\d+)([smhd])", compact))
    if not seconds:
        raise ValueError(f"'{text}' is no time at all")
    return seconds


class ScopeFilter(Frozen):
    """`[[scope.user]]`: clauses joined by AND; several filters are joined by OR."""

    clauses: tuple[Word, ...] = Field(min_length=1)
    name: str = ""


class Scope(Frozen):
    """`[scope]`: who is in scope. Without a filter everyone is.

    Attributes:
        regex: "search" finds a pattern anywhere in the value, "full" wants the whole value.
        null_not_equals: Whether NOT EQUALS holds for an absent attribute.
    """

    user: tuple[ScopeFilter, ...] = ()
    group: tuple[ScopeFilter, ...] = ()
    regex: Literal["search", "full"] = "search"
    null_not_equals: bool = False

    def filters(self, kind: str) -> tuple[ScopingFilter, ...]:
        """The filters of a kind, parsed; one without a name is called "filter 1", "filter 2"."""
        written = self.user if kind == "user" else self.group
        return tuple(
            ScopingFilter(
                tuple(
                    parse_clause(text, f"scope.{kind}[{place}].clauses[{index}]")
                    for index, text in enumerate(one.clauses)
                ),
                one.name or f"filter {place + 1}",
            )
            for place, one in enumerate(written)
        )

    def compile(self, kind: str, *, known: Collection[str] = ()) -> ScopePredicate:
        """The closure that decides on an object of the kind, whose source has the `known` attributes."""
        return compile_scope(
            self.filters(kind), regex_match=self.regex, null_not_equals=self.null_not_equals, known=known
        )


class MappingOverride(Frozen):
    """`[[mapping.user]]`: a patch to one default mapping, or a new one.

    Only the fields that are written change. `source`, `expression` and `constant` replace each other.

    Attributes:
        id: The mapping to patch, by its id.
        target: The mapping to patch, by its target; with `id`, the new target. A target that the connector does
            not map yet makes a new mapping.
        match: Matching precedence; 0 makes it no matching attribute.
        enabled: False switches the mapping off.
    """

    id: Word | None = None
    target: Word | None = None
    source: Word | None = None
    expression: Word | None = None
    constant: Scalar | None = None
    default: Scalar | None = None
    when: Literal["always", "create", "when_empty"] | None = None
    match: Annotated[int, Field(ge=0)] | None = None
    reference: Literal["user", "group"] | None = None
    multi: Literal["replace", "add_only"] | None = None
    clear_when_empty: bool | None = None
    enabled: bool | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _names_one_value(self) -> MappingOverride:
        if self.id is None and self.target is None:
            raise refuse("the override names no mapping", "Add target = the target attribute whose mapping it changes")
        given = [name for name in ("source", "expression", "constant") if getattr(self, name) is not None]
        if len(given) > 1:
            raise refuse(f"{' and '.join(given)} are both given", "Keep one of source, expression and constant")
        return self


class MappingOverrides(Frozen):
    """`[mapping]`: overrides by kind, in the order of the file."""

    user: tuple[MappingOverride, ...] = ()
    group: tuple[MappingOverride, ...] = ()


class Safety(Frozen):
    """`[safety]`: what a cycle may take away before a person is asked.

    Attributes:
        max_deprovision: Disables and deletes of one cycle, users and groups together.
        max_deprovision_percent: The same in percent of the linked objects.
        allow_empty: Whether an empty source is believed.
    """

    max_deprovision: Annotated[int, Field(ge=0)] = 50
    max_deprovision_percent: Annotated[int, Field(ge=0, le=100)] = 20
    allow_empty: bool = False


class Schedule(Frozen):
    """`[schedule]`: how long after the beginning of a cycle the next one begins."""

    every: str = "40m"

    @model_validator(mode="after")
    def _is_a_duration(self) -> Schedule:
        try:
            parse_duration(self.every)
        except ValueError as error:
            raise refuse(f"every: {error}", 'Write a number and s, m, h or d, for example "40m" or "1h30m"') from None
        return self

    @property
    def every_seconds(self) -> int:
        """`every` in seconds."""
        return parse_duration(self.every)


class Groups(Frozen):
    """`[groups]`: whether groups are provisioned, where source and connector have them."""

    enabled: bool = True


class Engine(Frozen):
    """`[engine]`: how hard a job works; what it does is the same.

    Attributes:
        concurrency: Requests in flight; None leaves it to the connector.
        page_size: Objects that are decided on together.
        rate_scale: How many seconds of the connector's rate limits pass in a real one. Above 1 only for a twin on this
            machine whose clock runs as fast.
    """

    concurrency: Annotated[int, Field(ge=1, le=200)] | None = None
    page_size: Annotated[int, Field(ge=1, le=5000)] = 200
    rate_scale: Annotated[float, Field(ge=1)] = 1.0


class LifecycleOverride(Frozen):
    """`[lifecycle]`: what becomes of accounts, where it differs from the connector's default.

    `on_unassign = "none"` leaves the accounts of people alone who leave the scope.
    """

    on_unassign: Wish | None = None
    on_disable: Wish | None = None
    on_delete: Wish | None = None
    on_group_delete: Literal["delete", "none"] | None = None
    reactivate: bool | None = None
    conflict: Literal["adopt", "fail"] | None = None


class AppConfig(BaseModel):
    """One app instance of a team.

    Attributes:
        name: The file's name without its ending.
        connector: Slug of the connector.
        url: The target's address, for connectors that ask for one and for the generic SCIM connector.
        settings: Values of the connector's inputs.
        default_domain: What `DefaultDomain()` gives in expressions.
        auth: `method`, and for each of its inputs a value, or a reference where it is secret.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Word
    connector: Word
    url: Word | None = None
    settings: dict[str, str | StrictBool | StrictInt] = Field(default_factory=dict)
    default_domain: Word | None = None
    auth: dict[str, str] = Field(default_factory=dict, repr=False)
    source: SourceConfig
    scope: Scope = Scope()
    mapping: MappingOverrides = MappingOverrides()
    lifecycle: LifecycleOverride = LifecycleOverride()
    safety: Safety = Safety()
    schedule: Schedule = Schedule()
    groups: Groups = Groups()
    engine: Engine = Engine()

    _where: str = PrivateAttr(default="")

    @model_validator(mode="before")
    @classmethod
    def _credentials_are_text(cls, value: object) -> object:
        # Checked here and not by type, since a type's message would show the value.
        auth = value.get("auth") if isinstance(value, Mapping) else None
        if isinstance(auth, Mapping):
            for key, given in auth.items():
                if not isinstance(given, str):
                    raise refuse(f"auth.{key} is not a text", f'Write {key} = "…", a value or a reference in quotes')
        return value

    @property
    def where(self) -> str:
        """The file, for messages."""
        return self._where or f"apps/{self.name}.toml"

    @property
    def auth_method(self) -> str | None:
        """Id of the chosen method; None leaves it to the connector's preferred one."""
        return self.auth.get("method")

    @property
    def auth_inputs(self) -> dict[str, str]:
        """Inputs of the method: values and references, never secrets."""
        return {key: value for key, value in self.auth.items() if key != "method"}

    def fingerprint(self) -> str:
        """SHA-256 of everything that decides what a cycle does, and not of how fast or how often."""
        content = self.model_dump(mode="json", exclude={"name", "schedule", "engine"})
        return sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
