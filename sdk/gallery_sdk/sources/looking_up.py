"""Finding one object by the name that a person types."""

from __future__ import annotations

from typing import Final

from gallery_sdk.errors import SourceError

from .objects import SourceObject, SourceProblem

NAMING: Final = (
    "userPrincipalName",
    "userName",
    "mail",
    "email",
    "employeeId",
    "employeeNumber",
    "externalId",
    "mailNickname",
    "samAccountName",
    "onPremisesSamAccountName",
    "objectId",
    "displayName",
)
"""Attributes that a person names an object by, the surest first. Compared without regard to case."""


class Candidates:
    """Collects the objects that answer to a name while a source is read once."""

    def __init__(self, name: str) -> None:
        self._name, self._folded = name, name.casefold()
        self._exact: SourceObject | None = None
        self._named: dict[int, list[SourceObject]] = {}
        self._problem: SourceProblem | None = None
        self._keyless: SourceProblem | None = None

    def consider(self, item: SourceObject | SourceProblem) -> None:
        """Look at one object or problem of the read."""
        if isinstance(item, SourceProblem):
            if item.id == self._name:
                self._problem = item
            elif item.id is None:
                self._keyless = item
        elif item.id == self._name:
            self._exact = item
        elif self._exact is None:
            for rank, attribute in enumerate(NAMING):
                value = item.attributes.get(attribute)
                if isinstance(value, str) and value.casefold() == self._folded:
                    self._named.setdefault(rank, []).append(item)
                    return

    def decide(self, source: str) -> SourceObject | None:
        """The one object, or None if the whole source certainly has none.

        Raises:
            SourceError: The row has a problem, several objects have the name, or a row without a readable
                key might be the one.
        """
        if self._exact:
            return self._exact
        if self._problem:
            raise SourceError(self._problem.what, self._problem.where, self._problem.mend)
        if self._named:
            rank = min(self._named)
            found = self._named[rank]
            if len(found) > 1:
                raise SourceError(
                    f"{len(found)} objects have this {NAMING[rank]}", source, "Name the one that is meant by its key"
                )
            return found[0]
        if self._keyless:
            raise SourceError(
                f"nobody has this key or name, but a row could not be read ({self._keyless.where})",
                source,
                "Mend the row and try again",
            )
        return None
