"""Slack's rules as the twin plays them: names, addresses, telephones, guests, protection, groups, lists.

From https://docs.slack.dev/reference/scim-api and https://docs.slack.dev/admins/scim-api, read 2026-11-23.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gallery_connector_slack.twin import RATE_LIMITS, Principal, SlackSettings, SlackTwin, make_twin
from gallery_sdk.testing import Fault, ManualClock, TwinClient

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
GUEST = "urn:ietf:params:scim:schemas:extension:slack:guest:2.0:User"
PROFILE = "urn:ietf:params:scim:schemas:extension:slack:profile:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
V1 = "urn:scim:schemas:core:1.0"
V1_ENTERPRISE = "urn:scim:schemas:extension:enterprise:1.0"
ADA: dict[str, object] = {
    "schemas": [USER],
    "id": "U1",
    "userName": "ada",
    "displayName": "Ada L",
    "emails": [{"value": "ada@acme.test", "primary": True}, {"value": "al@acme.test"}],
    "phoneNumbers": [{"value": "1", "primary": True}, {"value": "2", "primary": False}],
    "addresses": [{"locality": "London", "country": "GB", "type": "work"}],
    ENTERPRISE: {"department": "R&D", "costCenter": "7"},
}


def slack(**settings: Any) -> TwinClient:
    return TwinClient(SlackTwin(SlackSettings(**{"users": [ADA], "limits": (), **settings})), token="xoxp-twin")


def person(name: str, **more: object) -> dict[str, object]:
    return {"schemas": [USER], "userName": name, "emails": [{"value": f"{name}@acme.test"}], **more}


def patch(*operations: tuple[str, str, object]) -> dict[str, object]:
    made = [{"op": op, "path": path, **({} if value is None else {"value": value})} for op, path, value in operations]
    return {"schemas": [PATCH], "Operations": made}


# -- addresses of the API, authentication -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status", "word"),
    [("/scim/v3/Users", 404, "unsupported_version"), ("/scim/v2/Nothing", 404, "bad_endpoint")],
)
async def test_a_wrong_address_is_told_in_slacks_words(path: str, status: int, word: str) -> None:
    """Whatever stands behind /scim."""
    answer = await slack().get(path)

    assert answer.status == status
    assert word in str(answer.body)


@pytest.mark.parametrize("path", ["/scim/v1/ServiceProviderConfigs", "/scim/v2/ServiceProviderConfig"])
async def test_the_configuration_answers_without_a_token_and_denies_its_filter(path: str) -> None:
    """So it proves nothing about a credential, and a client that believes it has to list."""
    stranger = TwinClient(SlackTwin(SlackSettings()))

    config = await stranger.get(path)
    users = await stranger.get("/scim/v2/Users")

    assert (config.status, config["filter"]["supported"], config["patch"]["supported"]) == (200, False, True)
    assert (users.status, users["Errors"]["description"]) == (401, "missing_authentication")


async def test_schemas_and_resource_types_are_described() -> None:
    """Version 2 has all three addresses, version 1 the two of schemas."""
    client = slack()

    types = await client.get("/scim/v2/ResourceTypes")
    users = [await client.get(f"/scim/{version}/Schemas/Users") for version in ("v1", "v2")]
    missing = await client.get("/scim/v1/ResourceTypes")

    assert [each["endpoint"] for each in types["Resources"]] == ["/Users", "/Groups"]
    assert all("userName" in [attribute["name"] for attribute in each["attributes"]] for each in users)
    assert missing.status == 404


@pytest.mark.parametrize("plan", ["free", "pro"])
async def test_lesser_plans_have_no_scim(plan: str) -> None:
    """plus_teams_only, whatever is asked."""
    answer = await slack(plan=plan).get("/scim/v2/Users")

    assert (answer.status, answer["detail"]) == (403, "plus_teams_only")


# -- user names, display names, e-mails --------------------------------------------------------------------


@given(st.text(min_size=1, max_size=12).filter(lambda text: text.strip().partition("@")[0]))
@settings(max_examples=60, deadline=None)
async def test_a_stored_user_name_has_only_letters_that_slack_allows(name: str) -> None:
    """Lower case, digits, dot, dash and underscore; reading it back and writing it again changes nothing."""
    client = slack(users=[])

    made = await client.post("/scim/v2/Users", person("x", userName=name))

    assert made.status == 201 or made["detail"].startswith(("username_", "long_"))
    if made.status == 201:
        stored = made["userName"]
        assert set(stored) <= set("abcdefghijklmnopqrstuvwxyz0123456789._-")
        again = await client.patch(f"/scim/v2/Users/{made['id']}", patch(("replace", "userName", stored)))
        assert (again.status, again["userName"], again["nickName"]) == (200, stored, stored)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"userName": "Ada.Lovelace@acme.test", "displayName": "x"}, None),
        ({"userName": "a" * 22}, "username_too_long"),
        ({"userName": "EveryOne"}, "username_not_allowed (user=everyone)"),
        ({"userName": "@acme"}, "username_empty"),
        ({"userName": None}, "username_required"),
        ({"userName": "general"}, "username_taken (username=general)"),
        ({"userName": "ok", "emails": []}, "email_empty"),
        ({"userName": "ok", "emails": [{"value": "nothing"}]}, "email_invalid"),
        ({"userName": "ok", "emails": "a@x.test"}, "emails_invalid"),
        ({"userName": "ok", "displayName": "@ada"}, "invalid_starts_with_at"),
        ({"userName": "ok", "displayName": "a@b"}, "invalid_display_name"),
        ({"userName": "ok", "displayName": "a" * 81}, "invalid_name_maxlength"),
        ({"userName": "ok", "title": "Boss \U0001f451"}, "invalid_emoji_not_allowed"),
        ({"userName": "ok", ENTERPRISE: {"manager": {"value": "U1"}}}, "improper_enterprise_schema_format"),
        ({"userName": "ok", ENTERPRISE: {"manager": {"managerId": "U9"}}}, "improper_enterprise_schema_format"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
async def test_a_create_is_refused_by_the_word_for_its_fault(body: dict[str, object], word: str | None) -> None:
    """An e-mail as user name is no fault: what stands before the @ is kept."""
    client = slack()

    answer = await client.post("/scim/v2/Users", {**person("x"), **body})

    if word is None:
        assert (answer.status, answer["userName"]) == (201, "ada.lovelace")
    else:
        assert answer["detail"] == word
        assert answer.status == (409 if "taken" in word else 400)


async def test_what_is_not_given_is_filled_in() -> None:
    """Display name from the user name, time zone and photo by default; nickName alone names the account."""
    made = await slack().post("/scim/v2/Users", {"schemas": [USER], "nickName": "bob", "emails": ["bob@acme.test"]})

    assert (made["userName"], made["displayName"], made["timezone"]) == ("bob", "bob", "America/Los_Angeles")
    assert made["photos"][0]["value"].startswith("https://")
    assert "phoneNumbers" not in made.body


async def test_one_invalid_optional_value_drops_them_all_in_silence() -> None:
    """The account is made all the same, so a client has to look."""
    body = person("bob", title="Boss", phoneNumbers=[{"value": 555}], **{ENTERPRISE: {"department": "R&D"}})

    made = await slack().post("/scim/v2/Users", body)

    assert (made.status, made["title"]) == (201, "Boss")
    assert ENTERPRISE not in made.body
    assert "phoneNumbers" not in made.body


async def test_custom_fields_run_out() -> None:
    """Each kind of optional value takes one of the fields that are left, once for everybody."""
    client = slack(users=[], profile_fields_left=1)
    department = {ENTERPRISE: {"department": "R&D"}}

    answers = [
        await client.post("/scim/v2/Users", person("a", **department)),
        await client.post("/scim/v2/Users", person("b", **department)),
        await client.post("/scim/v2/Users", person("c", **department, userType="Temp")),
    ]

    assert [answer.status for answer in answers] == [201, 201, 400]
    assert answers[-1]["detail"] == "unable_to_create_team_profile_fields"


@pytest.mark.parametrize(("sync", "status"), [(False, 400), (True, 200)], ids=["off", "on"])
async def test_display_names_change_only_with_profile_syncing(sync: bool, status: int) -> None:
    """Without it the whole request is refused; the same name again is no change."""
    client = slack(profile_sync=sync)

    changed = await client.patch(
        "/scim/v2/Users/U1", patch(("replace", "displayName", "Countess"), ("replace", "title", "Boss"))
    )
    same = await client.patch(
        "/scim/v2/Users/U1", patch(("replace", "displayName", changed.body.get("displayName", "Ada L")))
    )
    read = await client.get("/scim/v2/Users/U1")

    assert (changed.status, same.status) == (status, 200)
    assert read["title"] == ("Boss" if sync else "")


# -- PATCH of version 2 ------------------------------------------------------------------------------------

EMAILS = ["ada@acme.test", "al@acme.test"]


@pytest.mark.parametrize(
    ("operation", "emails"),
    [
        (("remove", "emails[primary eq false]", None), EMAILS[:1]),
        (("remove", 'emails[value eq "al@acme.test"]', None), EMAILS[:1]),
        (("add", "emails", {"value": "new@acme.test"}), [EMAILS[0], "new@acme.test"]),
        (("add", "emails", [{"value": "new@acme.test", "primary": True}]), ["new@acme.test", EMAILS[0]]),
        (("replace", "emails", [{"value": "new@acme.test", "type": "work", "primary": True}]), ["new@acme.test"]),
        (("replace", "emails", [{"value": "h@acme.test", "type": "home"}, {"value": "w@acme.test", "type": "work"}]),
         ["w@acme.test", "h@acme.test"]),
        (("replace", "emails[primary eq true].value", "new@acme.test"), ["new@acme.test", EMAILS[1]]),
    ],
    ids=["remove second", "remove by value", "add", "add primary", "replace", "work is primary", "replace primary"],
)  # fmt: skip
async def test_there_are_two_emails_at_most_the_primary_first(
    operation: tuple[str, str, object], emails: list[str]
) -> None:
    """Primary is the flagged one, else that of type work, else the first; no type comes back."""
    answer = await slack().patch("/scim/v2/Users/U1", patch(operation))

    assert answer.status == 200
    assert [each["value"] for each in answer["emails"]] == emails
    assert [each["primary"] for each in answer["emails"]] == [True, False][: len(emails)]
    assert all(set(each) == {"value", "primary"} for each in answer["emails"])


@pytest.mark.parametrize(
    ("operation", "word"),
    [
        (("remove", "emails", None), "missing_primary_email"),
        (("remove", "emails[primary eq true]", None), "missing_primary_email"),
        (("replace", 'emails[type eq "work"].value', "new@acme.test"), "invalid_request_payload"),
        (("replace", "userName", ""), "username_empty"),
        (("replace", "password", "secret"), "password_change_not_allowed"),
        (("replace", "active", "False"), "invalid_attribute_format"),
        (("replace", "shoeSize", "41"), "invalid_request_payload"),
        (("move", "title", "x"), "invalid_request_payload"),
        (("replace", f"{ENTERPRISE}:department", "x"), "invalid_request_payload"),
        (("remove", f"{ENTERPRISE}:department", None), "invalid_request_payload"),
        (("replace", "title", None), "invalid_request_payload"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
async def test_a_patch_is_refused_as_a_whole(operation: tuple[str, str, object], word: str) -> None:
    """The operations before the bad one are not done."""
    client = slack()
    before = await client.get("/scim/v2/Users/U1")

    answer = await client.patch("/scim/v2/Users/U1", patch(("replace", "title", "Boss"), operation))

    assert (answer.status, answer["detail"]) == (400, word)
    assert (await client.get("/scim/v2/Users/U1")).body == before.body


async def test_main_and_mobile_are_told_apart_by_primary_not_by_type() -> None:
    """In requests type mobile is the main number and type work the mobile one; answers say it the other way round."""
    client = slack()

    by_type = await client.patch(
        "/scim/v2/Users/U1",
        patch(("replace", "phoneNumbers", [{"value": "m", "type": "mobile"}, {"value": "w", "type": "work"}])),
    )
    by_flag = await client.patch(
        "/scim/v2/Users/U1",
        patch(("replace", "phoneNumbers", [{"value": "main", "primary": True}, {"value": "mob", "primary": False}])),
    )
    changed = await client.patch("/scim/v2/Users/U1", patch(("replace", 'phoneNumbers[value eq "mob"].value', "mob2")))
    removed = await client.patch("/scim/v2/Users/U1", patch(("remove", 'phoneNumbers[value eq "main"]', None)))

    assert by_type["phoneNumbers"] == [{"value": "w", "type": "mobile"}, {"value": "m", "primary": True}]
    assert by_flag["phoneNumbers"] == [{"value": "mob", "type": "mobile"}, {"value": "main", "primary": True}]
    assert changed["phoneNumbers"][0]["value"] == "mob2"
    assert removed["phoneNumbers"][1]["value"] is None


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (("remove", f"{ENTERPRISE}.department", None), {"department": None, "costCenter": "7"}),
        (("replace", ENTERPRISE, {"department": "Ops"}), {"department": "Ops", "costCenter": "7"}),
        (("remove", ENTERPRISE, None), None),
        (("add", f"{ENTERPRISE}:manager", {"managerId": "boss@acme.test"}), {"manager": {"managerId": "U2"}}),
        (("add", f"{ENTERPRISE}:manager.managerId", "boss"), {"manager": {"managerId": "U2"}}),
    ],
    ids=["dotted removal", "whole urn", "remove urn", "manager by e-mail", "manager by name"],
)
async def test_extensions_change_by_either_separator(
    operation: tuple[str, str, object], expected: dict[str, object] | None
) -> None:
    """Colon to add, dot to remove, and the whole extension by its URN; a manager by id, address or name."""
    client = slack(users=[ADA, person("boss", id="U2")])

    answer = await client.patch("/scim/v2/Users/U1", patch(operation))

    assert answer.status == 200
    shown = answer[ENTERPRISE]
    assert {name: shown[name] for name in (expected or shown)} == (
        expected or {**dict.fromkeys(shown), "manager": {"managerId": None}}
    )


@pytest.mark.parametrize("path", ["addresses", "address"])
async def test_the_address_has_no_type_and_goes_as_a_whole(path: str) -> None:
    """One of Slack's own samples names it in the singular."""
    client = slack()

    before = await client.get("/scim/v2/Users/U1")
    after = await client.patch("/scim/v2/Users/U1", patch(("remove", path, None)))

    assert before["addresses"][0]["locality"] == "London"
    assert "type" not in before["addresses"][0]
    assert set(after["addresses"][0].values()) == {None}


