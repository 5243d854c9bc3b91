"""How the target is reached and how it behaves: capabilities, transport, lifecycle, quirks, limits, errors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Literal, get_args

from pydantic import Field, field_validator, model_validator

from .base import Frozen, Kind, Mark, Statuses, Word, Words, refuse
from .problems import did_you_mean
from .quirks import VOCABULARY

_FEATURE = re.compile(r"filter:\S.*-eq|paging:(index|cursor|none)|bulk|etag|sort|delta|discovered")
_LIMIT_MATCH = re.compile(r"(?P<methods>\*|[A-Z]+(,[A-Z]+)*)( (?P<path>/\S*))?")

FEATURES = "filter:<path>-eq, paging:index, paging:cursor, paging:none, bulk, etag, sort, delta, discovered"

FailureWord = Literal["retry", "rate_limited", "conflict", "gone", "object", "attribute", "member", "skip", "stop"]
"""What a failed response means for the job; the targets room's `Failure` has the same words."""

Operation = Literal["test", "list", "find", "read", "create", "update", "delete", "members"]


class Capabilities(Frozen):
    """What the connector can do with users and groups, and what the target's API offers.

    Attributes:
        features: Of the target's API. `discovered` says that schema and mappings are proposed from the target's own
            discovery endpoints instead of being declared here.
    """

    user: tuple[Literal["read", "create", "update", "deactivate", "delete", "password"], ...] = ()
    group: tuple[Literal["read", "create", "update", "delete", "members"], ...] = ()
    features: tuple[Word, ...] = ()

    @field_validator("features")
    @classmethod
    def _features_are_known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for feature in value:
            if not _FEATURE.fullmatch(feature):
                raise refuse(f"{feature!r} is not a known feature", f"Use one of {FEATURES}")
        return value

    @property
    def discovered(self) -> bool:
        """Schema and mappings come from the target's discovery."""
        return "discovered" in self.features

    @property
    def filters(self) -> frozenset[str]:
        """Paths that the features declare to be filterable by equality."""
        return frozenset(
            feature.removeprefix("filter:").removesuffix("-eq")
            for feature in self.features
            if feature.startswith("filter:")
        )

    def of(self, kind: str) -> tuple[str, ...]:
        """What can be done with objects of the kind."""
        return self.user if kind == "user" else self.group


def abilities() -> tuple[str, ...]:
    """All that a connector may be able to do: `user:read`, ..., `group:members`."""
    return tuple(
        f"{kind}:{word}"
        for kind in ("user", "group")
        for word in get_args(get_args(Capabilities.model_fields[kind].annotation)[0])
    )


class Transport(Frozen):
    """Where and how requests are sent.

    Attributes:
        base_url: A template over the declared inputs (`https://{instance}.example.com/scim/v2`).
        allowed_hosts: Host names or globs (`*.example.com`), templates allowed; requests elsewhere are refused.
        page_size: Objects asked for per page; `page_max` is the most that the target gives.
        concurrency: Requests in flight together; `write_concurrency` is the same for writes, when lower.
    """

    kind: Literal["scim2", "scim1", "rest"] = "scim2"
    base_url: Word
    allowed_hosts: tuple[Word, ...] = Field(min_length=1)
    content_type: Word = "application/scim+json"
    accept: Word = "application/scim+json, application/json"
    timeout_seconds: float = Field(default=30.0, gt=0, le=600)
    user_path: str = Field(default="/Users", pattern=r"^/\S*$")
    group_path: str = Field(default="/Groups", pattern=r"^/\S*$")
    page_size: int = Field(default=100, gt=0)
    page_max: int | None = Field(default=None, gt=0)
    concurrency: int = Field(default=8, ge=1, le=200)
    write_concurrency: int | None = Field(default=None, ge=1, le=200)

    @model_validator(mode="after")
    def _page_size_within_page_max(self) -> Transport:
        if self.page_max is not None and self.page_size > self.page_max:
            raise refuse(
                f"page_size {self.page_size} is above page_max {self.page_max}", "Ask for no more than the target gives"
            )
        return self


class Lifecycle(Frozen):
    """What becomes of an account when its person goes.

    Attributes:
        on_unassign: The person left the scope.
        on_disable: The person is disabled in the source.
        on_delete: The person is gone from the source.
        on_group_delete: The group left the scope or the source; nothing is deleted without the capability to.
        reactivate: A returning person gets the old account back, active.
        conflict: A create that the target refuses as a duplicate: `adopt` the account that is found by matching, or
            `fail` the object.
    """

    on_unassign: Literal["deactivate", "delete", "none"] = "deactivate"
    on_disable: Literal["deactivate", "delete", "none"] = "deactivate"
    on_delete: Literal["deactivate", "delete", "none"] = "deactivate"
    on_group_delete: Literal["delete", "none"] = "delete"
    reactivate: bool = True
    conflict: Literal["adopt", "fail"] = "adopt"


