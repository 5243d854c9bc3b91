"""M: who a connector is, and that it keeps to what it declares."""

from __future__ import annotations

from typing import Final

from packaging.version import InvalidVersion, Version

from ....manifest import CATEGORIES
from ....manifest.problems import looks_secret
from ...names import DIST_PREFIX, normal_dist
from ..looked_at import LookedAt
from ..rule import Seen, failed, judged, passed, rule

_OPEN: Final = frozenset(
    ("0BSD", "AGPL-3.0-only", "AGPL-3.0-or-later", "Apache-2.0", "Artistic-2.0", "BSD-2-Clause", "BSD-3-Clause",
     "BSL-1.0", "CDDL-1.0", "ECL-2.0", "EPL-2.0", "EUPL-1.2", "GPL-2.0-only", "GPL-2.0-or-later", "GPL-3.0-only",
     "GPL-3.0-or-later", "ISC", "LGPL-2.1-only", "LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later", "MIT",
     "MIT-0", "MPL-2.0", "MS-PL", "MulanPSL-2.0", "OSL-3.0", "PostgreSQL", "UPL-1.0", "Unlicense", "Zlib")
)  # fmt: skip
"""SPDX identifiers that the Open Source Initiative lists as approved: https://opensource.org/licenses."""


@rule(
    "M01",
    "bronze",
    why="Everything else is read from the manifest; one that contradicts itself can promise nothing.",
    mend="Run `gallery check PATH`; every problem comes with its next step.",
    waivable=False,
)
def manifest_is_sound(seen: LookedAt) -> Seen:
    """The manifest is valid as a whole."""
    wrong = [f"{one.where}: {one.what}" for one in seen.problems]
    return judged(wrong, f"schema level {seen.manifest.schema_level}, no error")


@rule(
    "M02",
    "bronze",
    why="A connector is installed by its slug; two names for one thing are how look-alikes get in.",
    mend="Give folder, distribution (gallery-connector-<slug>) and entry point the manifest's slug.",
    waivable=False,
)
def one_name(seen: LookedAt) -> Seen:
    """Slug, entry point, folder and distribution are one name."""
    slug = seen.manifest.slug
    wrong = []
    if seen.path.resolve().name.replace("_", "-") != slug:
        wrong.append(f"the folder is {seen.path.resolve().name!r}")
    if normal_dist(str(seen.table.get("name", ""))) != DIST_PREFIX + slug:
        wrong.append(f"the distribution is {seen.table.get('name')!r}")
    if list(seen.entry_points) != [slug]:
        wrong.append(f"the entry points are {', '.join(map(repr, seen.entry_points)) or 'none'}")
    return judged(wrong, slug)


@rule(
    "M03",
    "bronze",
    why="The catalog compares versions; a wheel of another version than its manifest breaks every upgrade.",
    mend="Write the same version in connector.toml and in pyproject.toml.",
    waivable=False,
)
def one_version(seen: LookedAt) -> Seen:
    """Manifest and distribution have one version."""
    written, declared = str(seen.table.get("version", "")), seen.manifest.version
    try:
        same = Version(written) == Version(declared)
    except InvalidVersion:
        same = False
    return passed(declared) if same else failed(f"{written!r} in pyproject.toml, {declared!r} in the manifest")


@rule(
    "M04",
    "bronze",
    why="Whoever installs the connector must know that they may.",
    mend="Name one SPDX identifier of an open-source licence, the same in connector.toml and pyproject.toml.",
)
def open_licence(seen: LookedAt) -> Seen:
    """Its licence is open source, and one in both files."""
    declared, written = seen.manifest.license, seen.table.get("license")
    wrong = []
    if declared not in _OPEN:
        wrong.append(f"{declared!r} is not the SPDX identifier of an open-source licence")
    if written != declared:
        wrong.append(f"{written!r} in pyproject.toml, {declared!r} in the manifest")
    return judged(wrong, str(declared))


@rule(
    "M05",
    "bronze",
    why="People look for a connector by what its app is for.",
    mend="Name one or more of the catalog's categories; `gallery schema manifest` lists them.",
)
def known_categories(seen: LookedAt) -> Seen:
    """It is filed under categories that the catalog knows."""
    named = seen.manifest.categories
    wrong = [f"{one!r} is no category" for one in named if one not in CATEGORIES]
    wrong += [] if named else ["none is named"]
    return judged(wrong, ", ".join(named))


@rule(
    "M06",
    "bronze",
    why="A link that is not https can be answered by anybody on the way, and leads to where credentials are made.",
    mend="Write whole https addresses.",
)
def https_links(seen: LookedAt) -> Seen:
    """Every page that it links to is an https address."""
    wrong = seen.problems_at("product_url", "docs_url", "vendor", "publisher", "target_api", "setup")
    wrong += [one for one in seen.problems_at("auth.method") if "docs_url" in one]
    return judged(wrong, "all links are https")


@rule(
    "M07",
    "bronze",
    why="The summary is all that a reader of a list sees.",
    mend="Say in one line, 120 characters at most, what the connector does.",
)
def summary_is_a_line(seen: LookedAt) -> Seen:
    """It says in one line what it does."""
    size = len(seen.manifest.summary)
    fits = 0 < size <= 120 and "\n" not in seen.manifest.summary
    return passed(f"{size} characters") if fits else failed(f"the summary has {size} characters")


@rule(
    "M08",
    "bronze",
    why="Somebody must answer when the vendor's API changes.",
    mend="Name at least one maintainer.",
)
def has_a_maintainer(seen: LookedAt) -> Seen:
    """Somebody maintains it."""
    names = seen.manifest.maintainers
    return passed(", ".join(names)) if names else failed("nobody is named")


@rule(
    "M09",
    "bronze",
    why="A reader must be able to check what the connector says against the vendor's own word.",
    mend="Give docs_url: the page of the vendor's API that the facts were read on.",
)
def names_the_vendors_guide(seen: LookedAt) -> Seen:
    """It names the vendor's documentation."""
    page = seen.manifest.docs_url
    return passed(page) if page else failed("docs_url is left out")


@rule(
    "M10",
    "bronze",
    why="An input that nothing uses confuses whoever sets an app up; a secret in a file is everybody's.",
    mend="Declare every {input} that a template uses and drop the others; remove and revoke credentials in files.",
    waivable=False,
)
def inputs_fit_and_no_secret(seen: LookedAt) -> Seen:
    """Inputs are declared and used, and no file holds a credential."""
    wrong = [one for one in seen.problems_at("config.input", "auth.method") if "docs_url" not in one]
    for name, text in seen.shipped_texts.items():
        if "/twin" in name or name.endswith("contract.py"):
            continue  # made-up tokens of a simulator open nothing
        lines = [str(place) for place, line in enumerate(text.splitlines(), 1) if looks_secret(line)]
        if lines:
            wrong.append(f"{name}, line {lines[0]}: the text looks like a secret")
    return judged(wrong, f"{len(seen.shipped_texts)} files looked through")


@rule(
    "M11",
    "bronze",
    why="Requests carry credentials; the engine refuses hosts outside the list, and a list too wide protects nobody.",
    mend="Let transport.allowed_hosts cover every address of the manifest, and nothing more.",
    waivable=False,
)
def hosts_are_covered(seen: LookedAt) -> Seen:
    """Allowed hosts cover every address."""
    wrong = seen.problems_at("transport")
    return judged(wrong, ", ".join(seen.manifest.transport.allowed_hosts))
