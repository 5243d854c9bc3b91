"""Sending to an instance that may be asleep, or have forgotten for a moment who is asking."""

from __future__ import annotations

from typing import Final

from gallery_sdk.errors import OutcomeUnknownError
from gallery_sdk.targets import Failure, TargetFailure
from gallery_sdk.targets.rest import RestConnection
from gallery_sdk.transport import Request, Response

from .quirks import is_page

_PAUSES: Final = (0.5, 2.0)


class InstanceConnection(RestConnection):
    """A connection that asks again, twice, after a 401 or a page in place of JSON.

    Both are seen right after an instance was idle, and neither carries anything out
    (https://github.com/ConductorOne/baton-servicenow, read 2026-11-23). A credential that has never worked is tried
    once more only, so that a wrong password does not lock the account.
    """

    _has_worked = False

    async def answer(self, request: Request, operation: str) -> Response:
        """The answer of whatever status.

        Raises:
            TargetFailure: STOP: the instance goes on answering with a page.
            OutcomeUnknownError: A create was answered with a page; whoever sent it must look before sending it again.
        """
        response = await super().answer(request, operation)
        for pause in _PAUSES if self._has_worked else _PAUSES[:1]:
            if response.status != 401 and not is_page(response):
                break
            if is_page(response):
                self.log.add("html_answer", operation)
                if not request.may_repeat:
                    raise OutcomeUnknownError(
                        "the instance answered with a page of HTML in place of JSON",
                        response.request_line,
                        "Look whether it was done before sending it again",
                    )
            await self.sleep(pause)
            response = await super().answer(request, operation)
        if is_page(response):
            raise TargetFailure(
                f"{operation} was answered with a page of HTML: the instance is asleep, or its name is wrong",
                response.request_line,
                "Open the instance in a browser to wake it (developer instances hibernate), then run the job again",
                status=response.status,
                failure=Failure.STOP,
            )
        self._has_worked = self._has_worked or response.status < 400
        return response
