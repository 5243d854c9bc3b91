"""Columns that people fill with names although the API wants ids, and columns whose values are rows elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..failure import TargetFailure
from .catalogue import Catalogue
from .junctions import Junction


@dataclass(frozen=True, slots=True)
class NamedReference:
    """A column of names that is stored as an id.

    Attributes:
        field: The field of the record that holds the id; it may be the column itself.
        catalogue: What turns one into the other.
        lenient: A name that the target does not have is left out, with a finding, instead of failing the object.
    """

    field: str
    catalogue: Catalogue
    lenient: bool = False


@dataclass(frozen=True, slots=True)
class Grants:
    """A multi-valued column whose values are rows of a junction: permission sets, roles.

    Attributes:
        catalogue: Turns names into the ids that rows hold.
    """

    junction: Junction
    catalogue: Catalogue

    async def names_of(self, owners: Sequence[str]) -> dict[str, list[str]]:
        """Names by owner, sorted; an owner without any is not among the keys."""
        found = await self.junction.items_of(owners)
        return {
            owner: sorted([await self.catalogue.name_of(item) for item in items], key=str.casefold)
            for owner, items in found.items()
        }

    async def change(self, owner: str, before: object, after: object) -> None:
        """Make the rows what `after` says, knowing that they are what `before` says.

        Raises:
            TargetFailure: A name is unknown (then nothing is changed), or a row was refused.
        """
        old, new = await self._ids(before, known=True), await self._ids(after)
        outcome = await self.junction.change(
            owner, [one for one in new if one not in old], [one for one in old if one not in new]
        )
        for failure in outcome.refused.values():
            raise failure

    async def check(self, names: object) -> None:
        """Refuse unknown names before anything is sent."""
        await self._ids(names)

    async def _ids(self, names: object, *, known: bool = False) -> list[str]:
        ids: list[str] = []
        for name in role_names(names):
            try:
                ids.append(await self.catalogue.id_of(name))
            except TargetFailure:
                if not known:  # what was granted once and is no more has nothing to be revoked
                    raise
        return ids


def role_names(value: object) -> list[str]:
    """Names in a multi-valued column: texts, or role objects (RFC 7643 section 4.1.2) by what people read."""
    items = value if isinstance(value, (list, tuple)) else [value] if value else []
    names = (one.get("display") or one.get("value") if isinstance(one, dict) else one for one in items)
    return [str(name) for name in names if name]
