"""Sites to look at: this repository's own, one of varied connectors, and one whose every text is hostile."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import tomlkit

from gallery_sdk.catalog import Built, RuleOutcome, TierReport, build
from gallery_sdk.catalog.documents import canonical, digest
from gallery_sdk.catalog.grading import TIERS, build_graded, rules
from gallery_sdk.site import Publication, Site, SiteName, build_site, publication_of

from ..catalog.conftest import PYPROJECT

ROOT = Path(__file__).resolve().parent.parent.parent
URL = "https://gallery.example/"

GUIDE = """\
# {name}

## Make a token

1. Open **Administration**.

```
GET /scim/v2/Users?filter=userName%20eq%20%22somebody.with.a.long.name%40example.com%22&startIndex=1&count=100
```

#### Afterwards

| Setting | Value |
|---|---|
| Region | eu |
"""
SIGN_IN: Mapping[str, Mapping[str, Any]] = {
    "bearer_token": {"id": "token", "kind": "bearer_token", "input": [{"id": "token", "type": "secret"}]},
    "basic": {
        "id": "password",
        "kind": "basic",
        "input": [{"id": "username"}, {"id": "password", "type": "secret"}],
    },
    "api_key": {
        "id": "key",
        "kind": "api_key",
        "input": [{"id": "api_key", "type": "secret"}],
        "apply": [{"header": "X-Key", "value": "{api_key}"}],
    },
}


def manifest(slug: str, **fields: Any) -> dict[str, Any]:
    """A sound manifest as TOML has it; fields that are given replace its own."""
    return {
        "schema": 1,
        "slug": slug,
        "name": slug.title(),
        "version": "1.0.0",
        "summary": f"Accounts and groups of {slug.title()}",
        "categories": ["collaboration"],
        "keywords": ["chat"],
        "maintainers": ["Ada Byron"],
        "license": "Apache-2.0",
        "docs_url": f"https://docs.example.com/{slug}",
        "requires_sdk": ">=0.1",
        "vendor": {"name": f"{slug.title()} Inc.", "url": f"https://{slug}.example.com"},
        "publisher": {"name": "Ada", "kind": "community"},
        "setup": [
            {"title": "Make a token", "text": "Under *Administration*.", "url": "https://docs.example.com/token"}
        ],
        "capabilities": {"user": ["read", "create", "update", "deactivate"], "group": ["read"]},
        "transport": {"base_url": "https://api.example.com/scim/v2", "allowed_hosts": ["api.example.com"]},
        "auth": {"method": [dict(SIGN_IN["bearer_token"])]},
        "mapping": {
            "user": [
                {"target": "userName", "source": "userPrincipalName", "match": 1},
                {"target": "active", "expression": 'Switch([IsSoftDeleted], , "False", "True", "True", "False")'},
                {"target": "displayName", "source": "displayName", "enabled": False},
            ],
            "group": [{"target": "displayName", "source": "displayName", "match": 1}],
        },
        **fields,
    }


class Repository:
    """A folder with connectors/ and registry/, and what is built from it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "registry").mkdir(parents=True)
        self.head()

    def head(self, more: str = "", *, date: str = "2027-01-15") -> None:
        """Write registry/catalog.toml."""
        text = f"version = 3\ndate = {date}\nvalid_days = 90\n{more}"
        (self.root / "registry" / "catalog.toml").write_text(text)

    def connector(self, slug: str, **fields: Any) -> Path:
        """Add a connector's folder; its manifest."""
        said = manifest(slug, **fields)
        package = f"gallery_connector_{slug.replace('-', '_')}"
        folder = self.root / "connectors" / slug
        inner = folder / package
        inner.mkdir(parents=True)
        text = PYPROJECT.format(slug=slug, version=said["version"], package=slug.replace("-", "_"))
        (folder / "pyproject.toml").write_text(text)
        (folder / "README.md").write_text(f"# {slug}\n")
        (inner / "__init__.py").write_text("")
        (inner / "setup.md").write_text(GUIDE.format(name=said["name"]))
        (inner / "connector.toml").write_text(tomlkit.dumps(said))
        return inner / "connector.toml"

    def release(self, slug: str, version: str, day: str) -> None:
        """Record a release of a connector of the repository."""
        wheel = f'name = "gallery_connector_{slug}-{version}-py3-none-any.whl", sha256 = "{"a" * 64}", size = 9'
        path = self.root / "registry" / "releases.toml"
        path.write_text(
            (path.read_text() if path.exists() else "")
            + f'[[release]]\nslug = "{slug}"\nversion = "{version}"\nreleased = {day}\n'
            + f'manifest_sha256 = "{"b" * 64}"\nfiles = [{{ {wheel} }}]\n'
        )

    def built(self, tiers: Mapping[str, str] | None = None) -> Built:
        """Its catalog, with the tiers that are given by slug."""
        given = tiers or {}
        return build(self.root, grade=lambda folder: report(given[folder.name]) if folder.name in given else None)

    def publication(self, tiers: Mapping[str, str] | None = None) -> Publication:
        """What a site is made of."""
        built = self.built(tiers)
        assert built.problems == ()
        return publication_of(built)


def report(tier: str) -> TierReport:
    """A tier whose rules, and all lower ones, are kept, and no higher one."""
    place = TIERS.index(tier)
    outcomes = tuple(
        RuleOutcome(
            id=one.id, tier=one.tier, status="passed" if TIERS.index(one.tier) <= place else "failed", evidence="seen"
        )
        for one in rules()
    )
    return TierReport.model_validate({"tier": tier, "rules": outcomes})


