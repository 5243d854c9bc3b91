"""Dropbox's documented exchanges, replayed against the twin: vectors 1 to 20.

Compared literally but for ids and for the tail of `error_summary`, which varies. Sources, read on 2026-11-23:
https://github.com/dropbox/dropbox-api-spec (team.stone, async.stone, auth.stone), whose examples the values are,
https://github.com/dropbox/dropbox-sdk-python (the wire), https://github.com/watermint/toolbox (recorded bodies).
Vector 21 is SCIM, whose exchanges nobody has published; its twin is not offered.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from gallery_connector_dropbox.twin import TOKEN, DropboxTwin
from gallery_connector_dropbox.twin.signing_in import CLIENT, REFRESH_TOKEN, SCOPES, Principal
from gallery_sdk.testing import Answer, Fault, ManualClock, TwinClient

TOM = {
    "member_email": "tom.s@company.com", "member_given_name": "Tom", "member_surname": "Silverstone",
    "member_external_id": "company_id:342432", "send_welcome_email": False, "role_ids": ["pid_dbtmr:2345"],
    "is_directory_restricted": False,
}  # fmt: skip
NEVER = "null"


@pytest.fixture
def twin() -> DropboxTwin:
    return DropboxTwin(clock=ManualClock(), licences=5)


@pytest.fixture
def client(twin: DropboxTwin) -> TwinClient:
    return TwinClient(twin, token=TOKEN)


async def call(client: TwinClient, route: str, argument: object = NEVER) -> Answer:
    """POST to a route; without an argument the JSON literal `null`, as every route without one takes it."""
    return await client.request("POST", f"/2/{route}", b"null" if argument is NEVER else argument)


def by_id(target_id: str) -> dict[str, str]:
    return {".tag": "team_member_id", "team_member_id": target_id}


def assert_refused(answer: Answer, status: int, tag: str, **beside: object) -> None:
    """The union of a refusal; its summary begins with the tag and a slash."""
    assert answer.status == status
    summary = answer.body.pop("error_summary")
    assert summary.rstrip(".") == f"{tag}/"
    assert answer.body == {"error": {".tag": tag, **beside}}


async def test_v1_the_admin_behind_a_token(client: TwinClient) -> None:
    """Documented."""
    answer = await call(client, "team/token/get_authenticated_admin")

    assert answer.status == 200
    assert answer["admin_profile"]["status"] == {".tag": "active"}
    assert answer.headers["x-dropbox-request-id"]


async def test_v2_the_team_and_its_licences(twin: DropboxTwin, client: TwinClient) -> None:
    """Documented: two are provisioned, and the one who accepted uses a licence."""
    twin.team.seed("invited@company.com", status="invited")

    answer = await call(client, "team/get_info")

    assert answer.body.pop("policies")
    assert answer.body == {
        "name": "Dropbox Inc.", "team_id": "dbtid:1234abcd", "num_licensed_users": 5, "num_provisioned_users": 2,
        "num_used_licenses": 1,
    }  # fmt: skip


async def test_v3_nobody_of_that_address(client: TwinClient) -> None:
    """Documented: a success that says so."""
    answer = await call(client, "team/members/get_info_v2", {"members": [{".tag": "email", "email": "nobody@x.com"}]})

    assert answer.status == 200
    assert answer.body == {"members_info": [{".tag": "id_not_found", "id_not_found": "nobody@x.com"}]}


async def test_v4_a_member_is_added(client: TwinClient) -> None:
    """Documented: who was added is invited. Of the example's values those of the answer's own are kept."""
    answer = await call(client, "team/members/add_v2", {"new_members": [TOM], "force_async": False})

    assert answer.status == 200
    assert answer.body[".tag"] == "complete"
    (result,) = answer.body["complete"]
    profile = result["profile"]
    assert profile.pop("team_member_id").startswith("dbmid:")
    assert profile.pop("account_id").startswith("dbid:")
    assert result == {
        ".tag": "success",
        "profile": {
            "external_id": "company_id:342432", "email": "tom.s@company.com", "email_verified": False,
            "secondary_emails": [], "status": {".tag": "invited"},
            "name": {"given_name": "Tom", "surname": "Silverstone", "familiar_name": "Tom",
                     "display_name": "Tom Silverstone", "abbreviated_name": "TS"},
            "membership_type": {".tag": "full"}, "invited_on": "2015-05-12T15:50:38Z", "groups": [],
            "member_folder_id": "20", "root_folder_id": "30",
        },
        "roles": [{"role_id": "pid_dbtmr:2345", "name": "Team admin", "description": "Team admin of the team"}],
    }  # fmt: skip


async def test_v5_adding_again_is_an_error_inside_a_success(client: TwinClient) -> None:
    """Documented."""
    await call(client, "team/members/add_v2", {"new_members": [TOM], "force_async": False})

    answer = await call(client, "team/members/add_v2", {"new_members": [TOM], "force_async": False})

    assert answer.status == 200
    assert answer.body == {
        ".tag": "complete",
        "complete": [{".tag": "user_already_on_team", "user_already_on_team": "tom.s@company.com"}],
    }


async def test_v6_a_job_is_asked_for_until_it_is_complete(twin: DropboxTwin, client: TwinClient) -> None:
    """Documented."""
    twin.jobs.names.append("34g93hh34h04y384084")

    answer = await call(client, "team/members/add_v2", {"new_members": [TOM], "force_async": True})
    looks = [
        (await call(client, "team/members/add/job_status/get_v2", {"async_job_id": "34g93hh34h04y384084"})).body
        for _ in range(2)
    ]

    assert answer.body == {".tag": "async_job_id", "async_job_id": "34g93hh34h04y384084"}
    assert looks[0] == {".tag": "in_progress"}
    assert looks[1][".tag"] == "complete"
    assert looks[1]["complete"][0][".tag"] == "success"


async def test_v7_a_job_that_nobody_knows(client: TwinClient) -> None:
    """Documented: the body was recorded, the tag is the specification's."""
    answer = await call(client, "team/members/add/job_status/get_v2", {"async_job_id": "x"})

    assert_refused(answer, 409, "invalid_async_job_id")


