"""The newest release that runs here, by the very name, and why not another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gallery_sdk.catalog.choosing import choose, same_major
from gallery_sdk.catalog.models import Catalog, parse_catalog
from gallery_sdk.catalog.names import edit_distance, look_alike, nearest_slug, normal_dist
from gallery_sdk.catalog.problems import InstallError

from .conftest import Repository, Wheel, catalog_with

_WORDS = st.text("abcz-01", min_size=1, max_size=8)


@pytest.fixture
def catalog(repository: Repository) -> Catalog:
    """One connector with many versions, one without a release."""
    repository.head(
        more='[[withdrawn]]\nslug = "acme"\nversions = "==1.4.0"\nseverity = "critical"\nreason = "leaks"\n'
        "since = 2027-01-01\n"
    )
    repository.outside(
        "acme",
        Wheel("acme", version="3.0.0", requires_sdk=">=9"),
        Wheel("acme", version="2.0.0rc1"),
        Wheel("acme", version="1.4.0"),
        Wheel("acme", version="1.3.0"),
        Wheel("acme", version="1.2.0"),
        Wheel("acme", version="0.9.0"),
    )
    repository.connector("slack")
    built = repository.build()
    assert built.problems == ()
    return parse_catalog(built.catalog)


def _choose(catalog: Catalog, slug: str = "acme", **options: str) -> tuple[str, list[str]]:
    choice = choose(catalog, slug, **{"sdk": "0.4.0", "python": "3.11.7", **options})
    return choice.release.version, [f"{version}: {reason}" for version, reason in choice.skipped]


def test_the_newest_release_that_runs_here_is_chosen(catalog: Catalog) -> None:
    """Every newer one is passed over with its reason."""
    version, skipped = _choose(catalog)

    assert version == "1.3.0"
    assert skipped == [
        "3.0.0: it needs gallery-sdk >=9, and 0.4.0 is here",
        "2.0.0rc1: it is a pre-release",
        "1.4.0: it is withdrawn (critical, leaks)",
    ]


def test_a_version_can_be_named(catalog: Catalog) -> None:
    """A pre-release only so; a withdrawn one not even so."""
    assert _choose(catalog, version="2.0.0rc1")[0] == "2.0.0rc1"
    assert _choose(catalog, version="1.2")[0] == "1.2.0"
    with pytest.raises(InstallError, match="withdrawn"):
        _choose(catalog, version="1.4.0")
    with pytest.raises(InstallError, match="there is no version 7"):
        _choose(catalog, version="7")


def test_an_upgrade_stays_within_the_major_version(catalog: Catalog) -> None:
    """Of 0.x within the minor one."""
    assert _choose(catalog, within_major_of="1.2.0")[0] == "1.3.0"
    assert _choose(catalog, within_major_of="0.9.0")[0] == "0.9.0"
    assert not same_major("0.9.0", "0.8.0") and same_major("1.9.0", "1.0.0")


def test_where_nothing_fits_every_reason_is_told(catalog: Catalog) -> None:
    """Another Python, a connector that was never released."""
    with pytest.raises(InstallError, match=r"it needs Python >=3\.11, and 3\.10\.0 is here"):
        _choose(catalog, python="3.10.0")
    with pytest.raises(InstallError, match="only its source is pinned") as refused:
        _choose(catalog, "slack")
    with pytest.raises(InstallError, match="Released are") as known:
        _choose(catalog, version="7")

    assert "pip install -e connectors/slack" in refused.value.mend
    assert "1.0.0" not in refused.value.mend and "newer" not in refused.value.mend
    assert "1.3.0" in known.value.mend


@pytest.mark.parametrize(("versions", "can"), [("!=1.0.0rc1", False), ("==1.3.0", True)])
def test_whether_a_connector_can_be_installed_is_known_without_a_choice(
    repository: Repository, versions: str, can: bool
) -> None:
    """One without a release cannot, nor one whose versions are withdrawn or pre-releases."""
    repository.head(
        more=f'[[withdrawn]]\nslug = "acme"\nversions = "{versions}"\nseverity = "withdrawn"\nreason = "leaks"\n'
        "since = 2027-01-01\n"
    )
    repository.outside(
        "acme", Wheel("acme", version="1.3.0"), Wheel("acme", version="1.0.0rc1"), Wheel("acme", version="0.9.0")
    )
    repository.connector("slack")

    catalog = parse_catalog(repository.build().catalog)

    assert catalog.can_be_installed("acme") is can
    assert not catalog.can_be_installed("slack")


def test_levels_that_this_sdk_does_not_run_are_passed_over(repository: Repository) -> None:
    """SDK API level and level of the manifest."""
    repository.outside("acme", Wheel("acme"))
    path = repository.root / "registry" / "packages.toml"
    for field, word in (("api_level", "API level 9"), ("schema_level", "manifest is of level 9")):
        kept = path.read_text()
        path.write_text(kept.replace("python =", f"{field} = 9\npython ="))

        with pytest.raises(InstallError, match=word):
            _choose(parse_catalog(repository.build().catalog))
        path.write_text(kept)


def test_a_name_that_is_nearly_right_is_never_taken_for_right(catalog: Catalog) -> None:
    """The right one is named, and nothing is installed in its place."""
    for near in ("slak", "s1ack", "slcak", "Slack"):
        with pytest.raises(InstallError, match=r"no such connector.*Did you mean 'slack'"):
            _choose(catalog, near)
    with pytest.raises(InstallError, match="gallery search"):
        _choose(catalog, "qqqqqq")


def test_look_alikes_in_a_catalog_are_refused_on_this_side_too(repository: Repository) -> None:
    """A publisher that was tricked, or is the trickster."""
    repository.outside("slack", Wheel("slack"))
    repository.outside("s1ack", Wheel("s1ack"))
    repository.head(more='distinct = [["slack", "s1ack"]]\n')
    built = repository.build()

    assert _choose(parse_catalog(built.catalog), "slack")[0] == "1.0.0"
    with pytest.raises(InstallError, match="looks like that of 's1ack'"):
        _choose(parse_catalog(catalog_with(built, distinct=[])), "slack")


def test_one_distribution_under_two_slugs_is_refused(repository: Repository) -> None:
    """In the catalog's build such a pair does not come about."""
    import json

    repository.outside("acme", Wheel("acme"))
    repository.outside("zoom", Wheel("zoom"))
    built = repository.build()
    rows = json.loads(built.catalog)["connectors"]
    rows[1]["dist"] = rows[0]["dist"]

    with pytest.raises(InstallError, match="two packages"):
        _choose(parse_catalog(catalog_with(built, connectors=rows)))


