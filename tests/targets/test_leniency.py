"""Servers as they are: what departs from the standard is used all the same, and said once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp import web

from gallery_sdk.errors import OutcomeUnknownError
from gallery_sdk.scim import error_body
from gallery_sdk.targets import Failure, ScimTarget, TargetFailure

from .conftest import WORK, LooseServer, OpenTarget, list_body, scim


def codes(target: ScimTarget) -> set[str]:
    """Codes of the findings so far."""
    return {finding.code for finding in target.findings}


@pytest.mark.parametrize(
    ("answer", "finding"),
    [
        (lambda r: web.json_response(r, status=200, content_type="application/scim+json"), "create_answered_200"),
        (lambda r: web.json_response(r, status=201), "wrong_content_type"),
        (lambda r: scim(201, {**r, "id": 7}), "id_as_number"),
        (lambda r: web.Response(status=201), "create_without_id"),
        (lambda r: scim(201, {"schemas": []}), "create_without_id"),
        (lambda r: web.Response(status=201, headers={"Location": "/scim/v2/Users/u1"}), "create_without_id"),
    ],
    ids=["200", "application/json", "number", "no body", "no id", "location"],
)
async def test_a_create_is_understood_however_it_is_answered(
    server: LooseServer, open_target: OpenTarget, answer: Any, finding: str
) -> None:
    """By its id, by Location, else by looking the new object up."""

    def create(seen: Any) -> Any:
        if seen.method != "POST":
            return None
        server.answer(seen)
        return answer(server.resources["Users"]["u1"])

    server.misbehave = create
    target = open_target(server)

    created = await target.create("user", {"userName": "ada"})

    assert created.id == ("7" if finding == "id_as_number" else "u1")
    assert finding in codes(target)


async def test_a_created_object_that_cannot_be_found_is_in_doubt(server: LooseServer, open_target: OpenTarget) -> None:
    """Nothing is invented; the engine looks again."""
    server.misbehave = lambda seen: web.Response(status=201) if seen.method == "POST" else None

    with pytest.raises(OutcomeUnknownError, match="look-up found 0"):
        await open_target(server).create("user", {"userName": "ada"})


async def test_findings_are_gathered_once_and_counted(server: LooseServer, open_target: OpenTarget) -> None:
    """A hundred times the same departure is one line that says a hundred."""
    server.misbehave = lambda seen: web.json_response(server.resources["Users"].get("u1") or {"id": "x"}, status=201)
    target = open_target(server)

    for _ in range(3):
        await target.create("user", {"userName": "ada"})

    (finding,) = target.findings
    assert (finding.code, finding.count) == ("wrong_content_type", 3)
    assert "[3 times]" in str(finding)


async def test_what_the_manifest_declares_is_no_news(server: LooseServer, open_target: OpenTarget) -> None:
    """A connector that says application/json and nulls is not told of them again."""
    server.seed("Users", userName="ada", title=None)
    server.misbehave = lambda seen: web.json_response({"id": "u9"}, status=201) if seen.method == "POST" else None
    known = open_target(server, {"null_values.equal_absent": True}, transport={"accept": "application/json"})
    unknown = open_target(server)

    for target in (known, unknown):
        await target.create("user", {"userName": "eve"})
        await target.read("user", "u1")

    assert codes(known) == set()
    assert codes(unknown) == {"wrong_content_type", "null_values"}


async def test_a_filter_that_is_ignored_is_noticed_and_listing_takes_its_place(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """Every hit is verified here; nobody is linked to the first account of the list."""
    for number in range(3):
        server.seed("Users", userName=f"p{number}")
    server.misbehave = lambda seen: (
        scim(200, list_body(list(server.resources["Users"].values()))) if "filter" in seen.query else None
    )
    target = open_target(server)

    assert await target.find("user", "userName", "nobody") == []
    (hit,) = await target.find("user", "userName", "P2")

    assert hit.values["userName"] == "p2"
    assert "filter_ignored" in codes(target)
    assert sum("filter" in one.query for one in server.seen) == 1
    assert "userName" not in target.capabilities.filterable("user")


async def test_a_filter_that_is_refused_is_not_sent_again(server: LooseServer, open_target: OpenTarget) -> None:
    """invalidFilter on a path means listing, not failure."""
    server.seed("Users", userName="ada", externalId="x1")
    refusal = error_body(400, "no", "invalidFilter")
    server.misbehave = lambda seen: scim(400, refusal) if "externalId" in seen.query.get("filter", "") else None
    target = open_target(server)

    (hit,) = await target.find("user", "externalId", "x1")

    assert hit.values["userName"] == "ada"
    assert "filter_refused" in codes(target)
    assert target.capabilities.filterable("user") >= {"userName"}


async def test_a_404_for_an_empty_filter_is_told_from_a_wrong_address(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """Okta allows 404 for nobody; at a wrong address the bare collection answers 404 as well."""
    server.misbehave = lambda seen: scim(404, error_body(404, "none")) if "filter" in seen.query else None
    target = open_target(server)

    assert await target.find("user", "userName", "nobody") == []
    assert await target.find("user", "userName", "nobody either") == []
    assert len(server.seen) == 3
    assert "filter_answered_404" in codes(target)

    server.misbehave = lambda seen: scim(404, error_body(404, "no such page"))
    with pytest.raises(TargetFailure) as wrong:
        await open_target(server).find("user", "userName", "nobody")
    assert wrong.value.failure is Failure.STOP


async def test_a_page_of_html_with_status_200_stops_the_job(server: LooseServer, open_target: OpenTarget) -> None:
    """A sign-in page is no empty directory."""
    server.misbehave = lambda seen: web.Response(text="<html><title>Sign in</title></html>", content_type="text/html")
    target = open_target(server)

    for call in (
        target.find("user", "userName", "x"),
        target.read("user", "u1"),
        target.create("user", {"userName": "x"}),
    ):
        with pytest.raises(TargetFailure, match="HTML") as stopped:
            await call
        assert stopped.value.failure is Failure.STOP
    assert "html_answer" in codes(target)


async def test_json_that_is_no_list_stops_the_job(server: LooseServer, open_target: OpenTarget) -> None:
    """Some other API answers at that address."""
    server.misbehave = lambda seen: web.json_response({"hello": "world"})

    with pytest.raises(TargetFailure) as stopped:
        await open_target(server).count("user")

    assert stopped.value.failure is Failure.STOP


async def test_a_list_is_read_whatever_it_is_spelt_like(server: LooseServer, open_target: OpenTarget) -> None:
    """Lower-case members, totals as text, ids as numbers, nulls, booleans as text, entries that are nothing."""
    user = {"id": 7, "userName": "ada", "active": "True", "title": None}
    body = {"totalResults": "2", "resources": [user, None], "startIndex": 1}
    server.misbehave = lambda seen: web.json_response(body)
    target = open_target(server)

    (page,) = [page async for page in target.list_objects("user")]

    assert [(one.id, one.values) for one in page.objects] == [("7", {"userName": "ada", "active": True})]
    assert page.total == 2
    assert {"resources_lower_case", "total_as_text", "id_as_number", "boolean_as_text", "null_values"} <= codes(target)


async def test_half_a_listing_is_refused(server: LooseServer, open_target: OpenTarget) -> None:
    """A target that repeats its first page would make everybody else look absent."""
    for number in range(50):
        server.seed("Users", userName=f"p{number}")
    first = list(server.resources["Users"].values())[:10]
    server.misbehave = lambda seen: scim(200, list_body(first, 50))

    with pytest.raises(TargetFailure, match="ended after 10 of 50") as refused:
        async for _ in open_target(server).list_objects("user"):
            pass

    assert refused.value.failure is Failure.RETRY


async def test_a_listing_that_moves_while_it_is_read_is_reported_not_refused(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """One account deleted meanwhile: the total moves, and nobody comes twice."""
    for number in range(6):
        server.seed("Users", userName=f"p{number}")

    def move(seen: Any) -> Any:
        if seen.query.get("startIndex") == "4":
            server.resources["Users"].pop("u1", None)
        return None

    server.misbehave = move
    target = open_target(server, transport={"page_size": 3})

    listed = [one.id async for page in target.list_objects("user") for one in page.objects]

    assert len(listed) == len(set(listed))
    assert {"moving_total", "incomplete_listing"} & codes(target)


async def test_ids_with_any_character_reach_the_right_object(server: LooseServer, open_target: OpenTarget) -> None:
    """Zoom's ids hold `&` and `+`; others hold slashes."""
    odd = "k&K d+/ö%"
    server.misbehave = lambda seen: (
        scim(200, {"id": odd, "userName": "ada"}) if seen.path.endswith(f"/Users/{odd}") else None
    )

    read = await open_target(server).read("user", odd)

    assert read is not None and read.id == odd


