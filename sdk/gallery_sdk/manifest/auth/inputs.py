"""What an administrator gives to a way of signing in."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ..base import Frozen, refuse

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class AuthInput(Frozen):
    """One thing that the administrator gives.

    Attributes:
        type: A `secret` is given as a reference (`env:NAME`), everything else as its value.
        pattern: A regular expression that a non-secret value must match as a whole.
    """

    id: Identifier
    title: str = ""
    help: str = ""
    type: Literal["string", "url", "choice", "secret"] = "string"
    required: bool = True
    default: str | None = None
    choices: tuple[str, ...] = ()
    example: str = ""
    pattern: str | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.type == "secret" and (self.default is not None or self.example):
            raise refuse(
                f"input {self.id!r} is a secret with a default or an example", "Remove both; secrets are given later"
            )
        if (self.type == "choice") != bool(self.choices):
            raise refuse(f"input {self.id!r} is of type {self.type!r}", "Give choices to type 'choice', and only to it")
        if self.default is not None and self.choices and self.default not in self.choices:
            raise refuse(f"default {self.default!r} of input {self.id!r} is not a choice", "Name one of the choices")
        return self
