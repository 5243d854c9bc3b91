"""Each quirk of values: desired ones become what the target would store, returned ones what they mean."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gallery_sdk.errors import TargetError
from gallery_sdk.targets import Failure, ScimTarget, TargetFailure
from gallery_sdk.targets.quirks.texts import e164, user_name_rule, without_emoji

from .conftest import DEPARTMENT, HOME, MANAGER, WORK, LooseServer, OpenTarget, scim

PHONE = 'phoneNumbers[type eq "work"].value'
MOBILE = 'phoneNumbers[type eq "mobile"].value'
SLACK_NAMES = {
    "local_part": True, "transliterate": True, "lower": True,
    "allowed": "a-z0-9._-", "replacement": "_", "max_length": 21,
}  # fmt: skip


def canonical(target: ScimTarget, values: dict[str, object], kind: str = "user") -> dict[str, object]:
    """Desired values as the target would store them."""
    rule = target.canonical(kind)
    return values if rule is None else rule(values)


@pytest.mark.parametrize(
    ("quirks", "values", "stored"),
    [
        ({"attribute.truncates": {"title": 5}}, {"title": "Engineer"}, {"title": "Engin"}),
        ({"attribute.strip_characters": {"displayName": "@!"}}, {"displayName": "a@d!a"}, {"displayName": "ada"}),
        ({"text.emoji_refused": True}, {"title": "Chief 👩‍🚀 pilot ❤️"}, {"title": "Chief pilot"}),
        ({"empty_string.means_unset": True}, {"title": "  ", "userName": "ada"}, {"userName": "ada"}),
        ({"username.normalize": SLACK_NAMES}, {"userName": "Ådä Lovelace@x.test"}, {"userName": "ada_lovelace"}),
        ({"locale.separator": "_"}, {"locale": "en-US"}, {"locale": "en_US"}),
        ({"phone.format": "e164"}, {PHONE: "+44 (0)20 7946-0018", MOBILE: "020 7946"}, {PHONE: "+442079460018"}),
        ({"multi_valued.max_items": {"emails": 1}}, {HOME: "h@x.test", WORK: "w@x.test"}, {WORK: "w@x.test"}),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) and "." in next(iter(value)) else "",
)  # fmt: skip
async def test_desired_values_become_what_the_target_would_store(
    server: LooseServer,
    open_target: OpenTarget,
    quirks: dict[str, object],
    values: dict[str, object],
    stored: dict[str, object],
) -> None:
    """With the quirk they change, without it they do not, and what was given is never altered."""
    given_values = dict(values)

    assert canonical(open_target(server, quirks), values) == stored
    assert canonical(open_target(server), values) == values == given_values


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40))
def test_a_normalised_user_name_stays_as_it_is(name: str) -> None:
    """Normalising twice is normalising once, so that a second cycle finds nothing to change."""
    rule = user_name_rule(SLACK_NAMES)

    once = rule(name)

    assert rule(once) == once
    assert len(once) <= 21
    assert set(once) <= set("abcdefghijklmnopqrstuvwxyz0123456789._-")


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.characters(max_codepoint=0x24F), max_size=30))
def test_text_without_emoji_is_left_alone(text: str) -> None:
    """Letters of any language pass through untouched."""
    assert without_emoji(text) == text


@pytest.mark.parametrize("text", ["", "12", "call me", "+123", "+1234567890123456"])
def test_what_is_no_international_number_has_no_e164_form(text: str) -> None:
    """It is left out rather than guessed at."""
    assert e164(text) is None


async def test_locale_separator_and_phone_format_compare_what_they_mean(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """`en_US` is `en-us`, and a number is its digits."""
    equal = open_target(server, {"locale.separator": "_", "phone.format": "e164"}).comparer("user")
    plain = open_target(server).comparer("user")

    assert equal is not None and plain is not None
    assert equal("locale", "en_US", "en-us") and equal(PHONE, "+44 20 7946 0018", "+442079460018")
    assert not plain("locale", "en_US", "en-us") and not plain(PHONE, "+44 20 7946 0018", "+442079460018")


async def test_empty_string_means_unset_reads_blanks_as_absent(server: LooseServer, open_target: OpenTarget) -> None:
    """Slack clears with one space, and returns it."""
    user_id = server.seed("Users", userName="ada", title=" ")

    blank = await open_target(server, {"empty_string.means_unset": True}).read("user", user_id)
    kept = await open_target(server).read("user", user_id)

    assert blank is not None and blank.values == {"userName": "ada"}
    assert kept is not None and kept.values["title"] == " "


async def test_null_values_equal_absent_drops_items_that_say_nothing(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """An item of type and primary alone is no role."""
    user_id = server.seed("Users", userName="ada", roles=[{"value": None, "primary": True}])

    read = await open_target(server, {"null_values.equal_absent": True}).read("user", user_id)
    kept = await open_target(server).read("user", user_id)

    assert read is not None and "roles" not in read.values
    assert kept is not None and kept.values["roles"] == [{"primary": True}]


async def test_email_type_not_returned_reads_types_from_primary(server: LooseServer, open_target: OpenTarget) -> None:
    """The primary is the work address; looking it up does not ask for a type, and changes send the whole list."""
    quirks = {"email.type_not_returned": {"primary": "work", "other": "home"}}
    user_id = server.seed(
        "Users",
        userName="ada",
        emails=[{"value": "h@x.test", "primary": False}, {"value": "w@x.test", "primary": True}],
    )
    target = open_target(server, quirks)

    (found,) = await target.find("user", WORK, "W@x.test")
    await target.update("user", user_id, found.values, {**found.values, WORK: "new@x.test"})

    assert (found.values[WORK], found.values[HOME]) == ("w@x.test", "h@x.test")
    assert server.seen[0].query["filter"] == 'emails.value eq "W@x.test"'
    assert server.operations()[0]["path"] == "emails"
    kept = await open_target(server).read("user", server.seed("Users", userName="eve", emails=[{"value": "e@x.test"}]))
    assert kept is not None and WORK not in kept.values


async def test_email_primary_required_marks_one_and_never_clears_it(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """The work address is primary; taking it away is left out, with a finding."""
    target = open_target(
        server, {"email.primary_required": True}, paths={"user": ("userName", HOME, 'emails[type eq "other"].value')}
    )
    values = {"userName": "ada", HOME: "h@x.test", 'emails[type eq "other"].value': "o@x.test"}
    created = await target.create("user", values)
    changed = await target.update("user", created.id, values, {"userName": "ada"})

    emails = server.sent("POST")[0]["emails"]
    assert [item.get("primary") for item in emails] == [True, None]
    assert changed is not None and [finding.code for finding in changed.findings] == ["primary_kept"]
    assert 'emails[type eq "home"]' not in str(server.operations())
    plain = open_target(server, paths={"user": ("userName", HOME)})
    await plain.create("user", {"userName": "eve", HOME: "e@x.test"})
    assert "primary" not in server.sent("POST")[1]["emails"][0]


async def test_email_type_fixed_writes_one_type_and_reads_the_mapped_ones(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """Both addresses travel as work, and come back under their own paths."""
    values = {"userName": "ada", WORK: "w@x.test", HOME: "h@x.test"}
    target = open_target(server, {"email.type_fixed": "work"})

    created = await target.create("user", values)
    read = await target.read("user", created.id)

    assert [item["type"] for item in server.sent("POST")[0]["emails"]] == ["work", "work"]
    assert read is not None and read.values == values
    await open_target(server).create("user", {**values, "userName": "eve"})
    assert [item["type"] for item in server.sent("POST")[1]["emails"]] == ["work", "home"]


async def test_phone_types_inverted_travel_by_primary(server: LooseServer, open_target: OpenTarget) -> None:
    """Slack swaps main and mobile by type (docs.slack.dev, SCIM API reference)."""

    def store(seen: Any, resource: dict[str, Any]) -> dict[str, Any]:
        phones = [
            {"value": item["value"], "primary": True} if item["primary"] else {"value": item["value"], "type": "mobile"}
            for item in resource["phoneNumbers"]
        ]
        return {**resource, "phoneNumbers": phones}

    server.after = store
    values = {"userName": "ada", PHONE: "+1", MOBILE: "+2"}
    target = open_target(server, {"phone.types_inverted": True})

    created = await target.create("user", values)
    read = await target.read("user", created.id)

    assert server.sent("POST")[0]["phoneNumbers"] == [
        {"value": "+1", "primary": True},
        {"value": "+2", "primary": False},
    ]
    assert read is not None and read.values == values
    server.after = lambda seen, resource: resource
    await open_target(server).create("user", {**values, "userName": "eve"})
    assert server.sent("POST")[1]["phoneNumbers"][0] == {"type": "work", "value": "+1"}


async def test_multi_valued_type_not_returned_gives_items_the_mapped_types(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """The one address that comes back without a type is the one that is mapped."""
    user_id = server.seed("Users", userName="ada", addresses=[{"locality": "London"}])
    locality = 'addresses[type eq "work"].locality'

    read = await open_target(server, {"multi_valued.type_not_returned": ("addresses",)}).read("user", user_id)
    lost = await open_target(server).read("user", user_id)

    assert read is not None and read.values[locality] == "London"
    assert lost is not None and locality not in lost.values


async def test_multi_valued_max_items_cuts_a_list_that_is_mapped_whole(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """The primary stays."""
    roles = [{"value": "a"}, {"value": "b", "primary": True}]

    await open_target(server, {"multi_valued.max_items": {"roles": 1}}).create(
        "user", {"userName": "ada", "roles": roles}
    )
    await open_target(server).create("user", {"userName": "eve", "roles": roles})

    first, second = server.sent("POST")
    assert (first["roles"], second["roles"]) == ([{"value": "b", "primary": True}], roles)


@pytest.mark.parametrize(
    ("quirks", "shape"),
    [
        ({}, {"value": "u9"}),
        ({"manager.sub_attribute": "managerId"}, {"managerId": "u9"}),
        ({"manager.plain_string": True}, "u9"),
    ],
    ids=["rfc", "manager.sub_attribute", "manager.plain_string"],
)
async def test_a_manager_travels_in_the_shape_that_the_target_knows(
    server: LooseServer, open_target: OpenTarget, quirks: dict[str, object], shape: object
) -> None:
    """Written in that shape, and read back as the id whichever shape comes."""
    target = open_target(server, quirks)

    created = await target.create("user", {"userName": "ada", MANAGER: "u9"})
    read = await target.read("user", created.id)

    urn, _, name = MANAGER.rpartition(":")
    assert server.sent("POST")[0][urn] == {name: shape}
    assert read is not None and read.values[MANAGER] == "u9"


async def test_username_is_email_fails_the_object_before_a_request(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """The refusal costs nothing; without the quirk the target decides."""
    with pytest.raises(TargetFailure) as refused:
        await open_target(server, {"username.is_email": True}).create("user", {"userName": "ada"})

    assert (refused.value.failure, server.seen) == (Failure.OBJECT, [])
    await open_target(server, {"username.is_email": True}).create("user", {"userName": "ada@x.test"})
    await open_target(server).create("user", {"userName": "ada"})
    assert len(server.seen) == 2


async def test_attribute_immutable_is_created_and_never_updated(server: LooseServer, open_target: OpenTarget) -> None:
    """The difference becomes a finding and costs no request."""
    target = open_target(server, {"attribute.immutable": ("userName",)})
    created = await target.create("user", {"userName": "ada"})

    changed = await target.update("user", created.id, {"userName": "ada"}, {"userName": "countess"})

    assert len(server.seen) == 1
    assert changed is not None and [(one.code, one.where) for one in changed.findings] == [
        ("value_left_out", "userName")
    ]
    await open_target(server).update("user", created.id, {"userName": "ada"}, {"userName": "countess"})
    assert server.operations() == [{"op": "replace", "path": "userName", "value": "countess"}]


async def test_attribute_not_compared_is_sent_and_never_read(server: LooseServer, open_target: OpenTarget) -> None:
    """What the target returns for it is no difference; the engine keeps what it sent."""
    quirks = {"attribute.not_compared": ("title",)}
    target = open_target(server, quirks)
    created = await target.create("user", {"userName": "ada", "title": "Clerk"})

    read = await target.read("user", created.id)
    await target.update("user", created.id, {"userName": "ada", "title": "Clerk"}, {"userName": "ada", "title": "Head"})

    assert read is not None and "title" not in read.values
    assert target.capabilities.unreadable["user"] == {"title"}
    assert server.operations()[0]["value"] == "Head"
    plain = await open_target(server).read("user", created.id)
    assert plain is not None and plain.values["title"] == "Head"


async def test_external_id_not_stored_is_created_never_updated_and_never_looked_up(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """It is sent once and then out of sight."""
    target = open_target(server, {"external_id.not_stored": True})
    before = {"userName": "ada", "externalId": "x1"}
    created = await target.create("user", before)
    await target.update("user", created.id, before, {"userName": "ada", "externalId": "x2"})
    equal = target.comparer("user")

    assert (server.sent("POST")[0]["externalId"], server.sent("PATCH")) == ("x1", [])
    assert "externalId" not in target.capabilities.filterable("user")
    assert equal is not None and equal("externalId", None, "x2")
    plain = open_target(server)
    assert "externalId" in plain.capabilities.filterable("user")
    await plain.update("user", created.id, before, {"userName": "ada", "externalId": "x2"})
    assert server.operations()[0]["value"] == "x2"


async def test_active_readonly_deactivates_by_delete(server: LooseServer, open_target: OpenTarget) -> None:
    """`active` is never sent; a return is refused before a request."""
    target = open_target(server, {"active.readonly": True})
    before = {"userName": "ada", "active": True, "title": "Clerk"}
    created = await target.create("user", before)
    await target.update("user", created.id, before, {**before, "active": False, "title": "Head"})

    assert "active" not in server.sent("POST")[0]
    assert [one.method for one in server.writes()] == ["POST", "PATCH", "DELETE"]
    assert [one["path"] for one in server.operations()] == ["title"]
    with pytest.raises(TargetFailure) as refused:
        await target.update("user", created.id, {**before, "active": False}, before)
    assert refused.value.failure is Failure.SKIP
    other = server.seed("Users", userName="eve", active=True)
    await open_target(server).update("user", other, {"active": True}, {"active": False})
    assert server.writes()[-1].method == "PATCH"


async def test_id_may_change_gives_back_the_new_id(server: LooseServer, open_target: OpenTarget) -> None:
    """The answer's id replaces the one that was known."""
    user_id = server.seed("Users", userName="ada", title="Clerk")
    server.misbehave = lambda seen: (
        scim(200, {"schemas": ["x"], "id": "new", "userName": "ada", "title": "Head", "meta": {}})
        if seen.method == "PATCH"
        else None
    )
    before, after = {"title": "Clerk"}, {"title": "Head"}

    moved = await open_target(server, {"id.may_change": True}).update("user", user_id, before, after)
    kept = await open_target(server).update("user", user_id, before, after)

    assert moved is not None and moved.id == "new"
    assert kept is not None and kept.id == user_id


