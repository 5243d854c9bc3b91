"""Sending to one SCIM endpoint: paths, judged answers, findings."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from ..errors import TransportError
from ..scim import FindingCode
from ..transport import Request, Response, ThrottledError, Transport
from .failure import Failure, TargetFailure
from .failures import MENDS, FailureReader
from .findings import FindingLog

if TYPE_CHECKING:
    from ..manifest import Manifest

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where one kind of object lives; `template` is what events show in place of an object's path."""

    kind: str
    collection: str
    template: str
    _prefix: str
    _slash: str

    @classmethod
    def of(cls, kind: str, path: str, *, slash: bool) -> Endpoint:
        """The endpoint at `path`; with `slash` every path ends in one."""
        path = path.rstrip("/")
        end = "/" if slash else ""
        return cls(kind, f"{path}{end}", f"{path}/{{id}}{end}", f"{path}/", end)

    def of_object(self, target_id: str) -> str:
        """The path of one object; ids are opaque and may hold any character."""
        return f"{self._prefix}{quote(target_id, safe='')}{self._slash}"


class Connection:
    """Sends requests of one target and turns failed answers into `TargetFailure`.

    Attributes:
        log: Departures from the standard met so far.
        worked: Kinds whose collection has answered as SCIM, so that a 404 there is no wrong address any more.
        writes_worked: Something has been changed with this credential.
        sleep, clock: Time, for pauses and for what lags behind.
    """

    def __init__(
        self,
        transport: Transport,
        failures: FailureReader,
        *,
        declared: Collection[str] = (),
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`declared` are the codes of findings that the manifest has told of already."""
        self.transport, self.failures = transport, failures
        self.sleep, self.clock = sleep, clock
        self.log = FindingLog(declared)
        self.worked: set[str] = set()
        self.writes_worked = False

    async def send(self, request: Request, operation: str, kind: str, *, paths: Collection[str] = ()) -> Response:
        """The answer of a request that succeeded.

        Raises:
            TargetFailure: It did not; also where the target went on refusing it as too fast.
            TransportError: There was no answer.
        """
        response = await self.answer(request, operation)
        if 200 <= response.status < 300:
            if not request.is_read:
                self.writes_worked = True
            return response
        raise self.failure(response, operation, kind, paths=paths)

    async def answer(self, request: Request, operation: str) -> Response:
        """The answer of whatever status."""
        try:
            return await self.transport.send(request)
        except ThrottledError as error:
            raise TargetFailure(
                f"{operation}: {error.what}",
                error.where,
                error.mend,
                status=error.status,
                code="TooManyRequests",
                failure=Failure.RATE_LIMITED,
                retry_after_seconds=error.retry_after_seconds,
            ) from error

    def failure(self, response: Response, operation: str, kind: str, *, paths: Collection[str] = ()) -> TargetFailure:
        """What a failed answer means."""
        return self.failures.read(response, operation, kind, writes_worked=self.writes_worked, paths=paths)

    def json(self, response: Response, operation: str) -> object:
        """The body of a successful answer.

        Raises:
            TargetFailure: STOP: it is no JSON, so the address is not the API's.
        """
        try:
            return response.json()
        except TransportError as error:
            if response.media_type == "text/html":
                self.log.add("html_answer", operation)
            raise TargetFailure(
                error.what, error.where, error.mend, status=response.status, failure=Failure.STOP
            ) from error


def declared_departures(manifest: Manifest) -> list[str]:
    """Codes of the findings that a manifest has told of already, so that reports show what is new."""
    codes = []
    if "application/scim+json" not in manifest.transport.accept:
        codes.append(str(FindingCode.WRONG_CONTENT_TYPE))
    if manifest.quirks_for("user").has("null_values.equal_absent"):
        codes.append(str(FindingCode.NULL_VALUES))
    if manifest.quirks_for("user").has("page.total_unreliable"):
        codes += [str(FindingCode.MOVING_TOTAL), str(FindingCode.TOTAL_MISSING)]
    return codes


def refused_here(what: str, where: str, mend: str | None = None, *, failure: Failure = Failure.OBJECT) -> TargetFailure:
    """A refusal decided before a request, because a quirk says that the request would be in vain."""
    return TargetFailure(what, where, mend or MENDS[failure], code="EntryRefused", failure=failure)


def endpoints(manifest: Manifest) -> Mapping[str, Endpoint]:
    """The endpoints that a manifest declares, slashes as its quirk `trailing_slash` wants them."""
    slash = manifest.quirks_for("user").value("trailing_slash", str) == "required"
    transport = manifest.transport
    return {
        "user": Endpoint.of("user", transport.user_path, slash=slash),
        "group": Endpoint.of("group", transport.group_path, slash=slash),
    }
