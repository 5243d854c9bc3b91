"""Logins of a vendor's own design: a few requests whose replies give the proof; and look-ups after signing in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ..base import Frozen, refuse
from .inputs import Identifier
from .templates import Slot, texts_in
from .token import ExpiresKind

_SAVED_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PARAMETER_TYPES = (str, bool, int, float)


class Step(Frozen):
    """One request of a login. Every template knows the inputs and what earlier steps saved.

    Attributes:
        body: How `params` are sent: as JSON, in which they may nest, as a form, or in the query.
        params: Templates; in JSON also tables, lists, numbers and booleans.
        save: By name, where the reply has the value: a dotted path into its JSON (`credentials.token`, `items.0.id`),
            or `header:` and a header's name.
    """

    method: Literal["POST", "GET", "PUT"] = "POST"
    url: str
    headers: Mapping[str, str] = Field(default_factory=dict)
    body: Literal["json", "form", "query"] = "json"
    params: Mapping[str, object] = Field(default_factory=dict)
    save: Mapping[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name, value in self.params.items():
            if self.body != "json" and not isinstance(value, str):
                raise refuse(f"params.{name} is no text", "Quote it; only a JSON body holds anything else")
            if not _is_json(value):
                raise refuse(f"params.{name} holds what JSON has no form for", "Write dates and times as texts")
        for name, path in self.save.items():
            if not _SAVED_NAME.fullmatch(name) or not path:
                raise refuse(f"save.{name} is no name with a path", 'Write it like token = "credentials.token"')
        return self

    def slots(self, where: str, given: frozenset[str]) -> Iterator[Slot]:
        """Its templates; `given` are the names that earlier steps saved."""
        yield Slot(f"{where}.url", self.url, given, is_address=True)
        for field, value in (("headers", self.headers), ("params", self.params)):
            for place, text in texts_in(value, f"{where}.{field}"):
                yield Slot(place, text, given)


class Session(Frozen):
    """A login in steps, and how long what it gives lasts.

    Attributes:
        token: The saved name that is the token; by default it goes into `Authorization: Bearer`.
        keep: Saved names that are no secrets: base URLs may use them, and messages may show them.
        expires: The saved name that tells when the session ends, in the form of `expires_kind`.
        lifetime_s: How long it lasts when the reply does not tell; None until the target refuses it.
        skew_s: Begin another so many seconds before its end.
    """

    steps: Annotated[tuple[Step, ...], Field(alias="step", min_length=1)]
    token: Identifier = "token"  # noqa: S105 - a name
    keep: tuple[Identifier, ...] = ()
    expires: Identifier | None = None
    expires_kind: ExpiresKind = "in_s"
    lifetime_s: Annotated[int, Field(gt=0)] | None = None
    skew_s: Annotated[int, Field(ge=0)] = 60
    on_401: Literal["reissue_once", "fail"] = "reissue_once"

    @model_validator(mode="after")
    def _check(self) -> Self:
        for field, names in (("token", (self.token,)), ("keep", self.keep), ("expires", (self.expires,))):
            for name in names:
                if name is not None and name not in self.saved_names:
                    raise refuse(f"{field} names {name!r}, which no step saves", "Add it to the save table of a step")
        if self.token in self.keep:
            raise refuse(f"keep names the token {self.token!r}", "Keep what is no secret only")
        return self

    @property
    def saved_names(self) -> frozenset[str]:
        """What the steps save, all together."""
        return frozenset(name for step in self.steps for name in step.save)

    def slots(self, where: str) -> Iterator[Slot]:
        """The templates of all steps."""
        given: frozenset[str] = frozenset()
        for index, step in enumerate(self.steps):
            yield from step.slots(f"{where}.step[{index}]", given)
            given |= set(step.save)


class Lookup(Frozen):
    """A read after signing in, for what an address or a header needs and the token's reply does not say.

    It is done once, and kept with the token. Atlassian: the id of the site among `accessible-resources`; DocuSign: the
    base address of the default account in `userinfo`.

    Attributes:
        get: The address, whole.
        headers: Of the request; without an Authorization among them, the bearer token is sent.
        list: Dotted path to the list to choose from; "" when the reply itself is the list, or the one object.
        where: By dotted path, what the right entry holds (a template; booleans are `true` and `false`); empty takes
            the first.
        take: Dotted path in the entry to the value.
        save: The name that templates know it by.
    """

    get: str
    headers: Mapping[str, str] = Field(default_factory=dict)
    list: str = ""
    where: Mapping[str, str] = Field(default_factory=dict)
    take: Annotated[str, Field(min_length=1)]
    save: Identifier

    def slots(self, where: str, given: frozenset[str]) -> Iterator[Slot]:
        """Its templates; `given` are the names that a token brings, and earlier look-ups."""
        yield Slot(f"{where}.get", self.get, given - {"access_token"}, is_address=True)
        for place, text in texts_in(self.headers, f"{where}.headers"):
            yield Slot(place, text, given)
        for place, text in texts_in(self.where, f"{where}.where"):
            yield Slot(place, text, given - {"access_token"})


def _is_json(value: object) -> bool:
    if isinstance(value, Mapping):
        return all(_is_json(item) for item in value.values())
    if isinstance(value, (tuple, list)):
        return all(_is_json(item) for item in value)
    return isinstance(value, _PARAMETER_TYPES)