async def test_names_compare_exactly_and_identifiers_do_not(server: LooseServer, open_target: OpenTarget) -> None:
    """A corrected capital in a name is a change; in an address it is none. Booleans and numbers equal their texts."""
    equal = open_target(server).comparer("user")

    assert equal is not None
    assert not equal("name.familyName", "Mcdonald", "McDonald")
    assert equal("userName", "Ada", "ada") and equal(WORK, "ADA@x.test", "ada@x.test")
    assert equal("active", "True", True) and not equal("active", "False", True)
    assert equal("roles", [{"value": "a", "display": "A"}], [{"value": "a"}])
    assert not equal("roles", [{"value": "a"}], [{"value": "a"}, {"value": "b"}])


async def test_what_the_manifest_says_of_letter_case_outranks_the_standard(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """`case_exact = false` folds a name, `case_exact = true` unfolds a user name."""
    table = {"user": [{"name": "displayName", "case_exact": False}, {"name": "userName", "case_exact": True}]}
    equal = open_target(server, attribute=table).comparer("user")

    assert equal is not None
    assert equal("displayName", "ADA", "Ada")
    assert not equal("userName", "ADA", "ada")


async def test_a_list_of_texts_becomes_a_list_of_objects(server: LooseServer, open_target: OpenTarget) -> None:
    """Roles from a source are texts; SCIM's are objects."""
    target = open_target(server)
    values = canonical(target, {"userName": "ada", "roles": ["admin", "user"]})

    await target.create("user", values)

    assert server.sent("POST")[0]["roles"] == [{"value": "admin"}, {"value": "user"}]


async def test_a_value_that_an_attribute_of_an_extension_holds_keeps_its_type(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """The manifest's types shape what the core schemas do not know."""
    path = "urn:acme:2.0:User:vip"
    target = open_target(
        server, paths={"user": ("userName", path, DEPARTMENT)}, attribute={"user": [{"name": path, "type": "boolean"}]}
    )

    created = await target.create("user", {"userName": "ada", path: "True"})
    server.resources["Users"][created.id]["urn:acme:2.0:User"] = {"vip": False}
    read = await target.read("user", created.id)

    assert server.sent("POST")[0]["urn:acme:2.0:User"] == {"vip": True}
    assert read is not None and read.values[path] is False


def test_every_failure_is_a_target_error() -> None:
    """A caller that knows errors alone catches failures too."""
    assert issubclass(TargetFailure, TargetError)