async def test_the_connection_test_names_what_fails_and_ends_there(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """A dead credential is one step with the next one to take."""
    server.misbehave = lambda seen: scim(401, error_body(401, "expired"))

    report = await open_target(server).test()

    (step,) = report.steps
    assert not report.ok
    assert (step.name, step.ok) == ("list users", False)
    assert "renew" in step.mend


async def test_the_connection_test_finds_the_right_address_on_the_same_host(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """`https://app` instead of `https://app/scim/v2` is the commonest mistake."""
    config = json.dumps({"patch": {"supported": True}, "schemas": ["x"]})

    def only_there(seen: Any) -> Any:
        if seen.path == "/scim/v2/ServiceProviderConfig":
            return web.Response(text=config, content_type="application/json")
        return web.Response(text="<html></html>", content_type="text/html")

    server.misbehave = only_there
    origin = server.url.removesuffix("/scim/v2")

    report = await open_target(f"{origin}/").test()

    assert "set the URL to that" in report.steps[-1].mend
    assert f"{origin}/scim/v2" in report.steps[-1].mend


async def test_the_connection_test_notices_a_filter_that_is_ignored(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """The connection works, and the engine knows that it must list."""
    server.seed("Users", userName="ada")
    server.misbehave = lambda seen: (
        scim(200, list_body(list(server.resources["Users"].values()))) if "Users" in seen.path else None
    )
    target = open_target(server)

    report = await target.test()

    assert report.ok
    assert "no use for a filter" in report.steps[1].detail
    assert "userName" not in target.capabilities.filterable("user")
    assert "filter_ignored" in {finding.code for finding in report.findings}


async def test_an_item_that_somebody_removed_by_hand_does_not_block_the_change(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """noTarget: the change is made anew from what is really there."""
    user_id = server.seed("Users", userName="ada", title="Clerk")
    refusals = [scim(400, error_body(400, "nothing there", "noTarget"))]
    server.misbehave = lambda seen: refusals.pop() if seen.method == "PATCH" and refusals else None
    target = open_target(server)
    before = {"userName": "ada", "title": "Clerk", WORK: "old@x.test"}

    await target.update("user", user_id, before, {**before, WORK: "new@x.test"})

    (email,) = server.resources["Users"][user_id]["emails"]
    assert (email["value"], email["type"]) == ("new@x.test", "work")
    assert "state_was_stale" in codes(target)


async def test_a_group_of_a_target_without_patch_is_changed_by_put(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """501 on the first change of members switches to PUT of all of them."""
    group_id = server.seed("Groups", displayName="g", members=[{"value": "m1"}])
    server.misbehave = lambda seen: scim(501, error_body(501, "no")) if seen.method == "PATCH" else None
    target = open_target(server)

    outcome = await target.change_members(group_id, ["m2"], ["m1"], current_size=1)
    await target.change_members(group_id, ["m3"], [], current_size=1)

    assert (outcome.added, outcome.removed, outcome.refused) == (("m2",), ("m1",), {})
    assert server.resources["Groups"][group_id]["members"] == [{"value": "m2"}, {"value": "m3"}]
    assert len(server.sent("PATCH")) == 1


async def test_a_target_without_groups_is_connected_all_the_same(server: LooseServer, open_target: OpenTarget) -> None:
    """The test says that none are served, and what to do."""
    server.misbehave = lambda seen: scim(404, error_body(404, "no")) if "Groups" in seen.path else None

    report = await open_target(server).test()

    assert report.ok
    assert "Switch groups off" in report.steps[-1].mend


async def test_a_text_in_answer_to_a_create_is_looked_behind(server: LooseServer, open_target: OpenTarget) -> None:
    """`Created` is no JSON, and the account is there."""

    def say_created(seen: Any) -> Any:
        return web.Response(status=201, text="Created") if seen.method == "POST" and server.answer(seen) else None

    server.misbehave = say_created

    assert (await open_target(server).create("user", {"userName": "ada"})).id == "u1"


async def test_a_404_for_one_member_is_told_from_a_group_that_is_gone(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """The group is read once, and the unknown member is found by halving; a vanished group is GONE."""
    group_id = server.seed("Groups", displayName="g", members=[])
    refusal = error_body(404, "no user m2")
    server.misbehave = lambda seen: scim(404, refusal) if seen.method == "PATCH" and "'m2'" in str(seen.body) else None
    target = open_target(server)

    outcome = await target.change_members(group_id, ["m1", "m2", "m3"], [], current_size=0)

    assert (set(outcome.added), set(outcome.refused)) == ({"m1", "m3"}, {"m2"})
    with pytest.raises(TargetFailure) as gone:
        await target.change_members("nowhere", ["m1"], [], current_size=0)
    assert gone.value.failure is Failure.GONE


async def test_the_connection_test_takes_a_refused_look_up_for_a_reason_to_list(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """A plain 400 to a probe is no dead connection."""
    server.misbehave = lambda seen: scim(400, error_body(400, "what?")) if "filter" in seen.query else None
    target = open_target(server)

    report = await target.test()

    assert report.ok
    assert "filter_refused" in codes(target)
    assert await target.find("user", "userName", "ada") == []
