"""One page of the site, before it is rendered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Page:
    """What a template makes of data.

    Attributes:
        path: From the site's root: "" for home, `c/slack/` for a folder's index, else a file's name.
        template: Below `templates/`.
        title: Of the window; without the site's name.
        description: For search engines and link previews; plain text.
        section: Which entry of the navigation it belongs to.
        listed: Whether the site map names it.
    """

    path: str
    template: str
    title: str
    description: str = ""
    section: str = ""
    listed: bool = True
    data: Mapping[str, object] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """Where it is written, relative to the site."""
        return f"{self.path}index.html" if self.path == "" or self.path.endswith("/") else self.path

    @property
    def root(self) -> str:
        """The way from the page back to the site's root: "" or `../` as often as it takes."""
        return "../" * self.path.count("/")
