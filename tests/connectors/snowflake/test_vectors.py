"""Snowflake's documented exchanges, replayed against the twin: S1 to S22.

Compared literally but for ids, times and what an exchange leaves out. Sources: the user and group API references
(https://docs.snowflake.com/en/user-guide/scim-user-api-reference and scim-group-api-reference), the pages on
authentication, Entra and Okta beside them, https://docs.snowflake.com/en/release-notes/bcr-bundles/2026_03/bcr-2276 and
Okta's support articles; all read 2026-11-23. What is marked inferred states what follows from those.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gallery_connector_snowflake.twin import Grant, SnowflakeSettings, SnowflakeTwin
from gallery_sdk.testing import Answer, ManualClock, TwinClient

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
EXTENSION = "urn:ietf:params:scim:schemas:extension:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"

SAMPLE = {
    "schemas": [USER, EXTENSION],
    "userName": "test_user_1",
    "password": "test",
    "name": {"givenName": "test", "familyName": "user"},
    "emails": [{"value": "test.user@example.com"}],
    "displayName": "test user",
    "active": True,
}
SHERRY = {
    "id": "32_1",
    "userName": "sherry_j",
    "displayName": "sherry_j",
    "name": {"givenName": "sherry_j", "familyName": "xyz"},
    "emails": [{"value": "sherry_j.xyz@example.com"}],
}


def snowflake(**settings: Any) -> SnowflakeTwin:
    return SnowflakeTwin(SnowflakeSettings(**{"users": [SHERRY], **settings}))


def client(twin: SnowflakeTwin | None = None, *, token: str = "", **settings: Any) -> TwinClient:
    twin = twin or snowflake(**settings)
    return TwinClient(twin, base_path="/scim/v2", token=token or next(iter(twin.settings.tokens)))


def operations(*listed: dict[str, object]) -> dict[str, object]:
    return {"schemas": [PATCH], "Operations": list(listed)}


def replace(path: str, value: object) -> dict[str, object]:
    return operations({"op": "replace", "path": path, "value": value})


async def find(twin: TwinClient, text: str, which: str = "Users") -> Answer:
    return await twin.get(f"/{which}", filter=text)


async def test_s1_nobody_has_the_user_name() -> None:
    """Documented; the counters are inferred."""
    answer = await find(client(), 'userName eq "carol.davis"')

    assert (answer.status, answer.body) == (
        200, {"schemas": [LIST], "totalResults": 0, "Resources": [], "startIndex": 1, "itemsPerPage": 100},
    )  # fmt: skip


async def test_s2_a_look_up_does_not_mind_letter_case() -> None:
    """Documented: it is compared with LOGIN_NAME."""
    answer = await find(client(users=[{"userName": "ABC"}]), 'userName eq "abc"')

    assert [one["userName"] for one in answer["Resources"]] == ["ABC"]


async def test_a_user_as_lists_show_it() -> None:
    """Documented, whole: e-mails come back without a type, names in capitals."""
    answer = await client().get("/Users")

    (found,) = answer["Resources"]
    assert found.pop("meta")["resourceType"] == "User"
    assert found.pop(EXTENSION) == {"type": "person"}
    assert found == {
        "schemas": [USER, EXTENSION, ENTERPRISE], "id": "32_1", "userName": "SHERRY_J", "displayName": "sherry_j",
        "name": {"givenName": "sherry_j", "familyName": "xyz"},
        "emails": [{"primary": True, "value": "sherry_j.xyz@example.com"}], "active": True, "groups": [],
    }  # fmt: skip


async def test_s3_a_create() -> None:
    """Documented; the body of the answer is inferred."""
    answer = await client().post("/Users", SAMPLE)

    assert answer.status == 201
    assert answer["id"]
    assert (answer["userName"], answer["displayName"], answer["active"]) == ("TEST_USER_1", "test user", True)
    assert "password" not in answer.body


async def test_s4_the_same_create_again() -> None:
    """Status and text are documented, the envelope is inferred."""
    twin = client()
    await twin.post("/Users", SAMPLE)

    answer = await twin.post("/Users", SAMPLE)

    assert (answer.status, answer["schemas"], answer["detail"]) == (
        409, [ERROR], "User exists with given userName and/or enterprise:user.snowflakeUserName",
    )  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [{"userName": ""}, {"emails": [{"value": "a@x.test"}, {"value": "b@x.test"}]}, {"active": "yes"}, {"nick": "n"}],
    ids=["no user name", "two e-mails", "no boolean", "unknown attribute"],
)
async def test_s4_any_other_create_that_fails_is_a_conflict_too(change: dict[str, object]) -> None:
    """Documented."""
    answer = await client().post("/Users", {**SAMPLE, **change})

    assert answer.status == 409


async def test_s5_replacements_without_a_path() -> None:
    """Documented, the flattened name included."""
    answer = await client().patch(
        "/Users/32_1",
        operations(
            {"op": "replace", "value": {"active": False}},
            {"op": "replace", "value": {"givenName": "deactivated_user"}},
        ),
    )

    assert (answer.status, answer["active"], answer["name"]["givenName"]) == (200, False, "deactivated_user")


@pytest.mark.parametrize("separator", [":", "."])
async def test_s6_the_extension_of_a_generic_integration(separator: str) -> None:
    """Documented with a colon; with a dot for another attribute."""
    answer = await client().patch("/Users/32_1", replace(f"{EXTENSION}{separator}defaultRole", "DATA_ANALYSTS"))

    assert (answer.status, answer[EXTENSION]["defaultRole"]) == (200, "DATA_ANALYSTS")


@pytest.mark.parametrize(("integration", "taken"), [("GENERIC", False), ("AZURE", False), ("OKTA", True)])
async def test_s7_the_enterprise_extension_is_okta_s(integration: str, taken: bool) -> None:
    """Inferred: elsewhere it has no effect."""
    twin = snowflake(client=integration)

    answer = await client(twin).patch("/Users/32_1", replace(f"{ENTERPRISE}:defaultRole", "DATA_ANALYSTS"))

    assert answer.status == 200
    assert ("defaultRole" in (answer.body.get(ENTERPRISE) or {})) is taken


async def test_s8_put_without_a_type_makes_a_person() -> None:
    """Documented; tags that are not sent are gone as well."""
    service = {**SHERRY, EXTENSION: {"type": "service", "snowflakeTags": ["db.s.t:v"]}}
    body = {name: value for name, value in SHERRY.items() if name != "id"}

    answer = await client(users=[service]).put("/Users/32_1", {"schemas": [USER], **body})

    assert (answer.status, answer[EXTENSION]) == (200, {"type": "person"})


@pytest.mark.parametrize("operation", [{"op": "replace", "value": None}, {"op": "remove"}], ids=["null", "remove"])
async def test_s8_patch_leaves_the_type(operation: dict[str, object]) -> None:
    """Documented."""
    twin = client(users=[{**SHERRY, EXTENSION: {"type": "service"}}])

    answer = await twin.patch("/Users/32_1", operations({**operation, "path": f"{EXTENSION}:type"}))

    assert (answer.status, answer[EXTENSION]["type"]) == (200, "service")


async def test_s9_put_with_an_unknown_attribute() -> None:
    """Documented."""
    answer = await client().put("/Users/32_1", {"schemas": [USER], "userName": "sherry_j", "nickName": "S"})

    assert answer.status == 400


async def test_s10_the_former_list_is_made_up() -> None:
    """Documented; the schema is inferred."""
    users = await client(lists="legacy").get("/Users")
    groups = await client(lists="legacy").get("/Groups")

    assert users.body == {
        "totalResults": 1, "startIndex": 1, "itemsPerPage": 1,
        "Resources": [{
            "schemas": [USER], "id": "1", "externalId": "synthesis_user_external_id", "userName": "synthesis_user",
            "displayName": "synthesis_user_display_name", "active": False,
        }],
    }  # fmt: skip
    assert groups["Resources"][0]["displayName"] == "synthetic_group"


async def test_s10_the_configuration_tells_the_generations_apart() -> None:
    """Documented: a number before, true now."""
    legacy = await client(lists="legacy").get("/ServiceProviderConfig")
    current = await client().get("/ServiceProviderConfig")

    assert (legacy["filter"]["supported"], current["filter"]["supported"]) == (0, True)
    assert legacy["filter"]["supported"] is not False


async def test_s11_the_total_moves_until_the_last_page() -> None:
    """Documented arithmetic: 250 users by a hundred."""
    twin = client(users=[{"userName": f"u{number}"} for number in range(250)])

    pages = [await twin.get("/Users", startIndex=start, count=100) for start in (1, 101, 201)]

    assert [page["totalResults"] for page in pages] == [101, 201, 250]
    assert [page["itemsPerPage"] for page in pages] == [100, 100, 100]
    assert [len(page["Resources"]) for page in pages] == [100, 100, 50]


async def test_s12_a_filter_on_anything_else_finds_nothing() -> None:
    """Documented."""
    answer = await find(client(users=[{**SHERRY, "externalId": "x"}]), 'externalId eq "x"')

    assert (answer.status, answer["Resources"]) == (200, [])


@pytest.mark.parametrize(
    "text",
    ['displayName co "A"', 'displayName eq "A" and displayName eq "B"', "displayName eq A"],
    ids=["operator", "two terms", "bare value"],
)
async def test_s13_a_filter_that_is_refused(text: str) -> None:
    """Documented; the former generation found nothing instead."""
    refused = await find(client(), text, "Groups")
    former = await find(client(lists="legacy"), text, "Groups")

    assert (refused.status, refused["scimType"]) == (400, "invalidFilter")
    assert (former.status, former["Resources"]) == (200, [])


@pytest.mark.parametrize(
    ("query", "status", "size"),
    [({"startIndex": "abc"}, 400, None), ({"count": "many"}, 400, None), ({"count": -5}, 200, 0),
     ({"count": 5000}, 200, 1000), ({"startIndex": -3, "count": 2}, 200, 2)],
)  # fmt: skip
async def test_s14_pages_that_cannot_be(query: dict[str, Any], status: int, size: int | None) -> None:
    """Documented."""
    twin = client(users=[{"userName": f"u{number}"} for number in range(1002)])

    answer = await twin.get("/Users", **query)

    assert answer.status == status
    assert size is None or len(answer["Resources"]) == size


async def test_s15_roles_are_found_by_their_name_or_its_capitals() -> None:
    """Documented: eq looks for both, sw minds letter case."""
    twin = client(groups=[{"displayName": "ABC"}])

    equal = await find(twin, 'displayName eq "abc"', "Groups")
    starting = await find(twin, 'displayName sw "abc"', "Groups")

    assert [one["displayName"] for one in equal["Resources"]] == ["ABC"]
    assert starting["Resources"] == []


async def test_s16_a_group_is_created() -> None:
    """Documented."""
    answer = await client().post("/Groups", {"schemas": [GROUP], "displayName": "scim_test_group2"})

    assert (answer.status, answer["displayName"]) == (201, "scim_test_group2")


@pytest.mark.parametrize(("integration", "status"), [("GENERIC", 204), ("AZURE", 204), ("OKTA", 200)])
async def test_s17_members_come_and_go_and_the_role_is_renamed(integration: str, status: int) -> None:
    """Documented, the sample's list of members without a path included."""
    twin = snowflake(client=integration, users=[SHERRY, {"id": "user_id_2", "userName": "two"}],
                     groups=[{"id": "81_2", "displayName": "team", "members": [{"value": "32_1"}]}])  # fmt: skip

    answer = await client(twin).patch(
        "/Groups/81_2",
        operations(
            {"op": "replace", "value": {"displayName": "updated_name"}},
            {"op": "remove", "path": 'members[value eq "32_1"]'},
            {"op": "add", "value": [{"value": "user_id_2"}]},
        ),
    )
    added = await client(twin).patch(
        "/Groups/81_2", operations({"op": "add", "path": "members", "value": [{"value": "32_1"}]})
    )
    role = await client(twin).get("/Groups/81_2")

    assert answer.status == added.status == status
    assert (answer.body is None) is (status == 204)
    assert role["displayName"] == "updated_name"
    assert [one["value"] for one in role["members"]] == ["user_id_2", "32_1"]


