"""Salesforce's documented exchanges, replayed against the twin: T1 to T16.

Compared literally but for what an exchange leaves out. Sources: the object reference and the REST API guide of
https://developer.salesforce.com, the SCIM pages of https://help.salesforce.com, recorded replies of
https://github.com/simple-salesforce/simple-salesforce and https://github.com/forcedotcom/sfdx-core, and
https://learn.microsoft.com/answers/questions/5828857; all read 2026-11-23. Exchanges marked inferred follow from those.
"""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from gallery_connector_salesforce.quirks import long_id
from gallery_connector_salesforce.twin import TOKEN, SalesforceTwin
from gallery_sdk.testing import ManualClock, TwinClient

DATA = "/services/data/v60.0"
SCIM = "/services/scim/v2"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
PROFILE = "00e000000000001AAA"
ADA = {
    "Username": "ada@acme.test", "LastName": "L", "Email": "ada@acme.test", "Alias": "ada",
    "TimeZoneSidKey": "America/Los_Angeles", "LocaleSidKey": "en_US", "EmailEncodingKey": "UTF-8",
    "ProfileId": PROFILE, "LanguageLocaleKey": "en_US",
}  # fmt: skip
NO_PROFILE = "REQUIRED_FIELD_MISSING:user_must_have_one_entitlement_which_must_be_a_profileid;"


@pytest.fixture
def twin() -> SalesforceTwin:
    return SalesforceTwin(clock=ManualClock())


@pytest.fixture
def client(twin: SalesforceTwin) -> TwinClient:
    return TwinClient(twin, token=TOKEN)


async def made(client: TwinClient, **changed: object) -> str:
    answer = await client.post(f"{DATA}/sobjects/User", {**ADA, **changed})
    assert answer.status == 201
    return str(answer.body["id"])


async def test_t1_a_user_is_created(client: TwinClient) -> None:
    """Documented: the first user of an organization, nine required fields."""
    answer = await client.post(f"{DATA}/sobjects/User", ADA)

    assert answer.status == 201
    assert answer.body == {"id": "005000000000001AAA", "success": True, "errors": []}


async def test_t2_a_user_name_is_unique_in_the_world(twin: SalesforceTwin, client: TwinClient) -> None:
    """Documented: here and in any other organization; `fields` is inferred."""
    twin.org.elsewhere.add("eve@acme.test")
    await made(client)

    for username in ("ADA@acme.test", "eve@acme.test"):
        answer = await client.post(f"{DATA}/sobjects/User", {**ADA, "Username": username})

        assert answer.status == 400
        assert answer.body == [
            {
                "message": "Duplicate Username.<br>The username already exists in this or another Salesforce "
                "organization. Usernames must be unique across all Salesforce organizations. To resolve, use a "
                "different username (it doesn't need to match the user's email address).",
                "errorCode": "DUPLICATE_USERNAME",
                "fields": ["Username"],
            }
        ]


async def test_t3_a_licence_limit_is_told() -> None:
    """Documented; an empty `fields` is inferred."""
    client = TwinClient(SalesforceTwin(licenses={"Salesforce": 2}), token=TOKEN)
    ada = await made(client)

    answer = await client.post(f"{DATA}/sobjects/User", {**ADA, "Username": "eve@acme.test"})

    assert answer.status == 400
    assert answer.body == [{"message": "License Limit Exceeded", "errorCode": "LICENSE_LIMIT_EXCEEDED", "fields": []}]
    await client.patch(f"{DATA}/sobjects/User/{ada}", {"IsActive": False})
    await made(client, Username="eve@acme.test")  # the deactivated user's licence was free again
    assert (await client.patch(f"{DATA}/sobjects/User/{ada}", {"IsActive": True})).status == 400


async def test_t4_a_user_is_deactivated(client: TwinClient) -> None:
    """Documented: 204 and nothing more."""
    ada = await made(client)

    answer = await client.patch(f"{DATA}/sobjects/User/{ada}", {"IsActive": False})

    assert (answer.status, answer.body) == (204, None)
    assert (await client.delete(f"{DATA}/sobjects/User/{ada}")).status == 400  # inferred: users are never deleted


async def test_t5_a_session_ends(twin: SalesforceTwin) -> None:
    """Documented: any call is refused."""
    form = urlencode(
        {"grant_type": "client_credentials", "client_id": "twin-client", "client_secret": "twin-client-secret"}
    ).encode()
    reply = await TwinClient(twin).request("POST", "/services/oauth2/token", form)
    assert "expires_in" not in reply.body
    client = TwinClient(twin, token=reply.body["access_token"])
    assert (await client.get(f"{DATA}/limits")).status == 200

    clock: Any = twin.clock
    clock.advance(7200)
    answer = await client.get(f"{DATA}/limits")

    assert answer.status == 401
    assert answer.body == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


