"""How Dropbox spells things: tagged unions, errors, members, and what it refuses before it looks.

Source, read on 2026-11-23: https://github.com/dropbox/dropbox-api-spec (team.stone, team_common.stone, async.stone,
auth.stone), the machine-readable description that Dropbox publishes of its own API.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from gallery_sdk.targets import Failure, TargetFailure
from gallery_sdk.targets.rest import Said
from gallery_sdk.transport import Response

ADDRESS: Final = re.compile(r"['#&A-Za-z0-9._%+-]+@[A-Za-z0-9-][A-Za-z0-9.-]*\.[A-Za-z]{2,15}")
NOT_IN_NAMES: Final = re.compile(r'[/:?*<>"|]')
"""The pattern of `EmailAddress`, and the characters that `OptionalNamePart` excludes."""

_TIERS: Final = {
    "team_admin": "Team admin",
    "user_management_admin": "User management admin",
    "support_admin": "Support admin",
    "member_only": "",
}


def tag_of(union: object) -> str:
    """Which member of a tagged union a value is; "" where it is none.

    A union without values may stand there as its tag alone. Unions are open: callers must expect tags that they do
    not know.
    """
    if isinstance(union, str):
        return union
    tag = union.get(".tag") if isinstance(union, Mapping) else None
    return tag if isinstance(tag, str) else ""


def member(target_id: str) -> dict[str, str]:
    """The selector of a member by its id, since updates that select by external id may be refused as unsafe."""
    return {".tag": "team_member_id", "team_member_id": target_id}


def group(target_id: str) -> dict[str, str]:
    """The selector of a group by its id."""
    return {".tag": "group_id", "group_id": target_id}


def spell(response: Response) -> Said | None:
    """An error: `{"error_summary", "error": {".tag"}, "user_message"?}`, whose summary ends in a varying tail.

    Of a malformed argument, status 400 tells in plain text, which is read as it is; a page of HTML under that status
    comes from in front of the API. Sources: https://github.com/dropbox/dropbox-sdk-python (dropbox_client.py),
    https://github.com/watermint/toolbox (dbx_error, dbx_response_impl).
    """
    if response.status == 400 and response.media_type == "text/html":
        return Said("html_page", "a page of HTML instead of an error")
    if response.media_type != "application/json" or not response.content:
        return None
    body = response.json()
    if not isinstance(body, Mapping):
        return None
    error = body.get("error")
    if isinstance(error, Mapping) and "reason" in error:  # 429 wraps its union in a struct
        error = error["reason"]
    code = tag_of(error) or str(body.get("error_summary", "")).partition("/")[0]
    if not code:
        return None
    words = []
    if isinstance(error, Mapping) and isinstance(error.get("required_scope"), str):
        words.append(error["required_scope"])
    said = body.get("user_message")
    if isinstance(said, Mapping):
        words.append(str(said.get("text", "")))
    if request_id := response.headers.get("x-dropbox-request-id"):
        words.append(f"(request {request_id})")  # Dropbox's support asks for it
    return Said(code, " ".join(word for word in words if word))


def named_ids(response: Response) -> tuple[str, ...]:
    """The ids that an error lists: `{".tag": "members_not_in_team", "members_not_in_team": [...]}`."""
    body = response.json() if response.media_type == "application/json" and response.content else None
    error = body.get("error") if isinstance(body, Mapping) else None
    listed = error.get(tag_of(error)) if isinstance(error, Mapping) else None
    return tuple(str(one) for one in listed) if isinstance(listed, list) else ()


def member_record(info: Mapping[str, Any]) -> dict[str, Any]:
    """A member as columns: the profile, its name and its one role side by side.

    Whoever is invited counts as active: suspended is the only state in between that can be undone.

    Raises:
        TargetFailure: STOP: it is no member.
    """
    profile = info.get("profile")
    if not isinstance(profile, Mapping) or not isinstance(profile.get("team_member_id"), str):
        raise foreign("a member without a profile")
    name = profile.get("name")
    name = name if isinstance(name, Mapping) else {}
    status = tag_of(profile.get("status"))
    return {**profile, "given_name": name.get("given_name"), "surname": name.get("surname"), "status": status,
            "active": status != "suspended", "role_id": _role(info)}  # fmt: skip


def _role(info: Mapping[str, Any]) -> str | None:
    roles = info.get("roles")
    if isinstance(roles, list) and roles:
        return str(roles[0].get("role_id"))
    return _TIERS.get(tag_of(info.get("role"))) or None  # of the first version of the routes


def can_be_asked(column: str, value: str) -> bool:
    """Whether a selector may hold the value: they have the patterns of what they select by."""
    return ADDRESS.fullmatch(value) is not None if column == "email" else len(value) <= 64


def check_member(body: Mapping[str, object]) -> None:
    """Refuse what makes Dropbox answer the whole request, all members of it, with 400.

    Raises:
        TargetFailure: OBJECT.
    """
    email = body.get("email")
    if email is not None and ADDRESS.fullmatch(str(email)) is None:
        raise TargetFailure(
            "Dropbox takes no such e-mail address: letters, digits and ' # & . _ % + - before the @, and a top-level "
            "domain of 2 to 15 letters",
            "user email",
            "Correct the address in the source, or map email from another attribute",
            code="EntryRefused",
        )
    for column in ("given_name", "surname"):
        if NOT_IN_NAMES.search(str(body.get(column) or "")):
            raise TargetFailure(
                f'{column} holds one of / : ? * < > " |, which Dropbox refuses in names',
                f"user {column}",
                "Keep the Replace of the default mapping, which takes them out",
                code="EntryRefused",
            )


def foreign(what: str) -> TargetFailure:
    """An answer that is none of this API's."""
    return TargetFailure(f"a success came with {what}", "team routes", "Check the address; something else may answer",
                         failure=Failure.STOP)  # fmt: skip