async def test_v8_no_licence_is_free(client: TwinClient) -> None:
    """Documented; twenty-one in one request are too many."""
    one = TwinClient(DropboxTwin(licences=1), token=TOKEN)

    answer = await call(one, "team/members/add_v2", {"new_members": [{"member_email": "apple@orange.com"}]})
    many = [{"member_email": f"a{number}@orange.com"} for number in range(21)]
    too_many = await call(client, "team/members/add_v2", {"new_members": many})

    assert answer.body["complete"] == [{".tag": "team_license_limit", "team_license_limit": "apple@orange.com"}]
    assert too_many.status == 400
    assert too_many.headers["content-type"].startswith("text/plain")


async def test_v9_an_invitation_cannot_be_suspended(twin: DropboxTwin, client: TwinClient) -> None:
    """Documented."""
    invited = twin.team.seed("invited@company.com", status="invited")

    answer = await call(client, "team/members/suspend", {"user": by_id(invited.team_member_id), "wipe_data": False})

    assert_refused(answer, 409, "suspend_inactive_user")


async def test_v10_a_member_is_suspended(twin: DropboxTwin, client: TwinClient) -> None:
    """Documented; that it cannot be done twice is inferred."""
    twin.team.seed("ef@company.com", team_member_id="dbmid:efgh5678")
    argument = {"user": {".tag": "team_member_id", "team_member_id": "dbmid:efgh5678"}, "wipe_data": False}

    answer = await call(client, "team/members/suspend", argument)
    again = await call(client, "team/members/suspend", argument)

    assert (answer.status, answer.body) == (200, None)
    assert twin.team.members["dbmid:efgh5678"].wiped is False
    assert twin.team.numbers()["num_used_licenses"] == 2  # a suspended member keeps its licence
    assert_refused(again, 409, "suspend_inactive_user")


