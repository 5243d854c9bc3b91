"""A version says how much changed, and a manifest of an older level is still read."""

from __future__ import annotations

from datetime import date

import pytest

from gallery_sdk.catalog.comparing import Subject, compare
from gallery_sdk.catalog.differences import find_changes
from gallery_sdk.catalog.migrating import Step, migrate_text
from gallery_sdk.catalog.semver import check_version
from gallery_sdk.errors import ManifestError, UsageError
from gallery_sdk.manifest import Manifest, parse_manifest

from .conftest import manifest_text

TODAY = date(2027, 1, 20)
FULL = manifest_text("acme").replace(
    "[[auth.method]]",
    """[[config.input]]
id = "region"
type = "choice"
choices = ["eu", "us"]
required = true
used_by = "code"
[[attribute.user]]
name = "userName"
required = true
[[attribute.user]]
name = "displayName"
max_length = 20
[lifecycle]
on_delete = "deactivate"
[[auth.method]]""",
    1,
)
NOTICE = """
[[breaking]]
version = "{version}"
summary = "Names are filled from another attribute."
deadline = {deadline}
migration = "Look at a plan."
"""


def _changed(*pairs: str, version: str = "1.0.0", more: str = "") -> Manifest:
    text = FULL + more
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        assert old in text, old
        text = text.replace(old, new, 1)
    return parse_manifest(text.replace('version = "1.0.0"', f'version = "{version}"'), "connector.toml")


_MAJOR = {
    "a mapping goes": ('[[mapping.user]]\ntarget = "displayName"\nsource = "displayName"\n', ""),
    "a mapping reads another attribute": ('source = "displayName"', 'source = "cn"'),
    "matching order": ("match = 1", "match = 2"),
    "a matching attribute is new": ('source = "displayName"', 'source = "displayName"\nmatch = 2'),
    "deprovisioning": ('on_delete = "deactivate"', 'on_delete = "delete"'),
    "a required input is new": (
        "[[config.input]]",
        '[[config.input]]\nid = "tenant"\nrequired = true\nused_by = "code"\n[[config.input]]',
    ),
    "a choice goes": ('["eu", "us"]', '["eu"]'),
    "a narrower host list": ('allowed_hosts = ["api.example.com"]', 'allowed_hosts = ["eu.api.example.com"]'),
    "another address": ("/scim/v2", "/scim/v3"),
    "an attribute goes": ('[[attribute.user]]\nname = "displayName"\nmax_length = 20\n', ""),
    "a shorter attribute": ("max_length = 20", "max_length = 10"),
    "an ability goes": ('"members"', '"delete"'),
    "a sign-in goes": ('id = "token"\nkind', 'id = "other"\nkind'),
    "another kind of sign-in": (
        'kind = "bearer_token"',
        'kind = "basic"\nuser_template = "{token}"\npassword_template = "x"',
    ),
}
_MINOR = {
    "a mapping is new": ("[[quirk]]", '[[mapping.user]]\ntarget = "title"\nsource = "jobTitle"\n[[quirk]]'),
    "a quirk's value": ("value = 100", "value = 50"),
    "a wider host list": ('["api.example.com"]', '["*.example.com"]'),
    "an optional input is new": (
        "[[config.input]]",
        '[[config.input]]\nid = "tenant"\nused_by = "code"\n[[config.input]]',
    ),
    "an ability is new": ('group = ["read", "members"]', 'group = ["read", "members", "create"]'),
    "a longer attribute": ("max_length = 20", "max_length = 40"),
    "a choice is new": ('["eu", "us"]', '["eu", "us", "ap"]'),
    "another SDK": ('requires_sdk = ">=0.1"', 'requires_sdk = ">=0.2"'),
    "on its way out": ("[vendor]", 'status = "deprecated"\n[vendor]'),
}
_PATCH = {
    "summary": ("Accounts and groups", "People and groups"),
    "a page": ("docs.example.com", "help.example.com"),
    "where a mapping was read": ('source = "displayName"', 'source = "displayName"\norigin = "vendor guide"'),
    "an input's words": ('id = "region"', 'id = "region"\nhelp = "On the billing page."'),
}


