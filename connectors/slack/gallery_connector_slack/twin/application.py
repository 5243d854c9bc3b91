"""Slack's SCIM API, versions 1 and 2 over one workspace, as an ASGI application.

Written from https://docs.slack.dev/reference/scim-api (read 2026-11-23) and from recorded answers in Slack's own SDKs,
https://github.com/slackapi/java-slack-sdk and https://github.com/slackapi/python-slack-sdk. Where the words of errors
are published without a status, the status is inferred.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

import orjson

from gallery_sdk.scim import USER_SCHEMAS, Comparison
from gallery_sdk.scim.schemas import GROUP_SCHEMAS
from gallery_sdk.testing import Refusal, TwinApplication, TwinRequest, TwinResponse
from gallery_sdk.testing.scim_server import discovery

from . import filtering, membership, urns, writing
from .records import API, Record, group_resource, user_resource
from .settings import Principal, SlackSettings
from .workspace import EMAIL, USER_NAME, Workspace

_VERSION: Final = re.compile(r"/(v\d+)(/.*)?")
_DEFAULT_COUNT, _MOST_COUNT = 10, 1000
_FILTERED: Final = {"username": USER_NAME, "email": EMAIL}


class SlackTwin(TwinApplication):
    """A Slack to provision to."""

    def __init__(self, settings: SlackSettings | None = None) -> None:
        self.settings = settings = settings or SlackSettings()
        super().__init__(
            base_path="/scim",
            tokens=settings.tokens,
            limits=settings.limits,
            clock=settings.clock,
            faults=settings.faults,
            seed=settings.seed,
            write_seconds=settings.write_seconds,
            write_lock=True,
            media_type="application/json; charset=utf-8",
        )
        self.workspace = Workspace(settings, self.clock)

    def state(self) -> dict[str, object]:
        """`users` and `groups` as v2 resources, as they are now."""
        return {
            "users": [self._user(record, "v2") for record in self.workspace.users.values()],
            "groups": [self._group(record, "v2") for record in self.workspace.groups.values()],
        }

    # -- errors, authentication ----------------------------------------------------------------------------

    def refuse(self, request: TwinRequest, refusal: Refusal) -> TwinResponse:
        """Slack's shapes; of authentication, v1's on both versions."""
        if request.path.startswith("/v2") and refusal.status != 401:
            body: dict[str, object] = {"schemas": [urns.V2_ERROR], "detail": refusal.word, "status": refusal.status}
        else:
            body = {"Errors": {"description": refusal.word, "code": refusal.status}}
        return TwinResponse(refusal.status, body, refusal.headers)

    def is_open(self, request: TwinRequest) -> bool:
        """The service provider configuration answers without a token, under either name on v2."""
        return "/ServiceProviderConfig" in request.path

    def unauthorized(self, request: TwinRequest) -> Refusal:
        """401 in Slack's words."""
        return Refusal(401, "invalid_authentication" if request.header("authorization") else "missing_authentication")

    def throttled(self, request: TwinRequest, retry_after: int) -> Refusal:
        """429 in Slack's words."""
        return Refusal(429, "too_many_requests", headers={"Retry-After": str(retry_after)})

    def locked(self, request: TwinRequest) -> Refusal:
        """429 as well; groups have a word of their own for it."""
        word = "resource_locked" if "/Groups" in request.path else "too_many_requests"
        return Refusal(429, word, headers={"Retry-After": "1"})

    def route_of(self, request: TwinRequest) -> str:
        """`/Users`, `/Users/*`, `/Users?filter` and so on, whatever the version."""
        found = _VERSION.fullmatch(request.path)
        path = (found[2] if found else None) or request.path
        first, _, rest = path[1:].partition("/")
        if rest:
            return f"/{first}/*"
        return f"{path}?filter" if "filter" in request.query else path

    def _check_plan(self, principal: Principal) -> None:
        if self.settings.plan in ("free", "pro"):
            raise Refusal(403, "plus_teams_only")
        if self.settings.plan == "enterprise" and principal.scope == "workspace":
            raise Refusal(400, "non_org_teams_only")

    # -- routes --------------------------------------------------------------------------------------------

    def handle(self, request: TwinRequest) -> TwinResponse:
        """Answer a request that was let in."""
        found = _VERSION.fullmatch(request.path)
        if found is None or found[1] not in ("v1", "v2"):
            raise Refusal(404, "unsupported_version")
        version, path = found[1], (found[2] or "/").rstrip("/")
        if path.startswith("/ServiceProviderConfig"):
            return self._config(request)
        principal = request.principal if isinstance(request.principal, Principal) else Principal()
        self._check_plan(principal)
        first, *rest = path[1:].split("/")
        if len(rest) < 2 and first in ("Users", "Groups"):
            if first == "Users":
                return self._users(request, version, rest[0] if rest else None, principal)
            return self._groups(request, version, rest[0] if rest else None)
        return self._schemas(request, version, path)

    def _users(self, request: TwinRequest, version: str, identity: str | None, principal: Principal) -> TwinResponse:
        workspace, method = self.workspace, request.method
        if identity is None:
            if method == "GET":
                return self._list(request, version, "Users")
            if method != "POST":
                raise Refusal(400, "missing_user_id")
            body = _resource(request, urns.USER[version])
            record = workspace.create_user(lambda editor: writing.write_whole(editor, body), version)
            return TwinResponse(201, self._user(record, version, fresh=True))
        if method == "GET":
            seen = workspace.users.seen(identity)
            if seen is None:
                raise Refusal(404, "no_such_user")
            return TwinResponse(200, self._user(seen, version))
        if method == "DELETE":
            workspace.deactivate(identity, principal)
            return TwinResponse(204)
        if method == "PUT":
            body = _resource(request, urns.USER[version])
            record = workspace.change_user(
                identity, principal, version, lambda editor: writing.write_whole(editor, body), whole=True
            )
        elif method == "PATCH":
            body = _resource(request, None)
            write = writing.write_merge if version == "v1" else writing.write_patch
            record = workspace.change_user(identity, principal, version, lambda editor: write(editor, body))
        else:
            raise Refusal(405, "method_not_allowed")
        return TwinResponse(200, self._user(record, version, fresh=True))

    def _groups(self, request: TwinRequest, version: str, identity: str | None) -> TwinResponse:
        workspace, method = self.workspace, request.method
        if identity is None:
            if method == "GET":
                return self._list(request, version, "Groups")
            if method != "POST":
                raise Refusal(400, "missing_group_id")
            body = _resource(request, urns.GROUP[version])
            if "members" not in body:
                raise Refusal(400, "group_members_create_failed")  # required by the reference; the word is inferred
            members = membership.listed_members(body["members"] or [])
            return TwinResponse(201, self._group(workspace.create_group(body.get("displayName"), members), version))
        if method == "GET":
            seen = workspace.groups.seen(identity)
            if seen is None:
                raise Refusal(404, "no_such_group")
            return TwinResponse(200, self._group(seen, version))
        if method == "DELETE":
            workspace.delete_group(identity)
            return TwinResponse(204)
        if method == "PUT":
            body = _resource(request, urns.GROUP[version])
            listed = workspace.checked_members(membership.listed_members(body.get("members") or []))
            group = workspace.change_group(identity, body.get("displayName"), listed)
        elif method == "PATCH":
            body = _resource(request, None)
            read: Callable[[Workspace, Record, Mapping[str, object]], tuple[object, list[str] | None]]
            read = membership.merged if version == "v1" else membership.patched
            name, now = read(workspace, workspace.group(identity), body)
            group = workspace.change_group(identity, name, now)
        else:
            raise Refusal(405, "method_not_allowed")
        return TwinResponse(200, self._group(group, version))

    # -- lists ---------------------------------------------------------------------------------------------

    def _list(self, request: TwinRequest, version: str, which: str) -> TwinResponse:
        query, users = request.query, which == "Users"
        if query.get("sortOrder", "ascending") not in ("ascending", "descending"):
            raise Refusal(400, "invalid_sort_order")
        if "filter" in query and not users:
            raise Refusal(400, "invalid_filter_group")
        collection = self.workspace.users if users else self.workspace.groups
        if "filter" in query:
            identities = self._filtered(query["filter"])
        else:
            identities = [each for each in collection.order() if collection.seen(each) is not None]
        start = max(1, _number(query.get("startIndex"), 1))
        count = min(_MOST_COUNT, max(0, _number(query.get("count"), _DEFAULT_COUNT)))
        page = [collection.seen(each) for each in identities[start - 1 : start - 1 + count]]
        show = self._user if users else self._group
        resources = [show(each, version) for each in page if each is not None]
        schemas = {"schemas": [urns.LIST[version]]}
        window = {"totalResults": len(identities), "itemsPerPage": len(resources), "startIndex": start}
        if version == "v1":
            return TwinResponse(200, {**window, **schemas, "Resources": resources})
        return TwinResponse(200, {**schemas, "Resources": resources, **window})

    def _filtered(self, text: str) -> list[str]:
        matches, ast = filtering.compile_user_filter(text)
        users = self.workspace.users
        identities: list[str] | None = None
        if isinstance(ast, Comparison) and ast.op == "eq" and isinstance(ast.value, str):
            path = _FILTERED.get(ast.path.name.lower())
            identities = None if path is None else users.candidates(path, ast.value)
        seen = ((each, users.seen(each)) for each in (users.order() if identities is None else identities))
        return [identity for identity, record in seen if record is not None and matches(record)]

    # -- what goes out -------------------------------------------------------------------------------------

    def _user(self, record: Record, version: str, *, fresh: bool = False) -> Record:
        groups = self.workspace.groups_of(str(record["id"]))
        return user_resource(record, version, domain=self.settings.domain, groups=groups, fresh=fresh)

    def _group(self, group: Record, version: str) -> Record:
        return group_resource(group, version, self.workspace.members_of(group))

    def _config(self, request: TwinRequest) -> TwinResponse:
        if request.method != "GET":
            raise Refusal(405, "method_not_allowed")
        scheme = {
            "type": "oauthbearertoken",
            "name": "OAuth Bearer Token",
            "description": "A user token with the scope admin",
            "specUrl": "https://www.rfc-editor.org/rfc/rfc6750",
            "primary": True,
        }
        return TwinResponse(
            200,
            {
                "authenticationSchemes": [scheme],
                "patch": {"supported": True},
                "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
                # It does filter all the same; clients that believe this line must list.
                "filter": {"supported": False, "maxResults": 0},
                "changePassword": {"supported": False},
                "sort": {"supported": False},
                "etag": {"supported": False},
                "xmlDataFormat": {"supported": False},
            },
        )

    def _schemas(self, request: TwinRequest, version: str, path: str) -> TwinResponse:
        if request.method != "GET":
            raise Refusal(405, "method_not_allowed")
        base = f"{API}/{version}"
        kinds = {"/Schemas/Users": USER_SCHEMAS, "/Schemas/Groups": GROUP_SCHEMAS}
        if path in kinds:
            return TwinResponse(200, discovery.schema_documents([kinds[path]], base)[0])
        if version == "v2" and path == "/Schemas":
            found = discovery.schema_documents(kinds.values(), base)
        elif version == "v2" and path == "/ResourceTypes":
            found = discovery.resource_types((("user", USER_SCHEMAS), ("group", GROUP_SCHEMAS)), base)
        else:
            raise Refusal(404, "bad_endpoint")
        total = len(found)
        window = {"totalResults": total, "itemsPerPage": total, "startIndex": 1}
        return TwinResponse(200, {"schemas": [urns.V2_LIST], "Resources": found, **window})


def _resource(request: TwinRequest, urn: str | None) -> dict[str, object]:
    """The body of a write.

    Raises:
        Refusal: 400 missing_schema_element, invalid_request_payload.
    """
    try:
        body = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise Refusal(400, "invalid_request_payload") from error
    if not isinstance(body, dict):
        raise Refusal(400, "invalid_request_payload")
    schemas = body.get("schemas")
    if not isinstance(schemas, list) or not schemas or (urn is not None and urn not in schemas):
        raise Refusal(400, "missing_schema_element")
    return body


def _number(text: str | None, otherwise: int) -> int:
    try:
        return otherwise if text is None else int(text)
    except ValueError as error:
        raise Refusal(400, "invalid_query") from error