async def test_a_new_photo_shows_later() -> None:
    """The answer to the write shows the old one."""
    client = slack()

    answer = await client.patch(
        "/scim/v2/Users/U1", patch(("replace", "photos", [{"value": "https://x.test/new.jpg"}]))
    )
    later = await client.get("/scim/v2/Users/U1")

    assert answer["photos"][0]["value"] != "https://x.test/new.jpg"
    assert later["photos"][0]["value"] == "https://x.test/new.jpg"


async def test_becoming_or_ceasing_to_be_a_guest_reactivates() -> None:
    """Guests are of type multi, and exist on Enterprise alone."""
    client = slack()
    await client.delete("/scim/v2/Users/U1")

    guest = await client.patch("/scim/v2/Users/U1", patch(("add", GUEST, {"type": "multi"})))
    await client.delete("/scim/v2/Users/U1")
    member = await client.patch("/scim/v2/Users/U1", patch(("remove", GUEST, None)))
    other = await client.patch("/scim/v2/Users/U1", patch(("add", GUEST, {"type": "single"})))
    elsewhere = await slack(plan="business+").patch("/scim/v2/Users/U1", patch(("add", GUEST, {"type": "multi"})))

    assert (guest["active"], guest[GUEST]) == (True, {"type": "multi"})
    assert member["active"] is True
    assert GUEST not in member.body
    assert [(answer.status, answer["detail"]) for answer in (other, elsewhere)] == [(403, "cannot_make_user_guest")] * 2


