"""POST /Bulk: many requests in one (RFC 7644 section 3.7)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import orjson

from ...scim import urns
from ..application import Refusal, TwinRequest, TwinResponse
from .behaviour import Bulk

Answer = Callable[[TwinRequest], TwinResponse]

_REFERENCE = re.compile(r"bulkId:([^\"/\s]+)")


def carry_out(request: TwinRequest, body: object, limits: Bulk, answer: Answer) -> dict[str, object]:
    """Carry out the operations one after the other and return the BulkResponse.

    `bulkId:<id>` in a path or in data stands for the id of what an earlier operation made. Operations are done in the
    order sent, so a reference to a later one is refused with 400.

    Args:
        answer: Answers each operation as if it had come by itself; refusals are already spelt as errors.

    Raises:
        Refusal: 413 beyond the limits, 400 invalidSyntax.
    """
    if len(request.body) > limits.max_payload_bytes:
        raise Refusal(413, f"The request is larger than maxPayloadSize ({limits.max_payload_bytes})")
    operations = body.get("Operations") if isinstance(body, dict) else None
    if not isinstance(operations, list) or not all(isinstance(each, dict) for each in operations):
        raise Refusal(400, "Operations must be an array of objects", "invalidSyntax")
    if len(operations) > limits.max_operations:
        raise Refusal(413, f"More operations than maxOperations ({limits.max_operations})")
    fail_on = body.get("failOnErrors") if isinstance(body, dict) else None
    made: dict[str, str] = {}
    results: list[dict[str, object]] = []
    failed = 0
    for operation in operations:
        result = _carry_out_one(request, operation, made, answer)
        results.append(result)
        if int(str(result["status"])) >= 400:
            failed += 1
            if isinstance(fail_on, int) and not isinstance(fail_on, bool) and failed >= fail_on > 0:
                break
    return {"schemas": [urns.BULK_RESPONSE], "Operations": results}


def _carry_out_one(
    request: TwinRequest, operation: Mapping[str, object], made: dict[str, str], answer: Answer
) -> dict[str, object]:
    method, path, bulk_id = str(operation.get("method", "")).upper(), operation.get("path"), operation.get("bulkId")
    result: dict[str, object] = {"method": method}
    if isinstance(bulk_id, str):
        result["bulkId"] = bulk_id
    try:
        text = orjson.dumps(operation.get("data")).decode() if operation.get("data") is not None else ""
        inner = TwinRequest(
            method,
            _resolve(str(path or ""), made),
            {},
            request.raw_headers,
            _resolve(text, made).encode(),
            request.base_url,
        )
        inner.principal = request.principal
        if method not in ("POST", "PUT", "PATCH", "DELETE") or not isinstance(path, str):
            raise LookupError("an operation needs method (POST, PUT, PATCH or DELETE) and path")
        if method == "POST" and not isinstance(bulk_id, str):
            raise LookupError("a POST needs a bulkId")
    except LookupError as error:
        detail = str(error.args[0])
        response = {"schemas": [urns.ERROR], "scimType": "invalidSyntax", "detail": detail, "status": "400"}
        return {**result, "status": "400", "response": response}
    response_ = answer(inner)
    result["status"] = str(response_.status)
    body = response_.body
    if response_.status >= 400:
        result["response"] = body
    elif isinstance(body, dict):
        meta = body.get("meta")
        result["location"] = meta.get("location") if isinstance(meta, dict) else None
        if isinstance(meta, dict) and "version" in meta:
            result["version"] = meta["version"]
        if isinstance(bulk_id, str):
            made[bulk_id] = str(body["id"])
    elif method != "POST":
        result["location"] = f"{request.base_url}{inner.path}"
    return result


def _resolve(text: str, made: Mapping[str, str]) -> str:
    def identity(match: re.Match[str]) -> str:
        if match[1] not in made:
            raise LookupError(f"bulkId {match[1]} has not been made")
        return made[match[1]]

    return _REFERENCE.sub(identity, text) if "bulkId:" in text else text
