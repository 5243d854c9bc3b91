"""Where the proof of identity goes on a request."""

from __future__ import annotations

from typing import Final, Self

from pydantic import model_validator

from ..base import Frozen, refuse


class Apply(Frozen):
    """One place where the proof is put on a request.

    Attributes:
        header: Header name; `Authorization` when neither header nor query is named.
        query: Query parameter name.
        scheme: The word before the value (`Bearer`, `SSWS`, `ApiToken`); "" for none.
        value: Template of the value; None means the token itself.
    """

    header: str | None = None
    query: str | None = None
    scheme: str = ""
    value: str | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.header is not None and self.query is not None:
            raise refuse("a placement has one place", "Give it either a header or a query parameter")
        return self


BEARER: Final = Apply(scheme="Bearer")
