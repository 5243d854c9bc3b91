"""Found by name, former name, topic and ability; nothing heavy is loaded, and no bad entry hides a good one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gallery_sdk.catalog.listings import Listing, Wish, is_past, kept_catalog, listings, search
from gallery_sdk.catalog.updating import update
from gallery_sdk.plugins.entries import BLANK

from .conftest import NOW, Repository, manifest_text

Publish = Callable[..., Path]


@pytest.fixture
def listed(repository: Repository, published: Publish) -> list[Listing]:
    """Three connectors in the catalog, one of them installed, and one that is only installed."""
    repository.connector("slack")
    repository.connector("zoom", manifest=manifest_text("zoom").replace('"members"', '"delete"'))
    crm = manifest_text("salesforce").replace("collaboration", "crm").replace('"chat"', '"sales"')
    crm = crm.replace("[transport]\n", '[transport]\nkind = "rest"\n')
    repository.connector("salesforce", manifest=crm)
    update(str(published()), unsigned=True, now=NOW)
    installed = BLANK._replace(slug="slack", name="Slack", version="0.9.0")
    own = BLANK._replace(slug="inhouse", name="In-house", version="3.0", status="active", transport="rest")
    broken = BLANK._replace(slug="broken", name="Broken", broken="torn")
    return listings(kept_catalog(), [installed, own, broken])


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("slack", ["slack"]),
        ("SLAK", ["slack"]),
        ("salesfroce", ["salesforce"]),
        ("old zoom", ["zoom"]),
        ("crm", ["salesforce"]),
        ("chat", ["slack", "zoom"]),
        ("", ["inhouse", "salesforce", "slack", "zoom"]),
        ("qqqqqq", []),
    ],
)
def test_a_query_need_not_be_spelled_well(listed: list[Listing], query: str, slugs: list[str]) -> None:
    """Name, former name, category and keyword."""
    assert [one.slug for one in search(query, listed)] == slugs


@pytest.mark.parametrize(
    ("wish", "slugs"),
    [
        (Wish(category="crm"), ["salesforce"]),
        (Wish(auth="bearer_token"), ["salesforce", "slack", "zoom"]),
        (Wish(capabilities=("group:members",)), ["salesforce", "slack"]),
        (Wish(capabilities=("group:members", "group:delete")), []),
        (Wish(transport="rest"), ["inhouse", "salesforce"]),
        (Wish(tier="bronze"), []),
    ],
    ids=str,
)
def test_a_search_is_narrowed_by_what_is_wished_for(listed: list[Listing], wish: Wish, slugs: list[str]) -> None:
    """A connector whose tier nobody computed has none."""
    assert [one.slug for one in search("", listed, wish)] == slugs


def test_a_tier_is_met_by_better_ones(listed: list[Listing]) -> None:
    """Silver is wished for, gold is found too."""
    tiers = dict(zip(("inhouse", "salesforce", "slack", "zoom"), (None, "gold", "silver", "bronze"), strict=True))
    graded = [one._replace(tier=tiers[one.slug]) for one in listed]

    assert [one.slug for one in search("", graded, Wish(tier="silver"))] == ["salesforce", "slack"]


def test_catalog_and_installation_are_one_list(listed: list[Listing]) -> None:
    """What is in both is described by the catalog; broken ones are for `gallery doctor`."""
    rows = {one.slug: (one.version, one.installed) for one in listed}

    assert rows == {
        "inhouse": ("3.0", "3.0"),
        "salesforce": ("1.0.0", None),
        "slack": ("1.0.0", "0.9.0"),
        "zoom": ("1.0.0", None),
    }


def test_withdrawn_and_deprecated_ones_come_last(repository: Repository, published: Publish) -> None:
    """They can be found, with the reason."""
    repository.connector("chat-a")
    repository.connector(
        "chat-b", manifest=manifest_text("chat-b").replace("[vendor]", 'status = "deprecated"\n[vendor]')
    )
    repository.connector("chat-c")
    entry = 'slug = "chat-a"\nversions = "<=1.0"\nseverity = "critical"\nreason = "leaks"\nsince = 2027-01-01\n'
    repository.head(
        more=f'distinct = [["chat-a","chat-b"],["chat-a","chat-c"],["chat-b","chat-c"]]\n[[withdrawn]]\n{entry}'
    )
    update(str(published()), unsigned=True, now=NOW)

    found = search("chat", listings(kept_catalog(), ()))

    assert [(one.slug, one.withdrawn) for one in found] == [("chat-c", None), ("chat-a", "leaks"), ("chat-b", None)]


@pytest.mark.parametrize(
    "rows",
    [[{}], [None], [7], [{"slug": "x"}], [{"slug": 1, "releases": []}]],
    ids=str,
)
def test_an_entry_that_cannot_be_read_hides_no_other(listed: list[Listing], rows: list[object]) -> None:
    """Whatever it is."""
    catalog = kept_catalog()
    assert catalog is not None

    assert [one.slug for one in listings({**catalog, "connectors": [*rows, *catalog["connectors"]]}, ())] == [
        "salesforce",
        "slack",
        "zoom",
    ]


def test_a_search_loads_nothing_heavy(repository: Repository, published: Publish) -> None:
    """Reading the catalog is plain JSON."""
    repository.connector("slack")
    update(str(published()), unsigned=True, now=NOW)
    code = "import sys; from gallery_sdk.catalog.listings import *; print(len(listings(kept_catalog(), ()))); "
    code += "print(*sys.modules, file=sys.stderr)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert done.stdout == "1\n"
    heavy = {"pydantic", "cryptography", "packaging", "pluggy", "tomllib", "importlib.metadata", "urllib.request"}
    assert not heavy & set(done.stderr.split())


def test_a_torn_catalog_is_as_none(repository: Repository, published: Publish, catalog_home: Path) -> None:
    """A search still finds what is installed."""
    update(str(published()), unsigned=True, now=NOW)
    for path in catalog_home.glob("*.json"):
        if path.name != "state.json":
            path.write_text(json.dumps([])[:1])

    assert kept_catalog() is None


def test_an_expired_catalog_still_answers_and_is_known_for_expired(listed: list[Listing]) -> None:
    """Looking is harmless; a search says so, and installing refuses."""
    catalog = kept_catalog()
    assert catalog is not None

    assert not is_past(catalog, NOW.timestamp())
    assert is_past(catalog, NOW.timestamp() + 90 * 86400)
    assert len(listed) == 4
