"""Zoom's documented exchanges, replayed against the twin: Z1 to Z18.

Compared literally but for ids, times and what an exchange leaves out. Sources: the SCIM2 reference
(https://developers.zoom.us/docs/api/scim2/) and its public mirrors, threads of https://devforum.zoom.us, the rate
limits (https://developers.zoom.us/docs/api/rate-limits/) and
https://developers.zoom.us/docs/internal-apps/s2s-oauth/; all read 2026-11-23. What is marked inferred states what
follows from those.
"""

from __future__ import annotations

import base64
from typing import Any

import pytest

from gallery_connector_zoom.twin import RATE_LIMITS, ZoomSettings, ZoomTwin
from gallery_sdk.testing import Answer, ManualClock, RateLimit, TwinClient

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
ZOOM_USER = "urn:us:zoom:scim:schemas:extension:1.0:ZoomUser"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
NO_ACTIVE = "The request json did not contains valid active field."

JILL = {
    "id": "k&KdKr6TLWuxdDtk0hjSzL",
    "userName": "jchill@example.com",
    "name": {"givenName": "Jill", "familyName": "Chill"},
    "emails": [{"type": "work", "value": "jchill@example.com", "primary": True}],
    "userType": "Licensed",
    ENTERPRISE: {"department": "Developers", "costCenter": "77"},
}
NEW = {
    "schemas": [USER, ENTERPRISE, ZOOM_USER],
    "userName": "n@example.com",
    "name": {"givenName": "N", "familyName": "U"},
    "emails": [{"type": "work", "value": "n@example.com", "primary": True}],
    "active": True,
    "userType": "Licensed",
    ENTERPRISE: {"department": "IT"},
    ZOOM_USER: {"loginType": {"workEmail": False, "sso": True}},
}
DEACTIVATE = {"schemas": [PATCH], "Operations": [{"op": "replace", "value": {"active": False}}]}


def zoom(**settings: Any) -> ZoomTwin:
    return ZoomTwin(ZoomSettings(**{"users": [JILL], "limits": {}, **settings}))


async def token_request(twin: ZoomTwin, *, secret: str = "twin-secret", **query: str) -> Answer:
    client = TwinClient(twin)
    proof = base64.b64encode(f"twin-client:{secret}".encode()).decode()
    return await client.request("POST", "/oauth/token", query=query, headers={"authorization": f"Basic {proof}"})


async def signed_in(twin: ZoomTwin) -> TwinClient:
    answer = await token_request(twin, grant_type="account_credentials", account_id="A1")
    return TwinClient(twin, token=answer["access_token"])


def error(status: int, detail: str) -> dict[str, object]:
    return {"schemas": [ERROR], "detail": detail, "status": status}


async def test_z1_a_server_to_server_token() -> None:
    """Documented; parameters may stand in the query or in the form."""
    answer = await token_request(zoom(), grant_type="account_credentials", account_id="A1")

    assert (answer.status, answer.body) == (200, {
        "access_token": "t1", "token_type": "bearer", "expires_in": 3600, "scope": "scim2:admin",
        "api_url": "https://api.zoom.us",
    })  # fmt: skip


@pytest.mark.parametrize(
    ("query", "secret", "status", "error_word", "code"),
    [
        ({"grant_type": "account_credentials", "account_id": "A1"}, "wrong", 401, "invalid_client", 4704),
        ({"grant_type": "password"}, "twin-secret", 400, "unsupported_grant_type", 4705),
        ({}, "twin-secret", 400, "invalid_request", 4706),
        ({"grant_type": "authorization_code", "code": "stale"}, "twin-secret", 400, "invalid_grant", 4734),
    ],
    ids=["wrong secret", "unknown grant", "no grant", "unknown code"],
)
async def test_z2_a_token_that_is_refused(
    query: dict[str, str], secret: str, status: int, error_word: str, code: int
) -> None:
    """Codes documented, bodies inferred."""
    answer = await token_request(zoom(), secret=secret, **query)

    assert (answer.status, answer.body) == (status, {"error": error_word, "code": code})


