"""The home page comes alive: search, facets, and picking what to compare."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from gallery_sdk.manifest.wording import protocol_text, sign_in_text
from gallery_sdk.plugins import match_entries

from .conftest import Looking, Served

Look = Callable[..., Looking]


def shown(page: Page) -> list[str]:
    """Slugs of the cards that can be seen, in their order."""
    slugs: list[str] = page.evaluate(
        "[...document.querySelectorAll('.results .cards > li:not([hidden]) .card')].map((card) => card.dataset.slug)"
    )
    return slugs


def count(page: Page, number: int) -> None:
    """Wait until so many are announced."""
    expect(page.locator("[data-count][role=status]")).to_have_text(re.compile(rf"^{number} of \d+$"))


def test_typing_narrows_at_once_and_forgives(look: Look) -> None:
    """A slip of the finger finds it; the address keeps what was typed, and a reload brings it back."""
    page = look().open("")

    page.keyboard.press("/")
    page.keyboard.type("slak")
    count(page, 1)
    found = shown(page)
    page.reload()
    count(page, 1)

    assert found == shown(page) == ["slack"]
    assert page.url.endswith("?q=slak") and page.input_value("#q") == "slak"


def test_enter_opens_the_first(look: Look) -> None:
    """As in any search."""
    page = look().open("")

    page.fill("#q", "zoom")
    count(page, 1)
    page.press("#q", "Enter")

    page.wait_for_url("**/c/zoom/")


def test_nothing_found_says_so_and_is_cleared(look: Look, served: Served) -> None:
    """With what serves any app; Clear brings all of them back."""
    page = look().open("")

    page.fill("#q", "qqqqxxxx")
    count(page, 0)
    hint = page.locator("[data-none]").inner_text()
    page.click("[data-clear]")
    count(page, len(served.publication.listed))

    assert "SCIM" in hint
    assert page.locator("[data-none]").is_hidden() and page.input_value("#q") == ""


def test_it_ranks_as_the_command_does(look: Look, served: Served) -> None:
    """`gallery search` and the page answer alike, in the same order: whole names, beginnings, slips, two words."""
    page = look().open("")
    entries = [one.entry for one in served.publication.listed]
    words = {word for one in entries for word in (one.name, one.slug, *one.aliases, *one.categories, *one.keywords)}
    slips = {word[:2] + word[3:] for word in words if len(word) > 4} | {word[:1] + "x" + word[1:] for word in words}
    pairs = {f"{one.categories[0]} {one.slug}" for one in entries}
    means = {kind for one in entries for kind in (*one.auth, one.transport)}
    means |= {sign_in_text(kind) for kind in means} | {protocol_text(kind) for kind in means}
    means |= {f"slack {word}" for word in means} | {"oauth", "bearer", "oauth2", "oauth 2.0", "sign in", "in", "baerer"}
    queries = sorted(
        words | means | slips | pairs | {word[:3] for word in words} | {"", " ", "-", "nothing of the kind"}
    )

    answers = page.evaluate(
        """async (queries) => {
          const home = document.querySelector("script[src*='/home.']").src;
          const { matchEntries } = await import(home.replace("/home.", "/search."));
          const { connectors } = await (await fetch("search.json")).json();
          return queries.map((query) => matchEntries(query, connectors).map((entry) => entry.slug));
        }""",
        queries,
    )

    assert len(queries) > 200
    wrong = [
        (query, answer, expected)
        for query, answer in zip(queries, answers, strict=True)
        if answer != (expected := [one.slug for one in match_entries(query, entries)])
    ]
    assert wrong == []


def test_a_way_to_sign_in_is_found_as_the_box_says(look: Look, served: Served) -> None:
    """All that the facet has, by the words on it."""
    page = look().open("")

    page.fill("#q", "bearer token")
    bearer = [one.slug for one in served.publication.listed if "bearer_token" in one.entry.auth]
    count(page, len(bearer))

    assert sorted(shown(page)) == bearer


def test_facets_narrow_down_and_count(look: Look, served: Served) -> None:
    """Two values of one facet add up, two facets cut down; the number beside a value is what ticking it gives."""
    page = look().open("")
    listed = served.publication.listed

    page.check("[data-facet=protocol] input[value=scim2]")
    scim = [one.slug for one in listed if one.entry.transport == "scim2"]
    count(page, len(scim))
    told = int(page.locator("[data-facet=category] label:has(input[value=collaboration]) .count").inner_text())
    page.check("[data-facet=category] input[value=collaboration]")
    both = [one.slug for one in listed if one.slug in scim and "collaboration" in one.entry.categories]
    count(page, len(both))
    narrowed = shown(page)
    page.check("[data-facet=protocol] input[value=rest]")
    either = [one.slug for one in listed if "collaboration" in one.entry.categories]
    count(page, len(either))
    page.reload()
    count(page, len(either))

    assert told == len(both) and narrowed == both
    assert shown(page) == either
    assert "protocol=scim2" in page.url and "category=collaboration" in page.url


def test_of_abilities_each_must_be_there(look: Look, served: Served) -> None:
    """Whoever ticks two wants both; by keyboard, too."""
    page = look().open("")

    page.focus("[data-facet=capability] input[value='user:delete']")
    page.keyboard.press("Space")
    page.check("[data-facet=capability] input[value='group:members']")
    wanted = [
        one.slug
        for one in served.publication.listed
        if "delete" in one.entry.capabilities.user and "members" in one.entry.capabilities.group
    ]
    count(page, len(wanted))

    assert shown(page) == wanted


def test_what_narrows_down_is_in_words(look: Look, served: Served) -> None:
    """No id that only a manifest's author knows stands there; quirks are a link away."""
    page = look().open("")

    values = page.locator(".facets label .value").all_inner_texts()
    facets = page.eval_on_selector_all("[data-facet]", "all => all.map((one) => one.dataset.facet)")
    page.click(".facets a[href='quirks/']")
    page.wait_for_url("**/quirks/")

    assert facets == ["category", "tier", "auth", "capability", "protocol"]
    assert "No sign-in" in values
    assert [value for value in values if not value[0].isupper() or "_" in value or "." in value.replace(".0", "")] == []


def test_two_are_picked_and_compared(look: Look) -> None:
    """The tray gathers them and leads to the comparison."""
    page = look().open("")

    page.check(".card[data-slug=slack] .pick input")
    page.check(".card[data-slug=zoom] .pick input")
    names = page.locator("[data-tray-names]").inner_text()
    page.click("[data-tray] button[type=submit]")
    page.wait_for_url("**/compare/?a=slack&b=zoom")

    assert names == "Slack, Zoom"
    expect(page.locator(".comparison thead th")).to_have_text(["Slack", "Zoom"])