@pytest.mark.parametrize(
    ("pair", "level"),
    [*((pair, "major") for pair in _MAJOR.values()), *((pair, "minor") for pair in _MINOR.values())]
    + [(pair, "patch") for pair in _PATCH.values()],
    ids=[*_MAJOR, *_MINOR, *_PATCH],
)
def test_every_change_has_its_level(pair: tuple[str, str], level: str) -> None:
    """What surprises those who use it is major, what adds is minor, words are a patch."""
    old, new = _changed(), _changed(*pair)

    changes = find_changes(old, new)

    assert changes[0].level == level, changes
    assert find_changes(old, _changed()) == []


def test_what_only_fills_new_accounts_may_change_quietly() -> None:
    """A mapping of new accounts alone touches none that exist."""
    when = ('source = "displayName"', 'source = "displayName"\nwhen = "create"')
    old, new = _changed(*when), _changed(*when, 'source = "displayName"', 'source = "cn"')

    assert [one.level for one in find_changes(old, new)] == ["minor"]


@pytest.mark.parametrize(
    ("old", "new", "pair", "least"),
    [
        ("1.0.0", "1.0.1", _MINOR["a quirk's value"], "1.1.0"),
        ("1.0.0", "1.0.0", _PATCH["summary"], "1.0.1"),
        ("1.0.0", "1.0.0", _MAJOR["matching order"], "2.0.0"),
        ("1.2.3", "1.3.0", _MAJOR["matching order"], "2.0.0"),
        ("0.1.0", "0.1.1", _MAJOR["matching order"], "0.2.0"),
        ("1.2.3", "1.2.2", _PATCH["summary"], "1.2.4"),
    ],
)
def test_a_bump_that_is_too_small_is_refused(old: str, new: str, pair: tuple[str, str], least: str) -> None:
    """With the lowest version that would do."""
    verdict = check_version(_changed(version=old), _changed(*pair, version=new), today=TODAY)

    assert verdict.least == least
    assert f"Use {least} or later" in verdict.problems[0].mend
    announced = [one.mend for one in verdict.problems if one.where.endswith("breaking")]
    assert all(f'version = "{least}"' in mend for mend in announced)
    assert len(announced) == (pair == _MAJOR["matching order"])


@pytest.mark.parametrize(
    ("old", "new", "pair"),
    [
        ("1.0.0", "1.1.0", _MINOR["a quirk's value"]),
        ("1.0.0", "2.0.0", _MINOR["a quirk's value"]),
        ("1.0.0", "1.0.1", _PATCH["summary"]),
        ("0.1.0", "0.1.1", _MINOR["a quirk's value"]),
        ("1.0.0", "1.0.0", ("acme", "acme")),
    ],
)
def test_a_bump_that_is_large_enough_passes(old: str, new: str, pair: tuple[str, str]) -> None:
    """More than is needed is no fault."""
    assert check_version(_changed(version=old), _changed(*pair, version=new), today=TODAY).problems == ()


@pytest.mark.parametrize(
    ("deadline", "word"),
    [("2027-01-27", None), ("2027-01-26", "Leave people 7 days"), ("2026-01-01", "Leave people 7 days")],
)
def test_a_breaking_version_leaves_people_time(deadline: str, word: str | None) -> None:
    """At least seven days, and a word on what to do."""
    more = NOTICE.format(version="2.0.0", deadline=deadline)
    new = _changed(*_MAJOR["matching order"], version="2.0.0", more=more)

    problems = check_version(_changed(), new, today=TODAY).problems

    assert [problem.mend[: len(word or "")] for problem in problems] == ([word] if word else [])


def test_a_breaking_version_without_notice_is_refused() -> None:
    """No entry at all, or one that does not say what to do."""
    silent = _changed(*_MAJOR["matching order"], version="2.0.0")
    more = NOTICE.format(version="2.0.0", deadline="2027-03-01").replace('migration = "Look at a plan."', "")
    vague = _changed(*_MAJOR["matching order"], version="2.0.0", more=more)

    assert "[[breaking]]" in check_version(_changed(), silent, today=TODAY).problems[0].mend
    assert "nothing says what to do" in check_version(_changed(), vague, today=TODAY).problems[0].what


