"""Creating, reading, replacing and deleting (RFC 7644 sections 3.3 to 3.6)."""

from __future__ import annotations

from typing import Any

import pytest

from gallery_sdk.scim import urns
from gallery_sdk.testing import ManualClock


async def test_a_create_answers_with_the_resource_where_it_lives(connect: Any, person: Any) -> None:
    """201, Location, and a meta that the client did not send."""
    client = connect()

    made = await client.post("/Users", person(meta={"created": "long ago"}, id="mine", groups=[{"value": "g"}]))
    read = await client.get(f"/Users/{made['id']}")

    assert made.status == 201
    assert made["id"] != "mine"
    assert made.headers["location"] == made["meta"]["location"] == f"https://twin.test/scim/v2/Users/{made['id']}"
    assert made["meta"]["resourceType"] == "User"
    assert made["meta"]["created"] != "long ago"
    assert "groups" not in made.body
    assert read.body == made.body
    assert read.headers["content-type"] == "application/scim+json"


@pytest.mark.parametrize(
    ("body", "scim_type"),
    [
        (b"{", "invalidSyntax"),
        ([], "invalidSyntax"),
        ({"userName": "ada"}, "invalidValue"),
        ({"schemas": [urns.USER]}, "invalidValue"),
        ({"schemas": [urns.USER], "userName": " "}, "invalidValue"),
        ({"schemas": [urns.USER], "userName": 7}, "invalidValue"),
        ({"schemas": [urns.USER], "userName": "ada", "active": "True"}, "invalidValue"),
        ({"schemas": [urns.USER], "userName": "ada", "emails": {"value": "a@x.test"}}, "invalidValue"),
        (
            {"schemas": [urns.USER], "userName": "ada", "emails": [{"primary": True}, {"primary": True}]},
            "invalidValue",
        ),
    ],
    ids=["no JSON", "no object", "no schemas", "no name", "blank name", "number", "text", "no array", "two primary"],
)
async def test_what_the_schema_forbids_is_refused(connect: Any, body: object, scim_type: str) -> None:
    """400 with the scimType of RFC 7644 table 9, and nothing is stored."""
    client = connect()

    answer = await client.post("/Users", body)

    assert (answer.status, answer["scimType"], answer["status"]) == (400, scim_type, "400")
    assert (await client.get("/Users"))["totalResults"] == 0


async def test_user_names_are_unique_whatever_their_letter_case(connect: Any, person: Any) -> None:
    """409 uniqueness, by create, replace and patch alike; an object may keep its own name."""
    client = connect()
    await client.post("/Users", person("ada"))
    other = await client.post("/Users", person("bob"))
    place = f"/Users/{other['id']}"
    rename = {"schemas": [urns.PATCH_OP], "Operations": [{"op": "replace", "path": "userName", "value": "ADA"}]}

    answers = [
        await client.post("/Users", person("ADA")),
        await client.put(place, person("Ada")),
        await client.patch(place, rename),
    ]
    keeps = await client.put(place, person("BOB"))

    assert [(answer.status, answer["scimType"]) for answer in answers] == [(409, "uniqueness")] * 3
    assert (keeps.status, keeps["userName"]) == (200, "BOB")


async def test_a_name_is_free_again_after_its_owner_is_gone(connect: Any, person: Any) -> None:
    """Deleting or renaming gives up the old name."""
    client = connect()
    made = await client.post("/Users", person("ada"))

    deleted = await client.delete(f"/Users/{made['id']}")
    again = await client.post("/Users", person("ada"))
    await client.put(f"/Users/{again['id']}", person("countess"))
    third = await client.post("/Users", person("ada"))

    assert (deleted.status, deleted.body) == (204, None)
    assert (again.status, third.status) == (201, 201)


