"""Whatever a manifest holds, reading and checking it ends in problems with places, never in a crash."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from gallery_sdk.manifest import Manifest, find_problems, problems_of

VALUES = st.sampled_from(
    [
        "",
        "x",
        "userName",
        "{tenant}",
        "https://[",
        "a[b eq",
        "Switch(",
        0,
        1,
        -1,
        True,
        1.5,
        [],
        ["x"],
        [{}],
        {},
        {"x": 1},
    ]
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _places(item, (*path, key))


@settings(max_examples=100)
@given(data=st.data())
def test_any_value_in_any_place_is_read_or_refused_with_its_place(sound: str, data: st.DataObject) -> None:
    """One or two places of a sound manifest get a value that has no business there."""
    changed = copy.deepcopy(tomllib.loads(sound))
    for _ in range(data.draw(st.integers(1, 2))):
        *above, last = data.draw(st.sampled_from(list(_places(changed))))
        holder = changed
        for key in above:
            holder = holder[key]
        holder[last] = copy.deepcopy(data.draw(VALUES))  # else a table could come to hold itself

    try:
        problems = find_problems(Manifest.model_validate(changed))
    except ValidationError as error:
        problems = problems_of(error, Manifest, "connector.toml")
        assert problems

    for problem in problems:
        assert problem.where.startswith("connector.toml")
        assert problem.what and problem.mend and not problem.mend.endswith(".")
        assert "pydantic" not in str(problem) and "Input should" not in str(problem)


@given(extra=st.text(min_size=1, max_size=8).filter(lambda name: not name.startswith("__")))
def test_an_unknown_field_is_refused_wherever_it_stands(sound: str, extra: str) -> None:
    """Top level, table, list of tables."""
    for path in ((), ("transport",), ("mapping", "user", 0), ("quirk", 0)):
        changed: Any = tomllib.loads(sound)
        holder = changed
        for key in path:
            holder = holder[key]
        name = f"x-{extra}"
        holder[name] = 1

        try:
            Manifest.model_validate(changed)
        except ValidationError as error:
            (problem,) = problems_of(error, Manifest, "connector.toml")
            assert f"{name!r} is not a known field" in problem.what
        else:
            raise AssertionError(f"{path} takes {name!r}")
