"""Connectors are written by strangers: whatever they write is shown as text, and runs nowhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree

import pytest

from gallery_sdk.site import Site, SiteName, build_site, read_publication

from .conftest import URL, Html, Repository, Shown, published, report, told

SCRIPT = "<script>alert(1)</script>"
PICTURE = "\"><img src=x onerror='alert(1)'>"
HOSTILE = f"{SCRIPT}{PICTURE}{{{{7*7}}}}&lt;]]>`x` [a](javascript:alert(1))"
TRAP = "javascript:alert(document.domain)//https://docs.example.com"
GUIDE = f"""\
# {HOSTILE}

## {HOSTILE}

{SCRIPT} {PICTURE} [press](javascript:alert(1)) [data](data:text/html,{SCRIPT}) <https://docs.example.com>
[other][1] ![picture](https://tracker.example/pixel.gif) [outside](//evil.example/x) [plain](http://evil.example)

<iframe src="https://evil.example"></iframe>

``` {PICTURE}
</code></pre>{SCRIPT}
```

| {SCRIPT} |
|---|
| {PICTURE} |

[1]: JaVaScRiPt:alert(1) "{PICTURE}"
"""
TEXTS = {
    "name", "summary", "title", "text", "help", "note", "migration", "message", "reason", "contains", "keywords",
    "aliases", "maintainers", "prerequisites", "limitations", "impact", "evidence", "example", "choices", "license",
    "test", "vendor",
}  # fmt: skip
ADDRESSES = {"url", "docs_url", "product_url", "changelog_url", "source", "origin"}


def poisoned(value: Any, key: str = "") -> Any:
    """The document with every free text hostile, and every address a trap."""
    if isinstance(value, dict):
        return {name: poisoned(one, name) for name, one in value.items()}
    if isinstance(value, list):
        return [poisoned(one, key) for one in value]
    if isinstance(value, str) and value and key in TEXTS:
        return HOSTILE[:120] if key == "summary" else HOSTILE
    return TRAP if isinstance(value, str) and value and key in ADDRESSES else value


def _poison_detail(detail: dict[str, Any]) -> None:
    detail["manifest"] = poisoned(detail["manifest"])
    for mapping in detail["manifest"]["mapping"]["user"]:
        mapping.pop("source", None)  # an attribute of the directory there, no address; `target` is left as well
    detail["guide"] = GUIDE
    detail["tier"] = poisoned(report("silver").model_dump(mode="json"))
    detail["withdrawn"] = poisoned(detail["withdrawn"])


def _poison_catalog(catalog: dict[str, Any]) -> None:
    catalog["connectors"] = [
        {**poisoned(entry), "detail": entry["detail"], "releases": entry["releases"]} for entry in catalog["connectors"]
    ]
    catalog["withdrawn"] = poisoned(catalog["withdrawn"])
    catalog["categories"] = poisoned(catalog["categories"])


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """A publication that was poisoned after every check of a gallery that reads manifests."""
    folder = tmp_path_factory.mktemp("hostile")
    repository = Repository(folder / "repository")
    repository.connector(
        "mallory",
        aliases=["Old"],
        product_url="https://docs.example.com/a",
        prerequisites=["An account"],
        limitations=["None"],
        target_api={"name": "API", "docs_url": "https://docs.example.com/b"},
        config={"input": [{"id": "region", "title": "R", "help": "H", "used_by": "code", "example": "eu"}]},
        limit=[{"requests": 600, "per_seconds": 60, "source": "https://docs.example.com/limits"}],
        error=[{"status": [409], "contains": "x", "failure": "conflict", "message": "Look", "source": "a book"}],
        breaking=[{"version": "1.0.0", "summary": "S", "impact": ["I"], "migration": "M"}],
    )
    repository.head('[[withdrawn]]\nslug = "mallory"\nseverity = "critical"\nreason = "R"\nsince = 2027-01-10\n')
    place = published(repository.built(), folder / "out", catalog=_poison_catalog, details=_poison_detail)
    return Shown.of(build_site(read_publication(place), name=SiteName(HOSTILE, URL)))


def test_no_text_becomes_an_element_or_an_attribute(hostile: Shown) -> None:
    """Pages hold only the scripts of the site itself, and no handler; every text is there, escaped."""
    problems = []
    for name, page in hostile.pages.items():
        problems += [f"{name}: {one.attributes}" for one in page.all("script") if "src" not in one.attributes]
        problems += [f"{name}: <{one.tag}>" for one in page.all("img", "iframe", "style", "object", "base")]
        problems += [
            f"{name}: <{one.tag} {attribute}>"
            for one in page.elements
            for attribute in one.attributes
            if attribute.startswith("on") or attribute == "style" or '"' in attribute
        ]
        problems += [f"{name}: left open: {page.unclosed}"] if page.unclosed else []

    told(problems)
    assert SCRIPT in hostile.pages["c/mallory/index.html"].all("main")[0].text
    assert "{{7*7}}" in hostile.pages["c/mallory/index.html"].all("h1")[0].text


def test_no_address_runs_or_loads_anything(hostile: Shown) -> None:
    """Links are of the site, https, or mailto; scripts, styles and pictures are the site's own."""
    problems = []
    for name, page in hostile.pages.items():
        for element, address in page.values("href", "src", "action", "formaction", "data", "srcset"):
            parts = urlsplit(urljoin(URL + name, address.strip()))
            own = parts.netloc == urlsplit(URL).netloc
            if not own and (element.tag != "a" or parts.scheme not in ("https", "mailto")):
                problems.append(f"{name}: <{element.tag}> {address}")
            if own and parts.path.lstrip("/") and not _is_there(hostile.site, parts.path.lstrip("/")):
                problems.append(f"{name}: <{element.tag}> {address}: not of the site")

    told(problems)
    assert TRAP in hostile.pages["c/mallory/index.html"].all("main")[0].text


def _is_there(site: Site, path: str) -> bool:
    return (f"{path}index.html" if path.endswith("/") else path) in site.files


def test_the_feed_and_the_site_map_stay_well_formed(hostile: Shown) -> None:
    """Markup in a name is text there too."""
    feed = ElementTree.fromstring(hostile.site.files["changes/feed.atom"])

    assert ElementTree.fromstring(hostile.site.files["sitemap.xml"]) is not None
    assert HOSTILE in "".join(feed.itertext())
    assert {one.tag.partition("}")[2] for one in feed.iter()} == {
        "feed", "title", "id", "updated", "author", "name", "link", "entry", "category", "summary",
    }  # fmt: skip


@pytest.mark.parametrize("id", ["../../../escaped", "/escaped", "a/b", "..", "a b", "x?y#z", '"><script>', "é"])
def test_no_id_leads_out_of_the_site(repository: Repository, tmp_path: Path, id: str) -> None:
    """What a catalog files a connector under is a name, never a path: nothing is written elsewhere."""
    repository.connector("mallory")

    def misfile(catalog: dict[str, Any]) -> None:
        for entry in catalog["connectors"]:
            entry.update(categories=[id], auth=[id], quirks=[id], transport=id, keywords=[id])

    def misfile_detail(detail: dict[str, Any]) -> None:
        detail["manifest"]["categories"] = [id]

    place = published(repository.built(), tmp_path / "in", catalog=misfile, details=misfile_detail)
    site = build_site(read_publication(place), name=SiteName(url=URL))
    site.write(tmp_path / "deep" / "out")
    shown = Shown.of(site)

    assert {one.name for one in tmp_path.iterdir()} == {"repository", "in", "deep"}
    assert [one.name for one in (tmp_path / "deep").iterdir()] == ["out"]
    told(
        [
            f"{name}: {address}"
            for name, page in shown.pages.items()
            for _, address in page.values("href", "src", "action")
            if (parts := urlsplit(urljoin(URL + name, address))).netloc == "gallery.example"
            and parts.path.lstrip("/")
            and not _is_there(site, parts.path.lstrip("/"))
        ]
    )
    assert Html(site.files["index.html"].decode()).all("h1")