@pytest.mark.parametrize("text", ["userName eq jchill@example.com", 'userName eq "JChill@example.com"'])
async def test_z3_a_look_up_by_user_name(text: str) -> None:
    """Documented, the value bare; that a quoted one is taken too is inferred."""
    client = await signed_in(zoom())

    answer = await client.get("/scim2/Users", filter=text)

    (found,) = answer["Resources"]
    assert answer.status == 200
    assert {name: value for name, value in answer.body.items() if name != "Resources"} == {
        "schemas": [LIST], "totalResults": 1, "startIndex": 1, "itemsPerPage": 1,
    }  # fmt: skip
    assert found.pop("meta")["location"] == "https://api.zoom.us/scim2/Users/k&KdKr6TLWuxdDtk0hjSzL"
    assert found == {
        "id": "k&KdKr6TLWuxdDtk0hjSzL", "schemas": [USER, ENTERPRISE, ZOOM_USER],
        "name": {"givenName": "Jill", "familyName": "Chill"},
        "emails": [{"type": "work", "value": "jchill@example.com", "primary": True}],
        "displayName": "Jill Chill", "userName": "jchill@example.com", "active": True, "userType": "Licensed",
        ENTERPRISE: {"department": "Developers"}, ZOOM_USER: {"loginType": {"workEmail": False, "sso": True}},
    }  # fmt: skip


async def test_z4_nobody_has_the_address() -> None:
    """Documented."""
    client = await signed_in(zoom())

    answer = await client.get("/scim2/Users", filter="userName eq nobody@example.com")

    assert answer.status == 200
    assert (answer["totalResults"], answer["Resources"]) == (0, [])


@pytest.mark.parametrize("state", ["pending", "foreign"])
async def test_z5_a_pending_invitation_is_an_error(state: str) -> None:
    """Documented."""
    client = await signed_in(zoom(users=[{"userName": "p@example.com", "state": state}]))

    answer = await client.get("/scim2/Users", filter="userName eq p@example.com")

    assert (answer.status, answer.body) == (
        400, error(400, "User p@example.com not exist or not belong to this account."),
    )  # fmt: skip


async def test_z6_a_create() -> None:
    """Inferred."""
    client = await signed_in(zoom())

    answer = await client.post("/scim2/Users", NEW)

    assert answer.status == 201
    assert len(answer["id"]) == 22
    assert answer["displayName"] == "N U"
    assert {name: answer[name] for name in NEW if name != "schemas"} == {
        name: value for name, value in NEW.items() if name != "schemas"
    }


async def test_z7_a_create_of_somebody_who_is_there() -> None:
    """The text is documented, the status inferred."""
    client = await signed_in(zoom())
    await client.post("/scim2/Users", NEW)

    answer = await client.post("/scim2/Users", NEW)

    assert (answer.status, answer.body) == (409, error(409, "The user already exists"))


async def test_z8_active_is_patched() -> None:
    """Documented; the URN in schemas is not looked at."""
    client = await signed_in(zoom())

    for schemas in ([PATCH], [LIST]):
        answer = await client.patch("/scim2/Users/k&KdKr6TLWuxdDtk0hjSzL", {**DEACTIVATE, "schemas": schemas})

        assert (answer.status, answer["active"], answer["userName"]) == (200, False, "jchill@example.com")


@pytest.mark.parametrize(
    "body",
    [
        {"schemas": [PATCH], "operations": DEACTIVATE["Operations"]},
        {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "name.givenName", "value": "J"}]},
        {"schemas": [PATCH], "Operations": [{"op": "replace", "value": {"active": False, "userType": "Basic"}}]},
    ],
    ids=["lower case", "another attribute", "another attribute beside it"],
)
async def test_z9_any_other_patch(body: dict[str, object]) -> None:
    """Documented for the first two."""
    client = await signed_in(zoom())

    answer = await client.patch("/scim2/Users/k&KdKr6TLWuxdDtk0hjSzL", body)

    assert (answer.status, answer.body) == (400, error(400, NO_ACTIVE))


async def test_z10_put_merges() -> None:
    """Documented: the fields that are not sent stay."""
    client = await signed_in(zoom())

    answer = await client.put(
        "/scim2/Users/k&KdKr6TLWuxdDtk0hjSzL",
        {"schemas": [USER], "name": {"givenName": "New", "familyName": "Name"}},
    )

    assert answer.status == 200
    assert answer["name"] == {"givenName": "New", "familyName": "Name"}
    assert (answer["userType"], answer[ENTERPRISE]) == ("Licensed", {"department": "Developers", "costCenter": "77"})


async def test_z11_put_of_another_user_name() -> None:
    """Documented: success, and nothing has changed."""
    client = await signed_in(zoom())

    answer = await client.put(
        "/scim2/Users/k&KdKr6TLWuxdDtk0hjSzL", {"schemas": [USER], "userName": "other@example.com"}
    )

    assert (answer.status, answer["userName"]) == (200, "jchill@example.com")