def test_two_connectors_have_no_versions_in_common() -> None:
    """A slug never changes."""
    with pytest.raises(UsageError, match="never changes"):
        check_version(_changed(), parse_manifest(manifest_text("zoom")), today=TODAY)


DRAFT = """\
# Acme, first draft
slug = "acme"  # the name
name = "Acme"
version = "0.1.0"

[transport]
base_url = "https://api.example.com"
allowed_hosts = ["api.example.com"]

[[schema.user.attribute]]
name = "userName"
max_len = 20

[[mapping.user]]
# people know it
target = "userName"
expr = "[mail]"
match = 1

[[mapping.user]]
target = "title"
const = "Member"

[[quirk]]
id = "members.max_per_request"
params = 100
source_url = "vendor guide"
verified_on = 2026-11-23
"""


def test_a_draft_is_brought_to_the_present_level_with_its_comments() -> None:
    """What it said is what it says; a second migration finds nothing to do."""
    migration = migrate_text(DRAFT)
    manifest = parse_manifest(migration.text)

    assert (migration.level, manifest.schema_level) == (0, 1)
    for comment in ("# Acme, first draft", "# the name", "# people know it"):
        assert comment in migration.text
    assert manifest.target_schema["user"][0].max_length == 20
    assert [one.expression or one.constant for one in manifest.mappings["user"]] == ["[mail]", "Member"]
    assert (manifest.quirks[0].value, str(manifest.quirks[0].read)) == (100, "2026-11-23")
    assert migrate_text(migration.text).changes == ()
    assert len(migration.changes) == 4


def test_a_way_may_have_many_steps() -> None:
    """Each leads from one level to the next; a gap is told."""

    def step(level: int) -> Step:
        return Step(level, lambda text: (text.replace(f"= {level}", f"= {level + 1}", 1), [f"to {level + 1}"]))

    up = [step(1), step(2)]

    assert migrate_text("schema = 1\n", steps=up).changes == ("to 2", "to 3")
    assert migrate_text("schema = 2\n", steps=up).text == "schema = 3\n"
    with pytest.raises(ManifestError, match="no step leads on from schema level 1"):
        migrate_text("schema = 1\n", steps=up[1:])
    with pytest.raises(ManifestError, match="Upgrade gallery-sdk"):
        migrate_text("schema = 9\n")


def test_a_comparison_shows_what_differs_and_what_does_not() -> None:
    """By ability, by what becomes of a person's data, by departure from the standard."""
    one = _changed()
    other = _changed(
        'source = "displayName"', 'source = "cn"', "[[quirk]]\n", '[[quirk]]\nid = "etag.required"\n[[quirk]]\n'
    )

    rows = {(row.section, row.label): row for row in compare([Subject(one, "gold"), Subject(other)])}

    assert rows["Identity", "Tier"].values == ("gold", "")
    assert rows["Abilities", "Users"].same
    assert rows["What becomes of user data", "cn"].values == ("", "displayName")
    assert rows["What becomes of user data", "IsSoftDeleted"].values == ("active", "active")
    assert rows["User attributes", "userName"].values == ("always, matching 1", "always, matching 1")
    assert rows["Departures", "etag.required"].values == ("", "yes")


def test_a_comparison_is_in_the_words_of_other_pages() -> None:
    """Ways to sign in and protocols by their labels, extensions without their URN."""
    target = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"
    one = _changed(
        "[[mapping.user]]\n", f'[[mapping.user]]\ntarget = "{target}"\nsource = "department"\n[[mapping.user]]\n'
    )

    rows = {(row.section, row.label): row.values for row in compare([Subject(one)])}

    assert rows["Abilities", "Protocol"] == ("SCIM 2.0",)
    assert rows["Connecting", "Sign-in"] == ("Bearer token",)
    assert rows["User attributes", "…:department"] == ("always",)
    assert "…:department" in rows["What becomes of user data", "department"][0]
    assert "urn:" not in str(rows)
