"""ServiceNow's documented exchanges, replayed against the twin: T1 to T17.

Compared literally but for what an exchange leaves out. Sources: the references of Table API and SCIM API, the pages on
rate limiting and OAuth of https://github.com/ServiceNow/ServiceNowDocs, recorded texts of
https://github.com/ansible-collections/servicenow.itsm, roles of https://github.com/ConductorOne/baton-servicenow; all
read 2026-11-23. Exchanges marked inferred follow from those.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from gallery_connector_servicenow.twin import PASSWORD, USER, ServiceNowTwin
from gallery_sdk.testing import Answer, ManualClock, TwinClient

TABLE = "/api/now/table"
SCIM = "/api/now/scim"
OWN = "urn:ietf:params:scim:schemas:extension:servicenow:2.0:User"
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
CUSTOM = "urn:ietf:params:scim:schemas:extension:servicenow:custom:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
OWN_GROUP = "urn:ietf:params:scim:schemas:extension:servicenow:2.0:Group"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
ADA = {"user_name": "ada", "first_name": "Ada", "last_name": "L", "email": "ada@acme.test", "active": "true"}
JACK: dict[str, Any] = {
    "schemas": [OWN, CORE],
    "externalId": "123456",
    "userName": "jack.sparrow",
    "name": {"familyName": "Sparrow", "givenName": "Jack"},
    "title": "Senior Developer",
    "preferredLanguage": "en",
    "timezone": "ET",
    "active": True,
    "emails": [{"value": "jack.sparrow@abc.com", "display": None, "type": "work", "primary": True}],
    "phoneNumbers": [{"value": "9977553312", "type": "mobile", "primary": True}],
}


def basic(user: str = USER, password: str = PASSWORD) -> dict[str, str]:
    return {"authorization": f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"}


class Client(TwinClient):
    """Signs in by password unless a request says otherwise."""

    async def request(self, method: str, path: str, body: object = None, **options: Any) -> Answer:
        options["headers"] = {**basic(), **(options.get("headers") or {})}
        return await super().request(method, path, body, **options)


@pytest.fixture
def twin() -> ServiceNowTwin:
    return ServiceNowTwin(clock=ManualClock(), now=lambda: datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def client(twin: ServiceNowTwin) -> Client:
    return Client(twin)


async def patch(client: Client, path: str, *operations: Mapping[str, object]) -> Answer:
    return await client.request("PATCH", path, {"schemas": [PATCH_OP], "Operations": list(operations)})


async def test_t1_a_user_is_created(client: Client) -> None:
    """Documented: 201, where it is, every column as a text, the name computed."""
    answer = await client.request("POST", f"{TABLE}/sys_user", ADA, query={"sysparm_exclude_reference_link": "true"})

    assert answer.status == 201
    result = answer["result"]
    assert re.fullmatch("[0-9a-f]{32}", result["sys_id"])
    assert answer.headers["location"] == f"https://twin.test/api/now/table/sys_user/{result['sys_id']}"
    expected = {
        **ADA, "name": "Ada L", "locked_out": "false", "department": "", "manager": "",
        "sys_created_on": "2026-01-01 00:00:00",
    }  # fmt: skip
    assert {name: result[name] for name in expected} == expected
    assert all(isinstance(value, str) for value in result.values())


async def test_t2_nobody_is_let_in_without_credentials(twin: ServiceNowTwin) -> None:
    """Documented texts."""
    for headers in ({}, basic(password="wrong"), {"authorization": "Bearer nothing"}, {"x-sn-apikey": "nothing"}):
        answer = await TwinClient(twin).request("GET", f"{TABLE}/sys_user", headers=headers)

        assert answer.status == 401
        assert answer.body == {
            "error": {"message": "User Not Authenticated", "detail": "Required to provide Auth information"},
            "status": "failure",
        }


async def test_t3_a_missing_row_is_told(client: Client) -> None:
    """Recorded: the same words for a row that is gone and for one that is kept back."""
    answer = await client.get(f"{TABLE}/sys_user/{'f' * 32}")

    assert answer.status == 404
    assert answer.body == {
        "error": {
            "message": "No Record found",
            "detail": "Record doesn't exist or ACL restricts the record retrieval",
        },
        "status": "failure",
    }


async def test_t4_a_user_without_rights_writes_nothing(twin: ServiceNowTwin, client: Client) -> None:
    """Recorded."""
    twin.add_account("nobody", "secret")

    answer = await client.request("POST", f"{TABLE}/sys_user", ADA, headers=basic("nobody", "secret"))

    assert answer.status == 403
    assert answer.body == {
        "error": {
            "message": "Operation Failed",
            "detail": "ACL Exception Insert Failed due to security constraints",
        },
        "status": "failure",
    }


async def test_t5_a_rate_rule_is_enforced() -> None:
    """Documented: what is allowed per hour, when it begins anew, which rule, and how long to wait."""
    clock = ManualClock()
    client = Client(ServiceNowTwin(clock=clock, hourly_requests=100))
    for _ in range(100):
        assert (await client.get(f"{TABLE}/sys_user")).status == 200

    answer = await client.get(f"{TABLE}/sys_user")

    assert answer.status == 429
    assert answer.body == {
        "error": {
            "message": "Rate limit exceeded",
            "detail": "Rate limit of 100 requests per hour for Table API exceeded",
        },
        "status": "failure",
    }
    assert answer.headers["x-ratelimit-limit"] == "100"
    assert answer.headers["x-ratelimit-reset"].isdigit()
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-ratelimit-rule"])
    clock.advance(float(answer.headers["retry-after"]))
    assert (await client.get(f"{TABLE}/sys_user")).status == 200


async def test_t6_a_reference_has_two_shapes(twin: ServiceNowTwin, client: Client) -> None:
    """Documented: link and value, or the plain id; and display values."""
    department = twin.instance.seed("cmn_department", name="Sales")
    user = twin.instance.seed("sys_user", **ADA, department=department)
    path, fields = f"{TABLE}/sys_user/{user}", {"sysparm_fields": "department"}

    linked = await client.get(path, **fields)
    plain = await client.get(path, **{**fields, "sysparm_exclude_reference_link": "true"})
    shown = await client.get(path, **{**fields, "sysparm_display_value": "all"})

    link = f"https://twin.test/api/now/table/cmn_department/{department}"
    assert linked.body == {"result": {"department": {"link": link, "value": department}}}
    assert plain.body == {"result": {"department": department}}
    assert shown.body == {"result": {"department": {"display_value": "Sales", "value": department}}}


async def test_t7_an_invalid_term_is_ignored(twin: ServiceNowTwin, client: Client) -> None:
    """Documented: everybody comes back, unless the instance is told to be strict."""
    twin.instance.seed("sys_user", **ADA)
    query = {"sysparm_query": "no_such_column=x"}

    answer = await client.get(f"{TABLE}/sys_user", **query)

    assert answer.status == 200
    assert len(answer["result"]) == len(twin.instance.tables["sys_user"])
    twin.table.strict_queries = True
    answer = await client.get(f"{TABLE}/sys_user", **query)
    assert (answer.status, answer.body) == (200, {"result": []})


async def test_t8_a_scim_user_is_created() -> None:
    """Documented: `primary` and `display` are not echoed, the display name is computed."""
    client = Client(ServiceNowTwin(now=lambda: datetime(2021, 10, 1, 16, 46, 48, tzinfo=UTC)))

    answer = await client.post(f"{SCIM}/Users", JACK)

    assert answer.status == 201
    made = answer["id"]
    assert answer.body == {
        "schemas": [OWN, CORE],
        "id": made,
        "externalId": "123456",
        "meta": {
            "resourceType": "User",
            "created": "2021-10-01T16:46:48Z",
            "lastModified": "2021-10-01T16:46:48Z",
            "location": f"https://twin.test/api/now/scim/Users/{made}",
        },
        "userName": "jack.sparrow",
        "name": {"familyName": "Sparrow", "givenName": "Jack"},
        "displayName": "Jack Sparrow",
        "title": "Senior Developer",
        "preferredLanguage": "en",
        "timezone": "ET",
        "active": True,
        "emails": [{"value": "jack.sparrow@abc.com", "type": "work"}],
        "phoneNumbers": [{"value": "9977553312", "type": "mobile"}],
    }


async def test_t9_a_scim_user_name_is_unique(client: Client) -> None:
    """Documented status and text, the envelope is inferred; `status` is a text."""
    await client.post(f"{SCIM}/Users", JACK)

    answer = await client.post(f"{SCIM}/Users", {**JACK, "userName": "Jack.Sparrow"})

    assert answer.status == 409
    assert answer.body == {
        "schemas": [ERROR],
        "status": "409",
        "scimType": "uniqueness",
        "detail": "User already exists. The userName parameter must be unique",
    }


async def test_t10_an_unknown_manager_is_refused(client: Client) -> None:
    """Documented fragment, the wrapper is inferred."""
    unknown = "02826bf03710200044e0bfc8bcbe5ds8"

    answer = await client.post(f"{SCIM}/Users", {**JACK, OWN: {"manager": {"value": unknown}}})

    assert answer.status == 400
    assert answer.body == {
        "schemas": [ERROR],
        "status": "400",
        "scimType": "invalidValue",
        "detail": "Manager id : 02826bf03710200044e0bfc8bcbe5ds8 doesn't exist",
    }


async def test_t11_a_scim_patch_mixes_forms(client: Client) -> None:
    """Documented: with path and without, an extension under its URN; the display name follows the parts."""
    made = (await client.post(f"{SCIM}/Users", JACK))["id"]

    answer = await patch(
        client,
        f"{SCIM}/Users/{made}",
        {"op": "remove", "path": "title"},
        {"op": "add", "path": "phoneNumbers", "value": [{"type": "work", "value": "9876543210"}]},
        {
            "op": "replace",
            "value": {OWN: {"employeeNumber": "13454"}, "name": {"familyName": "John", "givenName": "Smith"}},
        },
    )

    assert answer.status == 200
    assert answer["displayName"] == "Smith John"
    assert "title" not in answer.body
    assert {"value": "9876543210", "type": "work"} in answer["phoneNumbers"]
    assert answer[OWN] == {"employeeNumber": "13454"}
    also = await patch(client, f"{SCIM}/Users/{made}", {"op": "add", "title": "xyz"})
    assert also["title"] == "xyz"  # documented as legal
    mail = {"op": "replace", "path": 'emails[type eq "work"]', "value": "new@abc.com"}
    assert (await patch(client, f"{SCIM}/Users/{made}", mail))["emails"] == [{"value": "new@abc.com", "type": "work"}]


async def test_t12_a_scim_group_is_patched(twin: ServiceNowTwin, client: Client) -> None:
    """Documented: members with the names and addresses of users."""
    ids = [twin.instance.seed("sys_user", user_name=name, last_name=name) for name in ("Tuter", "Lincoln")]
    group = (await client.post(f"{SCIM}/Groups", {"schemas": [GROUP], "displayName": "HR Team"}))["id"]

    answer = await patch(
        client,
        f"{SCIM}/Groups/{group}",
        {"op": "add", "path": "externalId", "value": "278fdc2e-a6aa-4140-bd23-9ba4987a2938"},
        {"op": "replace", "path": "members", "value": [{"value": one} for one in ids]},
    )

    assert answer.status == 200
    assert answer["externalId"] == "278fdc2e-a6aa-4140-bd23-9ba4987a2938"
    assert answer["schemas"] == [GROUP, OWN_GROUP]
    assert answer["members"] == [
        {"value": one, "display": name, "$ref": f"https://twin.test/api/now/scim/Users/{one}"}
        for one, name in zip(ids, ("Tuter", "Lincoln"), strict=True)
    ]
    joining = {"op": "replace", "path": f'members[value eq "{ids[0]}"]', "value": {"value": twin.integration_user}}
    answer = await patch(client, f"{SCIM}/Groups/{group}", joining)
    assert {one["value"] for one in answer["members"]} == {ids[1], twin.integration_user}
    twin.scim.group_patch_no_content = True
    answer = await patch(client, f"{SCIM}/Groups/{group}", {"op": "replace", "path": "displayName", "value": "People"})
    assert (answer.status, answer.body) == (204, None)


async def test_t13_scim_lists_are_paged(twin: ServiceNowTwin, client: Client) -> None:
    """Documented: ten to a page unless asked, five hundred at most."""
    for number in range(618):
        twin.instance.seed("sys_user", user_name=f"user{number}", first_name="Sean", last_name=f"Bonnet {number}")

    answer = await client.get(f"{SCIM}/Users", attributes="displayName", startIndex=6, count=2)

    assert answer.status == 200
    assert {name: value for name, value in answer.body.items() if name != "Resources"} == {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": 619,
        "startIndex": 6,
        "itemsPerPage": 2,
    }
    assert [sorted(one) for one in answer["Resources"]] == [["displayName", "id", "schemas"]] * 2
    assert answer["Resources"][0]["displayName"] == "Sean Bonnet 4"
    assert len((await client.get(f"{SCIM}/Users"))["Resources"]) == 10
    assert (await client.get(f"{SCIM}/Users", count=501)).status == 400
    assert (await client.get(f"{SCIM}/Users", count=-1))["Resources"] == []
    both = {"attributes": "title", "excludedAttributes": "emails"}
    assert (await client.get(f"{SCIM}/Users", **both)).status == 400


async def test_t14_a_second_user_name_is_refused(client: Client) -> None:
    """Inferred: 403, and only the words of the detail tell it from a missing right."""
    await client.post(f"{TABLE}/sys_user", ADA)

    answer = await client.post(f"{TABLE}/sys_user", ADA)

    assert answer.status == 403
    assert answer.body == {
        "error": {"message": "Operation Failed", "detail": "Error during insert of sys_user (Ada L)"},
        "status": "failure",
    }


async def test_t15_an_inherited_role_comes_back(twin: ServiceNowTwin, client: Client) -> None:
    """Documented rule, the body is inferred."""
    role = next(one["sys_id"] for one in twin.instance.tables["sys_user_role"].values() if one["name"] == "itil")
    user, group = twin.instance.seed("sys_user", **ADA), twin.instance.seed("sys_user_group", name="Desk")
    await client.post(f"{TABLE}/sys_group_has_role", {"group": group, "role": role})
    membership = (await client.post(f"{TABLE}/sys_user_grmember", {"user": user, "group": group}))["result"]["sys_id"]
    query = {"sysparm_query": f"user={user}", "sysparm_exclude_reference_link": "true",
             "sysparm_fields": "sys_id,user,role,inherited"}  # fmt: skip
    (inherited,) = (await client.get(f"{TABLE}/sys_user_has_role", **query))["result"]
    assert inherited["inherited"] == "true"

    answer = await client.delete(f"{TABLE}/sys_user_has_role/{inherited['sys_id']}")

    assert (answer.status, answer.body) == (204, None)
    (again,) = (await client.get(f"{TABLE}/sys_user_has_role", **query))["result"]
    assert {**again, "sys_id": ""} == {**inherited, "sys_id": ""}
    await client.delete(f"{TABLE}/sys_user_grmember/{membership}")
    assert (await client.get(f"{TABLE}/sys_user_has_role", **query))["result"] == []


async def test_t16_a_token_is_given_again(twin: ServiceNowTwin) -> None:
    """Documented: the same token with what is left of its life; the form alone is understood."""
    form = {"grant_type": "password", "client_id": "twin-client", "client_secret": "twin-client-secret",
            "username": USER, "password": PASSWORD}  # fmt: skip
    client, headers = TwinClient(twin), {"content-type": "application/x-www-form-urlencoded"}

    first = await client.request("POST", "/oauth_token.do", urlencode(form).encode(), headers=headers)
    clock: Any = twin.clock
    clock.advance(10)
    second = await client.request("POST", "/oauth_token.do", urlencode(form).encode(), headers=headers)

    assert first.status == 200
    assert first.body == {
        "scope": "useraccount",
        "token_type": "Bearer",
        "expires_in": 1799,
        "refresh_token": first["refresh_token"],
        "access_token": first["access_token"],
    }
    assert second.body == {**first.body, "expires_in": 1789}
    bearer = {"authorization": f"Bearer {first['access_token']}"}
    assert (await client.request("GET", f"{TABLE}/sys_user", headers=bearer)).status == 200
    clock.advance(1790)
    assert (await client.request("GET", f"{TABLE}/sys_user", headers=bearer)).status == 401
    assert (await client.request("POST", "/oauth_token.do", form)).status == 401  # JSON: inferred
    twin.add_account("robot", "secret", "admin", web_service_only=True)
    robot = urlencode({**form, "username": "robot", "password": "secret"}).encode()
    assert (await client.request("POST", "/oauth_token.do", robot, headers=headers)).status == 401  # inferred


async def test_t17_the_enterprise_extension_is_swallowed(client: Client) -> None:
    """Documented: no error, and nothing is stored. A custom extension must be listed when a user is made."""
    enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

    answer = await client.post(
        f"{SCIM}/Users", {**JACK, "schemas": [OWN, CORE, enterprise], enterprise: {"department": "Sales"}}
    )

    assert answer.status == 201
    assert enterprise not in answer.body
    assert OWN not in answer.body
    answer = await client.post(f"{SCIM}/Users", {**JACK, "userName": "anne", CUSTOM: {"u_badge": "7"}})
    assert answer.status == 400
    assert answer["detail"] == f"Extended attributes namespace {CUSTOM} must be included in the schemas attribute"


async def test_an_authorization_code_is_exchanged_and_renewed(twin: ServiceNowTwin) -> None:
    """Documented: at `/oauth_auth.do` and `/oauth_token.do`; a code serves once."""
    client, headers = TwinClient(twin), {"content-type": "application/x-www-form-urlencoded"}
    proof = {"client_id": "twin-client", "client_secret": "twin-client-secret"}
    asked = {"response_type": "code", "client_id": "twin-client", "redirect_uri": "http://127.0.0.1/callback"}

    agreed = await client.request("GET", "/oauth_auth.do", query={**asked, "state": "s"})
    assert agreed.status == 302
    code = parse_qs(urlsplit(agreed.headers["location"]).query)
    assert code["state"] == ["s"]
    form = urlencode({**proof, "grant_type": "authorization_code", "code": code["code"][0]}).encode()
    reply = await client.request("POST", "/oauth_token.do", form, headers=headers)

    bearer = {"authorization": f"Bearer {reply['access_token']}"}
    assert (await client.request("GET", f"{TABLE}/sys_user", headers=bearer)).status == 200
    assert (await client.request("POST", "/oauth_token.do", form, headers=headers)).status == 401
    form = urlencode({**proof, "grant_type": "refresh_token", "refresh_token": reply["refresh_token"]}).encode()
    assert (await client.request("POST", "/oauth_token.do", form, headers=headers)).status == 200


# -- the rest of what is documented, in brief ----------------------------------------------------------------------


async def test_paging_counts_what_access_rules_keep_back(twin: ServiceNowTwin, client: Client) -> None:
    """Documented: the limit comes first, so a page may be empty while more follow."""
    ids = sorted(twin.instance.seed("sys_user", user_name=f"user{number}") for number in range(6))
    twin.instance.hidden |= set(sorted({*ids, twin.integration_user})[:3])
    query: dict[str, str | int] = {"sysparm_query": "ORDERBYsys_id", "sysparm_limit": 3, "sysparm_fields": "sys_id"}

    first = await client.get(f"{TABLE}/sys_user", **query)
    second = await client.get(f"{TABLE}/sys_user", **{**query, "sysparm_offset": 3})

    assert (first["result"], first.headers["x-total-count"]) == ([], "7")
    assert len(second["result"]) == 3
    assert {'rel="first"', 'rel="prev"', 'rel="next"', 'rel="last"'} == {
        one.rpartition(";")[2] for one in second.headers["link"].split(",") if "rel=" in one
    }


async def test_version_1_answers_404_where_nothing_is_found(client: Client) -> None:
    """Documented: version 2 and the latest answer an empty list."""
    query = {"sysparm_query": "user_name=nobody"}

    assert (await client.get("/api/now/v1/table/sys_user", **query)).status == 404
    assert (await client.get("/api/now/v2/table/sys_user", **query)).body == {"result": []}
    assert (await client.get(f"{TABLE}/sys_user", **query)).body == {"result": []}


async def test_the_table_api_takes_what_it_does_not_understand(twin: ServiceNowTwin, client: Client) -> None:
    """A row of nothing, unknown columns, names for references; scripts in queries are run."""
    twin.instance.seed("cmn_department", name="Sales")

    assert (await client.post(f"{TABLE}/sys_user", {})).status == 201
    assert "u_none" not in (await client.post(f"{TABLE}/sys_user", {"u_none": "x"}))["result"]
    by_name = {"sysparm_input_display_value": "true", "sysparm_display_value": "true",
               "sysparm_exclude_reference_link": "true"}  # fmt: skip
    for given, stored in (("Sales", "Sales"), ("Nowhere", "")):
        answer = await client.request("POST", f"{TABLE}/sys_user", {"department": given}, query=by_name)
        assert answer["result"]["department"] == stored
    twin.instance.dynamic_creation = True
    answer = await client.request("POST", f"{TABLE}/sys_user", {"department": "Nowhere"}, query=by_name)
    assert answer["result"]["department"] == "Nowhere"
    mine = await client.get(f"{TABLE}/sys_user", sysparm_query="sys_id=javascript:gs.getUserID()")
    assert [one["user_name"] for one in mine["result"]] == [USER]
    assert twin.table.scripts == ["gs.getUserID()"]
    assert (await client.get(f"{TABLE}/no_table")).status == 400
    pairs = await client.get(f"{TABLE}/sys_user", department="Sales")
    assert len(pairs["result"]) == 1


async def test_only_admins_see_inactive_users(twin: ServiceNowTwin, client: Client) -> None:
    """Documented."""
    twin.instance.seed("sys_user", **{**ADA, "active": "false"})
    twin.add_account("clerk", "secret", "user_admin")
    query = {"sysparm_query": "user_name=ada"}

    assert len((await client.get(f"{TABLE}/sys_user", **query))["result"]) == 1
    seen = await client.request("GET", f"{TABLE}/sys_user", query=query, headers=basic("clerk", "secret"))
    assert seen["result"] == []


@pytest.mark.parametrize(
    ("text", "status", "hits"),
    [
        ('userName sw "JA"', 200, 1),
        ('active eq true and name.familyName eq "Sparrow"', 200, 1),
        ('emails[type eq "work" and value eq "jack.sparrow@abc.com"]', 200, 1),
        ('externalId eq "123456"', 200, 1),
        ('externalId sw "1"', 400, 0),
        ('not (userName eq "x")', 400, 0),
        ('emails[value eq "x"]', 400, 0),
        ('userType eq "x"', 400, 0),
    ],
    ids=["starts with", "and", "by e-mail", "external id", "external id by eq only", "not", "other form", "unknown"],
)
async def test_scim_filters(client: Client, text: str, status: int, hits: int) -> None:
    """Documented: few attributes, no `not`, fixed forms for lists."""
    await client.post(f"{SCIM}/Users", JACK)

    answer = await client.get(f"{SCIM}/Users", filter=text)

    assert answer.status == status
    assert len(answer.body.get("Resources", ())) == hits


async def test_scim_put_keeps_what_is_left_out(client: Client) -> None:
    """Documented: null and the empty array clear."""
    made = (await client.post(f"{SCIM}/Users", JACK))["id"]

    answer = await client.request("PUT", f"{SCIM}/Users/{made}", {"title": None, "phoneNumbers": []})

    assert answer.status == 200
    assert "title" not in answer.body
    assert "phoneNumbers" not in answer.body
    assert answer["userName"] == "jack.sparrow"


async def test_scim_refuses_what_it_says_it_does(twin: ServiceNowTwin, client: Client) -> None:
    """Documented: read-only ids, types, a hundred members; DELETE erases; the configuration needs no login."""
    made = (await client.post(f"{SCIM}/Users", JACK))["id"]
    group = (await client.post(f"{SCIM}/Groups", {"displayName": "HR"}))["id"]

    for body in ({**JACK, "emails": [{"value": "x@y.z"}]}, {**JACK, "addresses": [{"type": "work", "locality": "B"}]}):
        assert (await client.post(f"{SCIM}/Users", {**body, "userName": "other"})).status == 400
    assert (await patch(client, f"{SCIM}/Groups/{group}", {"op": "add", "value": {"id": group}})).status == 400
    ids = [twin.instance.seed("sys_user", user_name=f"user{number}") for number in range(101)]
    for value, status in ((ids, 400), (ids[:100], 200)):
        add = {"op": "add", "path": "members", "value": [{"value": one} for one in value]}
        assert (await patch(client, f"{SCIM}/Groups/{group}", add)).status == status
    assert (await client.post(f"{SCIM}/Groups", {"displayName": "hr"})).status == 409
    assert (await client.delete(f"{SCIM}/Users/{made}")).status == 204
    assert made not in twin.instance.tables["sys_user"]
    config = await TwinClient(twin).get(f"{SCIM}/ServiceProviderConfig")
    assert config["filter"] == {"supported": True, "maxResults": 500}
    assert (await TwinClient(twin).get(f"{SCIM}/Users")).status == 401