async def test_t6_a_scim_user_needs_a_profile(client: TwinClient) -> None:
    """Documented, seen live: 409, `schemas` as a text, `status` as a number."""
    answer = await client.post(f"{SCIM}/Users", {"schemas": [USER], "userName": "ada@acme.test"})

    assert answer.status == 409
    assert answer.body == {
        "schemas": '["urn:ietf:params:scim:api:messages:2.0:Error"]',
        "detail": NO_PROFILE,
        "status": 409,
    }


async def test_t7_a_scim_user_is_created_with_defaults(client: TwinClient) -> None:
    """Documented: lower-case user name, locale, language, zone, encoding."""
    answer = await client.post(
        f"{SCIM}/Users",
        {
            "schemas": [USER],
            "externalId": "scimUser",
            "userName": "SCIMUser@mycompany.com",
            "name": {"familyName": "Scim", "givenName": "User"},
            "emails": [{"type": "work", "primary": "true", "value": "u@mycompany.com"}],
            "entitlements": [{"value": PROFILE}],
        },
    )

    assert answer.status == 201
    body = answer.body
    assert body["userName"] == "scimuser@mycompany.com"
    assert body["name"]["formatted"] == "User Scim"
    assert body["nickName"] == body["userName"]
    assert (body["userType"], body["emailEncodingKey"]) == ("Standard", "UTF-8")
    assert (body["locale"], body["preferredLanguage"], body["timezone"]) == ("en_US", "en_US", "America/Los_Angeles")
    assert body["active"] is True
    assert body["entitlements"][0]["type"] == "Profile"
    assert body["emails"] == [{"type": "work", "primary": True, "value": "u@mycompany.com"}]


async def test_t8_a_scim_user_is_deactivated(client: TwinClient) -> None:
    """Documented: an operation without path whose value is an object; the whole user comes back."""
    ada = await made(client)

    answer = await client.patch(
        f"{SCIM}/Users/{ada}", {"schemas": [PATCH_OP], "Operations": [{"op": "replace", "value": {"active": False}}]}
    )

    assert answer.status == 200
    assert answer.body["active"] is False
    assert answer.body["id"] == ada


async def test_t9_scim_members_are_nested_in_the_value(twin: SalesforceTwin, client: TwinClient) -> None:
    """Documented: members below `value.members`."""
    ada, group = await made(client), twin.org.seed("Group", Name="All", DeveloperName="All", Type="Regular")

    answer = await client.patch(
        f"{SCIM}/Groups/{group}",
        {
            "schemas": [PATCH_OP],
            "Operations": [{"op": "add", "path": "members", "value": {"members": [{"value": ada}]}}],
        },
    )

    assert answer.status == 200
    (member,) = answer.body["members"]
    assert (member["value"], member["type"]) == (ada, "User")
    assert (await client.put(f"{SCIM}/Groups/{group}", {"members": []})).body is None
    assert (await client.post(f"{SCIM}/Groups", {"displayName": "New"})).status == 405  # inferred


async def test_t10_a_value_that_is_no_object_is_an_internal_error(client: TwinClient) -> None:
    """Documented, but for the status 500 and the array around it, which are inferred."""
    ada = await made(client)

    answer = await client.patch(
        f"{SCIM}/Users/{ada}", {"schemas": [PATCH_OP], "Operations": [{"op": "replace", "value": [{"active": False}]}]}
    )

    assert answer.status == 500
    assert answer.body == [
        {
            "message": "Processing/execution error: check the format of your request payload. If you still have "
            "issues, contact Support and share this error ID: 123-456",
            "errorCode": "UNKNOWN_EXCEPTION",
        }
    ]


async def test_t11_a_wrong_password_is_a_soap_fault(twin: SalesforceTwin) -> None:
    """Documented: status 500."""
    body = "<n1:login><n1:username>integration@twin.example</n1:username><n1:password>{}</n1:password></n1:login>"
    client = TwinClient(twin)

    answer = await client.request("POST", "/services/Soap/u/60.0", body.format("wrong").encode())

    assert answer.status == 500
    text = answer.body.decode()
    assert "<faultcode>INVALID_LOGIN</faultcode>" in text
    assert "<sf:exceptionCode>INVALID_LOGIN</sf:exceptionCode>" in text
    assert (
        "<sf:exceptionMessage>Invalid username, password, security token; or user locked out.</sf:exceptionMessage>"
        in text
    )
    right = await client.request("POST", "/services/Soap/u/60.0", body.format("twin-passwordtwin-mark").encode())
    assert b"<sessionSecondsValid>7200</sessionSecondsValid>" in right.body