async def test_s18_a_token_lives_for_six_months() -> None:
    """The text is documented, its envelope inferred."""
    clock = ManualClock()
    twin = client(clock=clock)
    before = await twin.get("/Users")
    clock.advance(184 * 86_400)

    answer = await twin.get("/Users")

    assert (before.status, answer.status, answer["detail"]) == (200, 401, "Access token expired")


async def test_s19_the_five_hundred_and_first_request_in_flight() -> None:
    """Documented: users and groups are counted apart."""
    twin = snowflake(write_seconds=0.2)
    caller = client(twin)
    bodies = [{**SAMPLE, "userName": f"u{number}"} for number in range(501)]

    answers = await asyncio.gather(*(caller.post("/Users", body) for body in bodies), caller.get("/Groups"))

    statuses = [answer.status for answer in answers]
    assert (statuses[:500].count(201), statuses[500], statuses[501]) == (500, 429, 200)


async def test_s20_a_network_policy_answers_with_a_page() -> None:
    """The symptom is documented, its details are inferred."""
    answer = await client(blocked=True).get("/Users")

    assert (answer.status, answer.headers["content-type"].partition(";")[0]) == (403, "text/html")
    assert answer.body.startswith(b"<")


@pytest.mark.parametrize(("monitors", "status", "found"), [(True, 403, 1), (False, 404, 0)])
async def test_s21_a_user_of_another_role(monitors: bool, status: int, found: int) -> None:
    """The behaviour is documented, the status inferred; hidden or not, its name is taken."""
    twin = snowflake(users=[{**SHERRY, "owner": "SECURITYADMIN"}], monitors_users=monitors)

    seen = await find(client(twin), 'userName eq "sherry_j"')
    changed = await client(twin).patch("/Users/32_1", replace("active", False))
    made = await client(twin).post("/Users", {**SAMPLE, "userName": "sherry_j"})

    assert (len(seen["Resources"]), changed.status, made.status) == (found, status, 409)