async def test_z12_writes_without_single_sign_on() -> None:
    """The text is documented, its envelope inferred."""
    client = await signed_in(zoom(single_sign_on=False))

    answer = await client.put("/scim2/Users/k&KdKr6TLWuxdDtk0hjSzL", {"schemas": [USER], "displayName": "J"})

    assert (answer.status, answer.body) == (400, error(400, "Account has not enabled Single Sign-On."))


async def test_z13_a_group_is_created() -> None:
    """Documented: an empty list of schemas, and a version that never changes."""
    client = await signed_in(zoom())

    answer = await client.post("/scim2/Groups", {"schemas": [GROUP], "displayName": "SCIM Group"})

    assert answer.status == 201
    assert (answer["schemas"], answer["displayName"]) == ([], "SCIM Group")
    assert {name: answer["meta"][name] for name in ("resourceType", "version")} == {
        "resourceType": "Group", "version": "1.0.0",
    }  # fmt: skip
    assert answer["meta"]["location"] == f"https://api.zoom.us/scim2/Groups/{answer['id']}"


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"displayName=x", "The request body must be in JSON format."),
        ({}, "The request JSON must not be empty."),
        ({"displayName": " "}, 'The "DisplayName" of the request is invalid.'),
        ({"displayName": "There"}, "Create group failed."),
    ],
    ids=["no JSON", "empty", "no name", "taken"],
)
async def test_z13_a_group_that_is_refused(body: object, detail: str) -> None:
    """Documented; which create fails with the last text is inferred."""
    client = await signed_in(zoom(groups=[{"displayName": "There"}]))

    answer = await client.post("/scim2/Groups", body)

    assert (answer.status, answer.body) == (400, error(400, detail))


async def test_z14_a_member_is_added() -> None:
    """The status is documented, the body inferred."""
    twin = zoom(groups=[{"id": "g1", "displayName": "There"}])
    client = await signed_in(twin)
    add = {"op": "add", "path": "members", "value": [{"value": JILL["id"]}]}
    remove = {"op": "remove", "path": f'members[value eq "{JILL["id"]}"]'}

    added = await client.patch("/scim2/Groups/g1", {"schemas": [PATCH], "Operations": [add]})
    members = list(twin.account.members["g1"])
    removed = await client.patch("/scim2/Groups/g1", {"schemas": [PATCH], "Operations": [remove]})

    assert (added.status, added.body, members) == (204, None, [JILL["id"]])
    assert (removed.status, list(twin.account.members["g1"])) == (204, [])


async def test_z15_the_eighty_first_light_call_in_a_second() -> None:
    """Documented, headers included."""
    client = await signed_in(zoom(limits=RATE_LIMITS, clock=ManualClock()))

    answers = [await client.get("/scim2/Users/k&KdKr6TLWuxdDtk0hjSzL") for _ in range(81)]

    assert {answer.status for answer in answers[:80]} == {200}
    assert answers[0].headers["x-ratelimit-remaining"] == "79"
    assert (answers[80].status, answers[80].body) == (429, {
        "code": 429,
        "message": "You have reached the maximum per-second rate limit for this API. Try again later.",
    })  # fmt: skip
    headers = answers[80].headers
    assert headers.pop("x-ratelimit-reset").isdecimal()
    assert {name: value for name, value in headers.items() if name.startswith("x-ratelimit")} == {
        "x-ratelimit-category": "Light", "x-ratelimit-type": "QPS", "x-ratelimit-limit": "80",
        "x-ratelimit-remaining": "0",
    }  # fmt: skip


async def test_z15_lists_have_sixty_a_second_of_their_own() -> None:
    """Documented: they are labelled medium."""
    client = await signed_in(zoom(limits=RATE_LIMITS, clock=ManualClock()))

    statuses = [(await client.get("/scim2/Users", count=1)).status for _ in range(61)]
    one = await client.get("/scim2/Users/k&KdKr6TLWuxdDtk0hjSzL")

    assert statuses == [200] * 60 + [429]
    assert one.status == 200


async def test_z15_a_daily_allowance_names_the_day_to_come_back() -> None:
    """Documented: Retry-After is a date-time of ISO 8601."""
    client = await signed_in(zoom(daily={"Light": RateLimit(1, 86_400.0)}))
    path = "/scim2/Users/k&KdKr6TLWuxdDtk0hjSzL"

    await client.get(path)
    answer = await client.get(path)

    assert answer.status == 429
    assert answer.headers["x-ratelimit-type"] == "Daily-limit"
    assert answer.headers["retry-after"].endswith("T00:00:00Z")