async def test_v11_only_suspended_members_are_unsuspended(twin: DropboxTwin, client: TwinClient) -> None:
    """Documented."""
    active = twin.team.seed("ef@company.com")

    answer = await call(client, "team/members/unsuspend", {"user": by_id(active.team_member_id)})

    assert_refused(answer, 409, "unsuspend_non_suspended_member")


async def test_v12_a_removed_member_is_in_the_way_for_seven_days(twin: DropboxTwin, client: TwinClient) -> None:
    """Documented: adding is refused, recovering works; afterwards it is the other way round."""
    gone = twin.team.seed("tom.s@company.com", external_id="company_id:342432")
    argument = {"user": by_id(gone.team_member_id), "wipe_data": False}

    removed = await call(client, "team/members/remove", argument)
    added = await call(client, "team/members/add_v2", {"new_members": [TOM]})
    recovered = await call(client, "team/members/recover", {"user": by_id(gone.team_member_id)})

    assert removed.body == {".tag": "complete"}
    assert added.body["complete"] == [{".tag": "user_already_on_team", "user_already_on_team": "tom.s@company.com"}]
    assert (recovered.status, recovered.body, gone.status) == (200, None, "active")
    await call(client, "team/members/remove", argument)
    clock: Any = twin.clock
    clock.advance(7 * 86400)
    late = await call(client, "team/members/recover", {"user": by_id(gone.team_member_id)})
    assert_refused(late, 409, "user_unrecoverable")
    added = await call(client, "team/members/add_v2", {"new_members": [TOM]})
    assert added.body["complete"][0][".tag"] == "success"


async def test_v13_a_profile_needs_something_new_and_a_safe_selector(twin: DropboxTwin, client: TwinClient) -> None:
    """Documented."""
    member = twin.team.seed("ef@company.com", external_id="e1")
    by_external_id = {".tag": "external_id", "external_id": "e1"}

    nothing = await call(client, "team/members/set_profile_v2", {"user": by_id(member.team_member_id)})
    unsafe = await call(
        client, "team/members/set_profile_v2", {"user": by_external_id, "new_external_id": "e2"}
    )  # fmt: skip

    assert_refused(nothing, 409, "no_new_data_specified")
    assert_refused(unsafe, 409, "external_id_and_new_external_id_unsafe")


async def test_v14_a_group_is_made_once(client: TwinClient) -> None:
    """Documented."""
    argument = {
        "group_name": "Europe sales", "group_external_id": "group-134", "group_management_type": "company_managed",
    }  # fmt: skip

    answer = await call(client, "team/groups/create", argument)
    same_name = await call(client, "team/groups/create", argument)
    same_id = await call(client, "team/groups/create", {**argument, "group_name": "Asia sales"})

    assert answer.status == 200
    assert answer.body.pop("group_id").startswith("g:")
    assert answer.body == {
        "group_name": "Europe sales", "group_external_id": "group-134", "member_count": 0,
        "group_management_type": {".tag": "company_managed"}, "members": [], "created": 1431445838000,
    }  # fmt: skip
    assert_refused(same_name, 409, "group_name_already_used")
    assert_refused(same_id, 409, "external_id_already_in_use")


async def group_with(client: TwinClient, *members: str) -> dict[str, Any]:
    """A group with members; its selector."""
    made = await call(client, "team/groups/create", {"group_name": "Europe sales"})
    selector = {".tag": "group_id", "group_id": made.body["group_id"]}
    if members:
        argument = {"group": selector, "members": [access(one) for one in members], "return_members": False}
        assert (await call(client, "team/groups/members/add", argument)).body["async_job_id"] == " "
    return selector


def access(target_id: str) -> dict[str, Any]:
    return {"user": by_id(target_id), "access_type": "member"}


async def test_v15_one_member_who_is_there_has_all_refused(twin: DropboxTwin, client: TwinClient) -> None:
    """Documented; that nobody is added then is inferred."""
    old, new = [twin.team.seed(f"{name}@company.com").team_member_id for name in ("old", "new")]
    group = await group_with(client, old)

    answer = await call(client, "team/groups/members/add", {"group": group, "members": [access(old), access(new)]})

    assert_refused(answer, 409, "duplicate_user")
    assert list(twin.team.groups[group["group_id"]].members) == [old]