# -- version 1, PUT ----------------------------------------------------------------------------------------


async def test_version_1_merges_clears_and_deletes() -> None:
    """What is not mentioned stays; a blank clears; items and attributes are taken away by their own marks."""
    client = slack()

    answer = await client.patch(
        "/scim/v1/Users/U1",
        {
            "schemas": [V1],
            "title": "Boss",
            "name": {"givenName": "Augusta"},
            "emails": [{"value": "al@acme.test", "operation": "delete"}, {"value": "new@acme.test", "primary": True}],
            "phoneNumbers": [{"value": "1", "operation": "delete"}],
            V1_ENTERPRISE: {"costCenter": " "},
            "meta": {"attributes": [f"{V1_ENTERPRISE}.department"]},
        },
    )

    assert answer.status == 200
    assert (answer["title"], answer["name"]["givenName"], answer["displayName"]) == ("Boss", "Augusta", "Ada L")
    assert [each["value"] for each in answer["emails"]] == ["new@acme.test", "ada@acme.test"]
    assert [each["value"] for each in answer["phoneNumbers"]] == ["2", None]
    assert (answer["schemas"][0], answer["addresses"][0]["locality"]) == (V1, "London")


async def test_version_1_deletes_an_address_only_when_all_of_it_is_named() -> None:
    """All five parts must be those that are stored."""
    client = slack()
    half = {"locality": "London", "operation": "delete"}
    whole = {"streetAddress": None, "locality": "London", "region": None, "postalCode": None, "country": "GB"}

    kept = await client.patch("/scim/v1/Users/U1", {"schemas": [V1], "addresses": [half]})
    gone = await client.patch("/scim/v1/Users/U1", {"schemas": [V1], "addresses": [{**whole, "operation": "delete"}]})

    assert kept["addresses"][0]["locality"] == "London"
    assert gone["addresses"][0]["locality"] is None