async def test_z16_rest_without_the_scope() -> None:
    """Documented: the status is 400."""
    client = await signed_in(zoom())

    answer = await client.get("/v2/users")

    assert (answer.status, answer.body) == (400, {
        "code": 4711,
        "message": "Invalid access token, does not contain scopes:[user:read:list_users:admin].",
    })  # fmt: skip


async def test_z17_rest_create_of_somebody_who_is_there() -> None:
    """Documented; the status is the one of the former specification."""
    client = await signed_in(zoom(scopes=("user:write:user:admin",), users=[{"userName": "a@example.com"}]))

    answer = await client.post("/v2/users", {"action": "ssoCreate", "user_info": {"email": "a@example.com", "type": 1}})

    assert (answer.status, answer.body) == (
        409, {"code": 1005, "message": "User already in the account: a@example.com"},
    )  # fmt: skip


async def test_z18_the_documented_type_collaboration_is_refused() -> None:
    """The behaviour is documented, the answer's text inferred."""
    client = await signed_in(zoom())

    answer = await client.post("/scim2/Users", {**NEW, "userType": "Collaboration"})

    assert (answer.status, answer["schemas"]) == (400, [ERROR])


async def test_lists_are_paged_by_ten_unless_asked_for_up_to_a_hundred() -> None:
    """From a public client of the API."""
    client = await signed_in(zoom(users=[{"userName": f"u{number}@example.com"} for number in range(120)]))

    unasked = await client.get("/scim2/Users")
    much = await client.get("/scim2/Users", startIndex=101, count=500)

    assert (unasked["totalResults"], unasked["itemsPerPage"]) == (120, 10)
    assert [one["userName"] for one in much["Resources"]] == [f"u{number}@example.com" for number in range(100, 120)]


async def test_a_single_answer_shows_more_than_a_list() -> None:
    """Documented: cost center, groups and roles are missing from lists."""
    client = await signed_in(zoom())

    (listed,) = (await client.get("/scim2/Users"))["Resources"]
    whole = await client.get("/scim2/Users/k&KdKr6TLWuxdDtk0hjSzL")

    assert "costCenter" not in listed[ENTERPRISE] and "roles" not in listed
    assert whole[ENTERPRISE]["costCenter"] == "77"
    assert whole["roles"] == [{"display": "Member", "value": "Member", "primary": True}]


async def test_without_single_sign_on_as_login_type_an_account_stays_an_invitation() -> None:
    """Documented: the create succeeds, and reading it says that nobody is there."""
    client = await signed_in(zoom())

    made = await client.post("/scim2/Users", {**NEW, ZOOM_USER: {"loginType": {"workEmail": True, "sso": False}}})
    read = await client.get(f"/scim2/Users/{made['id']}")

    assert (made.status, read.status) == (201, 400)


async def test_a_body_has_at_most_a_hundred_thousand_characters() -> None:
    """Documented for changes of groups."""
    client = await signed_in(zoom(groups=[{"id": "g1", "displayName": "There"}]))
    members = [{"value": "x" * 22}] * 3_100

    answer = await client.patch(
        "/scim2/Groups/g1", {"Operations": [{"op": "add", "path": "members", "value": members}]}
    )

    assert answer.status == 400


async def test_a_refresh_token_works_once() -> None:
    """Documented: each use brings the next one, and a new sign-in ends the old."""
    twin = zoom()
    redirect = twin.settings.redirect_uri

    async def sign_in() -> Answer:
        query = {"response_type": "code", "client_id": "twin-client", "redirect_uri": redirect, "state": "s"}
        page = await TwinClient(twin).get("/oauth/authorize", **query)
        code = page.headers["location"].partition("code=")[2].partition("&")[0]
        return await token_request(twin, grant_type="authorization_code", code=code, redirect_uri=redirect)

    first = await sign_in()
    second = await token_request(twin, grant_type="refresh_token", refresh_token=first["refresh_token"])
    again = await token_request(twin, grant_type="refresh_token", refresh_token=first["refresh_token"])
    await sign_in()
    void = await token_request(twin, grant_type="refresh_token", refresh_token=second["refresh_token"])

    assert (first.status, second.status, again.status, void.status) == (200, 200, 401, 401)
    assert second["refresh_token"] != first["refresh_token"]
    assert again["code"] == void["code"] == 4741