@given(_WORDS, _WORDS)
def test_distance_is_that_of_two_words(one: str, other: str) -> None:
    """None to itself, the same both ways, at most the longer word."""
    assert (edit_distance(one, other) == 0) == (one == other)
    assert edit_distance(one, other) == edit_distance(other, one)
    assert abs(len(one) - len(other)) <= edit_distance(one, other) <= max(len(one), len(other))
    assert look_alike(one, other) == look_alike(other, one)


@given(st.text("abcdefgh", min_size=4, max_size=12), st.data())
def test_one_slip_of_the_finger_looks_alike(slug: str, data: st.DataObject) -> None:
    """A letter dropped, added, mistaken, or swapped with its neighbour."""
    place = data.draw(st.integers(0, len(slug) - 2))
    slips = [slug[:place] + "x" + slug[place:], slug[:place] + "x" + slug[place + 1 :]]
    slips.append(slug[:place] + slug[place + 1] + slug[place] + slug[place + 2 :])
    if len(slug) > 4:
        slips.append(slug[:place] + slug[place + 1 :])

    assert all(look_alike(slug, slip) for slip in slips if slip != slug)
    assert nearest_slug(slips[0], [slug, "zzzzzzzzzzzz"]) == slug


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("slack", "s1ack", True),
        ("box", "b0x", True),
        ("github", "git-hub", True),
        ("modern", "modem", True),
        ("box", "fox", False),
        ("zoom", "zoho", False),
        ("slack", "slack", False),
        ("slack", "salesforce", False),
    ],
)
def test_what_a_person_takes_for_another_name(one: str, other: str, alike: bool) -> None:
    """Short names are one letter from one another all the time; only what reads alike counts there."""
    assert look_alike(one, other) is alike


@pytest.mark.parametrize("name", ["Gallery_Connector.Slack", "gallery--connector-slack", "GALLERY-CONNECTOR_SLACK"])
def test_spellings_of_one_distribution_are_one(name: str) -> None:
    """As PEP 503 says."""
    assert normal_dist(name) == "gallery-connector-slack"