def assertion(**claims: object) -> bytes:
    parts = [{"alg": "RS256"}, {"iss": "twin-client", "aud": "https://login.salesforce.com", **claims}]
    encoded = [base64.urlsafe_b64encode(orjson.dumps(part)).rstrip(b"=").decode() for part in parts]
    grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    return urlencode({"grant_type": grant, "assertion": ".".join([*encoded, "c2ln"])}).encode()


async def test_t12_a_jwt_of_a_user_who_did_not_approve() -> None:
    """Documented; a user who did gets a session, and an assertion lives three minutes at most."""
    client = TwinClient(SalesforceTwin(wall_clock=lambda: 1000.0))

    async def ask(**claims: object) -> Any:
        return await client.request("POST", "/services/oauth2/token", assertion(**claims))

    answer = await ask(sub="eve@acme.test", exp=1100)

    assert answer.status == 400
    assert answer.body == {"error": "invalid_grant", "error_description": "user hasn't approved this consumer"}
    assert (await ask(sub="integration@twin.example", exp=1100)).body["token_type"] == "Bearer"
    assert (await ask(sub="integration@twin.example", exp=1300)).status == 400
    unknown = await ask(iss="x", sub="integration@twin.example", exp=1100)
    assert unknown.body == {"error": "invalid_client_id", "error_description": "client identifier invalid"}


async def test_client_credentials_belong_to_the_my_domain_host(twin: SalesforceTwin) -> None:
    """Inferred from the documentation of the flow: the shared hosts refuse it."""
    form = {"grant_type": "client_credentials", "client_id": "twin-client", "client_secret": "twin-client-secret"}

    answer = await TwinClient(twin).request(
        "POST", "/services/oauth2/token", urlencode(form).encode(), headers={"host": "login.salesforce.com"}
    )

    assert (answer.status, answer.body["error"]) == (400, "invalid_grant")


async def test_t13_the_daily_limit_is_403_without_a_wait() -> None:
    """Documented: used and total in a header of every answer; counted anew after 24 hours."""
    clock = ManualClock()
    twin = SalesforceTwin(clock=clock, daily_requests=15000)
    twin.used = 14999
    client = TwinClient(twin, token=TOKEN)
    assert (await client.get(f"{DATA}/limits")).status == 200

    answer = await client.get(f"{DATA}/limits")

    assert answer.status == 403
    assert answer.headers["sforce-limit-info"] == "api-usage=15000/15000"
    assert "retry-after" not in answer.headers
    assert answer.body == [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]
    clock.advance(86400)
    assert (await client.get(f"{DATA}/limits")).body["DailyApiRequests"] == {"Max": 15000, "Remaining": 14999}


async def test_t14_soql_minds_no_letter_case(client: TwinClient) -> None:
    """Inferred."""
    ada = await made(client)

    answer = await client.get(f"{DATA}/query", q="SELECT Id, IsActive FROM User WHERE Username = 'ADA@acme.test'")

    assert answer.body == {
        "totalSize": 1,
        "done": True,
        "records": [
            {"attributes": {"type": "User", "url": f"{DATA}/sobjects/User/{ada}"}, "Id": ada, "IsActive": True}
        ],
    }


async def test_t15_a_changed_address_waits_for_its_confirmation() -> None:
    """Inferred from what the gallery's tutorial says of e-mail changes."""
    twin = SalesforceTwin(confirms_email=True)
    client = TwinClient(twin, token=TOKEN)
    ada = await made(client)

    assert (await client.patch(f"{DATA}/sobjects/User/{ada}", {"Email": "new@acme.test"})).status == 204

    assert (await client.get(f"{DATA}/sobjects/User/{ada}")).body["Email"] == "ada@acme.test"
    twin.org.confirm_email(ada)
    assert (await client.get(f"{DATA}/sobjects/User/{ada}")).body["Email"] == "new@acme.test"


async def test_t16_a_permission_set_is_granted_once(twin: SalesforceTwin, client: TwinClient) -> None:
    """Inferred: the code is documented by a public connector, text and fields are from memory."""
    ada = await made(client)
    granted = next(one["Id"] for one in twin.org.tables["PermissionSet"].values() if not one["IsOwnedByProfile"])
    row = {"AssigneeId": ada, "PermissionSetId": granted}
    assert (await client.post(f"{DATA}/sobjects/PermissionSetAssignment", row)).status == 201

    answer = await client.post(f"{DATA}/sobjects/PermissionSetAssignment", row)

    assert answer.status == 400
    (error,) = answer.body
    assert error["message"].startswith("Duplicate PermissionSetAssignment. ")
    assert (error["errorCode"], error["fields"]) == ("DUPLICATE_VALUE", ["AssigneeId", "PermissionSetId"])


