"""Markdown to HTML: guides of connectors, which strangers write, and our own documents.

HTML in the text is shown as text, links lead to https (or within the site), images are left out: a page never loads
anything from elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_NOT_WORD: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the text, for a table of contents."""

    id: str
    text: str
    level: int


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text as HTML.

    Attributes:
        title: The first heading of level 1, which is taken out of the HTML; "" where there is none.
        headings: The others, in order.
    """

    html: Markup
    title: str
    headings: tuple[Heading, ...]


def render_markdown(
    text: str, *, below: int = 1, prefix: str = "", link: Callable[[str], str] = lambda address: address
) -> Rendered:
    """Render CommonMark with tables.

    Args:
        below: Level of the heading that the text stands under; its own headings begin one lower.
        prefix: Begins the ids of headings, so that two texts fit one page.
        link: Turns a link that does not begin with a scheme into one within the site.
    """
    tokens = _parser().parse(text)
    title, tokens = _take_title(tokens)
    headings, taken = list[Heading](), set[str]()
    highest = min((int(one.tag[1]) for one in tokens if one.type == "heading_open"), default=2)
    level = below
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            # Whoever listens to a page goes by its levels, so none is left out where the text leaves one out.
            level = min(int(token.tag[1]) - highest + below + 1, level + 1, 6)
            token.tag = tokens[place + 2].tag = f"h{level}"
            words = _plain(tokens[place + 1])
            headings.append(Heading(_unused(prefix + slug_of(words), taken), words, int(token.tag[1])))
            token.attrSet("id", headings[-1].id)
        for child in token.children or ():
            _look_at_link(child, link)
        if token.type == "table_open":
            token.attrSet("tabindex", "0")  # it may scroll sideways, and then the keyboard must reach it
    # A listing may scroll too, and the renderer gives its attributes to the element inside.
    html = str(_parser().renderer.render(tokens, _parser().options, {})).replace("<pre>", '<pre tabindex="0">')
    # The renderer escapes every text and drops HTML, see `_parser`: what stands in angle brackets is its own.
    return Rendered(Markup(html), title, tuple(headings))  # noqa: S704


def slug_of(text: str) -> str:
    """A text as part of an address or an id."""
    return _NOT_WORD.sub("-", text.lower()).strip("-") or "section"


def _take_title(tokens: Sequence[Token]) -> tuple[str, list[Token]]:
    if tokens and tokens[0].type == "heading_open" and tokens[0].tag == "h1":
        return _plain(tokens[1]), list(tokens[3:])
    return "", list(tokens)


def _plain(inline: Token) -> str:
    return "".join(child.content for child in inline.children or ())


def _unused(id: str, taken: set[str]) -> str:
    found, number = id, 1
    while found in taken:
        number += 1
        found = f"{id}-{number}"
    taken.add(found)
    return found


def _look_at_link(token: Token, link: Callable[[str], str]) -> None:
    if token.type != "link_open":
        return
    address = str(token.attrGet("href") or "")
    if "://" in address:
        token.attrSet("rel", "noopener noreferrer")
    elif not address.startswith("mailto:"):
        token.attrSet("href", link(address))


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    parser.validateLink = _is_safe  # type: ignore[method-assign, assignment]  # the documented way to set the policy
    return parser


def _is_safe(address: str) -> bool:
    scheme = address.partition(":")[0].lower() if ":" in address else ""
    return scheme in ("", "https", "mailto")
