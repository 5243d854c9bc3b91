"""Zoom as an ASGI application: OAuth host, SCIM2, and as much of REST as the documented exchanges need.

Sources, read 2026-11-23: https://developers.zoom.us/docs/api/scim2/, https://developers.zoom.us/docs/api/rate-limits/,
https://devforum.zoom.us, and those that the other modules name.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping
from typing import Final

import orjson

from gallery_sdk.scim import urns
from gallery_sdk.testing import Refusal, TwinApplication, TwinRequest, TwinResponse
from gallery_sdk.testing.limits import RateLimiter

from .account import Account, Record
from .resources import group_resource, listed_user, whole_user
from .settings import ZoomSettings
from .tokens import Principal, TokenDesk

_DEFAULT_COUNT, _MOST_COUNT = 10, 100
_LONGEST_BODY: Final = 100_000
_FILTER: Final = re.compile(r"\s*(userName|externalId)\s+eq\s+(.+?)\s*", re.IGNORECASE)
_SCIM_SCOPES: Final = frozenset({"scim2:admin", "scim2"})
_TOO_FAST: Final = "You have reached the maximum per-{} rate limit for this API. Try again later."
_LOCKED: Final = "Too many concurrent requests. A request to disassociate this user has already been made."
_REST_SCOPES: Final = {"GET": "user:read:list_users:admin", "POST": "user:write:user:admin"}


class ZoomTwin(TwinApplication):
    """A Zoom account to provision to."""

    def __init__(self, settings: ZoomSettings | None = None) -> None:
        self.settings = settings = settings or ZoomSettings()
        super().__init__(
            clock=settings.clock,
            limits=tuple(settings.limits.values()),
            faults=settings.faults,
            seed=settings.seed,
            write_seconds=settings.write_seconds,
            write_lock=True,
            media_type="application/json",
        )
        self.account = Account(settings, self.clock)
        self.desk = TokenDesk(settings, self.clock)
        self.tokens = self.desk.tokens
        self._daily = {label: RateLimiter((limit,), self.clock) for label, limit in settings.daily.items()}

    def state(self) -> dict[str, object]:
        """`users` with `state` and `role`, and `groups` with the members that Zoom does not show."""
        account = self.account
        return {
            "users": [{**whole_user(one, account), "state": one["state"]} for one in account.users.values()],
            "groups": [
                {**group_resource(one), "members": [{"value": each} for each in account.members[str(one["id"])]]}
                for one in account.groups.values()
            ],
        }

    # -- authentication, limits, errors --------------------------------------------------------------------

    def is_open(self, request: TwinRequest) -> bool:
        """The OAuth host asks for the client's own proof."""
        return request.path.startswith("/oauth/")

    def unauthorized(self, request: TwinRequest) -> Refusal:
        """Code 124 is from memory."""
        return Refusal(401, "124 Invalid access token.")

    def throttled(self, request: TwinRequest, retry_after: int) -> Refusal:
        """Above a limit; a write that meets another one on the same object is told so."""
        if request.path in self._being_written:
            return Refusal(429, f"429 {_LOCKED}")
        label = _label(request)
        limit = next(one for name, one in self.settings.limits.items() if name.partition(" ")[0] == label)
        reset = math.ceil(time.time()) + retry_after
        headers = _rate_headers(label, "QPS", limit.requests, 0) | {"X-RateLimit-Reset": str(reset)}
        return Refusal(429, f"429 {_TOO_FAST.format('second')}", headers=headers)

    def refuse(self, request: TwinRequest, refusal: Refusal) -> TwinResponse:
        """SCIM's shape with a number for `status`; refusals before SCIM is reached have REST's, code first."""
        code, _, text = refusal.word.partition(" ")
        if code.isdecimal() or not request.path.startswith("/scim2"):
            body: dict[str, object] = {"code": int(code) if code.isdecimal() else refusal.status, "message": text}
        else:
            body = {"schemas": [urns.ERROR], "detail": refusal.word, "status": refusal.status}
        return TwinResponse(refusal.status, body, refusal.headers)

    def route_of(self, request: TwinRequest) -> str:
        """`/Users`, `/Users/*`, `/Users?filter`; of the other hosts the path."""
        path = request.path
        if not path.startswith("/scim2/"):
            return path
        first, _, rest = path[len("/scim2/") :].partition("/")
        if rest:
            return f"/{first}/*"
        return f"/{first}?filter" if "filter" in request.query else f"/{first}"

    def _check_daily(self, request: TwinRequest) -> None:
        label = _label(request)
        limiter = self._daily.get(label)
        if limiter is None or limiter.wait_for(request.method, request.path) is None:
            return
        tomorrow = time.gmtime(time.time() + 86_400)
        headers = _rate_headers(label, "Daily-limit", self.settings.daily[label].requests, 0)
        headers["Retry-After"] = time.strftime("%Y-%m-%dT00:00:00Z", tomorrow)
        raise Refusal(429, f"429 {_TOO_FAST.format('day')}", headers=headers)

    def _check_token(self, request: TwinRequest, scopes: frozenset[str]) -> None:
        principal = request.principal
        if not isinstance(principal, Principal) or principal.until <= self.clock():
            raise self.unauthorized(request)
        if scopes.isdisjoint(principal.scopes):
            missing = next(iter(sorted(scopes, reverse=True)))
            raise Refusal(400, f"4711 Invalid access token, does not contain scopes:[{missing}].")

    # -- routes --------------------------------------------------------------------------------------------

    def handle(self, request: TwinRequest) -> TwinResponse:
        """Answer a request that was let in."""
        if request.path == "/oauth/token" and request.method == "POST":
            return self.desk.answer(request)
        if request.path == "/oauth/authorize" and request.method == "GET":
            return self.desk.authorize(request)
        _, first, *rest = request.path.rstrip("/").split("/")
        if first == "v2" and rest == ["users"] and request.method in _REST_SCOPES:
            self._check_token(request, frozenset({_REST_SCOPES[request.method]}))
            return self._rest_users(request)
        if first != "scim2" or not 1 <= len(rest) <= 2 or rest[0] not in ("Users", "Groups"):
            raise Refusal(404, f"There is nothing at {request.path}")
        self._check_token(request, _SCIM_SCOPES)
        self._check_daily(request)
        route = self._users if rest[0] == "Users" else self._groups
        response = route(request, rest[1] if len(rest) == 2 else None)
        label = _label(request)
        limit = self.settings.limits.get(label)
        if limit is not None:
            remaining = self.limiter.remaining(request.method, request.path) or 0
            response.headers |= _rate_headers(label, "QPS", limit.requests, remaining)
        return response

    def _users(self, request: TwinRequest, identity: str | None) -> TwinResponse:
        account, method = self.account, request.method
        if identity is None:
            if method == "GET":
                return self._list(request, self._found(request.query.get("filter")), listed=True)
            if method == "POST":
                return TwinResponse(201, whole_user(account.create_user(_decoded(request)), account))
        elif method == "GET":
            return TwinResponse(200, whole_user(account.user(identity), account))
        elif method == "PUT":
            return TwinResponse(200, whole_user(account.replace_user(identity, _decoded(request)), account))
        elif method == "PATCH":
            return TwinResponse(200, whole_user(account.patch_user(identity, _decoded(request)), account))
        elif method == "DELETE":
            account.delete_user(identity)
            return TwinResponse(204)
        raise Refusal(405, "The method is not allowed here")

    def _groups(self, request: TwinRequest, identity: str | None) -> TwinResponse:
        account, method = self.account, request.method
        if identity is None:
            if method == "GET":
                return self._list(request, list(account.groups.values()), listed=False)
            if method == "POST":
                return TwinResponse(201, group_resource(account.create_group(_decoded(request))))
        elif method == "GET":
            return TwinResponse(200, group_resource(account.group(identity)))
        elif method == "PATCH":
            account.patch_group(identity, _decoded(request))
            return TwinResponse(204)
        elif method == "DELETE":
            account.delete_group(identity)
            return TwinResponse(204)
        raise Refusal(405, "The method is not allowed here")

    def _found(self, text: str | None) -> list[Record]:
        account = self.account
        if text is None:
            return account.visible()
        found = _FILTER.fullmatch(text)
        if found is None:
            raise Refusal(400, "The filter of the request is invalid.")  # inferred
        value = found[2].strip('"')
        if found[1].lower() == "username":
            return account.by_user_name(value)
        return [one for one in account.visible() if one["id"] == value]

    def _list(self, request: TwinRequest, records: list[Record], *, listed: bool) -> TwinResponse:
        start = max(1, _number(request.query.get("startIndex"), 1))
        count = min(_MOST_COUNT, max(0, _number(request.query.get("count"), _DEFAULT_COUNT)))
        shown = [listed_user(one) if listed else group_resource(one) for one in records[start - 1 : start - 1 + count]]
        return TwinResponse(
            200,
            {
                "schemas": [urns.LIST_RESPONSE],
                "totalResults": len(records),
                "startIndex": start,
                "itemsPerPage": len(shown),
                "Resources": shown,
            },
        )

    def _rest_users(self, request: TwinRequest) -> TwinResponse:
        """Listing, and the refusal of somebody who is there (https://github.com/zoom/api, openapi.v2.json)."""
        account = self.account
        if request.method == "GET":
            users = [{"id": one["id"], "email": one["userName"]} for one in account.visible()]
            return TwinResponse(200, {"page_size": 30, "total_records": len(users), "users": users})
        info = _decoded(request).get("user_info")
        email = str(info.get("email")) if isinstance(info, Mapping) else ""
        if account.users.taken({"userName": email}):
            raise Refusal(409, f"1005 User already in the account: {email}")
        record = account.create_user({"userName": email})
        return TwinResponse(201, {"id": record["id"], "email": email, "type": 1})


def _label(request: TwinRequest) -> str:
    is_list = request.method == "GET" and request.path in ("/scim2/Users", "/scim2/Groups")
    return "Medium" if is_list else "Light"


def _rate_headers(label: str, kind: str, limit: int, remaining: int) -> dict[str, str]:
    return {
        "X-RateLimit-Category": label,
        "X-RateLimit-Type": kind,
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(remaining),
    }


def _decoded(request: TwinRequest) -> dict[str, object]:
    """The body of a write. Source: Create a SCIM Group, https://www.withone.ai/knowledge/zoom/, read 2026-11-23."""
    if len(request.body) > _LONGEST_BODY:
        raise Refusal(400, "The request body must not be longer than 100000 characters.")  # the text is inferred
    try:
        body = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        raise Refusal(400, "The request body must be in JSON format.") from None
    if not isinstance(body, dict):
        raise Refusal(400, "The request body must be in JSON format.")
    if not body:
        raise Refusal(400, "The request JSON must not be empty.")
    return body


def _number(text: str | None, default: int) -> int:
    try:
        return default if text is None else int(text)
    except ValueError:
        return default
