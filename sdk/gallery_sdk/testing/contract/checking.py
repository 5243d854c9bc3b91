"""Checks: what is promised, by whose word, how strongly, and to which connectors it applies."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from .stage import Stage
    from .subject import Subject
    from .venues import Venue, VenueName

Grade = Literal["MUST", "SHOULD", "MAY"]
"""As in RFC 2119. A connector that breaks a MUST loses or doubles accounts, leaks, or stops."""

GRADES: Final[tuple[Grade, ...]] = ("MUST", "SHOULD", "MAY")
ANYWHERE: Final[tuple[VenueName, ...]] = ("twin", "cassette", "live")
RECORDED: Final[tuple[VenueName, ...]] = ("twin", "cassette")
TWIN: Final[tuple[VenueName, ...]] = ("twin",)

Run: TypeAlias = "Callable[[Subject, Venue], Coroutine[Any, Any, Mapping[str, int]]]"


@dataclass(frozen=True, slots=True)
class Check:
    """One promise.

    Attributes:
        name: Of the test, without `test_`; of the cassette, too.
        text: What is promised, and its source.
        run: Acts it; what comes back is what was counted on the way, see `Stage.measured`.
        venues: Where it can be checked. One that can be checked by a cassette is a behaviour that is recorded.
        needs: Capabilities (`user:create`) without which it does not apply.
        applies: A further condition.
        heavy: It acts on thousands of objects: whoever watches what a connector executes may leave it unwatched.
    """

    name: str
    grade: Grade
    text: str
    run: Run
    venues: tuple[VenueName, ...] = TWIN
    needs: tuple[str, ...] = ()
    applies: Callable[[Subject], bool] = lambda subject: True
    heavy: bool = False

    def fits(self, subject: Subject) -> bool:
        """Whether the connector's capabilities call for it."""
        able = all(subject.can(*need.split(":", 1)) for need in self.needs)
        return able and self.name not in subject.contract.left_out and self.applies(subject)


CHECKS: Final[dict[str, Check]] = {}
"""Every check of the suite but those of quirks, by name."""


def check(
    grade: Grade,
    *,
    venues: tuple[VenueName, ...] = TWIN,
    needs: tuple[str, ...] = (),
    applies: Callable[[Subject], bool] = lambda subject: True,
    page_size: int | None = None,
    heavy: bool = False,
) -> Callable[[Callable[[Stage], Awaitable[None]]], Callable[[Stage], Awaitable[None]]]:
    """Make a function over a stage a check; its docstring says what is promised and by whose word.

    Args:
        page_size: Of listings, where a few objects must make several pages.

    Raises:
        ValueError: The docstring names no source, or the name is taken.
    """

    def register(function: Callable[[Stage], Awaitable[None]]) -> Callable[[Stage], Awaitable[None]]:
        name, text = function.__name__, function.__doc__ or ""
        if "Source: " not in text or name in CHECKS:
            raise ValueError(f"check {name!r} needs a name of its own and a docstring with `Source: `")

        async def run(subject: Subject, venue: Venue) -> Mapping[str, int]:
            from .stage import open_stage, with_page_size

            manifest = subject.manifest if page_size is None else with_page_size(subject.manifest, page_size)
            async with open_stage(subject, venue, name, manifest=manifest) as stage:
                await function(stage)
            return stage.measured

        CHECKS[name] = Check(name, grade, text, run, venues, needs, applies, heavy)
        return function

    return register