async def test_s22_where_names_are_kept_apart_every_create_carries_both() -> None:
    """The rule is documented, the status inferred."""
    twin = client(separate_names=True, users=[])

    without = await twin.post("/Users", SAMPLE)
    with_both = await twin.post(
        "/Users", {**SAMPLE, "schemas": [USER, ENTERPRISE], ENTERPRISE: {"snowflakeUserName": "tu1"}}
    )

    assert (without.status, with_both.status) == (400, 201)
    assert (with_both["userName"], with_both[ENTERPRISE]["snowflakeUserName"]) == ("TEST_USER_1", "TU1")


@pytest.mark.parametrize(
    ("kind", "below", "only", "status"),
    [("scim", False, True, 200), ("scim", True, True, 401), ("other", True, False, 200), ("other", False, True, 200),
     ("other", False, False, 404)],
)  # fmt: skip
async def test_where_each_kind_of_token_is_taken(kind: Any, below: bool, only: bool, status: int) -> None:
    """Documented; the statuses of refusals are inferred."""
    twin = snowflake(tokens={"pat": Grant(kind)}, only_integration=only)
    path = f"/{twin.settings.integration}/Users" if below else "/Users"

    answer = await client(twin).get(path)

    assert answer.status == status


async def test_what_is_not_wanted_is_left_out() -> None:
    """Documented: excludedAttributes has two values that work, one of each kind."""
    twin = client(groups=[{"displayName": "team", "members": [{"value": "32_1"}]}])

    whole = await twin.get("/Groups")
    bare = await twin.get("/Groups", excludedAttributes="members")
    users = await twin.get("/Users", excludedAttributes="groups")

    assert whole["Resources"][0]["members"] == [{"value": "32_1"}]
    assert "members" not in bare["Resources"][0] and "groups" not in users["Resources"][0]


async def test_every_call_is_in_the_event_history() -> None:
    """As REST_EVENT_HISTORY shows it."""
    twin = snowflake()

    await client(twin).delete("/Users/32_1")
    await client(twin).get("/Users/32_1")

    assert twin.events == [("DELETE", "/scim/v2/Users/32_1", 204), ("GET", "/scim/v2/Users/32_1", 404)]
