"""Where ServiceNow departs from what one would expect: pure functions, each with its source. All read on 2026-11-23."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from gallery_sdk.targets.rest import Said, refused_here
from gallery_sdk.transport import Response

_PAGE_TYPES: Final = ("text/html", "application/xhtml+xml")


def literal(value: object, *, where: str = "look-up") -> str:
    """A value that may stand in an encoded query.

    `^` ends a term, and nothing escapes it; a value that begins with `javascript:` is run on the server, as the
    documentation itself shows with `caller_id=javascript:gs.getUserID()`. Neither is ever sent.
    Source: https://www.servicenow.com/docs/r/api-reference/rest-apis/c_TableAPI.html

    Raises:
        TargetFailure: OBJECT: the value is of that kind.
    """
    text = str(value)
    if "^" in text:
        raise refused_here("a value that holds ^ cannot be looked for", where)
    check_harmless(text, where=where)
    return text


def one_of(column: str, values: Iterable[str]) -> str:
    """The term that a column has one of the values; they are separated by commas, so none may hold one."""
    texts = [literal(value) for value in values]
    if len(texts) == 1:
        return f"{column}={texts[0]}"
    if any("," in text for text in texts):
        raise refused_here("an id that holds a comma cannot be looked for among others", column)
    return f"{column}IN{','.join(texts)}"


def together(*terms: str) -> str:
    """Terms that must all hold; empty ones are left out."""
    return "^".join(term for term in terms if term)


def check_harmless(value: object, *, where: str) -> None:
    """Refuse what the server would take for a script."""
    if isinstance(value, str) and value.lstrip().casefold().startswith("javascript:"):
        raise refused_here("a value that begins with javascript: is run on the server, so it is not sent", where)


def spell(response: Response) -> Said | None:
    """An error of either API: `{"error": {"message", "detail"}, "status": "failure"}`, or SCIM's own object.

    Source: https://www.servicenow.com/docs/r/api-reference/rest-api-explorer/inbound-REST-API-rate-limiting.html
    """
    if not response.content or "json" not in response.media_type:
        return None
    body = response.json()
    if not isinstance(body, dict):
        return None
    error: Any = body.get("error")
    if isinstance(error, dict):
        parts = (error.get("message"), error.get("detail"))
        return Said("", ": ".join(str(part) for part in parts if part))
    if isinstance(body.get("detail"), str):
        return Said(str(body.get("scimType") or ""), body["detail"])
    return None


def is_page(response: Response) -> bool:
    """Whether a success is a page for people: an instance that hibernates answers any request with 200 and HTML.

    Source: https://github.com/ConductorOne/baton-servicenow
    """
    if not 200 <= response.status < 300 or not response.content:
        return False
    return response.media_type in _PAGE_TYPES or response.content.lstrip()[:1] == b"<"


def members_by_reference(resource: Mapping[str, object]) -> dict[str, object]:
    """A SCIM group whose members go by the ids of users: where `value` and `$ref` differ, `$ref` names the user.

    Inferred from a sample in https://www.servicenow.com/docs/r/api-reference/rest-apis/scim-api.html, in which `value`
    looks like the id of the membership.
    """
    members = resource.get("members")
    if not isinstance(members, list):
        return dict(resource)
    return {**resource, "members": [_by_reference(one) if isinstance(one, dict) else one for one in members]}


def _by_reference(member: dict[str, object]) -> dict[str, object]:
    reference = member.get("$ref")
    if not isinstance(reference, str) or "/Users/" not in reference:
        return member
    return {**member, "value": reference.rpartition("/Users/")[2]}
