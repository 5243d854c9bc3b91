"""Each quirk of finding, listing, discovery and addresses."""

from __future__ import annotations

from typing import Any

import pytest

from gallery_sdk.scim import error_body
from gallery_sdk.targets import Failure, TargetFailure

from .conftest import DEPARTMENT, WORK, LooseServer, OpenTarget, list_body, scim


def people(server: LooseServer, count: int) -> list[str]:
    """Fill the server."""
    return [server.seed("Users", userName=f"p{number}") for number in range(count)]


async def listed(target: Any, kind: str = "user") -> list[str]:
    """Ids of a whole listing."""
    return [one.id async for page in target.list_objects(kind) for one in page.objects]


async def test_filter_unsupported_lists_once_and_compares_here(server: LooseServer, open_target: OpenTarget) -> None:
    """Three look-ups, one listing, and no filter."""
    ids = people(server, 3)
    target = open_target(server, {"filter.unsupported": True})

    found = [(await target.find("user", "userName", name)) for name in ("p1", "P2", "nobody")]

    assert [[one.id for one in hits] for hits in found] == [[ids[1]], [ids[2]], []]
    assert all("filter" not in one.query for one in server.seen)
    assert sum(one.path.endswith("/Users") for one in server.seen) == 1
    assert target.capabilities.filterable("user") == frozenset()
    await open_target(server).find("user", "userName", "p1")
    assert server.seen[-1].query["filter"] == 'userName eq "p1"'


async def test_filter_only_filters_the_listed_paths(server: LooseServer, open_target: OpenTarget) -> None:
    """Others list and compare here."""
    server.seed("Users", userName="ada", emails=[{"type": "work", "value": "ada@x.test"}])
    target = open_target(server, {"filter.only": ("userName",)})

    (hit,) = await target.find("user", WORK, "ada@x.test")

    assert hit.values["userName"] == "ada"
    assert all("filter" not in one.query for one in server.seen)
    assert target.capabilities.filterable("user") == {"userName"}
    assert WORK in open_target(server).capabilities.filterable("user")


async def test_filter_case_sensitive_asks_once_more_in_lower_case(server: LooseServer, open_target: OpenTarget) -> None:
    """The server finds `ada` and not `Ada`."""
    server.seed("Users", userName="ada")
    server.misbehave = lambda seen: scim(200, list_body([])) if "Ada" in seen.query.get("filter", "") else None

    (hit,) = await open_target(server, {"filter.case_sensitive": ("userName",)}).find("user", "userName", "Ada")

    assert hit.values["userName"] == "ada"
    assert await open_target(server).find("user", "userName", "Ada") == []


@pytest.mark.parametrize(
    ("quirks", "text"),
    [
        ({}, 'userName eq "a\'b"'),
        ({"filter.quote_style": "single"}, "userName eq 'a\\'b'"),
        ({"filter.quote_style": "none"}, "userName eq a'b"),
    ],
    ids=["double", "single", "none"],
)
async def test_filter_quote_style_writes_values_as_the_target_reads_them(
    server: LooseServer, open_target: OpenTarget, quirks: dict[str, object], text: str
) -> None:
    """Double quotes with JSON escapes are the default."""
    server.misbehave = lambda seen: scim(200, list_body([]))

    await open_target(server, quirks).find("user", "userName", "a'b")

    assert server.seen[0].query["filter"] == text


async def test_filter_absent_status_means_that_nobody_was_found(server: LooseServer, open_target: OpenTarget) -> None:
    """Without it a 400 is a failure."""
    server.misbehave = lambda seen: scim(400, error_body(400, "no such user")) if "filter" in seen.query else None

    assert await open_target(server, {"filter.absent_status": (400,)}).find("user", "userName", "x") == []
    with pytest.raises(TargetFailure):
        await open_target(server).find("user", "userName", "x")