async def test_v16_who_is_not_in_the_team_is_named(client: TwinClient) -> None:
    """Documented; how the members are named is inferred."""
    group = await group_with(client)

    answer = await call(client, "team/groups/members/add", {"group": group, "members": [access("dbmid:x")]})

    assert_refused(answer, 409, "members_not_in_team", members_not_in_team=["dbmid:x"])


async def test_v17_a_missing_scope_is_named(twin: DropboxTwin) -> None:
    """Documented."""
    twin.tokens["reader"] = Principal(frozenset({"members.read"}))

    answer = await call(TwinClient(twin, token="reader"), "team/members/add_v2", {"new_members": []})

    assert_refused(answer, 401, "missing_scope", required_scope="members.write")


async def test_v18_too_fast_is_told_in_two_forms() -> None:
    """Documented: a struct around the union, or plain text; the header is in both."""
    fault = Fault(status=429, word="too_many_requests", headers={"Retry-After": "15"}, times=2)
    client = TwinClient(DropboxTwin(faults=[fault]), token=TOKEN)

    answer, plain = [await call(client, "team/get_info") for _ in range(2)]

    assert answer.status == plain.status == 429
    assert answer.body.pop("error_summary").rstrip(".") == "too_many_requests/"
    assert answer.body == {"error": {"reason": {".tag": "too_many_requests"}, "retry_after": 15}}
    assert answer.headers["retry-after"] == plain.headers["retry-after"] == "15"
    assert plain.headers["content-type"].startswith("text/plain")


async def token(twin: DropboxTwin, **form: str) -> Answer:
    """Ask the token endpoint."""
    return await TwinClient(twin).request("POST", "/oauth2/token", urlencode(form).encode())


async def test_v19_a_refresh_token_that_was_revoked(twin: DropboxTwin) -> None:
    """Documented; one that was not gives tokens of four hours, and stays the same."""
    client_id, client_secret = CLIENT
    form = {"grant_type": "refresh_token", "refresh_token": REFRESH_TOKEN, "client_id": client_id,
            "client_secret": client_secret}  # fmt: skip

    good = await token(twin, **form)
    twin.desk.refresh_tokens.clear()
    bad = await token(twin, **form)

    assert (good["expires_in"], good["scope"]) == (14400, " ".join(SCOPES))
    assert "refresh_token" not in good.body
    assert bad.status == 400
    assert bad["error"] == "invalid_grant"
    assert bad["error_description"]
    client = TwinClient(twin, token=good["access_token"])
    assert (await call(client, "team/get_info")).status == 200
    clock: Any = twin.clock
    clock.advance(14400)
    assert_refused(await call(client, "team/get_info"), 401, "expired_access_token")


async def test_v20_a_listing_in_pages(twin: DropboxTwin, client: TwinClient) -> None:
    """Documented."""
    for name in ("ef", "gh"):
        twin.team.seed(f"{name}@company.com")

    first = await call(client, "team/members/list_v2", {"limit": 2})
    last = await call(client, "team/members/list/continue_v2", {"cursor": first["cursor"]})
    bad = await call(client, "team/members/list/continue_v2", {"cursor": "x"})

    assert (len(first["members"]), first["has_more"]) == (2, True)
    assert (len(last["members"]), last["has_more"]) == (1, False)
    assert_refused(bad, 409, "invalid_cursor")


@pytest.mark.parametrize(
    ("path", "body"),
    [("/2/team/nothing", {}), ("/2/team/get_info", {}), ("/2/team/members/list_v2", b"{"),
     ("/2/team/members/list_v2", {"limit": 1001}), ("/2/team/members/suspend", {"user": {}, "force": True})],
    ids=["route", "argument where there is none", "no JSON", "limit", "unknown field"],
)  # fmt: skip
async def test_malformed_calls_are_answered_in_plain_text(client: TwinClient, path: str, body: object) -> None:
    """Documented: 400, and no JSON."""
    answer = await client.request("POST", path, body)

    assert answer.status == 400
    assert answer.headers["content-type"].startswith("text/plain")
