"""Values that must be free in the target: the first candidate of SelectUniqueValue that nobody has.

Source: Microsoft Entra provisioning, "Reference for writing expressions for attribute mappings", SelectUniqueValue.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ..targets import Failure, TargetFailure

if TYPE_CHECKING:
    from ..targets import Target
    from .actions import Action


class UniqueValues:
    """The candidates given away in one cycle, and the question to the target for the rest."""

    def __init__(self, target: Target, requests: asyncio.Semaphore) -> None:
        self._target, self._requests = target, requests
        self._taken: set[tuple[str, str]] = set()

    async def choose(self, action: Action) -> dict[str, object]:
        """Put the first free candidate of every path into the action, and return its values.

        Raises:
            TargetFailure: All candidates are taken.
        """
        values = dict(action.after)
        for path, candidates in action.unique.items():
            for candidate in candidates:
                taken = (path, candidate.casefold())
                if taken in self._taken:
                    continue
                # Taken before it is asked for: another person of the page may want it while the answer is on its way.
                self._taken.add(taken)
                async with self._requests:
                    hits = await self._target.find(action.kind, path, candidate)
                if not hits:
                    values[path] = candidate
                    break
            else:
                raise TargetFailure(
                    f"all {len(candidates)} candidates for {path} are taken", f"{action.kind} {action.source_id}",
                    "Add a rule to SelectUniqueValue", code="UniqueValueExhausted", failure=Failure.OBJECT,
                )  # fmt: skip
        action.after = values
        action.changed = list(values)
        return values