async def test_query_attributes_refused_asks_for_groups_as_they_are(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """`attributes` and `excludedAttributes` are never sent."""
    group_id = server.seed("Groups", displayName="g")
    target = open_target(server, {"query.attributes_refused": True, "members.read_on_user": True})

    await listed(target, "group")
    await target.read("group", group_id)
    await target.read_members(group_id)

    assert all(not {"attributes", "excludedAttributes"} & set(one.query) for one in server.seen)
    await listed(open_target(server), "group")
    assert "excludedAttributes" in server.seen[-1].query


async def test_page_unsupported_asks_without_paging(server: LooseServer, open_target: OpenTarget) -> None:
    """One answer is the whole list."""
    ids = people(server, 5)
    target = open_target(server, {"page.unsupported": True}, transport={"page_size": 2})

    assert await listed(target) == ids
    assert (len(server.seen), server.seen[0].query) == (1, {})
    assert await target.count("user") is None
    assert len(await listed(open_target(server, transport={"page_size": 2}))) == 5
    assert len(server.seen) == 4


async def test_page_total_unreliable_reads_until_a_page_is_empty(server: LooseServer, open_target: OpenTarget) -> None:
    """Snowflake's totals move; without the quirk the listing would end early, and is refused."""
    ids = people(server, 5)

    def lies(seen: Any) -> Any:
        start = int(seen.query["startIndex"])
        return scim(200, list_body(list(server.resources["Users"].values())[start - 1 : start + 1], 2, start))

    server.misbehave = lies
    target = open_target(server, {"page.total_unreliable": True}, transport={"page_size": 2})

    assert await listed(target) == ids
    assert await target.count("user") is None
    assert await listed(open_target(server, transport={"page_size": 2})) == ids[:2]
    server.resources["Users"].clear()
    assert await target.count("user") == 0  # whatever the total says, an empty page is an empty list


async def test_page_total_unreliable_ends_where_pages_repeat(server: LooseServer, open_target: OpenTarget) -> None:
    """A target that ignores startIndex does not keep us for ever, and its listing is not believed."""
    people(server, 2)
    server.misbehave = lambda seen: scim(200, list_body(list(server.resources["Users"].values())))

    with pytest.raises(TargetFailure) as refused:
        await listed(open_target(server, {"page.total_unreliable": True}))

    assert (refused.value.failure, len(server.seen)) == (Failure.RETRY, 2)


async def test_page_start_index_base_counts_from_zero(server: LooseServer, open_target: OpenTarget) -> None:
    """`startIndex` 0, 2, 4 instead of 1, 3, 5."""
    ids = people(server, 5)

    def from_zero(seen: Any) -> Any:
        start = int(seen.query["startIndex"])
        return scim(200, list_body(list(server.resources["Users"].values())[start : start + 2], 5, start))

    server.misbehave = from_zero
    target = open_target(server, {"page.start_index_base": 0}, transport={"page_size": 2})

    assert await listed(target) == ids
    assert [one.query["startIndex"] for one in server.seen] == ["0", "2", "4"]
    server.misbehave = lambda seen: None
    await listed(open_target(server))
    assert server.seen[-1].query["startIndex"] == "1"


async def test_page_cursor_follows_the_target_s_own_words(server: LooseServer, open_target: OpenTarget) -> None:
    """Parameter and field are named by the quirk; an expired cursor starts over."""
    ids = people(server, 4)
    expire = ["c2"]

    def by_cursor(seen: Any) -> Any:
        cursor = seen.query.get("page")
        if cursor is None:
            return scim(400, error_body(400, "cursor wanted"))
        if cursor in expire:
            expire.clear()
            return scim(400, error_body(400, "too late", "expiredCursor"))
        start = int(cursor[1:] or 0) if cursor else 0
        body = list_body(list(server.resources["Users"].values())[start : start + 2], 4)
        return scim(200, {**body, **({"next_page": f"c{start + 2}"} if start + 2 < 4 else {})})

    server.misbehave = by_cursor
    target = open_target(server, {"page.cursor": {"parameter": "page", "next": "next_page"}})

    found = await listed(target)

    assert list(dict.fromkeys(found)) == ids
    assert [one.query["page"] for one in server.seen] == ["", "c2", "", "c2"]
    assert "cursor_restarted" in {finding.code for finding in target.findings}
    with pytest.raises(TargetFailure):
        await listed(open_target(server))


async def test_list_omits_reads_a_hit_by_its_id(server: LooseServer, open_target: OpenTarget) -> None:
    """Zoom's lists are poorer than its objects."""
    user_id = server.seed("Users", userName="ada", title="Clerk")
    server.misbehave = lambda seen: (
        scim(200, list_body([{"id": user_id, "userName": "ada"}])) if seen.path.endswith("Users") else None
    )
    target = open_target(server, {"list.omits": ("title", "nickName")})

    (full,) = await target.find("user", "userName", "ada")
    (poor,) = await open_target(server).find("user", "userName", "ada")

    assert (full.values.get("title"), poor.values.get("title")) == ("Clerk", None)
    assert target.capabilities.list_omits == {"user": {"title"}}
    assert target.estimate("find", "user") == 2


async def test_list_ignore_where_drops_objects_that_are_not_real(server: LooseServer, open_target: OpenTarget) -> None:
    """Snowflake answers old clients with a synthetic user."""
    server.seed("Users", userName="synthetic_user")
    ids = people(server, 1)
    target = open_target(server, {"list.ignore_where": {"userName": ("synthetic_user",)}})

    assert await listed(target) == ids
    assert await target.find("user", "userName", "synthetic_user") == []
    assert len(await listed(open_target(server))) == 2


CONFIG = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
    "patch": {"supported": False},
    "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
    "filter": {"supported": True, "maxResults": 20},
    "changePassword": {"supported": False},
    "sort": {"supported": False},
    "etag": {"supported": False},
    "authenticationSchemes": [],
}
DISCOVERED = {"capabilities": {"features": ["discovered"]}}


