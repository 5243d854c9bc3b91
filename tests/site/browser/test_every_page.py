"""Every page in a real browser: nothing fails, nothing is asked of others, everybody can use it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no types

from .conftest import Looking, Served

Look = Callable[..., Looking]

TEMPLATES = (
    "", "c/slack/", "c/salesforce/", "c/scim/", "category/", "category/collaboration/", "tier/", "tier/silver/",
    "rules/k04/", "quirks/", "quirks/members.max_per_request/", "auth/", "auth/bearer_token/",
    "compare/?a=slack&b=zoom", "changes/", "api/", "docs/", "docs/running/", "reference/manifest/", "404.html",
)  # fmt: skip
"""One page of each kind."""


def test_no_page_has_an_error_or_asks_anything_of_others(look: Look, served: Served) -> None:
    """Each kind, and each connector: console, failed requests, content security policy, other hosts."""
    window = look()
    paths = {*TEMPLATES, *(f"c/{one.slug}/" for one in served.publication.listed)}
    assert {path.partition("?")[0] for path in paths} <= {*served.paths, "404.html"}
    for path in sorted(paths):
        answer = window.page.goto(window.url + path)
        assert answer is not None and answer.status == 200, path


BUSIEST = (
    "",
    "c/slack/",
    "tier/",
    "quirks/members.max_per_request/",
    "compare/?a=slack&b=zoom",
    "api/",
    "docs/running/",
)


@pytest.mark.parametrize(
    ("width", "dark", "paths"),
    [(1280, False, TEMPLATES), (1280, True, BUSIEST), (390, False, BUSIEST)],
    ids=["light", "dark", "phone"],
)
def test_no_page_has_an_accessibility_violation(look: Look, width: int, dark: bool, paths: tuple[str, ...]) -> None:
    """axe-core, every rule, on each kind of page, with what is folded in opened."""
    window, found = look(width=width, dark=dark), []
    for path in paths:
        page = window.open(path)
        page.evaluate("document.querySelectorAll('main details').forEach((one) => (one.open = true))")
        for violation in Axe().run(page).response["violations"]:
            nodes = "; ".join(str(node["target"]) for node in violation["nodes"][:3])
            found.append(f"{path}: {violation['id']} ({violation['impact']}): {nodes}")

    assert found == []


def test_on_a_phone_every_section_can_be_seen(look: Look) -> None:
    """The links of the head wrap; none waits beyond an edge that nothing tells of."""
    page = look(width=390).open("")

    edges = page.eval_on_selector_all(".nav a", "all => all.map((one) => one.getBoundingClientRect().right)")

    assert len(edges) > 5
    assert max(edges) <= 390


@pytest.mark.parametrize("width", [390, 320])
def test_no_page_is_wider_than_a_phone(look: Look, width: int) -> None:
    """What is wide scrolls in a frame of its own."""
    window, found = look(width=width), []
    for path in TEMPLATES:
        page = window.open(path)
        wide = page.evaluate("document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth")
        if wide > 0:
            found.append(f"{path}: {wide} px")

    assert found == []


def test_a_keyboard_reaches_the_content_first(look: Look) -> None:
    """The first stop leads past the navigation."""
    page = look().open("c/slack/")

    page.keyboard.press("Tab")
    shown = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")

    assert shown == "Skip to content"
    assert page.evaluate("location.hash") == "#main"


def test_a_theme_is_chosen_and_kept(look: Look) -> None:
    """As the system, light, dark, and around again; a reload keeps it."""
    page = look().open("")
    button = page.locator("[data-theme-toggle]")

    themes = []
    for _ in range(3):
        button.click()
        themes.append((page.evaluate("document.documentElement.dataset.theme ?? null"), button.get_attribute("title")))
    button.click()
    button.click()
    page.reload()

    assert themes == [("light", "Theme: light"), ("dark", "Theme: dark"), (None, "Theme: as the system")]
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_a_command_is_copied(look: Look) -> None:
    """To the clipboard, and the button says so."""
    window = look()
    window.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = window.open("c/slack/")

    button = page.locator(".facts [data-copy]").first
    button.click()

    page.wait_for_function("document.querySelector('.facts [data-copy]').textContent.includes('Copied')")
    assert page.evaluate("navigator.clipboard.readText()") == "pip install -e connectors/slack"


def test_the_site_is_useful_without_scripts(look: Look, served: Served) -> None:
    """All connectors, facets as links to pages, every rule's result, everything at a glance."""
    page = look(scripts=False).open("")
    names = page.locator(".card-name").all_inner_texts()
    page.locator("[data-facet=category] a").first.click()
    of_category = page.locator(".card-name").count()
    page.goto(f"{served.url}c/slack/")
    rules, mappings = page.locator(".rule-set tbody tr").count(), page.locator("#mappings tbody tr").count()
    page.goto(f"{served.url}compare/")
    glance = page.locator(".glance tbody tr").count()

    slack = next(one for one in served.publication.listed if one.slug == "slack")
    assert names == [one.entry.name for one in served.publication.listed]
    assert of_category > 0
    assert slack.detail.tier is not None and rules == len(slack.detail.tier.rules)
    assert mappings == sum(len(one) for one in slack.manifest.mappings.values())
    assert glance == len(served.publication.listed)
