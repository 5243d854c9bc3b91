"""Texts of strangers become HTML that fits its page and does nothing."""

from __future__ import annotations

import pytest

from gallery_sdk.site.markdown import render_markdown


def test_the_title_is_taken_out_and_headings_get_ids() -> None:
    """The page has its title already; two headings of one name are told apart, and two texts fit one page."""
    found = render_markdown("# Guide\n\n## Make a token\n\n## Make a token\n\n## Übung!\n\n## !\n", prefix="guide-")

    assert found.title == "Guide"
    assert [one.id for one in found.headings] == [
        "guide-make-a-token", "guide-make-a-token-2", "guide-bung", "guide-section",
    ]  # fmt: skip
    assert '<h2 id="guide-make-a-token-2">' in found.html
    assert "<h1" not in found.html


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        pytest.param("## a\n\n### b\n\n## c\n", [3, 4, 3], id="as it is"),
        pytest.param("### a\n\n#### b\n", [3, 4], id="begins low"),
        pytest.param("## a\n\n##### b\n", [3, 4], id="leaves levels out"),
        pytest.param("#### a\n\n## b\n", [3, 3], id="begins lower than it goes on"),
        pytest.param("# a\n\n# b\n\n## c\n", [3, 4], id="two titles"),
        pytest.param("## a\n\n### b\n\n#### c\n\n##### d\n\n###### e\n", [3, 4, 5, 6, 6], id="deeper than there is"),
    ],
)
def test_headings_stand_below_the_one_above_them(text: str, levels: list[int]) -> None:
    """Whatever levels the text has, the page leaves none out."""
    found = render_markdown(text, below=2)

    assert [one.level for one in found.headings] == levels
    for level in levels:
        assert f"</h{level}>" in found.html


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "JAVASCRIPT:alert(1)", "java&#115;cript:alert(1)", "data:text/html,x", "http://a.example",
     "vbscript:x", "file:///etc/passwd", "&#x6A;avascript:x"],
)  # fmt: skip
def test_a_link_that_is_no_page_stays_text(address: str) -> None:
    """Only https, mail, and places within the site."""
    assert "<a" not in render_markdown(f"[press]({address})").html


def test_links_to_elsewhere_hand_nothing_over_and_those_within_are_turned() -> None:
    """`running.md` is a page of the site, and is linked to as such."""
    html = render_markdown(
        "[a](https://a.example/b) [c](d.md#e) [f](mailto:g@example.com)", link=lambda one: f"../{one}"
    ).html

    assert '<a href="https://a.example/b" rel="noopener noreferrer">a</a>' in html
    assert '<a href="../d.md#e">c</a>' in html
    assert '<a href="mailto:g@example.com">f</a>' in html


def test_html_is_shown_and_pictures_are_left_out() -> None:
    """Nothing is loaded from elsewhere."""
    html = render_markdown('<b onclick="x">bold</b>\n\n<script>y</script>\n\n![alt](https://a.example/p.png)\n').html

    assert "&lt;b onclick=" in html
    assert "&lt;script&gt;" in html
    assert "<img" not in html


def test_what_may_scroll_sideways_can_be_focused() -> None:
    """Listings, indented or fenced, and tables; a listing that speaks of one is no listing."""
    html = render_markdown("```python\nx\n```\n\n    <pre>\n\n| a |\n|---|\n| b |\n").html

    assert html.count('<pre tabindex="0">') == 2
    assert "&lt;pre&gt;" in html
    assert '<table tabindex="0">' in html
