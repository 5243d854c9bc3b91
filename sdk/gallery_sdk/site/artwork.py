"""A picture for each connector: nine tiles of plain shapes, chosen by its name.

Vendors' logos are theirs to give; a picture of our own is the same wherever the site is built, and no two connectors
are likely to share one.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import Final

from markupsafe import Markup

# Ground and three paints; each set has one light, one dark and one warm paint, to be told apart on either theme.
_PALETTES: Final = (
    ("#e9dfcb", "#c8402a", "#1f3a5f", "#e0a93b"),
    ("#dfe5da", "#2f5d50", "#d9772b", "#17242b"),
    ("#efe4de", "#7b2d3b", "#27506e", "#e3b8a0"),
    ("#e2e4ec", "#33418c", "#d2573f", "#f0b54a"),
    ("#f0e7d0", "#205c66", "#b23a2f", "#d8a847"),
    ("#e6dfe8", "#54346b", "#d06a4f", "#8fa9b8"),
    ("#dce7e8", "#12505c", "#e07b39", "#2b2b3a"),
    ("#ece6df", "#3c3a36", "#bd4b32", "#9aa36b"),
)
_TILE: Final = 20
# Shapes of a tile of 20 by 20 whose upper left corner is the origin.
_SHAPES: Final = (
    "h20v20h-20z",
    "h20a20 20 0 0 1-20 20z",
    "m20 0v20a20 20 0 0 1-20-20z",
    "m20 20h-20a20 20 0 0 1 20-20z",
    "m0 20v-20a20 20 0 0 1 20 20z",
    "m0 10a10 10 0 0 1 20 0a10 10 0 0 1-20 0z",
    "m0 0l20 20h-20z",
    "m20 0v20l-20-20z",
    "m0 0h20a10 10 0 0 1-20 0z",
    "m0 20h20a10 10 0 0 0-20 0z",
    "m0 0h20v10h-20z",
    "m0 0h10v20h-10z",
)


@lru_cache(maxsize=4096)  # on the home page, on its own, and on the page of each of its topics
def artwork(slug: str) -> Markup:
    """The picture as an SVG element, without a title: it decorates."""
    seed = sha256(slug.encode()).digest()
    ground, *paints = _PALETTES[seed[0] % len(_PALETTES)]
    strokes: dict[str, list[str]] = {}
    for place in range(9):
        first, second = seed[1 + 2 * place], seed[2 + 2 * place]
        if first % 7 == 0 and place != 4:  # a tile left empty; never the middle one
            continue
        corner = f"M{place % 3 * _TILE} {place // 3 * _TILE}"
        strokes.setdefault(paints[second % 3], []).append(corner + _SHAPES[first % len(_SHAPES)])
    paths = "".join(f'<path fill="{paint}" d="{"".join(parts)}"/>' for paint, parts in strokes.items())
    # Nothing here comes from outside: colours and shapes are those above.
    return Markup(  # noqa: S704
        f'<svg class="art" viewBox="0 0 60 60" aria-hidden="true" focusable="false">'
        f'<path fill="{ground}" d="M0 0h60v60H0z"/>{paths}</svg>'
    )