async def test_a_put_blanks_and_deactivates() -> None:
    """Documented by its own example: sent without active, it answers active false."""
    answer = await slack().put("/scim/v2/Users/U1", person("ada"))

    assert (answer.status, answer["active"], answer["displayName"]) == (200, False, "ada")
    assert [each["value"] for each in answer["emails"]] == ["ada@acme.test"]
    assert "addresses" not in answer.body


# -- protected accounts, groups ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "operation", "word"),
    [
        ("primary_owner", ("replace", "active", False), "cannot_disable_primary_owner"),
        ("primary_owner", ("replace", "title", "x"), "cannot_modify_owner"),
        ("bot", ("replace", "active", False), "cannot_disable_bot_user_with_scim"),
        ("forgotten", ("replace", "title", "x"), "cannot_modify_gdpr"),
    ],
)
async def test_protected_accounts_stay_as_they_are(role: str, operation: tuple[str, str, object], word: str) -> None:
    """Also for an owner's token."""
    client = slack(users=[{**ADA, "role": role}])

    answer = await client.patch("/scim/v2/Users/U1", patch(operation))

    assert (answer.status, answer["detail"]) == (403, word)
    assert (await client.get("/scim/v2/Users/U1"))["active"] is True


async def test_an_admins_token_still_changes_members() -> None:
    """Only those of higher rank are out of its reach."""
    client = slack(tokens={"xoxp-twin": Principal(rank="admin")})

    assert (await client.patch("/scim/v2/Users/U1", patch(("replace", "title", "x")))).status == 200


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("U9", "no_such_group_members"),
        ("U2", "unable_to_add_deleted_or_guest_to_group"),
    ],
)
async def test_who_cannot_be_a_member_is_refused(value: str, word: str) -> None:
    """In creates and in patches of either version, and nobody else of the request gets in."""
    client = slack(users=[ADA, person("gone", id="U2", active=False)], groups=[{"id": "S1", "displayName": "T"}])
    members = [{"value": "U1"}, {"value": value}]

    answers = [
        await client.post("/scim/v2/Groups", {"schemas": [GROUP], "displayName": "X", "members": members}),
        await client.patch("/scim/v2/Groups/S1", patch(("add", "members", members))),
        await client.patch("/scim/v1/Groups/S1", {"schemas": [V1], "members": members}),
    ]

    assert [answer.status for answer in answers] == [400] * 3
    assert all(word in str(answer.body) for answer in answers)
    assert (await client.get("/scim/v2/Groups/S1"))["members"] == []


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        (("remove", "members[value eq U1]", None), ["U2"]),
        (("remove", "members", [{"value": "U2"}]), ["U1"]),
        (("replace", "members", [{"value": "U3"}]), ["U3"]),
        (("add", "members", [{"value": "U3"}, {"value": "U1"}]), ["U1", "U2", "U3"]),
        (("remove", "members", None), []),
        (("replace", "displayName", "New"), ["U1", "U2"]),
    ],
    ids=["unquoted", "by value", "replace", "add", "remove all", "rename"],
)
async def test_members_change_in_every_documented_way(operation: tuple[str, str, object], members: list[str]) -> None:
    """The path with an unquoted id is the reference's, the value the SDK's."""
    users = [person(f"user{n}", id=f"U{n}") for n in (1, 2, 3)]
    group = {"id": "S1", "displayName": "Team", "members": [{"value": "U1"}, {"value": "U2"}]}
    client = slack(users=users, groups=[group])

    answer = await client.patch("/scim/v2/Groups/S1", patch(operation))
    users_now = (await client.get("/scim/v2/Users"))["Resources"]

    assert answer.status == 200
    assert [member["value"] for member in answer["members"]] == members
    assert [user["id"] for user in users_now if user["groups"]] == members


