"""Every rule, kept and then broken by one change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TypeAlias

import pytest

from gallery_sdk.catalog.grading import Evidence, rules
from gallery_sdk.catalog.grading.evidence import Coverage, ImportRecord, WheelRecord

from .conftest import DAY, LIMITATIONS, Workshop, failing, measuring

Spoil: TypeAlias = Callable[[Workshop], object]
OLD = date(2025, 1, 1)


def manifest(old: str, new: str) -> Spoil:
    """Spoil the manifest."""
    return lambda one: one.manifest(old, new)


def code(line: str) -> Spoil:
    """Spoil the code."""
    return lambda one: one.edit("gallery_connector_acme/target.py", "class Members:", f"{line}\n\n\nclass Members:")


def project(old: str, new: str) -> Spoil:
    """Spoil pyproject.toml."""
    return lambda one: one.edit("pyproject.toml", old, new)


def nothing(one: Workshop) -> None:
    """Leave the files as they are."""


def conceal(one: Workshop) -> None:
    """Do less, and say nothing of it."""
    one.manifest(f"limitations = {LIMITATIONS}", "limitations = []")
    one.manifest('"deactivate", "delete"]', '"deactivate"]')


def break_everything(one: Workshop) -> None:
    """Raise the major version, and say nothing of it."""
    one.manifest('version = "0.1.0"', 'version = "2.0.0"')
    one.edit("pyproject.toml", 'version = "0.1.0"', 'version = "2.0.0"')


Change: TypeAlias = Callable[[Evidence], Evidence]


def same(evidence: Evidence) -> Evidence:
    """Leave the evidence as it is."""
    return evidence


def with_(**changed: object) -> Change:
    """Change fields of the evidence."""
    return lambda one: one.model_copy(update=changed)


QUIRK = '[[quirk]]\nid = "delete.unsupported"\n{more}\n[[error]]\ncode = "not_found"'

BROKEN: dict[str, tuple[Spoil, Change]] = {
    "M01": (manifest('source = "givenName"', "expression = 'Jion([a])'"), same),
    "M02": (project("gallery-connector-acme", "gallery-connector-acne"), same),
    "M03": (project('version = "0.1.0"', 'version = "0.2.0"'), same),
    "M04": (manifest('license = "Apache-2.0"', 'license = "LicenseRef-Acme"'), same),
    "M05": (manifest('categories = ["collaboration"]', "categories = []"), same),
    "M06": (manifest('docs_url = "https://docs.acme.com/api"', 'docs_url = "http://docs.acme.com/api"'), same),
    "M07": (manifest('summary = "Users and groups of Acme"', 'summary = ""'), same),
    "M08": (manifest('maintainers = ["Ada Byron", "Charles B."]', "maintainers = []"), same),
    "M09": (manifest('docs_url = "https://docs.acme.com/api"\nrequires_sdk', "requires_sdk"), same),
    "M10": (code('KEY = "xoxb-1234567890-abcdefghij"'), same),
    "M11": (manifest('allowed_hosts = ["api.acme.com"]', 'allowed_hosts = ["api.acme.org"]'), same),
    "P01": (nothing, with_(wheel=WheelRecord(problem="the wheel does not build"))),
    "P03": (nothing, with_(imported=ImportRecord(quick=False))),
    "P04": (nothing, with_(imported=ImportRecord(quick=True, effects=("socket.connect",)))),
    "P05": (code("import subprocess"), same),
    "C01": (nothing, with_(offered={"user": ("create",), "group": ()})),
    "X01": (manifest('source = "givenName"', "expression = 'Jion([a])'"), same),
    "X02": (manifest('target = "email"\nsource = "mail"', 'target = "email"\nsource = "mail"\nenabled = false'), same),
    "X03": (manifest('source = "displayName"\nmatch = 1', 'source = "displayName"'), same),
    "T01": (nothing, failing("find_user")),
    "A01": (manifest('kind = "bearer_token"', 'kind = "none"'), same),
    "A02": (manifest('[auth.method.verify]\npath = "/users?limit=1"\n', ""), same),
    "A03": (manifest(f"on = {DAY}", f"on = {OLD}"), same),
    "R01": (nothing, failing("throttled")),
    "R02": (nothing, failing("hidden_throttling")),
    "R03": (nothing, failing("connection_reset")),
    "R04": (manifest("[[attribute.group]]", "[[limit]]\nrequests = 5\n\n[[attribute.group]]"), same),
    "I01": (nothing, failing("idempotence")),
    "I02": (nothing, failing("conflict")),
    "I03": (nothing, failing("leave_and_return")),
    "L01": (nothing, failing("redaction")),
    "K01": (lambda one: (one.path.parent.parent / "cassettes/acme/read_user.yaml").unlink(), same),
    "K02": (lambda one: one.record(body="interactions: [1]\n"), with_(source_sha256="0" * 64)),
    "K03": (lambda one: one.record(body="authorization: Bearer abcdefghijkl\n"), same),
    "K04": (lambda one: one.record(day=OLD), same),
    "K05": (manifest('maintainers = ["Ada Byron", "Charles B."]', 'maintainers = ["Ada Byron"]'), same),
    "D01": (manifest('prerequisites = ["An administrator of Acme who may create API tokens"]\n', ""), same),
    "D02": (manifest('docs_url = "https://docs.acme.com/api"', 'docs_url = "https://docs.acme.example/api"'), same),
    "D03": (conceal, same),
    "S01": (nothing, with_(coverage=Coverage(statements=100, executed=94))),
    "Q01": (manifest('[[error]]\ncode = "not_found"', QUIRK.format(more="")), same),
    "F01": (nothing, failing("lost_response")),
    "F02": (nothing, failing("html_answer")),
    "F03": (nothing, measuring("repeated_page", missing_unsaid=2)),
    "G01": (nothing, failing("large_group")),
    "G02": (manifest(', "Nested groups are left out"', ""), same),
    "G03": (nothing, measuring("large_group", filling=6)),
    "N01": (nothing, failing("too_many_leavers")),
    "N02": (nothing, failing("lost_source")),
    "W01": (break_everything, same),
    "W02": (lambda one: one.release("0.0.9"), same),
    "V01": (nothing, same),
    "V02": (nothing, same),
    "V03": (nothing, with_(wheel=WheelRecord(reproducible=False))),
    "Z01": (code("def loose(value):\n    return value"), same),
    "Z02": (nothing, same),
}


def test_every_rule_is_broken_here() -> None:
    """No rule that cannot fail."""
    assert set(BROKEN) == {one.id for one in rules()}


@pytest.mark.parametrize("rule", BROKEN)
def test_a_rule_fails_by_what_it_is_about(rule: str, workshop: Workshop) -> None:
    """Kept by a sound connector; broken by one change, and the evidence says what was seen."""
    spoil, change = BROKEN[rule]
    sound = workshop.outcome(rule).status

    spoil(workshop)
    evidence = change(workshop.act())
    workshop.keep(evidence)
    broken = workshop.outcome(rule)

    assert sound in ("passed", "not_applicable") or rule in ("V01", "V02", "Z02")
    assert broken.status == "failed"
    assert broken.evidence


def test_a_sourced_quirk_must_be_read_lately_and_tried(workshop: Workshop) -> None:
    """Source, day and a check that fails without it."""
    sourced = QUIRK.format(more=f'source = "https://docs.acme.com/api"\nread = {DAY}\n')
    workshop.manifest('[[error]]\ncode = "not_found"', sourced)
    evidence = workshop.act()
    proven = workshop.outcome("Q01").status
    name = "quirk_delete_unsupported"
    workshop.keep(failing(name)(evidence))

    assert proven == "passed"
    assert workshop.outcome("Q01").status == "failed"


def test_limits_are_sourced_and_kept(workshop: Workshop) -> None:
    """By the manifest and by the rehearsal; the evidence says what was sent."""
    limit = '[[limit]]\nrequests = 5\nsource = "https://docs.acme.com/limits"\n\n[[attribute.group]]'
    workshop.manifest("[[attribute.group]]", limit)
    evidence = workshop.act()
    kept = workshop.outcome("R04")
    workshop.keep(failing("declared_limits_are_kept")(evidence))

    assert (kept.status, kept.evidence) == ("passed", "1 limits, kept by 24,000 requests in 3,600 simulated seconds")
    assert workshop.outcome("R04").status == "failed"


def test_a_listing_without_an_end_is_broken(workshop: Workshop) -> None:
    """Whatever was counted."""
    workshop.keep(failing("standing_cursor")(workshop.act()))

    assert workshop.outcome("F03").evidence == "standing_cursor: it is not so"


def test_memory_is_bounded(workshop: Workshop) -> None:
    """As is every count of requests, a tenth above the least at most."""
    evidence = workshop.act()
    workshop.keep(measuring("large_group", listing=56)(evidence))
    near = workshop.outcome("G03").status
    workshop.keep(measuring("large_group", megabytes_at_most=200)(evidence))

    assert near == "passed"
    assert workshop.outcome("G03").evidence == "it takes 200 MB"


@pytest.mark.parametrize("rule", ["G01", "G02", "G03"])
def test_without_groups_nothing_is_asked_of_them(rule: str, workshop: Workshop) -> None:
    """A connector of people alone."""
    asked = {"large_group", "nested_groups"}
    evidence = workshop.act()
    left = tuple(one for one in evidence.contract if one.name not in asked)
    workshop.keep(evidence.model_copy(update={"contract": left, "not_called_for": tuple(asked)}))

    assert workshop.outcome(rule).status == "not_applicable"


def test_a_check_that_nobody_ran_shows_nothing(workshop: Workshop) -> None:
    """Evidence of an earlier SDK does not keep the rules of a later one."""
    evidence = workshop.act()
    left = tuple(one for one in evidence.contract if one.name != "lost_source")
    workshop.keep(evidence.model_copy(update={"contract": left}))

    assert workshop.outcome("N02").status == "failed"
    assert "lost_source was not tried" in workshop.outcome("N02").evidence


def test_an_upgrade_says_by_its_version_what_it_changes(workshop: Workshop) -> None:
    """Held against the manifest of the release before, which the registry keeps and pins."""
    text = (workshop.package / "connector.toml").read_text("utf-8").replace('version = "0.1.0"', 'version = "0.0.9"')
    wider = text.replace('allowed_hosts = ["', 'allowed_hosts = ["files.acme.com", "')
    found = []
    for before in (text, wider):
        workshop.release("0.0.9", manifest=before)
        found.append(workshop.outcome("W02"))

    assert [one.status for one in found] == ["passed", "failed"]
    assert found[0].evidence == "0 changes since 0.0.9"
    assert "breaks something" in found[1].evidence
