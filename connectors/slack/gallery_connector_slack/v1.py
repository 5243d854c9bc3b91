"""Slack's SCIM version 1, spoken by a target that speaks version 2: requests and answers are translated in between.

Version 1 differs in three ways: the URNs, PATCH, which is a merge document instead of operations, and errors, whose
shape the SDK reads anyway. Source: https://docs.slack.dev/reference/scim-api, tabs v1.1 and v2.0, read 2026-11-23.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, cast

import orjson

from gallery_sdk.scim import parse_path, urns
from gallery_sdk.targets import ScimTarget, Target
from gallery_sdk.transport import Request, Response, Transport

if TYPE_CHECKING:
    from gallery_sdk.manifest import Manifest

_SLACK: Final = "urn:ietf:params:scim:schemas:extension:slack:{}:2.0:User"
_SLACK_V1: Final = "urn:scim:schemas:extension:slack:{}:1.0"
_TO_V1: Final[Mapping[str, str]] = {
    urns.USER: urns.SCIM1_CORE,
    urns.GROUP: urns.SCIM1_CORE,
    urns.LIST_RESPONSE: urns.SCIM1_CORE,
    urns.ENTERPRISE_USER: urns.SCIM1_ENTERPRISE_USER,
    **{_SLACK.format(name): _SLACK_V1.format(name) for name in ("guest", "profile")},
}
_EXTENSIONS_TO_V2: Final[Mapping[str, str]] = {old: new for new, old in _TO_V1.items() if old != urns.SCIM1_CORE}


def open_v1_target(manifest: Manifest, transport: Transport, paths: Mapping[str, Sequence[str]]) -> Target:
    """The SCIM target over a transport that translates."""
    # ScimTarget asks a transport to send, to count and to tell its base URL; the translator does these three.
    return ScimTarget(manifest, cast("Transport", V1Transport(transport)), paths)


class V1Transport:
    """Takes requests in version 2 and sends them in version 1."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @property
    def base_url(self) -> str:
        """The connection's."""
        return self._transport.base_url

    @property
    def requests_sent(self) -> int:
        """The connection's."""
        return self._transport.requests_sent

    async def send(self, request: Request) -> Response:
        """The answer, in version 2; raises what the transport raises."""
        body = request.json
        if isinstance(body, dict):
            operations = body.get("Operations")
            if isinstance(operations, list):
                document = merge_document(operations)
                if "emails" in document:
                    await self._name_leaving_emails(request, document)
                body = document
            else:
                body = to_v1(body)
            request = dataclasses.replace(request, json=body)
        response = await self._transport.send(request)
        if response.status >= 300 or not response.content:
            return response
        kind = urns.GROUP if request.path.startswith("/Groups") else urns.USER
        content = orjson.dumps(to_v2(response.json(), kind))
        return dataclasses.replace(response, content=content)

    async def _name_leaving_emails(self, request: Request, document: dict[str, object]) -> None:
        """A merge only adds e-mails; those that are to go must be named, so they are read first."""
        wanted = document["emails"]
        answer = await self._transport.send(Request("GET", request.path, template=request.template))
        if answer.status != 200 or not isinstance(wanted, list):
            return
        resource = answer.json()
        held = resource.get("emails") if isinstance(resource, dict) else None
        staying = {item.get("value") for item in wanted if isinstance(item, dict)}
        for item in held if isinstance(held, list) else []:
            if isinstance(item, dict) and item.get("value") not in staying:
                wanted.append({"value": item.get("value"), "operation": "delete"})


def to_v1(resource: Mapping[str, object]) -> dict[str, object]:
    """A resource with version 1's URNs."""
    made: dict[str, object] = {_TO_V1.get(name, name): value for name, value in resource.items()}
    schemas = resource.get("schemas")
    if isinstance(schemas, list):
        made["schemas"] = list(dict.fromkeys(_TO_V1.get(urn, urn) for urn in schemas))
    return made


def to_v2(body: object, kind: str) -> object:
    """An answer with version 2's URNs; `kind` is the URN that the core schema becomes."""
    if not isinstance(body, dict):
        return body
    made = {_EXTENSIONS_TO_V2.get(name, name): value for name, value in body.items()}
    resources = made.get("Resources")
    core = urns.LIST_RESPONSE if isinstance(resources, list) else kind
    if isinstance(resources, list):
        made["Resources"] = [to_v2(each, kind) for each in resources]
    schemas = body.get("schemas")
    if isinstance(schemas, list):
        known = {**_EXTENSIONS_TO_V2, urns.SCIM1_CORE: core}
        made["schemas"] = [known.get(urn, urn) for urn in schemas]
    return made


def merge_document(operations: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """The operations of a PatchOp as one merge document: values to write, and in `meta.attributes` what to clear.

    Members are added unless marked with `"operation": "delete"`.
    """
    document: dict[str, object] = {"schemas": [urns.SCIM1_CORE]}
    cleared: list[str] = []
    for operation in operations:
        path, value = str(operation.get("path", "")), operation.get("value")
        if path in _TO_V1:
            document[_TO_V1[path]] = value
            continue
        parsed = parse_path(path, known_schemas=_TO_V1)
        if parsed.name == "members":
            items = [value] if isinstance(value, Mapping) else value if isinstance(value, list) else []
            marked = {"operation": "delete"} if operation.get("op") == "remove" else {}
            members = document.setdefault("members", [])
            assert isinstance(members, list)
            members += [{**item, **marked} for item in items]
            continue
        if operation.get("op") == "remove":
            inside = parsed.name if parsed.sub is None else f"{parsed.name}.{parsed.sub}"
            cleared.append(inside if parsed.urn is None else f"{_TO_V1.get(parsed.urn, parsed.urn)}.{inside}")
            continue
        holder = document
        if parsed.urn is not None:
            holder = _object(document, _TO_V1.get(parsed.urn, parsed.urn))
        if parsed.sub is not None:
            _object(holder, parsed.name)[parsed.sub] = value
        else:
            holder[parsed.name] = value
    if cleared:
        document["meta"] = {"attributes": cleared}
    return document


def _object(holder: dict[str, object], name: str) -> dict[str, object]:
    inner = holder.setdefault(name, {})
    assert isinstance(inner, dict)
    return inner
