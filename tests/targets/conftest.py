"""Real servers on loopback: a small SCIM server that records and misbehaves on demand, and scim2-server as a peer."""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Protocol
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from aiohttp import web

from gallery_sdk.errors import PatchError
from gallery_sdk.manifest import Manifest
from gallery_sdk.scim import apply_patch, compile_filter, error_body, parse_filter, parse_patch, urns
from gallery_sdk.targets import ScimTarget
from gallery_sdk.targets.hooks import Hooks
from gallery_sdk.transport import RetryPolicy, Transport

ENTERPRISE = urns.ENTERPRISE_USER
WORK = 'emails[type eq "work"].value'
HOME = 'emails[type eq "home"].value'
MANAGER = f"{ENTERPRISE}:manager"
DEPARTMENT = f"{ENTERPRISE}:department"

USER_PATHS = (
    "userName",
    "active",
    "displayName",
    "title",
    "externalId",
    "name.givenName",
    "name.familyName",
    WORK,
    HOME,
    'phoneNumbers[type eq "work"].value',
    'phoneNumbers[type eq "mobile"].value',
    'addresses[type eq "work"].streetAddress',
    'addresses[type eq "work"].locality',
    "roles",
    "locale",
    "preferredLanguage",
    DEPARTMENT,
    MANAGER,
)
GROUP_PATHS = ("displayName", "externalId", "members")

Answer = web.Response
Misbehaviour = Callable[["Seen"], Answer | None]


@dataclass
class Seen:
    """One request as the server saw it."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    size: int


@dataclass
class LooseServer:
    """Users and groups in memory, by RFC 7644 unless `misbehave` answers first."""

    resources: dict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: {"Users": {}, "Groups": {}})
    seen: list[Seen] = field(default_factory=list)
    misbehave: Misbehaviour = lambda seen: None
    after: Callable[[Seen, dict[str, Any]], dict[str, Any]] = lambda seen, resource: resource
    page_size: int = 100
    url: str = ""
    _next: int = 0

    def seed(self, collection: str, **attributes: Any) -> str:
        """Put a resource there before the test."""
        self._next += 1
        resource_id = attributes.pop("id", None) or f"{collection[0].lower()}{self._next}"
        schema = urns.USER if collection == "Users" else urns.GROUP
        self.resources[collection][resource_id] = {
            "schemas": [schema],
            "id": resource_id,
            **attributes,
            "meta": {"resourceType": collection[:-1], "version": 'W/"1"'},
        }
        return resource_id

    def writes(self) -> list[Seen]:
        """Requests that were no reads, in order."""
        return [one for one in self.seen if one.method != "GET"]

    def sent(self, method: str) -> list[Any]:
        """Bodies of the requests of one method, in order."""
        return [one.body for one in self.seen if one.method == method]

    def operations(self) -> list[dict[str, Any]]:
        """Operations of every PATCH so far, in order."""
        return [operation for body in self.sent("PATCH") for operation in body["Operations"]]

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one request."""
        content = await request.read()
        seen = Seen(
            request.method, request.path, dict(request.query), dict(request.headers),
            json.loads(content) if content else None, len(content),
        )  # fmt: skip
        self.seen.append(seen)
        return self.misbehave(seen) or self.answer(seen)

    def answer(self, seen: Seen) -> web.Response:
        """What RFC 7644 asks for."""
        parts = seen.path.removeprefix("/scim/v2").strip("/").split("/")
        collection = self.resources.get(parts[0])
        if collection is None:
            return scim(404, error_body(404, "no such endpoint"))
        if len(parts) == 1:
            return self._create(parts[0], seen) if seen.method == "POST" else self._list(collection, seen)
        resource = collection.get(parts[1])
        if resource is None:
            return scim(404, error_body(404, "no such resource"))
        if seen.method == "DELETE":
            del collection[parts[1]]
            return web.Response(status=204)
        if seen.method == "PUT":
            resource = {**seen.body, "id": parts[1], "meta": resource["meta"]}
        if seen.method == "PATCH":
            try:
                resource = apply_patch(resource, parse_patch(seen.body), compat=True)
            except PatchError as error:
                return scim(400, error_body(400, error.what, error.scim_type))
        if seen.method != "GET":
            collection[parts[1]] = resource = self.after(seen, resource)
        if seen.method == "GET" and seen.query.get("excludedAttributes") == "members":
            resource = {name: value for name, value in resource.items() if name != "members"}
        return scim(200, resource)

    def _create(self, collection: str, seen: Seen) -> web.Response:
        key = "userName" if collection == "Users" else "displayName"
        taken = {str(one.get(key)).casefold() for one in self.resources[collection].values()}
        if str(seen.body.get(key)).casefold() in taken:
            return scim(409, error_body(409, "taken", "uniqueness"))
        resource_id = self.seed(collection, **{name: v for name, v in seen.body.items() if name != "meta"})
        stored = self.resources[collection][resource_id] = self.after(seen, self.resources[collection][resource_id])
        return scim(201, stored)

    def _list(self, collection: dict[str, dict[str, Any]], seen: Seen) -> web.Response:
        found = list(collection.values())
        if text := seen.query.get("filter"):
            found = [one for one in found if compile_filter(parse_filter(text))(one)]
        start, count = int(seen.query.get("startIndex", 1)), int(seen.query.get("count", self.page_size))
        page = found[start - 1 : start - 1 + min(count, self.page_size)]
        if seen.query.get("excludedAttributes") == "members":
            page = [{name: value for name, value in one.items() if name != "members"} for one in page]
        return scim(200, list_body(page, len(found), start))


