"""Slack's documented exchanges, replayed against the twin: T1 to T16.

Compared literally but for ids, creation times and what an exchange leaves out. Sources: the SCIM reference
(https://docs.slack.dev/reference/scim-api), recorded answers and live tests in Slack's own SDKs
(https://github.com/slackapi/java-slack-sdk, https://github.com/slackapi/python-slack-sdk), Okta's support articles and
ServiceNow's KB2536373; all read 2026-11-23. Exchanges marked inferred state what follows from those.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import orjson
import pytest

from gallery_connector_slack.twin import RATE_LIMITS, Principal, SlackSettings, SlackTwin
from gallery_sdk.testing import ManualClock, TwinClient

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
GUEST = "urn:ietf:params:scim:schemas:extension:slack:guest:2.0:User"
PROFILE = "urn:ietf:params:scim:schemas:extension:slack:profile:2.0:User"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
V1 = "urn:scim:schemas:core:1.0"
ADA = {"schemas": [USER], "id": "U123ABC456", "userName": "example", "emails": [{"value": "ada@acme.test"}]}


def slack(**settings: Any) -> TwinClient:
    return TwinClient(SlackTwin(SlackSettings(**{"users": [ADA], "limits": (), **settings})), token="xoxp-twin")


def person(name: str, **more: object) -> dict[str, object]:
    return {"schemas": [USER], "userName": name, "emails": [{"value": f"{name}@acme.test"}], **more}


async def test_t1_a_bad_token_is_refused_in_the_shape_of_version_1() -> None:
    """Documented: also on version 2."""
    twin = SlackTwin(SlackSettings(limits=()))
    stranger = TwinClient(twin, token="dummy")

    answer = await stranger.get("/scim/v2/Users", count=1000)

    assert answer.status == 401
    assert answer.body == {"Errors": {"description": "invalid_authentication", "code": 401}}


async def test_t2_a_sparse_user_is_listed_by_version_1() -> None:
    """Documented: the whole page, order of its members included."""
    bot = {
        "schemas": [USER],
        "id": "W111",
        "meta": {"created": "2020-08-13T04:15:35-07:00"},
        "userName": "test-app",
        "displayName": "",
        "emails": [{"value": "botuser@slack-bots.com", "primary": True}],
        "photos": [{"value": "https://secure.gravatar.com/avatar/xxx.jpg", "type": "photo"}],
    }
    others = [person(f"user{number}", id=f"W{number}") for number in range(1000, 1440)]
    client = slack(users=[bot, *others], domain="test-test-test")

    answer = await client.get("/scim/v1/Users", count=1)

    assert answer.status == 200
    assert orjson.dumps(answer.body).decode() == (
        '{"totalResults":441,"itemsPerPage":1,"startIndex":1,"schemas":["urn:scim:schemas:core:1.0"],"Resources":[{'
        '"schemas":["urn:scim:schemas:core:1.0"],"id":"W111","externalId":"","meta":{"created":'
        '"2020-08-13T04:15:35-07:00","location":"https://api.slack.com/scim/v1/Users/W111"},"userName":"test-app",'
        '"nickName":"test-app","name":{"givenName":"","familyName":""},"displayName":"","profileUrl":'
        '"https://test-test-test.enterprise.slack.com/team/test-app","title":"","timezone":"America/Los_Angeles",'
        '"active":true,"emails":[{"value":"botuser@slack-bots.com","primary":true}],"photos":[{"value":'
        '"https://secure.gravatar.com/avatar/xxx.jpg","type":"photo"}],"groups":[]}]}'
    )


async def test_t3_a_create_on_version_2_inverts_phones_and_drops_email_types() -> None:
    """Documented; the status 201 is that of the SDK's live tests."""
    answer = await slack().post(
        "/scim/v2/Users",
        {
            "schemas": [USER, ENTERPRISE],
            "userName": "some_fake_username",
            "nickName": "some_fake_username",
            "name": {"familyName": "Last", "givenName": "First", "honorificPrefix": "Ms."},
            "displayName": "First Last",
            "emails": [
                {"value": "some_fake_user@email.com", "type": "work", "primary": True},
                {"value": "some_other@email.com", "type": "home"},
            ],
            "phoneNumbers": [
                {"value": "555-555-5555", "type": "work"},
                {"value": "555-555-4444", "type": "mobile"},
            ],
            "title": "Tour Guide",
            "timezone": "America/Chicago",
            "active": True,
            ENTERPRISE: {"department": "Tour Operations", "manager": {"managerId": "U123ABC456"}},
        },
    )

    assert answer.status == 201
    assert re.fullmatch(r"U[A-Z0-9]{9}", answer["id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-07:00", answer["meta"]["created"])
    assert answer["meta"]["location"] == f"https://api.slack.com/scim/v2/Users/{answer['id']}"
    assert {key: answer[key] for key in answer.body if key not in ("id", "meta", "profileUrl", "photos")} == {
        "schemas": [USER, ENTERPRISE, PROFILE],
        "externalId": "",
        "userName": "some_fake_username",
        "nickName": "some_fake_username",
        "name": {"givenName": "First", "familyName": "Last", "honorificPrefix": "Ms."},
        "displayName": "First Last",
        "title": "Tour Guide",
        "timezone": "America/Chicago",
        "active": True,
        "emails": [
            {"value": "some_fake_user@email.com", "primary": True},
            {"value": "some_other@email.com", "primary": False},
        ],
        "addresses": [{"streetAddress": None, "locality": None, "region": None, "postalCode": None, "country": None}],
        "phoneNumbers": [{"value": "555-555-5555", "type": "mobile"}, {"value": "555-555-4444", "primary": True}],
        "userType": None,
        "roles": [{"value": None, "primary": True}],
        "preferredLanguage": None,
        "locale": None,
        ENTERPRISE: {
            "employeeNumber": None,
            "costCenter": None,
            "organization": None,
            "division": None,
            "department": "Tour Operations",
            "manager": {"managerId": "U123ABC456"},
        },
        PROFILE: {"startDate": None},
        "groups": [],
    }


async def test_t4_a_guest_is_created_in_lower_case_with_a_name_filled_in() -> None:
    """Documented."""
    answer = await slack().post(
        "/scim/v2/Users",
        {
            "schemas": [USER, GUEST],
            "userName": "guestUser",
            "displayName": "TestGuestUser",
            "emails": [{"value": "some_guest_email@fake.com"}],
            GUEST: {"type": "multi"},
        },
    )

    assert (answer["userName"], answer["nickName"]) == ("guestuser", "guestuser")
    assert answer["name"] == {"givenName": "TestGuestUser", "familyName": ""}
    assert (answer["displayName"], answer["active"]) == ("TestGuestUser", True)
    assert answer[GUEST] == {"type": "multi"}


async def test_t5_a_body_without_schemas_is_refused() -> None:
    """Documented: the status is a number, and there is no scimType."""
    answer = await slack().post("/scim/v2/Users", {"userName": "x"})

    assert answer.status == 400
    assert answer.body == {"schemas": [ERROR], "detail": "missing_schema_element", "status": 400}


@pytest.mark.parametrize(
    ("version", "body"),
    [
        ("v2", {"schemas": [PATCH], "Operations": [{"path": "active", "op": "replace", "value": False}]}),
        ("v1", {"schemas": [V1], "active": False}),
    ],
    ids=["v2", "v1"],
)
async def test_t6_a_patch_deactivates_in_either_version(version: str, body: object) -> None:
    """Documented with true; with false by the text. Either answers 200 with the whole user."""
    client = slack()

    answer = await client.patch(f"/scim/{version}/Users/U123ABC456", body)

    assert answer.status == 200
    assert (answer["id"], answer["active"], answer["userName"]) == ("U123ABC456", False, "example")


async def test_t7_enterprise_attributes_are_added_by_colon_paths() -> None:
    """Documented: both are set, the others are null."""
    operations = [
        {"op": "add", "path": f"{ENTERPRISE}:employeeNumber", "value": "121"},
        {"op": "add", "path": f"{ENTERPRISE}:costCenter", "value": "001919"},
    ]

    answer = await slack().patch("/scim/v2/Users/U123ABC456", {"schemas": [PATCH], "Operations": operations})

    assert answer.status == 200
    assert answer[ENTERPRISE] == {
        "employeeNumber": "121",
        "costCenter": "001919",
        "organization": None,
        "division": None,
        "department": None,
        "manager": {"managerId": None},
    }


async def test_t8_a_group_is_made_replaced_and_emptied() -> None:
    """Documented: a PUT without members empties, and so does a removal of members without value."""
    client = slack()

    made = await client.post(
        "/scim/v2/Groups",
        {"schemas": [GROUP], "displayName": "Some Group Name", "members": [{"value": "U123ABC456"}]},
    )
    place = f"/scim/v2/Groups/{made['id']}"
    replaced = await client.put(place, {"schemas": [GROUP], "displayName": "Updated Group Name"})
    add = {"op": "add", "path": "members", "value": [{"value": "U123ABC456"}]}
    filled = await client.patch(place, {"schemas": [PATCH], "Operations": [add]})
    emptied = await client.patch(place, {"schemas": [PATCH], "Operations": [{"op": "remove", "path": "members"}]})

    assert re.fullmatch(r"S[A-Z0-9]{9}", made["id"])
    assert made["schemas"] == [GROUP]
    assert made["displayName"] == "Some Group Name"
    assert made["members"] == [{"value": "U123ABC456", "display": "example"}]
    assert (replaced["displayName"], replaced["members"]) == ("Updated Group Name", [])
    assert filled["members"] == [{"value": "U123ABC456", "display": "example"}]
    assert emptied["members"] == []


async def test_t9_version_1_adds_and_deletes_members_in_one_body() -> None:
    """Documented: adding is the default, deleting is marked."""
    users = [person("one", id="U111AAA111"), person("two", id="U222BBB222")]
    group = {"id": "S1", "displayName": "Team", "members": [{"value": "U222BBB222"}]}
    client = slack(users=users, groups=[group])

    answer = await client.patch(
        "/scim/v1/Groups/S1",
        {"schemas": [V1], "members": [{"value": "U111AAA111"}, {"value": "U222BBB222", "operation": "delete"}]},
    )

    assert answer.status == 200
    assert answer["members"] == [{"value": "U111AAA111", "display": "one"}]


async def test_t10_version_2_filters_by_user_name() -> None:
    """Documented by the live tests of Slack's Java SDK, against what the reference says."""
    client = slack(users=[ADA, person("user1700000000000")])

    answer = await client.get("/scim/v2/Users", count=1, filter='userName eq "user1700000000000"')

    assert answer["itemsPerPage"] == 1
    assert [user["userName"] for user in answer["Resources"]] == ["user1700000000000"]


async def test_t11_deleting_a_user_again_and_again_deactivates() -> None:
    """Documented: no error at any time."""
    client = slack(users=[person("one", id="U1")])

    statuses = [(await client.delete("/scim/v2/Users/U1")).status for _ in range(3)]
    later = await client.get("/scim/v2/Users/U1")

    assert statuses == [204, 204, 204]
    assert later["active"] is False


async def test_t12_a_long_name_is_refused_by_version_1_with_a_suffix() -> None:
    """Documented by an engine's log: word, suffix and status."""
    name = "a" * 22

    answer = await slack().post("/scim/v1/Users", {**person(name), "schemas": [V1]})

    assert answer.status == 400
    assert answer.body == {"Errors": {"description": f"long_username (user={name})", "code": 400}}


async def test_t13_names_and_addresses_are_taken_by_deactivated_accounts_too() -> None:
    """Word, suffix and Conflict of version 1 documented by a log; version 2 and the numbers inferred."""
    client = slack()
    await client.delete("/scim/v2/Users/U123ABC456")

    same_name = await client.post("/scim/v1/Users", {**person("example"), "schemas": [V1]})
    same_email = await client.post("/scim/v2/Users", person("other", emails=[{"value": "Ada@acme.test"}]))

    assert same_name.status == 409
    assert same_name.body == {"Errors": {"description": "username_taken (username=example)", "code": 409}}
    assert same_email.status == 409
    assert same_email.body == {"schemas": [ERROR], "detail": "email_taken", "status": 409}


async def test_t14_the_twenty_first_write_of_users_in_a_second_is_throttled() -> None:
    """Inferred from the published burst of 20; three a second afterwards."""
    clock = ManualClock()
    client = slack(limits=RATE_LIMITS, clock=clock)

    statuses = [(await client.post("/scim/v2/Users", person(f"user{number}"))).status for number in range(20)]
    throttled = await client.post("/scim/v2/Users", person("user20"))
    clock.advance(1)
    later = await client.post("/scim/v2/Users", person("user20"))

    assert statuses == [201] * 20
    assert (throttled.status, throttled.headers["retry-after"]) == (429, "1")
    assert throttled["detail"] == "too_many_requests"
    assert later.status == 201


async def test_t15_a_workspace_token_is_refused_by_an_enterprise() -> None:
    """Word and status documented, the exact body inferred."""
    client = slack(tokens={"xoxp-twin": Principal(scope="workspace")})

    answer = await client.get("/scim/v1/Users")

    assert answer.status == 400
    assert answer.body == {"Errors": {"description": "non_org_teams_only", "code": 400}}


@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE"])
async def test_t16_an_admins_token_cannot_change_an_owner(method: str) -> None:
    """Inferred: the rule is documented, the status is not."""
    client = slack(users=[{**ADA, "role": "owner"}], tokens={"xoxp-twin": Principal(rank="admin")})
    operations: Sequence[object] = [{"op": "replace", "path": "title", "value": "Boss"}]

    answer = await client.request(
        method, "/scim/v2/Users/U123ABC456", {"schemas": [PATCH, USER], "Operations": operations, "userName": "example"}
    )

    assert answer.status == 403
    assert answer["detail"] == "permission_denied"
