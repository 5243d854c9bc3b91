"""What every target with an API of its own gets from the base."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gallery_sdk.targets import Failure, Target, TargetFailure
from gallery_sdk.targets.rest import Said
from gallery_sdk.transport import Request, WireResponse

ADA = {"Login": "ada", "Active": True, "Seats": 3, "Title": "Poet", "TeamName": "Sales", "Rights": ["Write", "Read"]}


def test_it_is_a_target(target: Any) -> None:
    """The engine can use it."""
    assert isinstance(target, Target)


async def test_a_created_object_reads_back_as_it_was_sent(target: Any, api: Any) -> None:
    """Names became ids on the way out and names again on the way in; lists went to their own rows."""
    created = await target.create("user", ADA)

    found = await target.read("user", created.id)

    assert found.values == {**ADA, "Rights": ["Read", "Write"]}
    assert api.tables["people"][created.id] == {
        "Login": "ada", "Active": True, "Seats": 3, "Title": "Poet", "TeamId": "t1",
    }  # fmt: skip
    assert {row["item"] for row in api.tables["links"].values()} == {"r1", "r2"}


async def test_a_listing_gives_every_object_once_with_its_lists(target: Any, api: Any) -> None:
    """Pages follow each other by link; rows of a whole page are gathered together."""
    for name in "abcde":
        await target.create("user", {"Login": name, "Rights": ["Read"]})
    api.asked.clear()

    pages = [page async for page in target.list_objects("user")]

    assert [[one.values["Login"] for one in page.objects] for page in pages] == [["a", "b"], ["c", "d"], ["e"]]
    assert all(one.values["Rights"] == ["Read"] for page in pages for one in page.objects)
    assert len(api.asked) == 6  # three pages, and rows for each


async def test_a_look_up_that_the_target_ignores_finds_nobody_else(target: Any, api: Any) -> None:
    """What comes back is compared here, and the departure is told."""
    api.add("people", Login="eve", Active=True)
    api.ignores_filters = True

    assert await target.find("user", "Login", "ada") == []
    assert [finding.code for finding in target.findings] == ["filter_ignored"]


async def test_a_look_up_minds_no_letter_case(target: Any, api: Any) -> None:
    """User names are the same in any case."""
    target_id = api.add("people", Login="Ada")

    assert [one.id for one in await target.find("user", "Login", "ADA")] == [target_id]


async def test_a_column_without_a_filter_is_found_by_listing(target: Any, api: Any) -> None:
    """`Title` is not declared filterable."""
    for title in ("Poet", "Smith", "Poet"):
        api.add("people", Login=title, Title=title)

    assert len(await target.find("user", "Title", "poet")) == 2


async def test_an_update_sends_what_changed_in_one_request(target: Any, api: Any) -> None:
    """A column that became empty is sent as null."""
    target_id = (await target.create("user", ADA)).id
    api.asked.clear()

    await target.update("user", target_id, ADA, {**ADA, "Login": "lovelace", "Title": None})

    assert api.asked == [("PATCH", f"/people/{target_id}", {"Login": "lovelace", "Title": None})]


@pytest.mark.parametrize(
    "after",
    [
        pytest.param({**ADA, "Rights": ["Read", "write"]}, id="order and case of a list"),
        pytest.param({**ADA, "Login": "ADA"}, id="case of a unique name"),
        pytest.param({**ADA, "Plan": ""}, id="empty and absent"),
    ],
)
async def test_an_update_without_a_difference_sends_nothing(target: Any, api: Any, after: dict[str, object]) -> None:
    """Equal is what the target calls equal."""
    assert await target.update("user", "p001", ADA, after) is None
    assert api.asked == []


async def test_a_change_of_a_list_moves_only_its_difference(target: Any, api: Any) -> None:
    """One row goes, one comes, one stays."""
    target_id = (await target.create("user", ADA)).id
    api.asked.clear()

    await target.update("user", target_id, ADA, {**ADA, "Rights": ["Read", "Gone"]})

    assert {row["item"] for row in api.tables["links"].values()} == {"r1", "r3"}
    assert [method for method, path, _ in api.asked if path.startswith("/links")] == ["GET", "DELETE", "POST"]


@pytest.mark.parametrize(
    ("values", "word"),
    [
        pytest.param({"Active": True}, "required", id="missing"),
        pytest.param({"Login": "x" * 21}, "21 characters", id="too long"),
        pytest.param({"Login": "x", "Plan": "Gold"}, "none that the target takes", id="none of the values"),
        pytest.param({"Login": "x", "TeamName": "Nobody"}, "no team 'Nobody'", id="unknown name"),
        pytest.param({"Login": "x", "TeamName": "twin"}, "2 entries", id="ambiguous name"),
        pytest.param({"Login": "x", "Rights": ["Fly"]}, "no right 'Fly'", id="unknown item"),
    ],
)
async def test_what_would_be_refused_is_not_sent(target: Any, api: Any, values: dict[str, object], word: str) -> None:
    """The object fails by itself, before a write; nothing is cut to fit."""
    with pytest.raises(TargetFailure, match=word) as caught:
        await target.create("user", values)

    assert caught.value.failure is Failure.OBJECT
    assert {method for method, _, _ in api.asked} <= {"GET"}


async def test_an_unknown_name_is_asked_for_once_more_and_then_remembered(target: Any, api: Any) -> None:
    """A role made meanwhile is found; one that is not there costs no request per object."""
    for _ in range(3):
        with pytest.raises(TargetFailure):
            await target.create("user", {"Login": "x", "TeamName": "Nobody"})

    assert [path for _, path, _ in api.asked] == ["/teams", "/teams"]


async def test_a_lenient_reference_is_left_out_and_told(make: Callable[..., Any], api: Any) -> None:
    """The object goes on without it."""
    target = make(lenient=True)

    created = await target.create("user", {"Login": "x", "TeamName": "Nobody"})

    assert "TeamId" not in api.tables["people"][created.id]
    assert [finding.code for finding in created.findings] == ["value_left_out"]


async def test_a_duplicate_is_a_conflict_in_the_vendors_words(target: Any, api: Any) -> None:
    """The manifest's rule is met in a shape of errors that is the vendor's own."""
    api.add("people", Login="ada")

    with pytest.raises(TargetFailure, match="Choose another") as caught:
        await target.create("user", {"Login": "ada"})

    assert (caught.value.failure, caught.value.code, caught.value.status) == (Failure.CONFLICT, "LOGIN_TAKEN", 400)


async def test_refused_fields_are_named_by_the_mappings_columns(target: Any, api: Any) -> None:
    """`BAD_FIELD` is an `attribute` failure; the vendor's `fields` say which."""
    api.fails["POST", "/people"] = WireResponse(
        400,
        {"content-type": "application/json"},
        b'[{"word": "BAD_FIELD", "text": "Login and Title", "fields": ["title"]}]',
    )

    with pytest.raises(TargetFailure) as caught:
        await target.create("user", {"Login": "ada", "Title": "Poet"})

    assert caught.value.attributes == ("Title",)