def list_body(resources: list[dict[str, Any]], total: int | None = None, start: int = 1) -> dict[str, Any]:
    """A ListResponse."""
    return {
        "schemas": [urns.LIST_RESPONSE],
        "totalResults": len(resources) if total is None else total,
        "startIndex": start,
        "itemsPerPage": len(resources),
        "Resources": resources,
    }


def scim(status: int, body: object, **headers: str) -> web.Response:
    """A response of the SCIM media type."""
    return web.Response(status=status, body=json.dumps(body), content_type="application/scim+json", headers=headers)


class OpenTarget(Protocol):
    """Opens the target of a server, with quirks as a manifest would declare them."""

    def __call__(
        self, server: LooseServer | str, quirks: Mapping[str, object] | None = None, **options: Any
    ) -> ScimTarget: ...


def manifest_with(quirks: Mapping[str, object] | None = None, **tables: Any) -> Manifest:
    """A manifest of a SCIM connector with the given quirks."""
    capabilities = {
        "user": ["read", "create", "update", "deactivate", "delete"],
        "group": ["read", "create", "update", "delete", "members"],
        **tables.pop("capabilities", {}),
    }
    return Manifest.model_validate(
        {
            "schema": 1,
            "slug": "fabrikam",
            "name": "Fabrikam",
            "version": "1.0.0",
            "transport": {
                "base_url": "https://example.com", "allowed_hosts": ["example.com"], **tables.pop("transport", {}),
            },
            "quirk": [{"id": key, "value": value} for key, value in (quirks or {}).items()],
            "capabilities": capabilities,
            **tables,
        }
    )  # fmt: skip


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[LooseServer], Any]]:
    """Puts servers on loopback ports for the length of a test."""
    async with AsyncExitStack() as stack:

        async def start(server: LooseServer) -> LooseServer:
            application = web.Application()
            application.router.add_route("*", "/{tail:.*}", server.handle)
            runner = web.AppRunner(application, access_log=None)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]  # asyncio's own server
            server.url = f"http://127.0.0.1:{port}/scim/v2"
            return server

        yield start


@pytest.fixture
async def server(serve: Callable[[LooseServer], Any]) -> LooseServer:
    """An empty server."""
    made: LooseServer = await serve(LooseServer())
    return made


@pytest.fixture
async def open_target() -> AsyncIterator[OpenTarget]:
    """Opens targets, and closes their transports when the test is over."""
    async with AsyncExitStack() as stack:

        def make(server: LooseServer | str, quirks: Mapping[str, object] | None = None, **options: Any) -> ScimTarget:
            url = server if isinstance(server, str) else server.url
            transport = Transport(
                url,
                retries=RetryPolicy(tries=2, base_seconds=0.001),
                default_headers={"Content-Type": "application/scim+json", "Accept": "application/scim+json"},
            )
            stack.push_async_callback(transport.aclose)
            paths = options.pop("paths", {"user": USER_PATHS, "group": GROUP_PATHS})
            hooks = options.pop("hooks", Hooks())
            time = {name: options.pop(name) for name in ("sleep", "clock") if name in options}
            return ScimTarget(manifest_with(quirks, **options), transport, paths, hooks=hooks, **time)

        yield make


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def peer() -> Iterator[str]:
    """The base URL of scim2-server, an implementation that is not ours, in a thread."""
    from scim2_server.applications.wsgi import WSGIApplication
    from scim2_server.memory import InMemoryStorage
    from scim2_server.utils import load_default_provider

    application = WSGIApplication(InMemoryStorage(), load_default_provider())
    with make_server("127.0.0.1", 0, application, handler_class=WSGIRequestHandler) as httpd:
        httpd.RequestHandlerClass = _Quiet
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}/v2"
        httpd.shutdown()
        thread.join()