@pytest.mark.parametrize("field", ADA)
async def test_each_required_field_is_required(client: TwinClient, field: str) -> None:
    """Documented list of the object reference; the text is from memory."""
    answer = await client.post(f"{DATA}/sobjects/User", {name: value for name, value in ADA.items() if name != field})

    assert answer.status == 400
    assert answer.body == [
        {
            "message": f"Required fields are missing: [{field}]",
            "errorCode": "REQUIRED_FIELD_MISSING",
            "fields": [field],
        }
    ]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param({"Alias": "too long a"}, "STRING_TOO_LONG", id="alias above 8"),
        pytest.param({"LocaleSidKey": "en-US"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", id="locale with a dash"),
        pytest.param({"EmailEncodingKey": "UTF8"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", id="encoding"),
        pytest.param({"Username": "ada"}, "INVALID_EMAIL_ADDRESS", id="user name that is no address"),
        pytest.param({"Email": "ada"}, "INVALID_EMAIL_ADDRESS", id="address that is none"),
        pytest.param({"ProfileId": "00e00000000009x"}, "FIELD_INTEGRITY_EXCEPTION", id="no such profile"),
        pytest.param({"Shoe": 38}, "INVALID_FIELD", id="no such field"),
    ],
)
async def test_values_are_held_to_the_rules(client: TwinClient, change: dict[str, object], code: str) -> None:
    """Codes of the REST API guide."""
    answer = await client.post(f"{DATA}/sobjects/User", {**ADA, **change})

    assert (answer.status, answer.body[0]["errorCode"]) == (400, code)


async def test_versions_40_to_64_are_served_and_no_others(client: TwinClient) -> None:
    """Others are not found."""
    statuses = [(await client.get(f"/services/data/v{version}.0/limits")).status for version in (39, 40, 64, 65)]

    assert statuses == [404, 200, 200, 404]


async def test_a_query_goes_on_where_its_page_ended(client: TwinClient) -> None:
    """`done` false comes with `nextRecordsUrl`; 200 records are the least of a page."""
    for number in range(205):
        await made(client, Username=f"u{number}@acme.test")

    first = await client.request(
        "GET", f"{DATA}/query", query={"q": "SELECT Id FROM User"}, headers={"sforce-query-options": "batchSize=1"}
    )
    second = await client.get(first.body["nextRecordsUrl"])

    assert (first.body["done"], len(first.body["records"]), first.body["totalSize"]) == (False, 200, 206)
    assert (second.body["done"], len(second.body["records"])) == (True, 6)


@pytest.mark.parametrize("query", ["SELECT", "SELECT Id FROM User WHERE", "SELECT Id FROM User WHERE Id ~ 1", "x"])
async def test_a_query_that_is_none_is_refused(client: TwinClient, query: str) -> None:
    """MALFORMED_QUERY."""
    answer = await client.get(f"{DATA}/query", q=query)

    assert (answer.status, answer.body[0]["errorCode"]) == (400, "MALFORMED_QUERY")


async def test_scim_pages_hold_no_more_than_they_can() -> None:
    """20 and 200 are both reported; `itemsPerPage` tells the truth."""
    client = TwinClient(SalesforceTwin(scim_page_size=20), token=TOKEN)
    for number in range(25):
        await made(client, Username=f"u{number}@acme.test")

    answer = await client.get(f"{SCIM}/Users", count=500)

    assert (answer.body["totalResults"], answer.body["itemsPerPage"]) == (26, 20)
    found = await client.get(f"{SCIM}/Users", filter='userName eq "U3@ACME.TEST"')
    assert [one["userName"] for one in found.body["Resources"]] == ["u3@acme.test"]


async def test_scim_lives_at_a_plural_configuration(client: TwinClient) -> None:
    """The singular path is not there (inferred)."""
    assert (await client.get(f"{SCIM}/ServiceProviderConfigs")).body["filter"]["maxResults"] == 200
    assert (await client.get(f"{SCIM}/ServiceProviderConfig")).status == 404


@pytest.mark.parametrize(
    ("short", "long"),
    [("005000000000001", "005000000000001AAA"), ("005xx000001Sv6A", "005xx000001Sv6AAAS"), ("00E", "00E")],
)
def test_ids_have_a_long_form(short: str, long: str) -> None:
    """The second is the id of the help page on SCIM."""
    assert long_id(short) == long
    assert long_id(long) == long