async def test_a_page_of_html_is_read_as_it_is(target: Any, api: Any) -> None:
    """A proxy's page is no error of the API's."""
    api.fails["GET", "/people"] = WireResponse(403, {"content-type": "text/html"}, b"<title>Blocked</title>")

    report = await target.test()

    assert not report.ok
    assert [step.name for step in report.steps] == ["list users"]
    assert "Blocked" in report.steps[0].detail


async def test_the_connection_test_runs_all_steps(target: Any) -> None:
    """Each says what was seen."""
    report = await target.test()

    assert report.ok
    assert [step.detail for step in report.steps] == ["people answer", "groups answer"]


async def test_a_gone_object_reads_as_none_and_deletes_as_done(target: Any) -> None:
    """404 is no failure here."""
    assert await target.read("user", "p999") is None
    await target.delete("group", "g999")
    await target.delete("user", "p999")


async def test_a_user_that_cannot_be_deleted_is_deactivated(target: Any, api: Any) -> None:
    """The manifest has no capability to delete users."""
    target_id = (await target.create("user", ADA)).id

    await target.delete("user", target_id)

    assert api.tables["people"][target_id]["Active"] is False


async def test_members_change_by_rows_and_refusals_stand_alone(target: Any, api: Any) -> None:
    """A member who is there already, or gone already, is a success; one who is refused holds up no other."""
    group = (await target.create("group", {"Name": "Sales"}, members=["p1", "p2"])).id
    assert await target.read_members(group) == {"p1", "p2"}

    outcome = await target.change_members(group, ["p3"], ["p1", "p9"], current_size=2)

    assert await target.read_members(group) == {"p2", "p3"}
    assert (outcome.added, outcome.removed, dict(outcome.refused)) == (("p3",), ("p1", "p9"), {})
    api.fails["POST", "/links"] = WireResponse(
        400, {"content-type": "application/json"}, b'[{"word": "NO", "text": "Not this one"}]'
    )
    outcome = await target.change_members(group, ["p4"], ["p2"], current_size=2)
    assert outcome.removed == ("p2",)
    assert set(outcome.refused) == {"p4"}


