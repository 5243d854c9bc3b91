"""The manifest: whole, founded, and at one with the twin."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, datetime
from importlib.resources import files

import pytest

from gallery_connector_slack import plugin
from gallery_connector_slack.twin import RATE_LIMITS
from gallery_sdk.expressions import EvaluationContext, compile_expression
from gallery_sdk.manifest import find_problems, read_manifest
from gallery_sdk.plugins import connection_manager, find_entry
from gallery_sdk.testing import Twin, twin_of
from gallery_sdk.transport import Limit

TEXT = files("gallery_connector_slack").joinpath("connector.toml").read_text(encoding="utf-8")
MANIFEST = read_manifest(str(files("gallery_connector_slack").joinpath("connector.toml")))


def test_the_manifest_has_no_problem() -> None:
    """Neither an error nor a warning."""
    assert [str(problem) for problem in find_problems(MANIFEST)] == []


def test_every_fact_names_a_public_source_and_how_sure_it_is() -> None:
    """Quirks, limits, errors, attributes and mappings alike; quirks also the day."""
    data = tomllib.loads(TEXT)
    facts = [
        *data["quirk"],
        *data["limit"],
        *data["error"],
        *data["attribute"]["user"],
        *data["attribute"]["group"],
        *data["mapping"]["user"],
        *data["mapping"]["group"],
    ]

    for fact in facts:
        assert fact.get("source" if "target" not in fact else "origin", fact.get("origin", "")).startswith(
            "https://"
        ), fact
        assert fact["mark"] in ("documented", "inferred", "memory"), fact
    assert all(quirk["read"].isoformat() == "2026-11-23" for quirk in data["quirk"])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ada.Lovelace@acme.test", "ada.lovelace"),
        ("a-very-long-name-of-a-person@acme.test", "a-very-long-name-of-a"),
        ("plain", "plain"),
    ],
)
def test_user_names_are_made_from_what_stands_before_the_at(name: str, expected: str) -> None:
    """Lower case, 21 characters at most."""
    mapping = next(one for one in MANIFEST.mappings["user"] if one.target == "userName")
    assert mapping.expression is not None

    evaluate = compile_expression(mapping.expression)
    context = EvaluationContext(datetime(2026, 1, 1, tzinfo=UTC))

    assert evaluate({"userPrincipalName": name}, context) == expected


def test_limits_are_those_of_the_twin() -> None:
    """The client keeps to the very limits that the twin enforces."""
    declared = {
        (limit.requests, limit.per_seconds, limit.burst, limit.methods or (), _probe(limit.path_glob))
        for limit in MANIFEST.limits
    }
    enforced = {
        (limit.requests, limit.per_seconds, limit.burst, limit.methods, _matching(limit.path)) for limit in RATE_LIMITS
    }

    assert declared == enforced


PATHS = ("/Users", "/Users/U1", "/Groups", "/Groups/S1")


def _probe(glob: str | None) -> tuple[str, ...]:
    limit = Limit(1, path_glob=glob)
    return tuple(path for path in PATHS if limit.matches("GET", path))


def _matching(pattern: str | None) -> tuple[str, ...]:
    return tuple(path for path in PATHS if pattern is None or re.fullmatch(pattern, f"/v2{path}"))


def test_only_user_name_and_email_match() -> None:
    """Slack takes no other matching attribute."""
    matching = {one.match: one.target for one in MANIFEST.mappings["user"] if one.match is not None}

    assert matching == {1: "userName", 2: 'emails[type eq "work"].value'}


def test_no_more_attributes_are_on_than_are_needed() -> None:
    """Each optional one makes Slack add a locked field to profiles."""
    on = {one.target.rpartition(":")[2] for one in MANIFEST.mappings["user"] if one.enabled}

    assert on == {
        "userName",
        'emails[type eq "work"].value',
        "active",
        "displayName",
        "name.givenName",
        "name.familyName",
        "title",
        'phoneNumbers[type eq "mobile"].value',
        'phoneNumbers[type eq "work"].value',
        "preferredLanguage",
        "department",
        "manager",
        "employeeNumber",
    }


def test_no_error_word_of_the_twin_is_unknown_to_the_manifest() -> None:
    """Every word that a request can be refused with has a meaning for the job."""
    folder = files("gallery_connector_slack").joinpath("twin")
    code = "".join(each.read_text() for each in folder.iterdir() if each.name.endswith(".py"))
    words = set(re.findall(r"Refusal\(\s*\d{3},\s*f?\"([a-zA-Z_]+)", code))
    known = {word for rule in MANIFEST.errors for word in rule.codes}

    assert words - known - {"missing_user_id", "missing_group_id"} == set()
    assert len(words) > 20


def test_the_installed_connector_offers_its_twin() -> None:
    """Found by its entry point; the hook answers with a twin that the demo can start."""
    plugins = connection_manager(find_entry("slack"))

    twin = twin_of(plugins.manifest, plugins)

    assert plugins.manifest.slug == "slack"
    assert isinstance(twin, Twin)
    assert (twin.base_path, twin.method, twin.token) == ("/scim/v2", "user_token", "xoxp-twin")
    assert isinstance(plugin.gallery_twin(), Twin)


def test_the_guide_names_every_step_that_needs_a_person() -> None:
    """setup.md and the manifest's steps tell the same story."""
    guide = files("gallery_connector_slack").joinpath("setup.md").read_text(encoding="utf-8")

    for word in ("xoxp-", "admin", "non_org_teams_only", "plus_teams_only", "api.slack-gov.com", "username_taken"):
        assert word in guide
        assert word in TEXT
