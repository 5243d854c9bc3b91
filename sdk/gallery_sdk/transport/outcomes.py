"""What an answer, or the lack of one, means for a request: done, send again after a while, or give up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from ..errors import OutcomeUnknownError, TlsError, TransportError
from .messages import Request, describe
from .retries import RetryPolicy, ThrottledError
from .waiting import Throttle, asked_wait, find_throttle, parse_retry_after
from .wire import NotSentError, TlsFailedError, TooLargeError, WireError, WireResponse

_LOOK_FIRST = "Look whether it was done before sending it again"

# What OpenSSL makes of an answer in plain HTTP, by version.
_NOT_TLS: Final = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE")


@dataclass(slots=True)
class Verdict:
    """What to do with an answer of status 300 or above.

    Attributes:
        asked: What the answer asks to wait, in seconds.
        wait: Send again after so many seconds; None hands the answer to the caller.
        throttled_for: The target finds us too fast: everything under the same limits pauses for so many seconds.
        error: Give up with this.
    """

    asked: float | None = None
    wait: float | None = None
    throttled_for: float | None = None
    error: TransportError | None = None


class Outcomes:
    """Applies a retry policy and the target's throttling rules."""

    def __init__(
        self,
        policy: RetryPolicy,
        throttles: Sequence[Throttle],
        *,
        base_url: str,
        wall_clock: Callable[[], float],
        random: Callable[[], float],
    ) -> None:
        self._policy, self._throttles = policy, tuple(throttles)
        self._base_url = base_url  # for messages
        self._wall_clock, self._random = wall_clock, random

    def after_answer(self, request: Request, answer: WireResponse, attempt: int, waited: float) -> Verdict:
        """Judge an answer; `waited` is the sum of this request's waits so far, in seconds."""
        now = self._wall_clock()
        throttle = find_throttle(self._throttles, answer.status, answer.content)
        if throttle is not None:
            asked = asked_wait(throttle, answer.headers, answer.content, now)
            if asked is not None or not throttle.needs_wait:
                return self._throttled(request, answer, throttle, asked, attempt, waited)
        header = answer.headers.get("retry-after")
        asked = None if header is None else parse_retry_after(header, now)
        if answer.status not in self._policy.repeat_statuses:
            return Verdict(asked)
        if not request.may_repeat:
            return Verdict(
                error=OutcomeUnknownError(
                    f"answered with status {answer.status}, which leaves open whether it was executed",
                    describe(request, self._base_url),
                    _LOOK_FIRST,
                )
            )
        wait = asked or self._policy.backoff_seconds(attempt, self._random)
        return Verdict(asked, wait if self._may_wait(attempt, wait, waited) else None)

    def after_failure(self, request: Request, failure: WireError, attempt: int, waited: float) -> float:
        """Seconds to wait before sending again.

        Raises:
            TlsError, OutcomeUnknownError, TransportError: It must not, or not any more, be sent again.
        """
        where, why = describe(request, self._base_url), str(failure)
        if isinstance(failure, TlsFailedError):
            mend = "Check the host name; for a private authority give its PEM file as the CA bundle"
            if any(sign in why for sign in _NOT_TLS):
                mend = "The other side does not speak TLS: check the port of the URL, and whether it begins with https"
            raise TlsError(f"no trusted connection: {why}; nothing was sent", where, mend) from failure
        is_sent = not isinstance(failure, NotSentError)
        may_repeat = not isinstance(failure, TooLargeError) and (not is_sent or request.may_repeat)
        wait = self._policy.backoff_seconds(attempt, self._random)
        if may_repeat and self._may_wait(attempt, wait, waited):
            return wait
        tries = f" after {attempt} tries" if attempt > 1 else ""
        if not is_sent:
            raise TransportError(
                f"{why}{tries}; nothing was sent",
                where,
                "Check the base URL, the network, the proxy, and whether the target wants a client certificate",
            ) from failure
        if request.is_read:
            raise TransportError(f"{why}{tries}", where, "Try again later; reading changes nothing") from failure
        raise OutcomeUnknownError(f"{why}{tries}, and it may have been executed", where, _LOOK_FIRST) from failure

    def _throttled(
        self,
        request: Request,
        answer: WireResponse,
        throttle: Throttle,
        asked: float | None,
        attempt: int,
        waited: float,
    ) -> Verdict:
        policy = self._policy
        wait = asked if asked is not None else throttle.default_wait_seconds
        if not wait or attempt > 1:
            # Some targets ask for no wait at all, or for the same too short one again and again.
            wait = max(wait or 0.0, policy.backoff_seconds(attempt, self._random))
        verdict = Verdict(asked, throttled_for=wait)
        if not self._may_wait(attempt, wait, waited):
            reason = f"asks to wait {wait:.0f} s more" if asked is not None else f"was still too fast at try {attempt}"
            verdict.error = self._too_fast(request, f"(status {answer.status}) and {reason}", asked, answer.status)
        return verdict

    def put_off(self, request: Request, seconds: float) -> ThrottledError:
        """What becomes of a request that is not sent, for the target wants to be left alone for so many seconds."""
        return self._too_fast(request, f"for {seconds:.0f} s more; it was not sent", seconds, 429)

    def _too_fast(self, request: Request, how: str, asked: float | None, status: int) -> ThrottledError:
        return ThrottledError(
            f"the target refuses requests as too fast {how}",
            describe(request, self._base_url),
            "Run the job again later, or lower its request rate; other clients may share the limit",
            asked,
            status,
        )

    def _may_wait(self, attempt: int, wait: float, waited: float) -> bool:
        policy = self._policy
        is_short = wait <= policy.max_wait_seconds and waited + wait <= policy.max_total_wait_seconds
        return attempt < policy.tries and is_short
