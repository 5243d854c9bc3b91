"""Invented connectors by the hundred, as a repository holds them and as an installer lays them out.

Their manifests are those of this repository's own connectors under other names, so that length, facts and spelling are
those of real ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import cycle, islice, product
from pathlib import Path
from typing import Final, NamedTuple

from .running import ROOT

MOST: Final = 300
SOUGHT: Final = "crm"
"""A category that every fifth of them is filed under, for searching."""

# No two slugs made of these look alike, which would keep both out of a catalog.
_FIRST: Final = (
    "amber", "birch", "cobalt", "delta", "falcon", "granite", "harbor", "indigo", "juniper", "keystone",
    "lumen", "meadow", "nimbus", "orchid", "pioneer", "quartz", "raven", "summit", "tundra", "velvet",
)  # fmt: skip
_SECOND: Final = {
    "books": ("finance", "Invoices and ledgers"),
    "calls": ("communications", "Telephone numbers and queues"),
    "desk": ("itsm", "Tickets and assets"),
    "forms": ("productivity", "Questions and answers"),
    "hire": ("human-resources", "Candidates and offers"),
    "invoice": ("finance", "Bills and payments"),
    "ledger": (SOUGHT, "Accounts and contracts"),
    "mail": ("marketing", "Campaigns and lists"),
    "notes": ("collaboration", "Pages and tables"),
    "people": (SOUGHT, "Contacts and companies"),
    "recruit": ("human-resources", "Jobs and interviews"),
    "sign": ("legal", "Documents and signatures"),
    "travel": ("travel", "Trips and receipts"),
    "vault": ("security", "Keys and certificates"),
    "wiki": (SOUGHT, "Articles and spaces"),
}


class Invented(NamedTuple):
    """One invented connector. `guide` is the text of its setup.md."""

    slug: str
    manifest: str
    guide: str

    @property
    def package(self) -> str:
        """Its import package."""
        return f"gallery_connector_{self.slug.replace('-', '_')}"


def invented_connectors(count: int = MOST) -> Iterator[Invented]:
    """The first `count` of them, at most `MOST`; always the same ones."""
    guides = sorted((ROOT / "connectors").glob("*/gallery_connector_*/setup.md"))
    models = [(one.with_name("connector.toml").read_text("utf-8"), one.read_text("utf-8")) for one in guides]
    for (first, second), (manifest, guide) in islice(zip(product(_FIRST, _SECOND), cycle(models), strict=False), count):
        slug, name = f"{first}-{second}", f"{first.title()} {second.title()}"
        category, subject = _SECOND[second]
        yield Invented(
            slug,
            _renamed(
                manifest,
                {
                    "slug": f'"{slug}"',
                    "name": f'"{name}"',
                    "summary": f'"{subject} of {name}"',
                    "categories": f'["{category}"]',
                    "keywords": f'["{second}", "{subject.split()[0].lower()}"]',
                    "aliases": f'["{first.title()} for {second}"]',
                },
            ),
            guide,
        )


def _renamed(manifest: str, values: Mapping[str, str]) -> str:
    """The manifest with other values at its top; each stands on a line of its own."""
    top, table, rest = manifest.partition("\n[")
    for key, value in values.items():
        top, found = re.subn(rf"^{key} = .*$", f"{key} = {value}", top, count=1, flags=re.MULTILINE)
        assert found, f"no line `{key} =` at the top of a manifest"
    return top + table + rest


def write_repository(root: Path, count: int = MOST) -> Path:
    """Write a repository of connectors, ready for `gallery_sdk.catalog.build`, and return its folder."""
    for one in invented_connectors(count):
        folder = root / "connectors" / one.slug
        (folder / one.package).mkdir(parents=True)
        (folder / one.package / "connector.toml").write_text(one.manifest, "utf-8")
        (folder / one.package / "setup.md").write_text(one.guide, "utf-8")
        (folder / "README.md").write_text(f"# {one.slug}\n", "utf-8")
        (folder / "pyproject.toml").write_text(_PROJECT.format(slug=one.slug, package=one.package), "utf-8")
    (root / "registry").mkdir(parents=True)
    (root / "registry" / "catalog.toml").write_text("version = 1\ndate = 2026-11-25\nvalid_days = 400\n", "utf-8")
    return root


def install_connectors(site: Path, count: int = MOST) -> None:
    """Lay them out in a folder of `sys.path` as an installer would, each with a little code.

    The code holds what a search by loading would need, and imports nothing but the hook marker.
    """
    for one in invented_connectors(count):
        package, info = site / one.package, site / f"{one.package}-1.0.0.dist-info"
        package.mkdir(parents=True)
        info.mkdir()
        name, summary, categories = (_top_line(one.manifest, key) for key in ("name", "summary", "categories"))
        (package / "__init__.py").write_text("", "utf-8")
        (package / "connector.toml").write_text(one.manifest, "utf-8")
        (package / "plugin.py").write_text(_PLUGIN.format(name=name, summary=summary, categories=categories), "utf-8")
        (info / "METADATA").write_text(_METADATA.format(slug=one.slug) + one.guide, "utf-8")
        (info / "entry_points.txt").write_text(f"[gallery.connectors]\n{one.slug} = {one.package}.plugin\n", "utf-8")
        files = ("__init__.py", "connector.toml", "plugin.py")
        (info / "RECORD").write_text("".join(f"{one.package}/{file},,\n" for file in files), "utf-8")


def _top_line(manifest: str, key: str) -> str:
    """The value of a key of the top, as it is written."""
    found = re.search(rf"^{key} = (.*)$", manifest, flags=re.MULTILINE)
    assert found is not None
    return found[1]


_PROJECT: Final = """\
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "gallery-connector-{slug}"
version = "0.1.0"
license = "Apache-2.0"
requires-python = ">=3.11"
dependencies = ["gallery-sdk>=0.1,<1"]

[project.entry-points."gallery.connectors"]
{slug} = "gallery_sdk.plugins.declarative:connector"

[tool.hatch.build.targets.wheel]
packages = ["{package}"]
"""
_PLUGIN: Final = '''\
"""An invented connector."""

from gallery_sdk import hookimpl

NAME = {name}
SUMMARY = {summary}
CATEGORIES = {categories}


@hookimpl
def gallery_shape_patch(operations):
    """Send them as they are."""
    return list(operations)
'''
_METADATA: Final = """\
Metadata-Version: 2.4
Name: gallery-connector-{slug}
Version: 1.0.0
Requires-Python: >=3.11
Requires-Dist: gallery-sdk<1,>=0.1
License-Expression: Apache-2.0
Description-Content-Type: text/markdown

"""