async def test_a_replacement_blanks_what_it_leaves_out(connect: Any, person: Any) -> None:
    """PUT is the whole resource; id and creation stay."""
    client = connect()
    made = await client.post("/Users", person("ada", title="Countess"))

    replaced = await client.put(f"/Users/{made['id']}", person("ada"))

    assert "title" not in replaced.body
    assert replaced["id"] == made["id"]
    assert replaced["meta"]["created"] == made["meta"]["created"]


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
async def test_what_is_not_there_is_404(connect: Any, person: Any, method: str) -> None:
    """Whatever is asked of it."""
    answer = await connect().request(method, "/Users/nobody", person())

    assert (answer.status, answer["schemas"]) == (404, [urns.ERROR])


async def test_the_password_never_comes_back(connect: Any, person: Any) -> None:
    """RFC 7643 section 4.1.1: returned never."""
    client = connect()

    made = await client.post("/Users", person(password="secret"))

    assert "password" not in made.body
    assert "secret" not in str((await client.get("/Users")).body)


async def test_a_version_guards_against_lost_updates(connect: Any, person: Any) -> None:
    """RFC 7644 section 3.14: If-Match fails with 412 once somebody else has written."""
    client = connect()
    made = await client.post("/Users", person("ada"))
    place, version = f"/Users/{made['id']}", made.headers["etag"]

    first = await client.request("PUT", place, person("ada", title="A"), headers={"if-match": version})
    second = await client.request("PUT", place, person("ada", title="B"), headers={"if-match": version})
    unchanged = await client.request("GET", place, headers={"if-none-match": first.headers["etag"]})

    assert (first.status, second.status, unchanged.status) == (200, 412, 304)
    assert (await client.get(place))["title"] == "A"


async def test_a_change_to_the_same_state_is_no_change(connect: Any, person: Any) -> None:
    """Version and lastModified stay."""
    clock = ManualClock()
    client = connect(clock=clock)
    made = await client.post("/Users", person("ada", active=True))
    clock.advance(60)

    replaced = await client.put(f"/Users/{made['id']}", person("ada", active=True))

    assert replaced["meta"] == made["meta"]


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ({"attributes": "userName"}, {"schemas", "id", "userName"}),
        ({"attributes": "NAME.givenName"}, {"schemas", "id", "name"}),
        ({"excludedAttributes": "name,emails,meta,id"}, {"schemas", "id", "userName", "active", urns.ENTERPRISE_USER}),
        ({"attributes": f"{urns.ENTERPRISE_USER}:department"}, {"schemas", "id", urns.ENTERPRISE_USER}),
    ],
    ids=["one", "sub-attribute", "excluded", "extension"],
)
async def test_an_answer_holds_the_attributes_that_were_asked_for(
    connect: Any, person: Any, query: dict[str, str], kept: set[str]
) -> None:
    """RFC 7644 section 3.9: `id` and `schemas` always come."""
    client = connect()
    body = person(
        name={"givenName": "Ada", "familyName": "L"},
        emails=[{"value": "a@x.test"}],
        **{urns.ENTERPRISE_USER: {"department": "R&D"}},
    )
    made = await client.post("/Users", body)

    answer = await client.request("GET", f"/Users/{made['id']}", query=query)

    assert set(answer.body) == kept
    assert "name" not in kept or answer["name"] == {"givenName": "Ada"}


async def test_discovery_describes_what_is_served(connect: Any) -> None:
    """The endpoints of RFC 7644 section 4, and no filter on them."""
    client = connect(bulk=None, sorting=False)

    config = await client.get("/ServiceProviderConfig")
    types = await client.get("/ResourceTypes")
    schema = await client.get(f"/Schemas/{urns.ENTERPRISE_USER}")
    filtered = await client.get("/Schemas", filter="id pr")

    assert (config["bulk"]["supported"], config["sort"]["supported"], config["patch"]["supported"]) == (
        False,
        False,
        True,
    )
    assert [entry["endpoint"] for entry in types["Resources"]] == ["/Users", "/Groups"]
    assert "manager" in [attribute["name"] for attribute in schema["attributes"]]
    assert filtered.status == 403
