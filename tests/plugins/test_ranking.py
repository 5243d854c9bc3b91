"""A search finds what a person meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gallery_sdk.plugins import match_entries, nearest_entry
from gallery_sdk.plugins.entries import BLANK, IndexEntry

APPS = tuple(
    BLANK._replace(slug=slug, name=name, aliases=aliases, categories=categories, keywords=keywords)
    for slug, name, aliases, categories, keywords in [
        ("slack", "Slack", (), ("collaboration", "messaging"), ("chat",)),
        ("slackline", "Slackline", (), ("travel",), ()),
        ("salesforce", "Salesforce", ("Force.com",), ("crm",), ("leads",)),
        ("salesforce-sandbox", "Salesforce Sandbox", (), ("crm",), ()),
        ("dynamics", "Dynamics", (), ("crm",), ()),
        ("google-workspace", "Google Workspace", ("G Suite", "GSuite"), ("collaboration",), ()),
        ("zoom", "Zoom", (), ("communications",), ("meetings",)),
        ("crm-plus", "CRM Plus", (), ("sales",), ()),
    ]
)


def _slugs(query: str) -> list[str]:
    return [entry.slug for entry in match_entries(query, APPS)]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        pytest.param("slack", "slack", id="exact before prefix"),
        pytest.param("SLACK", "slack", id="case"),
        pytest.param("slak", "slack", id="letter left out"),
        pytest.param("slcak", "slack", id="letters swapped"),
        pytest.param("salseforce", "salesforce", id="letters swapped in a long word"),
        pytest.param("g suite", "google-workspace", id="alias"),
        pytest.param("workspace google", "google-workspace", id="words in another order"),
        pytest.param("workspace", "google-workspace", id="word inside"),
        pytest.param("crm", "crm-plus", id="name before category"),
        pytest.param("meetings", "zoom", id="keyword"),
        pytest.param("salesforce sand", "salesforce-sandbox", id="beginning of a name of two words"),
    ],
)
def test_the_one_that_was_meant_comes_first(query: str, first: str) -> None:
    """Exact, then prefix, then word, then likeness; names before topics."""
    assert _slugs(query)[0] == first


def test_a_category_finds_everything_that_is_filed_under_it() -> None:
    """Those of equal rank come by slug."""
    assert _slugs("crm")[1:4] == ["dynamics", "salesforce", "salesforce-sandbox"]


def test_every_word_must_be_found() -> None:
    """A word that nothing answers to is not ignored."""
    assert _slugs("slack qqqq") == []


def test_what_nobody_is_called_finds_nothing() -> None:
    """Likeness has a bound."""
    assert _slugs("xylophone") == []


def test_an_empty_query_lists_everything_by_slug() -> None:
    """As `gallery search` without a word does."""
    assert _slugs("  ") == sorted(entry.slug for entry in APPS)


MEANS = (
    BLANK._replace(slug="acme", name="Acme", auth=("bearer_token", "oauth2_authorization_code"), transport="scim2"),
    BLANK._replace(slug="bearer-bank", name="Bearer Bank", auth=("basic",), transport="rest"),
    BLANK._replace(slug="desk", name="Desk", keywords=("rebearers",), auth=("api_key",), transport="rest"),
    BLANK._replace(slug="hubble", name="Hubble", auth=("oauth2_client_credentials",), transport="scim2"),
)


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        pytest.param("bearer", ["bearer-bank", "desk", "acme"], id="below the least of a topic"),
        pytest.param("bearer_token", ["acme"], id="id"),
        pytest.param("API key", ["desk"], id="label"),
        pytest.param("oauth", ["acme", "hubble"], id="beginning of a label"),
        pytest.param("oauth2", ["acme", "hubble"], id="beginning of an id"),
        pytest.param("OAuth 2.0 sign-in", ["acme"], id="label of several words"),
        pytest.param("scim2", ["acme", "hubble"], id="protocol"),
        pytest.param("SCIM 2.0", ["acme", "hubble"], id="label of a protocol"),
        pytest.param("rest api", ["bearer-bank", "desk"], id="another protocol"),
        pytest.param("hubble scim2", ["hubble"], id="with a name"),
        pytest.param("hubbel scim2", ["hubble"], id="with a name that is misspelt"),
        pytest.param("hubble api key", [], id="of another"),
        pytest.param("sc", [], id="two letters wish for no protocol"),
        pytest.param("test", [], id="never guessed: it is no slip of rest"),
    ],
)
def test_ways_to_sign_in_and_protocols_are_found(query: str, slugs: list[str]) -> None:
    """By their ids and by the words of the site, below names and topics, and only as they are written."""
    assert [one.slug for one in match_entries(query, MEANS)] == slugs


@given(query=st.text(max_size=30))
def test_any_text_can_be_searched_for(query: str) -> None:
    """No query fails, and no entry comes twice."""
    found: list[IndexEntry] = match_entries(query, APPS)

    assert len(found) == len(set(found))


@given(place=st.integers(0, len(APPS) - 1))
def test_every_entry_is_found_by_its_own_name(place: int) -> None:
    """Its slug and its name both lead to it, first."""
    entry = APPS[place]

    assert match_entries(entry.slug, APPS)[0] == entry
    assert match_entries(entry.name, APPS)[0] == entry


@given(data=st.data())
def test_an_entry_is_found_by_any_three_letters_of_what_it_says(data: st.DataObject) -> None:
    """Of a name, a former name, a category or a keyword; the quick look that comes first passes nobody over."""
    entry = data.draw(st.sampled_from(APPS))
    text = data.draw(st.sampled_from((entry.name, entry.slug, *entry.aliases, *entry.categories, *entry.keywords)))
    word = data.draw(st.sampled_from([one for one in text.replace("-", " ").split() if len(one) >= 3]))
    start = data.draw(st.integers(0, len(word) - 3))

    assert entry in match_entries(word[start : start + 3].upper(), APPS)


@pytest.mark.parametrize(
    ("slug", "meant"),
    [
        ("slak", "slack"),
        ("Slack", "slack"),
        ("salseforce", "salesforce"),
        ("gsuite", "google-workspace"),
        ("google", "google-workspace"),
        ("zom", "zoom"),
        ("dynmics", "dynamics"),
        ("meetings", None),
        ("crmm", None),
        ("workspace", None),
        ("abcdef", None),
        ("", None),
    ],
)
def test_an_unknown_slug_is_answered_only_by_one_that_is_near(slug: str, meant: str | None) -> None:
    """By a whole name or alias, its beginning or a slip in it; never by a topic."""
    near = nearest_entry(slug, APPS)

    assert (near.slug if near else None) == meant


def test_a_name_that_shares_some_letters_is_not_what_was_meant() -> None:
    """Where slack is not known, snowflake is no answer to a misspelt one."""
    snowflake = BLANK._replace(slug="snowflake", name="Snowflake")

    assert nearest_entry("slak", [snowflake]) is None
    assert nearest_entry("slak", []) is None
    assert nearest_entry("snowflak", [snowflake]) is snowflake
