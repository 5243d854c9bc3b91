"""Every page of a site holds together: its links, its outline, and nothing on it that a policy would have to allow."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from urllib.parse import unquote, urljoin, urlsplit

from gallery_sdk.manifest import VOCABULARY
from gallery_sdk.site import Publication, Site
from gallery_sdk.site.rendering import CONTENT_SECURITY_POLICY

from .conftest import URL, Element, Shown, told


def test_every_link_leads_to_a_file_of_the_site_and_to_a_place_on_it(shown: Shown) -> None:
    """Links, styles, scripts, pictures and forms; with the fragment's id; what leads elsewhere is https."""
    ids = {name: {value for _, value in page.values("id")} for name, page in shown.pages.items()}
    problems = []
    for name, page in shown.pages.items():
        for element, address in page.values("href", "src", "action"):
            parts = urlsplit(urljoin(URL + name, address))
            if parts.hostname != urlsplit(URL).hostname:
                if parts.scheme not in ("https", "mailto"):
                    problems.append(f"{name}: {address}")
                continue
            file = unquote(parts.path).lstrip("/")
            file = f"{file}index.html" if file == "" or file.endswith("/") else file
            if file not in shown.site.files:
                problems.append(f"{name}: <{element.tag}> {address}: no such file")
            elif parts.fragment and unquote(parts.fragment) not in ids.get(file, set()):
                problems.append(f"{name}: {address}: no such id")

    told(problems)


def test_every_page_can_be_found_its_way_through_by_its_outline(shown: Shown) -> None:
    """One first heading, no level left out, a title, a language, ids that are there once."""
    problems = []
    for name, page in shown.pages.items():
        levels = [int(one.tag[1]) for one in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
        if levels.count(1) != 1:
            problems.append(f"{name}: {levels.count(1)} first headings")
        problems += [f"{name}: h{level} after h{before}" for before, level in pairwise(levels) if level > before + 1]
        problems += [f"{name}: an empty <{one.tag}>" for one in page.all("h1", "h2", "h3") if not one.text.strip()]
        problems += [
            f"{name}: id {value!r} {number} times"
            for value, number in Counter(value for _, value in page.values("id")).items()
            if number > 1
        ]
        if page.all("html")[0].attributes.get("lang") != "en":
            problems.append(f"{name}: no language")
        if page.unclosed:
            problems.append(f"{name}: left open or closed twice: {page.unclosed}")
        if not page.all("title")[0].text.strip():
            problems.append(f"{name}: no title")

    told(problems)


def test_what_names_another_element_names_one_that_is_there(shown: Shown) -> None:
    """Labels and descriptions refer to ids of the same page; links and buttons have words."""
    problems = []
    for name, page in shown.pages.items():
        ids = {value for _, value in page.values("id")}
        for element, value in page.values("aria-labelledby", "aria-describedby", "aria-controls", "for"):
            problems += [f"{name}: <{element.tag}> refers to {one!r}" for one in value.split() if one not in ids]
        problems += [
            f"{name}: <{one.tag}> without words: {one.attributes}"
            for one in page.all("a", "button")
            if not one.text.strip() and not one.attributes.get("aria-label")
        ]

    told(problems)


def test_nothing_runs_or_is_styled_inline(shown: Shown) -> None:
    """Each page says so itself by its policy, before anything is loaded."""
    problems = []
    for name, page in shown.pages.items():
        heads = [one.attributes for one in page.all("meta") if "http-equiv" in one.attributes]
        if heads != [{"http-equiv": "Content-Security-Policy", "content": CONTENT_SECURITY_POLICY}]:
            problems.append(f"{name}: {heads}")
        problems += [f"{name}: a script without an address" for one in page.all("script") if not _loads(one.attributes)]
        problems += [f"{name}: <{one.tag}>" for one in page.all("style", "iframe", "object", "embed", "base", "img")]
        problems += [
            f"{name}: <{one.tag} {attribute}>"
            for one in page.elements
            for attribute in one.attributes
            if attribute == "style" or attribute.startswith("on")
        ]

    told(problems)


def _loads(attributes: dict[str, str]) -> bool:
    return "/static/" in f"/{attributes.get('src', '')}"


def test_links_to_elsewhere_hand_nothing_over(shown: Shown) -> None:
    """Whoever is linked to gets neither a handle on our window nor the page that one came from."""
    problems = [
        f"{name}: {address}"
        for name, page in shown.pages.items()
        for element, address in page.values("href")
        if element.tag == "a" and "://" in address and "noopener noreferrer" not in element.attributes.get("rel", "")
    ]

    told(problems)


def test_what_scrolls_sideways_can_be_reached_by_the_keyboard(shown: Shown) -> None:
    """Each wide table is a named region that can be focused; a listing can be focused."""
    problems = []
    for name, page in shown.pages.items():
        for one in page.elements:
            if "scroll" in one.classes:
                named = {"aria-label", "aria-labelledby"} & one.attributes.keys()
                if one.attributes.get("role") != "region" or one.attributes.get("tabindex") != "0" or not named:
                    problems.append(f"{name}: {one.attributes}")
            elif one.tag == "table" and not (one.parent and "scroll" in one.parent.classes) and _is_wide(one):
                problems.append(f"{name}: <table> {one.attributes}")
            elif one.tag == "pre" and one.parent and "command" not in one.parent.classes and _cannot_be_focused(one):
                problems.append(f"{name}: <pre> {one.text[:40]!r}")

    told(problems)


def _is_wide(table: Element) -> bool:
    """Of the tables that are no regions, that of capabilities is narrow, and those in a text scroll themselves."""
    return "matrix" not in table.classes and _cannot_be_focused(table)


def _cannot_be_focused(element: Element) -> bool:
    return element.attributes.get("tabindex") != "0"


def test_quirks_that_nobody_has_stand_at_the_end(own_site: Site, own_publication: Publication) -> None:
    """Under a heading of their own, so that those that apps have can be seen; every one still has its page."""
    text = own_site.files["quirks/index.html"].decode()
    used, _, unused = text.partition('<h2 id="unused">No connector here needs these yet</h2>')
    listed = re.compile(r'<li><a href="[^"]+"><code>([^<]+)</code></a>')

    assert "0 connectors" not in text
    assert set(listed.findall(used)) == {id for one in own_publication.listed for id in one.entry.quirks}
    assert listed.findall(unused) == sorted(VOCABULARY.keys() - set(listed.findall(used)))