async def first_change(server: LooseServer, open_target: OpenTarget, quirks: dict[str, object]) -> str:
    """The method of a change, where features are discovered."""
    user_id = server.seed("Users", userName="ada", title="Clerk")
    target = open_target(server, quirks, **DISCOVERED)
    await target.open()
    await target.update("user", user_id, {"userName": "ada", "title": "Clerk"}, {"userName": "ada", "title": "Head"})
    return server.writes()[-1].method


async def test_the_target_s_own_configuration_chooses_the_verb(server: LooseServer, open_target: OpenTarget) -> None:
    """PATCH is not sent to a target that says it has none; `config.lies` and `config.missing` outrank it."""
    server.misbehave = lambda seen: scim(200, CONFIG) if seen.path.endswith("/ServiceProviderConfig") else None

    assert await first_change(server, open_target, {}) == "PUT"
    assert await first_change(server, open_target, {"config.lies": {"patch": True}}) == "PATCH"
    server.seen.clear()
    assert await first_change(server, open_target, {"config.missing": True}) == "PATCH"
    assert all("ServiceProviderConfig" not in one.path for one in server.seen)


async def test_config_endpoint_names_another_path(server: LooseServer, open_target: OpenTarget) -> None:
    """Slack spells it in the plural."""
    server.misbehave = lambda seen: scim(200, CONFIG) if seen.path.endswith("/ServiceProviderConfigs") else None

    assert await first_change(server, open_target, {"config.endpoint": "/ServiceProviderConfigs"}) == "PUT"
    assert await first_change(server, open_target, {}) == "PATCH"


async def test_trailing_slash_ends_every_path(server: LooseServer, open_target: OpenTarget) -> None:
    """Collections and objects alike; without the quirk none does."""
    user_id = server.seed("Users", userName="ada")
    for quirks, slash in (
        ({"trailing_slash": "required"}, True),
        ({"trailing_slash": "forbidden"}, False),
        ({}, False),
    ):
        server.seen.clear()
        target = open_target(server, quirks)

        await target.find("user", "userName", "ada")
        await target.read("user", user_id)

        assert [one.path.endswith("/") for one in server.seen] == [slash, slash]


async def test_error_word_prefix_reads_the_code_from_the_text(server: LooseServer, open_target: OpenTarget) -> None:
    """Slack's `username_taken (username=x)` is the code username_taken."""
    rules = [{"code": "no_such_group", "failure": "skip", "message": "Choose another group"}]
    server.misbehave = lambda seen: scim(400, error_body(400, "no_such_group (id=x)"))

    for quirks, meaning in (({"error.word_prefix": True}, Failure.SKIP), ({}, Failure.OBJECT)):
        with pytest.raises(TargetFailure) as refused:
            await open_target(server, quirks, error=rules).read("group", "x")
        assert refused.value.failure is meaning
    assert DEPARTMENT.startswith("urn:")
