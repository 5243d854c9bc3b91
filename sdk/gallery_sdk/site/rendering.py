"""Pages to HTML: the templates, and what all of them can use."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from .._version import __version__
from ..catalog import Catalog
from ..catalog.grading import rules
from ..manifest import VOCABULARY
from ..manifest.base import Mark
from ..manifest.wording import limit_text, limited_text
from ..reference.quirks import declaration
from . import connector, wording
from .artwork import artwork
from .markdown import render_markdown
from .page import Page
from .topics import topic_path

MISSING: Final = "404.html"
STATIC: Final = Path(__file__).with_name("static")
NAVIGATION: Final = (
    ("connectors", "", "Connectors"),
    ("quirks", "quirks/", "Quirks"),
    ("auth", "auth/", "Sign-in"),
    ("tier", "tier/", "Tiers"),
    ("compare", "compare/", "Compare"),
    ("docs", "docs/", "Docs"),
    ("api", "api/", "API"),
)
# Nothing is loaded from elsewhere and nothing runs inline; `serve` sends the same as a header.
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'self'"
)


@dataclass(frozen=True, slots=True)
class SiteName:
    """What a site calls itself, and where it will stand.

    Attributes:
        title: In the head of every page.
        url: Address of its root, with a slash at the end; None when it is not known, and the site can be put anywhere.
    """

    title: str = "The open gallery"
    url: str | None = None


class Renderer:
    """Turns pages into HTML. One is made per site: templates are compiled once."""

    def __init__(self, name: SiteName, catalog: Catalog) -> None:
        """For a site of that name with that catalog."""
        self._name = name
        self._jinja = Environment(
            loader=PackageLoader(__package__ or "gallery_sdk.site", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._jinja.globals.update(
            site=name,
            navigation=NAVIGATION,
            policy=CONTENT_SECURITY_POLICY,
            generated=catalog.generated.date(),
            catalog_version=catalog.version,
            categories={one.id: one.name for one in catalog.categories},
            tier_rules=rules(),
            vocabulary=VOCABULARY,
            declaration=declaration,
            feed_id=f"urn:uuid:{uuid5(NAMESPACE_URL, name.url or name.title)}",
            sdk_version=__version__,
            words=wording,
            artwork=artwork,
            counted=_counted,
            source=_source,
            outward=_outward,
            slugs=catalog.by_slug.keys(),
            topic_path=topic_path,
            asset=_asset_names().__getitem__,
            scope_lines=connector.scope_lines,
            limit_text=limit_text,
            limited_text=limited_text,
            shown=connector.shown,
            quirk_value=connector.quirk_value,
            quirk_doc=connector.quirk_doc,
        )
        self._jinja.tests["installable"] = catalog.can_be_installed
        self._jinja.filters["markdown"] = _cached(lambda text: render_markdown(text).html)
        self._jinja.filters["ticks"] = _ticks
        self._jinja.filters["breaking"] = _breaking

    def render(self, page: Page) -> bytes:
        """The page as a file's content, UTF-8."""
        template = self._jinja.get_template(page.template)
        # Whatever address was asked for, the page that says so finds its style: from the root of the server.
        root = (urlsplit(self._name.url).path if self._name.url else "/") if page.path == MISSING else page.root
        return template.render(page=page, root=root, **page.data).encode()


def static_files() -> dict[str, bytes]:
    """Style, scripts and pictures, under names that change with their content: caches may keep them for good."""
    return {
        f"static/{name}": _linked((STATIC / plain).read_text("utf-8")).encode()
        for plain, name in _asset_names().items()
    }


@cache
def _asset_names() -> dict[str, str]:
    texts = {path.name: path.read_bytes() for path in sorted(STATIC.iterdir()) if path.is_file()}
    together = sha256(b"".join(texts.values())).hexdigest()[:10]  # scripts import each other: they change together
    return {name: f"{Path(name).stem}.{together}{Path(name).suffix}" for name in texts}


def _linked(text: str) -> str:
    """Imports between scripts, by the names that these get."""
    for plain, name in _asset_names().items():
        text = text.replace(f'"./{plain}"', f'"./{name}"')
    return text


def _cached(render: Callable[[str], Markup]) -> Callable[[str], Markup]:
    """The same few texts, such as what a quirk does, stand on many pages."""
    known: dict[str, Markup] = {}

    def cached(text: str) -> Markup:
        if text not in known:
            known[text] = render(text)
        return known[text]

    return cached


@lru_cache(maxsize=4096)
def _ticks(text: str) -> Markup:
    """Text in which backticks set off what a machine reads."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # one of them is no bracket
        return Markup("") + text
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if odd % 2 else part for odd, part in enumerate(parts)
    )


@lru_cache(maxsize=4096)
def _breaking(text: str) -> Markup:
    """A path or an expression that may break between its parts, rather than in a word."""
    return Markup(_PART.sub("<wbr>", str(escape(text))))  # noqa: S704 - escaped; no entity holds such a character


_PART: Final = re.compile(r"(?<=[:.(,_])")


@lru_cache(maxsize=4096)
def _source(address: str | None, mark: Mark | None = None, read: date | None = None) -> Markup:
    """Where a fact was read, how well it is founded, and when."""
    parts = [_outward(address)] if address else []
    if mark:
        parts.append(_MARK.format(mark, wording.MARKS[mark], mark))
    if read:
        parts.append(Markup("<span>read {}</span>").format(read))
    return Markup('<span class="source">{}</span>').format(Markup(" ").join(parts)) if parts else Markup("")


_LINK: Final = Markup('<a href="{}" rel="noopener noreferrer">{}</a>')
_MARK: Final = Markup('<span class="mark-{}" title="{}">{}</span>')


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _outward(address: str, words: str = "") -> Markup:
    """A link to elsewhere; what is no https address is shown as text, since a source may be a book, or a trap."""
    try:
        parts = urlsplit(address)
        if parts.scheme == "https" and parts.hostname:
            return _LINK.format(address, words or _breaking(parts.hostname))
    except ValueError:  # brackets that hold no IPv6 address
        pass
    return escape(words or address)