async def test_groups_have_limits_and_some_cannot_be_touched() -> None:
    """Too large, linked to channels, made by Slack itself."""
    groups = [
        {"id": "S1", "displayName": "Linked", "linked": True},
        {"id": "S2", "displayName": "Admins", "system": True},
    ]
    client = slack(users=[ADA, person("bob", id="U2")], groups=groups, group_limit=1)
    two = [{"value": "U1"}, {"value": "U2"}]

    large = await client.post("/scim/v2/Groups", {"schemas": [GROUP], "displayName": "X", "members": two})
    bare = await client.post("/scim/v2/Groups", {"schemas": [GROUP], "displayName": "X"})
    many = await client.patch("/scim/v2/Groups/S1", patch(("add", "members", [{"value": "U1"}] * 15_001)))
    linked = await client.delete("/scim/v2/Groups/S1")
    system = await client.patch("/scim/v2/Groups/S2", patch(("replace", "displayName", "Mine")))
    nameless = await client.post("/scim/v2/Groups", {"schemas": [GROUP], "members": []})

    assert (large.status, large["detail"]) == (400, "group_member_max_exceeded")
    assert (bare.status, bare["detail"]) == (400, "group_members_create_failed")
    assert (many.status, many["detail"]) == (400, "too_many_users")
    assert (linked.status, linked["detail"]) == (400, "idp_group_linked_to_channels")
    assert (system.status, nameless.status) == (403, 400)


