"""Connectors side by side, as `gallery compare` has them."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from gallery_sdk.catalog import Subject, compare

from .conftest import Looking, Served

Look = Callable[..., Looking]


def lines(page: Page) -> list[list[str]]:
    """Label and values of every line of the comparison."""
    found: list[list[str]] = page.evaluate(
        "[...document.querySelectorAll('.comparison tbody tr:has(td)')]"
        ".map((row) => [...row.cells].map((cell) => cell.textContent))"
    )
    return found


def test_what_differs_is_shown_and_the_rest_on_demand(look: Look, served: Served) -> None:
    """The same lines with the same values as the command; the address can be sent."""
    chosen = [one for slug in ("salesforce", "slack") for one in served.publication.listed if one.slug == slug]
    rows = compare([Subject.of(one.manifest, one.entry) for one in chosen])
    page = look().open("compare/?a=salesforce&b=slack")
    table = page.locator(".comparison")
    expect(table).to_be_visible()

    differing = lines(page)
    page.check("input[name=all]")
    expect(page.locator("[data-message]")).to_be_hidden()
    whole = lines(page)
    page.reload()
    expect(table).to_be_visible()

    def told(wanted: object) -> list[list[str]]:
        return sorted([row.label, *(value or "–" for value in row.values)] for row in rows if wanted or not row.same)

    assert sorted(differing) == told(False)
    assert sorted(whole) == sorted(lines(page)) == told(True)


def test_two_fit_a_phone(look: Look) -> None:
    """Both columns can be read without scrolling to the side; more than two scroll in a frame of their own."""
    page = look(width=390).open("compare/?a=slack&b=zoom")
    expect(page.locator(".comparison")).to_be_visible()
    too_wide = "(frame) => frame.scrollWidth - frame.clientWidth"

    two = page.locator(".scroll:has(.comparison)").evaluate(too_wide)
    page.select_option("select[name=c]", "salesforce")
    expect(page.locator(".comparison thead th")).to_have_count(3)
    three = page.locator(".scroll:has(.comparison)").evaluate(too_wide)

    assert two <= 0 < three


def test_on_a_phone_no_word_breaks_inside(look: Look) -> None:
    """Neither labels nor values: lines end between words and between the parts of a name."""
    page = look(width=390).open("compare/?a=slack&b=zoom&all=1")
    expect(page.locator(".comparison")).to_be_visible()

    broken = page.evaluate(
        """() => {
          const walk = (root) => {
            const found = [], texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
            while (texts.nextNode()) {
              for (const word of texts.currentNode.data.matchAll(/[A-Z]?[a-z0-9]+/g)) {
                const range = document.createRange();
                range.setStart(texts.currentNode, word.index);
                range.setEnd(texts.currentNode, word.index + word[0].length);
                if (new Set([...range.getClientRects()].map((one) => one.top)).size > 1) found.push(word[0]);
              }
            }
            return found;
          };
          return [...document.querySelectorAll(".comparison tbody")].flatMap(walk);
        }"""
    )

    assert broken == []


def test_one_alone_asks_for_another(look: Look) -> None:
    """And an unknown one is left out."""
    page = look().open("compare/?a=slack&b=nobody")

    expect(page.locator("[data-message]")).to_have_text("Choose a second connector.")
    page.select_option("select[name=b]", "zoom")
    expect(page.locator(".comparison thead th")).to_have_text(["Slack", "Zoom"])
    assert page.url.endswith("?a=slack&b=zoom")
