"""The twin of Dropbox: one team behind the routes of the API v2, with its jobs, its seats and its errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, Final
from uuid import uuid4

import orjson

from gallery_sdk.testing import (
    Clock,
    Fault,
    RateLimit,
    Refusal,
    ScaledClock,
    Twin,
    TwinApplication,
    TwinRequest,
    TwinResponse,
    TwinStats,
)

from .cursors import Cursors
from .group_routes import GroupRoutes
from .jobs import Jobs
from .member_routes import MemberRoutes
from .people import Group, Member
from .refusals import Malformed, RouteError
from .signing_in import SCOPES, Principal, TokenDesk
from .team import TEAM_ADMIN, Team

__all__ = ["ADMIN", "TOKEN", "TWIN", "DropboxTwin", "Group", "Member"]

TOKEN: Final = "twin-token"  # noqa: S105 - opens this simulator and nothing else
ADMIN: Final = "admin@twin.example"
READS: Final = frozenset({
    "team/get_info", "team/token/get_authenticated_admin", "team/members/list", "team/members/list/continue",
    "team/members/list_v2", "team/members/list/continue_v2", "team/members/get_info_v2",
    "team/members/get_available_team_member_roles", "team/members/add/job_status/get_v2",
    "team/members/remove/job_status/get", "team/groups/list", "team/groups/list/continue", "team/groups/get_info",
    "team/groups/members/list", "team/groups/members/list/continue", "team/groups/job_status/get",
})  # fmt: skip
"""Routes that change nothing; all are POST."""

_WORDS: Final = {401: "invalid_access_token", 403: "no_permission", 409: "other"}


class RouteStats(TwinStats):
    """Counters by route; which of them write cannot be told by the method here."""

    def writes(self) -> int:
        """Requests to routes that change something."""
        routes = {route.removeprefix("POST /"): count for route, count in self.by_route.items()}
        return sum(count for route, count in routes.items() if route not in READS and not route.startswith("oauth2"))


class DropboxTwin(TwinApplication):
    """One team.

    Attributes:
        team: Its members, groups and seats.
        jobs, cursors: Which calls become jobs, and which cursors are known.
        desk: Who may sign in.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        licences: int = 100_000,
        joins_at_once: bool = False,
        jobs_every: int = 0,
        limits: Sequence[RateLimit] = (),
        faults: Sequence[Fault] = (),
        seed: int = 1,
    ) -> None:
        """`jobs_every` makes every so many-th addition, removal and deletion of a group a job."""
        clock = clock or ScaledClock()
        tokens: dict[str, object] = {TOKEN: Principal(frozenset(SCOPES))}
        super().__init__(tokens=tokens, limits=limits, clock=clock, faults=faults, seed=seed,
                         media_type="application/json")  # fmt: skip
        self.stats = RouteStats()
        self.team = Team(clock, licences=licences, joins_at_once=joins_at_once)
        self.team.seed(ADMIN, given_name="Twin", surname="Admin", role_ids=[TEAM_ADMIN])
        self.jobs, self.cursors = Jobs(every=jobs_every), Cursors()
        self.members = MemberRoutes(self.team, self.jobs, self.cursors)
        self.groups = GroupRoutes(self.team, self.jobs, self.cursors)
        self.desk = TokenDesk(self.tokens, clock)
        self._routes = {**self.members.table(), **self.groups.table()}
        self._dots = Random(seed)  # noqa: S311 - the tail of a text
        self._refused = 0

    def is_open(self, request: TwinRequest) -> bool:
        """Signing in needs no token."""
        return request.path.startswith("/oauth2/")

    def handle(self, request: TwinRequest) -> TwinResponse:
        """Answer one call."""
        if request.path == "/oauth2/token" and request.method == "POST":
            return self.desk.answer(request)
        if request.path == "/oauth2/authorize" and request.method == "GET":
            return self.desk.authorize(request)
        name = request.path.removeprefix("/2/")
        self._check_token(request)
        if name not in self._routes or request.method != "POST":
            raise Malformed(f'Unknown API function: "{name}"')
        scope, fields, handler = self._routes[name]
        self._check_token(request, scope)
        argument = _argument(request, fields)
        try:
            answer = handler(argument)
        except (KeyError, TypeError, AttributeError) as error:
            raise Malformed(f"request body: {error}") from error
        return TwinResponse(200, b"null" if answer is None else answer, _headers(), "application/json")

    def refuse(self, request: TwinRequest, refusal: Refusal) -> TwinResponse:
        """Plain text for malformed calls and broken servers, a union for everything else."""
        headers = {**_headers(), **refusal.headers}
        if refusal.status == 429:
            return self._throttle(refusal, headers)
        if refusal.status == 400 or refusal.status >= 500:
            text = f'Error in call to API function "{request.path.removeprefix("/2/")}": {refusal.word}'
            return TwinResponse(refusal.status, text.encode(), headers, "text/plain; charset=utf-8")
        tag = refusal.word if refusal.word.isidentifier() else _WORDS.get(refusal.status, "other")
        beside = refusal.beside if isinstance(refusal, RouteError) else {}
        return TwinResponse(refusal.status, self._error(tag, {".tag": tag, **beside}), headers)

    def unauthorized(self, request: TwinRequest) -> Refusal:
        """A token that nobody gave."""
        return RouteError("invalid_access_token", status=401)

    def route_of(self, request: TwinRequest) -> str:
        """The route; ids stand in bodies."""
        return f"/{request.path.removeprefix('/2/').removeprefix('/')}"

    def state(self) -> dict[str, object]:
        """Members and groups as they are shown."""
        members = {key: self.team.info(one) for key, one in self.team.members.items()}
        groups = {key: {**one.summary(), "members": list(one.members)} for key, one in self.team.groups.items()}
        return {"members": members, "groups": groups, **self.team.numbers()}

    def _check_token(self, request: TwinRequest, scope: str | None = None) -> None:
        principal = request.principal
        assert isinstance(principal, Principal)
        if self.clock() >= principal.until:
            raise RouteError("expired_access_token", status=401)
        if scope is not None and scope not in principal.scopes:
            raise RouteError("missing_scope", status=401, required_scope=scope)

    def _throttle(self, refusal: Refusal, headers: dict[str, str]) -> TwinResponse:
        """In JSON and in plain text by turns; the header is always there."""
        self._refused += 1
        headers.setdefault("Retry-After", "1")
        if self._refused % 2 == 0:
            return TwinResponse(429, b"Too many requests", headers, "text/plain; charset=utf-8")
        seconds = int(headers["Retry-After"]) if headers["Retry-After"].isdigit() else 1
        tag = refusal.word if refusal.word.isidentifier() else "too_many_requests"
        return TwinResponse(429, self._error(tag, {"reason": {".tag": tag}, "retry_after": seconds}), headers)

    def _error(self, tag: str, error: Mapping[str, object]) -> dict[str, Any]:
        return {"error_summary": f"{tag}/{'.' * self._dots.randint(0, 3)}", "error": dict(error)}


def _headers() -> dict[str, str]:
    return {"X-Dropbox-Request-Id": uuid4().hex}


def _argument(request: TwinRequest, fields: frozenset[str] | None) -> Any:
    """The argument of a call; a route without one takes `null`.

    Raises:
        Malformed: It is no JSON, or none of the route's.
    """
    if (request.header("content-type") or "").partition(";")[0].strip() != "application/json":
        raise Malformed('Bad HTTP "Content-Type" header: expecting "application/json"')
    try:
        argument = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        raise Malformed("request body: could not decode input as JSON") from None
    if fields is None:
        if argument is not None:
            raise Malformed("request body: expected null")
        return None
    if not isinstance(argument, dict):
        raise Malformed("request body: expected object")
    if unknown := set(argument) - fields:
        raise Malformed(f"request body: unknown field '{min(unknown)}'")
    return argument


TWIN: Final = Twin(
    DropboxTwin,
    method="access_token",
    credentials={"token": TOKEN},
    note="New members are invited and have not accepted yet, so leavers are removed; four admin roles are there",
)
"""What `gallery twin dropbox` and the contract suite start."""
