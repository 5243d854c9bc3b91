"""Sending to a REST API: each vendor's way of spelling errors, read into the project's one way of judging them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import orjson

from ...transport import Response
from ..connection import Connection
from ..failure import Failure, TargetFailure
from ..failures import FailureHook, FailureReader

if TYPE_CHECKING:
    from ...manifest import ErrorRule
    from ...transport import Request, Transport

_JSON: Final[Mapping[str, str]] = {"content-type": "application/json"}


@dataclass(frozen=True, slots=True)
class Said:
    """An error in the vendor's own words.

    Attributes:
        code: The machine-readable word that `[[error]]` rules name by `code`; "" where there is none.
        message: For people; may be empty.
        fields: Columns that the vendor says are to blame.
    """

    code: str
    message: str = ""
    fields: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Code and message in one line."""
        return ": ".join(part for part in (self.code, self.message) if part)


Spell: TypeAlias = Callable[[Response], Said | None]
"""Reads a failed response; None where it is not in the vendor's shape (a proxy's page), which is then read as it is."""


class RestFailureReader(FailureReader):
    """Judges failures by the manifest's `[[error]]` rules, whatever shape the vendor gives them."""

    def __init__(self, rules: Sequence[ErrorRule], *, spell: Spell, hook: FailureHook | None = None) -> None:
        super().__init__(rules, hook=hook)
        self._spell = spell

    def read(
        self,
        response: Response,
        operation: str,
        kind: str,
        *,
        writes_worked: bool = False,
        paths: Collection[str] = (),
    ) -> TargetFailure:
        """Say what a response that is no success means; see `FailureReader.read`."""
        said = self._spell(response)
        if said is None:
            return super().read(response, operation, kind, writes_worked=writes_worked, paths=paths)
        return self.judge(said, response, operation, kind, writes_worked=writes_worked, paths=paths)

    def judge(
        self,
        said: Said,
        response: Response,
        operation: str,
        kind: str,
        *,
        writes_worked: bool = False,
        paths: Collection[str] = (),
    ) -> TargetFailure:
        """Say what an error means that was read already, be it from the body of a success."""
        plain = replace(response, content=_plain(said), headers={**response.headers, **_JSON})
        failure = super().read(plain, operation, kind, writes_worked=writes_worked, paths=paths)
        if failure.failure is Failure.ATTRIBUTE and said.fields:
            named = {field.casefold() for field in said.fields}
            failure.attributes = tuple(path for path in paths if path.casefold() in named) or failure.attributes
        return failure


class RestConnection(Connection):
    """A connection whose failures are spelled by the vendor.

    Attributes:
        observe: Told of every answer: quotas and request ids stand in headers. It must be quick and must not raise.
    """

    failures: RestFailureReader

    def __init__(
        self, transport: Transport, rules: Sequence[ErrorRule], *, spell: Spell, hook: FailureHook | None = None
    ) -> None:
        super().__init__(transport, RestFailureReader(rules, spell=spell, hook=hook))
        self.observe: Callable[[Response], None] | None = None

    async def answer(self, request: Request, operation: str) -> Response:
        """The answer of whatever status."""
        response = await super().answer(request, operation)
        if self.observe is not None:
            self.observe(response)
        return response

    def refusal(
        self,
        said: Said,
        request: Request,
        operation: str,
        kind: str,
        *,
        status: int = 400,
        paths: Collection[str] = (),
    ) -> TargetFailure:
        """What an error inside the body of a successful answer means: one record of a batch, one member of several.

        Args:
            status: What the vendor would have answered, had it been the only record.
        """
        response = Response(status, dict(_JSON), b"", request=request, base_url=self.transport.base_url)
        return self.failures.judge(said, response, operation, kind, writes_worked=self.writes_worked, paths=paths)

    async def fetch(self, request: Request, operation: str, kind: str, *, paths: Collection[str] = ()) -> object:
        """The JSON body of a request that succeeded; None where the success has no body.

        Raises:
            TargetFailure: It did not succeed, or the answer is not the API's.
            TransportError: There was no answer.
        """
        response = await self.send(request, operation, kind, paths=paths)
        return self.json(response, operation) if response.content else None

    async def fetch_object(
        self,
        request: Request,
        operation: str,
        kind: str,
        *,
        needs: Mapping[str, type] | None = None,
        paths: Collection[str] = (),
    ) -> dict[str, Any]:
        """The JSON object that a successful answer holds.

        Args:
            needs: Members that must be there, and of which type; what else is in it is the caller's to look at.

        Raises:
            TargetFailure: As for `fetch`; STOP: the answer is none of this API's.
        """
        response = await self.send(request, operation, kind, paths=paths)
        body = self.json(response, operation)
        if isinstance(body, dict) and all(isinstance(body.get(name), wanted) for name, wanted in (needs or {}).items()):
            return body
        named = f" with {', '.join(needs)}" if needs else ""
        raise TargetFailure(
            f"{operation}: a success came without the object{named} that this API answers with",
            response.request_line,
            "Check address and version of the API; something else may answer in its place",
            failure=Failure.STOP,
        )


def _plain(said: Said) -> bytes:
    return orjson.dumps({"scimType": said.code or None, "message": said.text})
