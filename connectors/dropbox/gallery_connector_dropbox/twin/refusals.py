"""How the twin refuses: tags of unions with what they carry, and plain text for what is malformed."""

from __future__ import annotations

from gallery_sdk.testing import Refusal


class RouteError(Refusal):
    """A route's own error, status 409 unless said otherwise: the tag and what stands beside it.

    Attributes:
        beside: Members of the error besides `.tag`: a list under the tag's own name, or a field of a struct.
    """

    def __init__(self, tag: str, *, status: int = 409, **beside: object) -> None:
        super().__init__(status, tag)
        self.beside = beside


class Malformed(Refusal):
    """An argument that is not what the route takes: status 400 in plain text."""

    def __init__(self, text: str) -> None:
        super().__init__(400, text)
