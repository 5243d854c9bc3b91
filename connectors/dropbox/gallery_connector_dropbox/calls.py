"""Calling a route, and waiting for what it became: the server decides whether a call is done at once or as a job.

Source, read on 2026-11-23: https://github.com/dropbox/dropbox-api-spec (async.stone), and for the wire
https://github.com/dropbox/dropbox-sdk-python (dropbox_client.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from gallery_sdk.errors import OutcomeUnknownError
from gallery_sdk.targets import Failure, TargetFailure
from gallery_sdk.targets.rest import RestConnection
from gallery_sdk.transport import Request, Response

from .quirks import tag_of

_FIRST_PAUSE: Final = 0.25
_LONGEST_PAUSE: Final = 8.0
_PATIENCE: Final = 180.0
"""Seconds between two looks at a job, and after which nobody looks any more."""


class Calls:
    """Calls of one connection."""

    def __init__(self, connection: RestConnection) -> None:
        self.connection = connection

    async def fetch(
        self,
        route: str,
        argument: object,
        operation: str,
        kind: str,
        *,
        needs: Mapping[str, type] | None = None,
        repeats: bool = True,
        paths: Collection[str] = (),
    ) -> dict[str, Any]:
        """The object that a route answers with.

        Args:
            needs: Members that must be there, and of which type.
            repeats: Calling it twice does the same as calling it once.
        """
        request = self.request(route, argument, repeats=repeats)
        return await self.connection.fetch_object(request, operation, kind, needs=needs, paths=paths)

    async def items(self, route: str, argument: object, operation: str, kind: str) -> list[dict[str, Any]]:
        """The objects of a route that answers with a bare list."""
        found = await self.connection.fetch(self.request(route, argument), operation, kind)
        if not isinstance(found, list):
            raise TargetFailure(
                f"{operation}: a success came without the list that {route} answers with",
                f"POST /2/{route}",
                "Check the address; something else may answer in its place",
                failure=Failure.STOP,
            )
        return [one for one in found if isinstance(one, dict)]

    async def do(
        self, route: str, argument: object, operation: str, kind: str, *, key: str, paths: Collection[str] = ()
    ) -> None:
        """Call a route whose result does not matter, or is `null`; `key` is the object that it changes."""
        await self.connection.fetch(self.request(route, argument, key=key), operation, kind, paths=paths)

    async def answer(self, route: str, argument: object, operation: str, *, key: str) -> Response:
        """The answer of whatever status."""
        return await self.connection.answer(self.request(route, argument, key=key), operation)

    async def finished(self, answer: Mapping[str, Any], route: str, operation: str, kind: str) -> Mapping[str, Any]:
        """The result of a call that may have become a job.

        Args:
            route: Where its job is asked for.

        Raises:
            OutcomeUnknownError: The job failed, is unknown, or takes longer than anybody waits. It may have done all
                of its work or none.
        """
        if tag_of(answer) != "async_job_id":
            return answer
        argument = {"async_job_id": answer.get("async_job_id")}
        pause, waited, why = _FIRST_PAUSE, 0.0, "is not done yet"
        while waited < _PATIENCE:
            await self.connection.sleep(pause)
            waited, pause = waited + pause, min(pause * 2, _LONGEST_PAUSE)
            try:
                answer = await self.fetch(route, argument, operation, kind)
            except TargetFailure as failure:
                if failure.failure in (Failure.STOP, Failure.RATE_LIMITED):
                    raise
                why = f"cannot be asked for ({failure.code})"
                break
            if tag_of(answer) == "failed":
                why = f"failed ({answer.get('failed')})"
                break
            if tag_of(answer) != "in_progress":
                return answer
        raise OutcomeUnknownError(
            f"{operation}: Dropbox made a job of it, which {why}", f"POST /2/{route}", "Look whether it was done"
        )

    @staticmethod
    def request(route: str, argument: object, *, repeats: bool = True, key: str | None = None) -> Request:
        """The request of a call. A route without argument takes the JSON literal `null`."""
        path = f"/2/{route}"
        if argument is None:
            return Request("POST", path, content=b"null", idempotent=repeats, key=key, label=route, template=path)
        return Request("POST", path, json=argument, idempotent=repeats, key=key, label=route, template=path)
