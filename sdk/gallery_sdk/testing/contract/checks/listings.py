"""Listings that go wrong on the way: what is missing from half a list must not look absent.

Each must come to an end. How many accounts it gave twice, and how many it left out without a word, is counted: the
gold tier asks for none of either.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from ....errors import GalleryError
from ....targets.rest import RestTarget
from ..checking import check
from ..stage import Stage
from ..wires import Exchange

if TYPE_CHECKING:
    from ....transport import WireResponse

_PAGE: Final = 2
_PEOPLE: Final = (6, 250)  # the more where an API has a smallest page
_MOST_REQUESTS: Final = 60
"""Many times as many as so many accounts can take: whoever asks for more would ask for ever."""


@check("MUST", needs=("user:create",), page_size=_PAGE)
async def repeated_page(stage: Stage) -> None:
    """A page that comes twice in place of the next ends in a whole listing, or in one that says that it is broken.

    Source: RFC 7644 section 3.4.2.4: a service provider may return other results when pages are asked for again.
    """
    made = await _people(stage)
    stage.wire.misbehave = _from_answer(2, until=2)

    _count(stage, await _listed(stage), least=len(made))


@check("MUST", needs=("user:create",), page_size=_PAGE)
async def standing_cursor(stage: Stage) -> None:
    """A listing that never gets on comes to an end, and is told as broken where accounts are missing.

    Source: RFC 9865 section 2.1 and RFC 7644 section 3.4.2.4: a page says where the next one begins.
    """
    made = await _people(stage)
    stage.wire.misbehave = _from_answer(2)

    _count(stage, await _listed(stage), least=len(made))


@check("MUST", needs=("user:create", "user:delete"), page_size=_PAGE)
async def shrinking_list(stage: Stage) -> None:
    """An account that is deleted while pages are read brings no other one twice, and the listing to its end.

    Source: RFC 7644 section 3.4.2.4: pages are not a snapshot.
    """
    made = await _people(stage)
    first = stage.made[0][1]

    async def shrink() -> None:
        await stage.target.delete("user", first)

    # By index, as many may slip out of sight as a page holds: the target does not say so, and nobody can know.
    _count(stage, await _listed(stage, after_first_page=shrink), least=len(made) - 1 - _PAGE)


async def _people(stage: Stage) -> set[str]:
    """Make accounts that fill several pages."""
    for holder in (stage.target, getattr(stage.target, "_inner", None)):
        if isinstance(holder, RestTarget):
            holder.page_size = _PAGE
    ids: set[str] = set()
    for enough in _PEOPLE:
        for number in range(len(ids) + 1, enough + 1):
            ids.add((await stage.user(number))[0])
        await _listed(stage)
        if len(stage.seen) > 1:
            return ids
    raise AssertionError(f"{len(ids)} accounts come in one page, and nothing can go wrong between pages")


async def _listed(stage: Stage, *, after_first_page: Callable[[], Awaitable[None]] | None = None) -> list[str] | None:
    """Ids in the order in which they came; None where the listing said that it is broken.

    Raises:
        AssertionError: There was no end.
    """
    stage.forget()
    found: list[str] = []
    try:
        async for page in stage.target.list_objects("user"):
            found += [one.id for one in page.objects]
            if after_first_page is not None:
                await after_first_page()
                after_first_page = None
    except GalleryError:
        return None
    finally:
        stage.wire.misbehave = None
    return found


def _count(stage: Stage, listed: list[str] | None, *, least: int) -> None:
    """Count what came twice, and what is missing although nobody says so."""
    whole = [] if listed is None else listed
    stage.measured["listed_twice"] = len(whole) - len(set(whole))
    stage.measured["missing_unsaid"] = 0 if listed is None else max(0, least - len(set(whole)))


def _from_answer(number: int, *, until: int | None = None) -> Callable[[Exchange], WireResponse | None]:
    """Give the first answer again, in place of that of the given number and of those that follow."""
    seen: list[Exchange] = []

    def misbehave(one: Exchange) -> WireResponse | None:
        if len(seen) >= _MOST_REQUESTS:
            raise AssertionError("the listing asks for ever")
        seen.append(one)
        place = len(seen)
        return seen[0].answer if number <= place and (until is None or place <= until) else None

    return misbehave
