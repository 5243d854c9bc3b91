"""New members, up to 20 in one request: what is to be added at the same time travels together.

Source, read on 2026-11-23: https://github.com/dropbox/dropbox-api-spec (team.stone, `members/add:2`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from copy import copy
from typing import Any, Final, TypeAlias

from gallery_sdk.errors import GalleryError, OutcomeUnknownError
from gallery_sdk.targets import Failure, TargetFailure

from .quirks import tag_of

MOST: Final = 20
_GATHERING_SECONDS: Final = 0.002

Member: TypeAlias = dict[str, object]
Result: TypeAlias = Mapping[str, Any]
Send: TypeAlias = Callable[[Sequence[Member]], Awaitable[Sequence[Result]]]
"""Adds members; the results come in any order."""


class Adding:
    """Gathers members for a moment, sends them, and tells each caller what became of its own."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._waiting: list[tuple[Member, asyncio.Future[Result]]] = []
        self._sending: asyncio.Task[None] | None = None

    async def add(self, member: Member) -> Result:
        """What Dropbox says of one member.

        Raises:
            OutcomeUnknownError: It may or may not have been added.
            GalleryError: The request failed as a whole.
        """
        answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((member, answer))
        if self._sending is None:
            self._sending = asyncio.create_task(self._send_all())
        return await answer

    async def aclose(self) -> None:
        """Stop sending; nobody waits any more."""
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)

    async def _send_all(self) -> None:
        try:
            await asyncio.sleep(_GATHERING_SECONDS)
            while batch := self._next():
                await self._send_together(batch)
        finally:
            self._sending = None

    def _next(self) -> list[tuple[Member, asyncio.Future[Result]]]:
        """The next members, no address twice, since results are told apart by their address."""
        chosen: dict[str, tuple[Member, asyncio.Future[Result]]] = {}
        for one in self._waiting:
            if len(chosen) < MOST:
                chosen.setdefault(_address(one[0]), one)
        taken = {id(answer) for _, answer in chosen.values()}
        self._waiting = [one for one in self._waiting if id(one[1]) not in taken]
        return list(chosen.values())

    async def _send_together(self, batch: list[tuple[Member, asyncio.Future[Result]]]) -> None:
        try:
            results = await self._send([one for one, _ in batch])
        except TargetFailure as failure:
            if failure.failure is Failure.OBJECT and len(batch) > 1:
                # One malformed member has the whole request refused: find out which.
                for alone in batch:
                    await self._send_together([alone])
                return
            self._fail(batch, failure)
        except GalleryError as error:
            self._fail(batch, error)
        else:
            found = {_address_in(result): result for result in results}
            for one, answer in batch:
                if (result := found.get(_address(one))) is not None:
                    _settle(answer, result)
                else:
                    self._fail([(one, answer)], OutcomeUnknownError(
                        "Dropbox's answer does not say what became of a member", "POST /2/team/members/add_v2",
                        "Look whether it was added",
                    ))  # fmt: skip

    @staticmethod
    def _fail(batch: list[tuple[Member, asyncio.Future[Result]]], error: GalleryError) -> None:
        for _, answer in batch:
            if not answer.done():
                answer.set_exception(copy(error))


def _settle(answer: asyncio.Future[Result], result: Result) -> None:
    if not answer.done():
        answer.set_result(result)


def _address(member: Member) -> str:
    return str(member["member_email"]).casefold()


def _address_in(result: Result) -> str:
    """The address of a result: in the profile of a success, the value itself of an error."""
    profile = result.get("profile")
    value = profile.get("email") if isinstance(profile, Mapping) else result.get(tag_of(result))
    return str(value).casefold()
