"""Lists: filters, pages, order (RFC 7644 section 3.4.2, RFC 9865)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gallery_sdk.scim import compile_filter, parse_filter, urns
from gallery_sdk.testing import Filtering, ManualClock, Paging, ScimServer, TwinBehaviour, TwinClient

TEAM = [
    {
        "schemas": [urns.USER],
        "userName": f"user{n:02}",
        "title": "Lead" if n % 5 == 0 else "Member",
        "active": n % 2 == 0,
    }
    for n in range(25)
]


@given(count=st.integers(1, 30), size=st.integers(0, 25))
@settings(max_examples=30, deadline=None)
async def test_pages_hold_everybody_once_and_in_order(count: int, size: int) -> None:
    """Following startIndex by what came, each user comes once, whatever the page size."""
    server = ScimServer(TwinBehaviour(users=TEAM[:size], paging=Paging(maximum=20)))
    client = TwinClient(server, base_path="/scim/v2")
    names: list[str] = []

    while True:
        page = await client.get("/Users", startIndex=len(names) + 1, count=count)
        if not page["Resources"]:
            break
        names += [user["userName"] for user in page["Resources"]]

    assert page["totalResults"] == size
    assert names == [user["userName"] for user in TEAM[:size]]


@given(count=st.integers(1, 30), size=st.integers(0, 25))
@settings(max_examples=30, deadline=None)
async def test_cursors_lead_through_everybody_once(count: int, size: int) -> None:
    """RFC 9865: the last page has no nextCursor."""
    server = ScimServer(TwinBehaviour(users=TEAM[:size], paging=Paging(mode="cursor")))
    client = TwinClient(server, base_path="/scim/v2")
    names: list[str] = []
    cursor: str | None = ""

    while cursor is not None:
        page = await client.get("/Users", cursor=cursor, count=count)
        names += [user["userName"] for user in page["Resources"]]
        cursor = page.body.get("nextCursor")

    assert names == [user["userName"] for user in TEAM[:size]]


async def test_a_cursor_expires_and_a_made_up_one_is_refused(connect: Any) -> None:
    """RFC 9865 section 2.3 gives each its scimType."""
    clock = ManualClock()
    client = connect(users=TEAM, clock=clock, paging=Paging(mode="cursor", cursor_seconds=60))
    page = await client.get("/Users", cursor="", count=10)

    invented = await client.get("/Users", cursor="xyz")
    clock.advance(61)
    expired = await client.get("/Users", cursor=page["nextCursor"], count=10)

    assert invented["scimType"] == "invalidCursor"
    assert expired["scimType"] == "expiredCursor"


@pytest.mark.parametrize(
    "text",
    [
        'userName eq "USER07"',
        'title eq "Lead"',
        'title eq "lead" and active eq true',
        'userName sw "user1" or userName eq "user03"',
        'not (title eq "Lead")',
        'externalId eq "nobody"',
        "title pr",
        'active eq true and userName eq "user04"',
    ],
)
async def test_an_index_finds_what_a_scan_would(connect: Any, text: str) -> None:
    """Look-ups by equality go through an index; the answer is that of the filter on every user."""
    client = connect(users=TEAM)
    matches = compile_filter(parse_filter(text))

    answer = await client.get("/Users", filter=text)

    assert [user["userName"] for user in answer["Resources"]] == [user["userName"] for user in TEAM if matches(user)]


async def test_an_index_follows_changes(connect: Any, person: Any) -> None:
    """After a change the old value finds nobody and the new one does."""
    client = connect(users=TEAM)
    await client.get("/Users", filter='emails[type eq "work"].value eq "a@x.test"')
    made = await client.post("/Users", person(emails=[{"value": "a@x.test", "type": "work"}]))

    before = await client.get("/Users", filter='emails[type eq "work"].value eq "A@x.test"')
    await client.put(f"/Users/{made['id']}", person(emails=[{"value": "b@x.test", "type": "work"}]))
    old = await client.get("/Users", filter='emails.value eq "a@x.test"')
    new = await client.get("/Users", filter='emails.value eq "b@x.test"')
    await client.delete(f"/Users/{made['id']}")
    gone = await client.get("/Users", filter='emails.value eq "b@x.test"')

    assert [answer["totalResults"] for answer in (before, old, new, gone)] == [1, 0, 1, 0]


@pytest.mark.parametrize(
    ("filtering", "text", "status", "total"),
    [
        (Filtering("refused"), 'userName eq "user01"', 400, None),
        (Filtering("ignored"), 'userName eq "user01"', 200, 25),
        (Filtering("equality", ("username",)), 'userName eq "user01"', 200, 1),
        (Filtering("equality", ("username",)), 'title eq "Lead"', 400, None),
        (Filtering("equality"), "title pr", 400, None),
        (Filtering(), "userName eq", 400, None),
    ],
    ids=["refused", "ignored", "known path", "other path", "no equality", "broken"],
)
async def test_a_server_may_filter_less(
    connect: Any, filtering: Filtering, text: str, status: int, total: int | None
) -> None:
    """Each of the modes that real servers show."""
    answer = await connect(users=TEAM, filtering=filtering).get("/Users", filter=text)

    assert answer.status == status
    assert answer.body.get("totalResults") == total


async def test_a_server_may_leave_out_pages_totals_and_attributes(connect: Any) -> None:
    """Paging none sends all at once, totals may be missing, lists may omit what a read shows."""
    client = connect(users=TEAM, paging=Paging(mode="none", totals=False), omitted={"user": ("title",)})

    answer = await client.get("/Users", startIndex=3, count=2)
    one = await client.get(f"/Users/{answer['Resources'][0]['id']}")

    assert len(answer["Resources"]) == 25
    assert "totalResults" not in answer.body
    assert "title" not in answer["Resources"][0]
    assert one["title"] == "Lead"


async def test_a_list_comes_in_the_order_asked_for(connect: Any) -> None:
    """Those without a value come last (RFC 7644 section 3.4.2.3)."""
    users = [
        {"schemas": [urns.USER], "userName": name, **({"title": title} if title else {})}
        for name, title in (("a", "zeta"), ("b", ""), ("c", "Alpha"))
    ]
    client = connect(users=users)

    up = await client.get("/Users", sortBy="title")
    down = await client.get("/Users", sortBy="title", sortOrder="descending")

    assert [user["userName"] for user in up["Resources"]] == ["c", "a", "b"]
    assert [user["userName"] for user in down["Resources"]] == ["b", "a", "c"]


async def test_a_search_by_post_is_the_same_list(connect: Any) -> None:
    """RFC 7644 section 3.4.3, in a collection and over all of them."""
    group = {"schemas": [urns.GROUP], "displayName": "Leads"}
    client = connect(users=TEAM, groups=[group])
    search = {"schemas": [urns.SEARCH_REQUEST], "filter": 'title eq "Lead"', "count": 2, "attributes": ["userName"]}

    answer = await client.post("/Users/.search", search)
    everything = await client.post("/.search", {"schemas": [urns.SEARCH_REQUEST], "startIndex": 25})

    assert (answer["totalResults"], answer["itemsPerPage"]) == (5, 2)
    assert set(answer["Resources"][0]) == {"schemas", "id", "userName"}
    assert everything["totalResults"] == 26
    assert [each["meta"]["resourceType"] for each in everything["Resources"]] == ["User", "Group"]


async def test_reads_may_lag_behind_writes(connect: Any, person: Any) -> None:
    """Until the lag is over a read shows the state before; uniqueness knows the new state at once."""
    clock = ManualClock()
    client = connect(clock=clock, read_lag_seconds=2)
    made = await client.post("/Users", person("ada"))

    early = await client.get(f"/Users/{made['id']}")
    listed = await client.get("/Users")
    twice = await client.post("/Users", person("ada"))
    clock.advance(2)
    later = await client.get(f"/Users/{made['id']}")

    assert (early.status, listed["totalResults"], twice.status, later.status) == (404, 0, 409, 200)