async def test_a_deleted_group_is_gone_for_good() -> None:
    """204, and then no_such_group."""
    client = slack(groups=[{"id": "S1", "displayName": "T", "members": [{"value": "U1"}]}])

    deleted = await client.delete("/scim/v2/Groups/S1")
    later = await client.get("/scim/v2/Groups/S1")

    assert (deleted.status, later.status, later["detail"]) == (204, 404, "no_such_group")
    assert (await client.get("/scim/v2/Users/U1"))["groups"] == []


# -- lists, filters, time ----------------------------------------------------------------------------------


async def test_pages_are_of_ten_and_of_a_thousand_at_most() -> None:
    """Counted from 1."""
    client = slack(users=[person(f"user{n}") for n in range(1200)])

    plain = await client.get("/scim/v2/Users")
    largest = await client.get("/scim/v2/Users", startIndex=101, count=5000)

    assert list(plain.body) == ["schemas", "Resources", "totalResults", "itemsPerPage", "startIndex"]
    assert (plain["totalResults"], plain["itemsPerPage"], plain["startIndex"]) == (1200, 10, 1)
    assert (largest["itemsPerPage"], largest["startIndex"]) == (1000, 101)
    assert largest["Resources"][0]["userName"] == "user100"


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('userName eq "ADA"', ["ada"]),
        ("username eq 'ada'", ["ada"]),
        ('email eq "AL@acme.test"', ["ada"]),
        ("restricted eq '1'", ["guest"]),
        ('userName sw "a" or userName co "ues"', ["ada", "guest"]),
        ('(userName sw "a") AND email CO "acme"', ["ada"]),
        ("ultra_restricted eq '1'", []),
    ],
)
async def test_filters_know_slacks_own_attributes(version: str, text: str, names: list[str]) -> None:
    """In any letter case, with single quotes as in the reference's example."""
    client = slack(users=[ADA, person("guest", **{GUEST: {"type": "multi"}})])

    answer = await client.get(f"/scim/{version}/Users", filter=text)

    assert [user["userName"] for user in answer["Resources"]] == names