class Quirk(Frozen):
    """A declared departure of the target from RFC 7643 or RFC 7644.

    Attributes:
        id: From the closed vocabulary, `gallery_sdk.manifest.VOCABULARY`.
        value: Its parameter; true for a quirk that has none. Lists arrive as tuples.
        applies_to: The object kinds it holds for; None for all that the vocabulary names.
        source: Where it was read, and `read` the day on which.
        test: The contract test that fails when the quirk is switched off.
    """

    id: Word
    value: object = True
    applies_to: tuple[Kind, ...] | None = None
    source: str | None = None
    read: date | None = None
    mark: Mark | None = None
    test: str | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _is_in_the_vocabulary(self) -> Quirk:
        definition = VOCABULARY.get(self.id)
        if definition is None:
            otherwise = f"State it by [[error]], [[limit]] or [transport], or use one of {', '.join(VOCABULARY)}"
            raise refuse(f"{self.id!r} is not a known quirk", did_you_mean(self.id, VOCABULARY, otherwise))
        wrong = definition.value_type.problem(self.value)
        if wrong is not None:
            raise refuse(f"value of {self.id!r}: {wrong}", f"Give it {definition.value_type.describe()}")
        for kind in self.applies_to or ():
            if kind not in definition.applies:
                raise refuse(
                    f"applies_to of {self.id!r}: {kind!r} is none of its kinds",
                    f"It applies to {' and '.join(definition.applies)}",
                )
        return self

    def kinds(self) -> tuple[str, ...]:
        """The kinds it holds for; a quirk of the connection holds for both."""
        definition = VOCABULARY[self.id]
        if definition.applies == ("connection",):
            return ("user", "group")
        return definition.applies if self.applies_to is None else self.applies_to


class LimitDeclaration(Frozen):
    """One documented rate limit; every limit that matches a request holds for it.

    Attributes:
        scope: Whose requests are counted together. `organization` is shared with the customer's other integrations.
        match: `*`, methods, or methods and a path glob: `POST,PATCH /Users/*`. The path is relative to the base URL;
            `*` stands for one segment, `**` for several.
        requests: Allowed in `per_seconds`; None when only `concurrency` is limited.
        burst: How many may go at once after a pause; None spaces them evenly.
    """

    scope: Literal["token", "tenant", "organization", "ip", "app"] = "token"
    match: str = "*"
    requests: int | None = Field(default=None, gt=0)
    per_seconds: float = Field(default=1.0, gt=0)
    burst: int | None = Field(default=None, gt=0)
    concurrency: int | None = Field(default=None, gt=0)
    source: str | None = None
    mark: Mark | None = None

    @model_validator(mode="after")
    def _limits_something(self) -> LimitDeclaration:
        if _LIMIT_MATCH.fullmatch(self.match) is None:
            raise refuse(
                f"match {self.match!r} is not understood",
                "Write '*', methods ('POST,PATCH'), or methods and a path glob ('POST /Users/*')",
            )
        if self.requests is None and self.concurrency is None:
            raise refuse("neither requests nor concurrency is given", "Say how many requests the target allows")
        return self

    @property
    def methods(self) -> tuple[str, ...] | None:
        """Methods, upper case; None for all."""
        words = self.match.partition(" ")[0]
        return None if words == "*" else tuple(words.split(","))

    @property
    def path_glob(self) -> str | None:
        """Path glob; None for all paths."""
        return self.match.partition(" ")[2] or None


class ErrorRule(Frozen):
    """What a failed answer of this target means. Rules are tried in order, the first that fits stands.

    Every condition that is given must hold. In TOML `status` and `code` are one value or a list.

    Attributes:
        statuses: HTTP statuses; empty for any.
        codes: The target's own error words, compared without regard to case; empty for any.
        contains: Text that the error's message contains, without regard to case.
        operations: The operations that the rule holds for; empty for all.
        failure: The meaning for the job.
        attributes: With failure `attribute`: the paths to leave out.
        message: What to tell the operator; the next step.
    """

    statuses: Statuses = Field(default=(), alias="status")
    codes: Words = Field(default=(), alias="code")
    contains: Word | None = None
    operations: tuple[Operation, ...] = ()
    failure: FailureWord
    attributes: tuple[Word, ...] = ()
    message: str | None = None
    source: str | None = None
    mark: Mark | None = None

    @model_validator(mode="before")
    @classmethod
    def _has_a_condition(cls, value: object) -> object:
        if isinstance(value, Mapping) and not {"status", "statuses", "code", "codes", "contains"} & set(value):
            raise refuse("the rule has no condition", "Give status, code or contains")
        return value