async def test_a_credential_that_fails_stops_a_change_of_members(target: Any, api: Any) -> None:
    """Nothing is wrong with the members then."""
    api.fails["POST", "/links"] = WireResponse(
        401, {"content-type": "application/json"}, b'[{"word": "EXPIRED", "text": "Sign in again"}]'
    )

    with pytest.raises(TargetFailure) as caught:
        await target.change_members("g1", ["p4"], [], current_size=0)

    assert caught.value.failure is Failure.STOP


def test_the_plan_knows_what_operations_cost(target: Any) -> None:
    """Members cost a request each, unless a subclass knows better."""
    assert target.estimate("create", "group", members=5) == 6
    assert target.estimate("members", "group", members=5) == 5
    assert target.estimate("find", "user") == 2  # the object and its rows
    assert target.estimate("update", "user") == 1


async def test_an_answer_of_another_shape_stops_the_job(target: Any, api: Any) -> None:
    """JSON that is not this API's is told with the address, not tripped over."""
    api.fails["GET", "/people"] = WireResponse(200, {"content-type": "application/json"}, b'{"hello": "world"}')

    with pytest.raises(TargetFailure, match="rows") as caught:
        await target.connection.fetch_object(Request("GET", "/people"), "list", "user", needs={"rows": list})

    assert caught.value.failure is Failure.STOP


async def test_an_error_inside_a_success_is_judged_by_the_same_rules(target: Any) -> None:
    """One record of a batch, one member of several."""
    failure = target.connection.refusal(Said("LOGIN_TAKEN", "Taken"), Request("POST", "/people"), "create", "user")

    assert (failure.failure, failure.code, failure.status) == (Failure.CONFLICT, "LOGIN_TAKEN", 400)


async def test_whoever_watches_sees_every_answer(target: Any) -> None:
    """Quotas and request ids stand in headers."""
    seen: list[int] = []
    target.connection.observe = lambda response: seen.append(response.status)

    await target.find("user", "Login", "ada")
    await target.read("user", "p999")

    assert seen == [200, 404]


async def test_a_required_value_that_is_refused_fails_the_object(target: Any, api: Any) -> None:
    """It could not be left out: what the engine does with other refused attributes would end in a riddle."""
    api.fails["POST", "/people"] = WireResponse(
        400, {"content-type": "application/json"}, b'[{"word": "BAD_FIELD", "text": "no", "fields": ["Login"]}]'
    )

    with pytest.raises(TargetFailure) as caught:
        await target.create("user", {"Login": "ada"})

    assert caught.value.failure is Failure.OBJECT


async def test_role_objects_become_names(target: Any) -> None:
    """Expressions over app roles yield objects; rows are read back as names."""
    canonical = target.canonical("user")

    assert canonical({"Rights": [{"display": "Read", "value": "r"}, "Write", {"value": "Gone"}, None]}) == {
        "Rights": ["Read", "Write", "Gone"]
    }