@pytest.mark.parametrize(
    ("path", "query", "word"),
    [
        ("Users", {"filter": "userName  eq 'a'"}, "incomplete_filter"),
        ("Users", {"filter": "userName eq"}, "incomplete_filter"),
        ("Users", {"filter": "title eq 'a'"}, "invalid_query"),
        ("Users", {"filter": "not (userName eq 'a')"}, "invalid_query"),
        ("Users", {"count": "many"}, "invalid_query"),
        ("Users", {"sortOrder": "random"}, "invalid_sort_order"),
        ("Groups", {"filter": "displayName eq 'a'"}, "invalid_filter_group"),
    ],
)
async def test_a_bad_list_query_is_told(path: str, query: dict[str, str], word: str) -> None:
    """400 with Slack's word."""
    answer = await slack().request("GET", f"/scim/v2/{path}", query=query)

    assert (answer.status, answer["detail"]) == (400, word)


async def test_a_deactivation_may_show_late() -> None:
    """The answer to the write tells the truth; a read may not, for a while."""
    clock = ManualClock()
    client = slack(clock=clock, lag_seconds=3)

    written = await client.patch("/scim/v2/Users/U1", patch(("replace", "active", False)))
    early = await client.get("/scim/v2/Users/U1")
    clock.advance(3)
    later = await client.get("/scim/v2/Users/U1")

    assert (written["active"], early["active"], later["active"]) == (False, True, False)


@pytest.mark.parametrize(
    ("method", "path", "burst"),
    [
        ("POST", "/scim/v2/Users", 20),
        ("PATCH", "/scim/v1/Users/U1", 20),
        ("PATCH", "/scim/v2/Groups/S1", 80),
        ("DELETE", "/scim/v2/Groups/S1", 20),
        ("GET", "/scim/v2/Users/U1", 300),
    ],
)
async def test_the_published_bursts_are_allowed_and_no_more(method: str, path: str, burst: int) -> None:
    """Reads and writes of one organisation count together, whichever version they use."""
    client = slack(limits=RATE_LIMITS, clock=ManualClock())

    statuses = [(await client.request(method, path)).status for _ in range(burst + 1)]

    assert statuses.count(429) == 1
    assert statuses[-1] == 429


async def test_two_writes_to_one_object_at_once_are_one_too_many() -> None:
    """429 with Retry-After; of groups the word is resource_locked."""
    client = slack(write_seconds=0.01, groups=[{"id": "S1", "displayName": "T"}])
    rename = patch(("replace", "displayName", "New"))

    answers = await asyncio.gather(*(client.patch("/scim/v2/Groups/S1", rename) for _ in range(2)))

    assert sorted(answer.status for answer in answers) == [200, 429]
    locked = next(answer for answer in answers if answer.status == 429)
    assert (locked["detail"], locked.headers["retry-after"]) == ("resource_locked", "1")


async def test_faults_speak_slacks_language() -> None:
    """A planned failure comes in the shape of the version that was asked."""
    fault = Fault(status=429, word="resource_locked", headers={"Retry-After": "7"})

    answers = [await slack(faults=[fault]).get(f"/scim/{version}/Users") for version in ("v1", "v2")]

    assert answers[0].body == {"Errors": {"description": "resource_locked", "code": 429}}
    assert (answers[1]["detail"], answers[1]["status"]) == ("resource_locked", 429)
    assert [answer.headers["retry-after"] for answer in answers] == ["7", "7"]


async def test_the_demos_twin_lets_two_hundred_people_in_within_seconds() -> None:
    """Slack's limits hold on a clock that runs fast, and the twin says so."""
    twin = make_twin()
    clock = ManualClock()
    settings_ = SlackSettings(clock=clock)
    client = TwinClient(SlackTwin(settings_), token=twin.token)
    throttled = 0

    for number in range(200):
        while (answer := await client.post("/scim/v2/Users", person(f"user{number}"))).status == 429:
            throttled += 1
            clock.advance(0.5)
        assert answer.status == 201

    assert throttled > 0
    assert clock() / twin.rate_scale < 5
    assert "60" in twin.note