def published(built: Built, folder: Path, *, catalog: Callable[[Any], None] | None = None,
              details: Callable[[Any], None] | None = None) -> Path:  # fmt: skip
    """Lay out a publication, as `gallery catalog build --out` does; documents may be changed, hashes follow."""
    document = json.loads(built.catalog)
    for entry in document["connectors"]:
        detail = json.loads(built.details[entry["detail"]["path"]])
        if details is not None:
            details(detail)
        data = canonical(detail)
        entry["detail"].update(sha256=digest(data), size=len(data))
        (folder / "c").mkdir(parents=True, exist_ok=True)
        (folder / entry["detail"]["path"]).write_bytes(data)
    if catalog is not None:
        catalog(document)
    (folder / "catalog.json").write_bytes(canonical(document))
    return folder


@dataclass
class Element:
    """A start tag and the text below it, as far as it was read."""

    tag: str
    attributes: dict[str, str]
    parent: Element | None = None
    text: str = ""

    @property
    def classes(self) -> list[str]:
        """Its classes."""
        return self.attributes.get("class", "").split()


@dataclass
class Html(HTMLParser):
    """A page taken apart."""

    source: str
    elements: list[Element] = field(default_factory=list)
    open: list[Element] = field(default_factory=list)
    unclosed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.source)
        self.close()
        self.unclosed += [one.tag for one in self.open]

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attributes}, self.open[-1] if self.open else None)
        self.elements.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {name: value or "" for name, value in attributes}))

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1].tag == tag:
            self.open.pop()
        else:
            self.unclosed.append(tag)

    def handle_data(self, data: str) -> None:
        for one in self.open:
            one.text += data

    def all(self, *tags: str) -> list[Element]:
        """Elements with one of the tags, in the order of the page."""
        return [one for one in self.elements if one.tag in tags]

    def values(self, *attributes: str) -> Iterator[tuple[Element, str]]:
        """Elements with one of the attributes, and its value."""
        for one in self.elements:
            for name in attributes:
                if name in one.attributes:
                    yield one, one.attributes[name]


_VOID = {"meta", "link", "br", "input", "img", "hr", "wbr"}


@dataclass
class Shown:
    """A site, and its HTML pages taken apart, by file."""

    site: Site
    pages: dict[str, Html]

    @classmethod
    def of(cls, site: Site) -> Shown:
        """With every page taken apart."""
        pages = {name: Html(data.decode()) for name, data in site.files.items() if name.endswith(".html")}
        return cls(site, pages)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """An empty repository."""
    return Repository(tmp_path / "repository")


@pytest.fixture(scope="session")
def own_publication() -> Publication:
    """This repository's catalog, graded."""
    return publication_of(build_graded(ROOT))


@pytest.fixture(scope="session")
def own_site(own_publication: Publication) -> Site:
    """This repository's catalog with its documents, as it is published."""
    return build_site(own_publication, name=SiteName(url=URL), docs=ROOT / "docs")


@pytest.fixture(scope="session")
def varied_publication(tmp_path_factory: pytest.TempPathFactory) -> Publication:
    """Twelve connectors that share and do not share every facet; versions old and new, breaking, withdrawn."""
    repository = Repository(tmp_path_factory.mktemp("varied") / "repository")
    categories = ("collaboration", "crm", "itsm", "finance")
    quirks: list[dict[str, Any]] = [
        {"id": "members.max_per_request", "value": 100, "source": "a book", "note": "So the engine splits them."},
        {"id": "patch.unsupported", "source": "https://docs.example.com/patch", "mark": "documented"},
    ]
    for one in quirks:
        one.update(read=date(2026, 11, 23), test="it_is_needed")
    names = ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fig", "Ginkgo", "Hazel", "Ironwood", "Juniper", "Larch")
    for place, name in enumerate(names):
        group = ["read", "create", "update", "delete", "members"][: 1 + place % 5]
        repository.connector(
            name.lower(),
            name=name,
            version=f"1.{place}.0",
            categories=[categories[place % 4], *(["identity"] if place % 5 == 0 else [])],
            aliases=[f"Old {name} Suite"],
            capabilities={"user": ["read", "deactivate", "create", "delete"][: 2 + place % 3], "group": group},
            auth={"method": [dict(kind) for kind in list(SIGN_IN.values())[place % 3 :]]},
            quirk=quirks[: place % 3],
        )
    repository.connector(
        "maple",
        status="deprecated",
        replaced_by="larch",
        breaking=[
            {"version": "1.0.0", "summary": "Scopes changed", "deadline": date(2027, 3, 1), "impact": ["Sign in anew"]}
        ],
        limit=[{"requests": 600, "per_seconds": 60, "source": "https://docs.example.com/limits"}],
        error=[{"status": [409], "failure": "conflict", "message": "Look for the account"}],
    )
    repository.release("alder", "0.9.0", "2026-12-24")
    repository.release("birch", "0.8.0", "2027-01-02")
    repository.head(
        '[[withdrawn]]\nslug = "alder"\nversions = "==0.9.0"\nseverity = "critical"\nreason = "Tokens in logs"\n'
        "since = 2027-01-10\n"
    )
    tiers = {name.lower(): TIERS[place % 5] for place, name in enumerate(names)}
    return repository.publication(tiers)


@pytest.fixture(scope="session")
def varied_site(varied_publication: Publication) -> Site:
    """Its site."""
    return build_site(varied_publication, name=SiteName("Arboretum", URL))


@pytest.fixture(scope="session", params=["own", "varied"])
def shown(request: pytest.FixtureRequest) -> Shown:
    """Each site in turn."""
    return Shown.of(request.getfixturevalue(f"{request.param}_site"))


def told(problems: Sequence[str]) -> None:
    """Fail with every problem, one a line."""
    assert not problems, "\n" + "\n".join(problems)
