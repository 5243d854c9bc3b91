"""From an answer or two to a connector's folder.

Templates lie beside this module: `common` for every connector, a folder per protocol on top. Their paths are templates,
too: `__package__` stands for the import package.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Literal, get_args

from ..errors import UsageError
from ..manifest import CATEGORIES, did_you_mean
from ..manifest.checks.identity import SLUG

Protocol = Literal["scim2", "rest"]
PROTOCOLS: Final[tuple[Protocol, ...]] = get_args(Protocol)

_TEMPLATES: Final = Path(__file__).with_name("templates")
_HTTPS: Final = re.compile(r"https://(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)+)(?:/[\w./~-]*)?")
_CONTROL: Final = re.compile(r'[\x00-\x1f\x7f"\\{}]')


@dataclass(frozen=True, slots=True)
class NewConnector:
    """What a template is told.

    Attributes:
        slug: The connector's name everywhere.
        name: The app's, for people.
        base_url: Where the API begins; https, without a slash at the end.
        docs_url: The vendor's page about it.
        day: Written where facts are dated.
    """

    slug: str
    name: str
    protocol: Protocol
    category: str
    vendor: str
    maintainer: str
    base_url: str
    docs_url: str
    day: date

    @property
    def package(self) -> str:
        """The import package."""
        return f"gallery_connector_{self.slug.replace('-', '_')}"

    @property
    def title(self) -> str:
        """The slug as part of a class's name."""
        return "".join(part.capitalize() for part in self.slug.split("-"))

    @property
    def host(self) -> str:
        """The host of the API."""
        found = _HTTPS.fullmatch(self.base_url)
        return found["host"] if found else ""

    def check(self) -> None:
        """Refuse what would not make a sound connector.

        Raises:
            UsageError: A value is none that a manifest can hold.
        """
        if not SLUG.fullmatch(self.slug):
            raise UsageError(
                f"{self.slug!r} is not a slug",
                "gallery new",
                "Use 2 to 40 lower-case letters, digits and dashes, no dash at either end",
            )
        if self.category not in CATEGORIES:
            otherwise = f"Use one of {', '.join(CATEGORIES)}"
            raise UsageError(
                f"{self.category!r} is not a category",
                "gallery new",
                did_you_mean(self.category, CATEGORIES, otherwise),
            )
        for option in ("base_url", "docs_url"):
            value = getattr(self, option)
            if not _HTTPS.fullmatch(value):
                name = f"--{option.replace('_', '-')}"
                raise UsageError(f"{value!r} is not an https address", name, "Write https://, host and path")
        for option in ("name", "vendor", "maintainer"):
            value = getattr(self, option)
            if not value.strip() or _CONTROL.search(value):
                raise UsageError(
                    f"{value!r} cannot stand in a manifest", f"--{option}", "Leave out quotes, braces and backslashes"
                )


def write_connector(asked: NewConnector, parent: Path) -> list[Path]:
    """Write a new connector's folder, `parent/<slug>`.

    Returns:
        Its files, sorted.

    Raises:
        UsageError: A value does not do, or the folder is there already; nothing is written then.
    """
    from jinja2 import Environment, StrictUndefined

    asked.check()
    folder = parent / asked.slug
    if folder.exists():
        raise UsageError("there is something of that name already", str(folder), "Choose another slug, or remove it")
    # What is written is TOML, Markdown and Python, where HTML's escapes would be wrong; `check` lets no quote in.
    jinja = Environment(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)  # noqa: S701
    texts: dict[Path, str] = {}
    for part in ("common", asked.protocol):
        root = _TEMPLATES / part
        for path in sorted(root.rglob("*.jinja")):
            name = path.relative_to(root).as_posix().removesuffix(".jinja").replace("__package__", asked.package)
            texts[folder / name] = jinja.from_string(path.read_text("utf-8")).render(new=asked)
    try:
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror}", str(folder), "Check who may write there") from error
    return sorted(texts)
