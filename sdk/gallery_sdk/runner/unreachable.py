"""The target of a connection that could not be opened: it answers every question with the reason why.

With it a job is opened all the same, so that a cycle fails where cycles fail: with a record, a line in the log and
its place in quarantine; and a connection test can say which step failed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, NoReturn

from ..errors import AuthError, GalleryError
from ..targets import ConnectionReport, MemberOutcome, TargetCapabilities, TargetObject, TargetPage

if TYPE_CHECKING:
    from ..manifest import Manifest
    from ..targets import Canonical, Comparer, TargetFinding


class UnreachableTarget:
    """What stands in for a target that is not there.

    Attributes:
        error: Why the connection could not be opened.
    """

    requests_sent = 0

    def __init__(self, manifest: Manifest, error: GalleryError) -> None:
        self.error = error
        able = {kind: frozenset(manifest.capabilities.of(kind)) for kind in ("user", "group")}
        self._capabilities = TargetCapabilities(operations=able)

    @property
    def capabilities(self) -> TargetCapabilities:
        """What the manifest says can be done, were it there."""
        return self._capabilities

    @property
    def findings(self) -> tuple[TargetFinding, ...]:
        """None: it was never met."""
        return ()

    async def open(self) -> None:
        """Fail as before; a connection is opened anew with its job."""
        self._fail()

    async def test(self) -> ConnectionReport:
        """The one step that failed: signing in, or reaching the address."""
        name = "sign in" if isinstance(self.error, AuthError) else "connect"
        return ConnectionReport.of(
            name, ok=False, detail=f"{self.error.what} ({self.error.where})", mend=self.error.mend
        )

    async def count(self, kind: str) -> int | None:
        """Fail."""
        self._fail()

    async def list_objects(self, kind: str, *, members: bool = False) -> AsyncIterator[TargetPage]:
        """Fail."""
        self._fail()
        yield TargetPage([])  # which makes this the iterator that the interface promises

    async def find(self, kind: str, path: str, value: object) -> list[TargetObject]:
        """Fail."""
        self._fail()

    async def read(self, kind: str, target_id: str, *, members: bool = False) -> TargetObject | None:
        """Fail."""
        self._fail()

    async def create(self, kind: str, values: Mapping[str, object], *, members: Sequence[str] = ()) -> TargetObject:
        """Fail."""
        self._fail()

    async def update(
        self, kind: str, target_id: str, before: Mapping[str, object], after: Mapping[str, object]
    ) -> TargetObject | None:
        """Fail."""
        self._fail()

    async def delete(self, kind: str, target_id: str) -> None:
        """Fail."""
        self._fail()

    async def read_members(self, target_id: str) -> set[str]:
        """Fail."""
        self._fail()

    async def change_members(
        self, target_id: str, add: Sequence[str], remove: Sequence[str], *, current_size: int
    ) -> MemberOutcome:
        """Fail."""
        self._fail()

    def canonical(self, kind: str) -> Canonical | None:
        """Nothing to normalise for."""
        return None

    def comparer(self, kind: str) -> Comparer | None:
        """Nothing to compare with."""
        return None

    def estimate(self, operation: str, kind: str, *, members: int = 0) -> int:
        """What any operation costs at least."""
        return 1

    async def aclose(self) -> None:
        """Nothing was opened."""

    def _fail(self) -> NoReturn:
        raise self.error
