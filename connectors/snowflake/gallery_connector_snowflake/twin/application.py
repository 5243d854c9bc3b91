"""Snowflake's SCIM API as an ASGI application.

Sources, read 2026-11-23: the user and group API references, https://docs.snowflake.com/user-guide/scim-authentication,
https://docs.snowflake.com/en/user-guide/scim-azure (limits) and https://docs.snowflake.com/en/user-guide/scim-okta
(pages of HTML). Bodies of errors are the standard's, which is inferred: only `invalidFilter` is documented by name.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import orjson

from gallery_sdk.scim import error_body
from gallery_sdk.scim import urns as scim
from gallery_sdk.testing import Refusal, TwinApplication, TwinRequest, TwinResponse
from gallery_sdk.testing.application import Message

from . import listing, urns, users
from .account import Account
from .settings import TOKEN_SECONDS, Grant, SnowflakeSettings
from .users import Record

_PAGE: Final = b"<!DOCTYPE html><html><head><title>Forbidden</title></head><body>Access is not allowed</body></html>"


class SnowflakeTwin(TwinApplication):
    """A Snowflake account to provision to.

    Attributes:
        events: Method, path and status of every request, as REST_EVENT_HISTORY tells them.
    """

    def __init__(self, settings: SnowflakeSettings | None = None) -> None:
        self.settings = settings = settings or SnowflakeSettings()
        super().__init__(
            base_path="/scim/v2",
            tokens=settings.tokens,
            clock=settings.clock,
            faults=settings.faults,
            seed=settings.seed,
            write_seconds=settings.write_seconds,
        )
        self.account = Account(settings, self.clock)
        self.events: list[tuple[str, str, int]] = []
        self._in_flight: Counter[str] = Counter()

    def state(self) -> dict[str, object]:
        """`users` with `owner`, and `groups` with their members, whoever may see them."""
        account = self.account
        groups = [{**self._role(one, members=True), "owner": one["owner"]} for one in account.roles.values()]
        return {
            "users": [{**self._user(one, groups=True), "owner": one["owner"]} for one in account.users.values()],
            "groups": groups,
        }

    # -- limits, authentication, errors --------------------------------------------------------------------

    async def respond(self, scope: Message, body: bytes) -> TwinResponse:
        """Answer one request, unless too many of its endpoint are in flight."""
        path = str(scope["path"])
        endpoint = next((each for each in ("/Users", "/Groups") if each in path), path)
        self._in_flight[endpoint] += 1
        try:
            if self._in_flight[endpoint] > self.settings.most_in_flight:
                self.stats.requests += 1
                self.stats.by_status[429] += 1
                request = TwinRequest(scope["method"], path, {}, scope["headers"], body)
                response = self.refuse(request, Refusal(429, "Too many concurrent requests"))
            else:
                response = await super().respond(scope, body)
        finally:
            self._in_flight[endpoint] -= 1
        if not path.startswith("/_twin/"):
            self.events.append((scope["method"], path, response.status))
        return response

    def refuse(self, request: TwinRequest, refusal: Refusal) -> TwinResponse:
        """The shape of RFC 7644 section 3.12."""
        return TwinResponse(
            refusal.status, error_body(refusal.status, refusal.word, refusal.scim_type), refusal.headers
        )

    def route_of(self, request: TwinRequest) -> str:
        """`/Users`, `/Users/*`, `/Users?filter`, with or without the integration's id before it."""
        path = request.path.removeprefix(f"/{self.settings.integration}")
        first, _, rest = path[1:].partition("/")
        if rest:
            return f"/{first}/*"
        return f"{path}?filter" if "filter" in request.query else path

    def _below(self, request: TwinRequest) -> str:
        """The path below the integration; what the token may not open is refused."""
        settings, grant = self.settings, request.principal
        prefix = f"/{settings.integration}/"
        if isinstance(grant, Grant) and grant.kind == "scim":
            if self.clock() - grant.issued >= TOKEN_SECONDS:
                raise Refusal(401, "Access token expired")
            if request.path.startswith(prefix):
                raise Refusal(401, "The token belongs to the address without an integration")  # inferred
            return request.path
        if request.path.startswith(prefix):
            return request.path[len(prefix) - 1 :]
        if not settings.only_integration:
            raise Refusal(404, "The integration is not named, and there are several")  # inferred
        return request.path

    # -- routes --------------------------------------------------------------------------------------------

    def handle(self, request: TwinRequest) -> TwinResponse:
        """Answer a request that was let in."""
        if self.settings.blocked:
            return TwinResponse(403, _PAGE, media_type="text/html; charset=utf-8")
        _, first, *rest = self._below(request).rstrip("/").split("/")
        if first == "ServiceProviderConfig" and not rest and request.method == "GET":
            return TwinResponse(200, self._config())
        if first not in ("Users", "Groups") or len(rest) > 1:
            raise Refusal(404, f"There is nothing at {request.path}")
        if not rest and request.method == "GET":
            return self._list(first, request)
        if first == "Users":
            return self._users(request, rest[0] if rest else None)
        return self._groups(request, rest[0] if rest else None)

    def _users(self, request: TwinRequest, identity: str | None) -> TwinResponse:
        account, method = self.account, request.method
        if identity is None:
            if method == "POST":
                return TwinResponse(201, self._user(account.create_user(_decoded(request)), groups=True))
        elif method == "GET":
            return TwinResponse(200, self._user(account.user(identity), groups=_wants(request, "groups")))
        elif method == "PATCH":
            try:
                changed = account.patch_user(identity, _decoded(request))
            except users.UntakenError:
                return TwinResponse(204)  # documented for a change that failed
            return TwinResponse(200, self._user(changed, groups=True))
        elif method == "PUT":
            try:
                changed = account.put_user(identity, _decoded(request))
            except users.UntakenError:
                raise Refusal(400, "type is not valid", "invalidValue") from None
            return TwinResponse(200, self._user(changed, groups=True))
        elif method == "DELETE":
            account.delete_user(identity)
            return TwinResponse(204)
        raise Refusal(405, "The method is not allowed here")

    def _groups(self, request: TwinRequest, identity: str | None) -> TwinResponse:
        account, method = self.account, request.method
        if identity is None:
            if method == "POST":
                return TwinResponse(201, self._role(account.create_role(_decoded(request)), members=True))
        elif method == "GET":
            return TwinResponse(200, self._role(account.role(identity), members=_wants(request, "members")))
        elif method == "PATCH":
            changed = account.patch_role(identity, _decoded(request))
            if self.settings.client == "OKTA":
                return TwinResponse(200, self._role(changed, members=True))
            return TwinResponse(204)
        elif method == "DELETE":
            account.delete_role(identity)
            return TwinResponse(204)
        raise Refusal(405, "The method is not allowed here")

    def _list(self, which: str, request: TwinRequest) -> TwinResponse:
        account, query, legacy = self.account, request.query, self.settings.lists == "legacy"
        start, count = listing.window(query)
        text = query.get("filter")
        if text is None and legacy:
            return TwinResponse(200, listing.synthetic(which))
        if text is None:
            records, unpaged = account.visible_users() if which == "Users" else account.visible_roles(), False
        else:
            records, unpaged = listing.filtered(account, which, text, legacy=legacy)
        page = records if unpaged else records[start - 1 : start - 1 + count]
        excluded = not _wants(request, "groups" if which == "Users" else "members")
        if which == "Users":
            shown = [self._user(one, groups=not excluded) for one in page]
        else:
            shown = [self._role(one, members=not excluded) for one in page]
        total = len(records) if unpaged else listing.total(start, count, len(records))
        return TwinResponse(
            200,
            {
                "schemas": [scim.LIST_RESPONSE],
                "totalResults": total,
                "Resources": shown,
                "startIndex": start,
                "itemsPerPage": count,
            },
        )

    # -- what goes out -------------------------------------------------------------------------------------

    def _user(self, record: Record, *, groups: bool) -> Record:
        account = self.account
        roles = account.roles_of(str(record["id"])) if groups else None
        return users.resource(record, account.extension, roles, separate=self.settings.separate_names)

    def _role(self, record: Record, *, members: bool) -> Record:
        shown: Record = {
            "schemas": [urns.GROUP],
            "id": record["id"],
            "meta": {"resourceType": "Group", "created": record["created"], "lastModified": record["lastModified"]},
            "displayName": record["displayName"],
        }
        if members:
            shown["members"] = [{"value": each} for each in self.account.members[str(record["id"])]]
        return shown

    def _config(self) -> dict[str, object]:
        """`filter.supported` was a number before lists were real."""
        legacy = self.settings.lists == "legacy"
        return {
            "schemas": [scim.SERVICE_PROVIDER_CONFIG],
            "patch": {"supported": True},
            "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
            "filter": {"supported": 0 if legacy else True, "maxResults": 1000},
            "changePassword": {"supported": False},
            "sort": {"supported": False},
            "etag": {"supported": False},
            "authenticationSchemes": [],
        }


def _wants(request: TwinRequest, name: str) -> bool:
    return request.query.get("excludedAttributes") != name


def _decoded(request: TwinRequest) -> Record:
    try:
        body = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise Refusal(400, "The body is not a JSON object", "invalidSyntax")
    return body
