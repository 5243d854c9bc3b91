"""What a connection asks of a credential; the kinds themselves live in the auth room."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Protocol, runtime_checkable


@runtime_checkable
class Credential(Protocol):
    """Puts a proof of identity on requests, and replaces it when the target refuses it.

    Attributes:
        generation: Grows with each renewal, so that fifty requests refused together renew once.
    """

    @property
    def generation(self) -> int: ...

    def headers_now(self) -> Mapping[str, str] | None:
        """Headers that can be sent without waiting, the same object until they change; None when `apply` must be asked.

        Called for every request: it must cost nothing.
        """
        ...

    async def apply(self, headers: dict[str, str], params: list[tuple[str, str]]) -> None:
        """Add the proof to a request's headers and query, fetching a token first when needed.

        Raises:
            AuthError: No token can be had.
        """
        ...

    async def renew(self, rejected_generation: int) -> bool:
        """Called once after a 401; True when the proof now differs from the rejected one, so sending again may help."""
        ...


_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class NoCredential:
    """For targets that ask for none: twins, and applications that trust the network."""

    generation = 0

    def headers_now(self) -> Mapping[str, str] | None:
        """Nothing, at once."""
        return _NOTHING

    async def apply(self, headers: dict[str, str], params: list[tuple[str, str]]) -> None:
        """Add nothing."""

    async def renew(self, rejected_generation: int) -> bool:
        """There is nothing to renew."""
        return False
