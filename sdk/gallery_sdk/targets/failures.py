"""From a failed response to its meaning: the connector's hook first, then the manifest's rules, then the standards.

Source of what needs no rule: RFC 7644 section 3.12, RFC 9110 section 15, RFC 6585.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

import orjson

from ..scim import ErrorShape, ScimErrorBody, parse_error
from ..transport import redact
from .failure import Failure, TargetFailure

if TYPE_CHECKING:
    from ..manifest import ErrorRule
    from ..transport import Response

FailureHook: TypeAlias = Callable[["Response", str, str], str | None]
"""What a connector's own code says of a failed response to an operation on a kind; None leaves it to the rules."""

COLLECTIONS: Final = frozenset({"test", "list", "find", "create"})
_WORD_KEYS: Final = ("scimType", "code", "error", "errorCode", "error_code", "error_key")
_EXISTS: Final = ("already exist", "already in use", "already taken", "already been taken", "duplicate")

MENDS: Final[Mapping[Failure, str]] = {
    Failure.RETRY: "It is tried again in the next cycle",
    Failure.RATE_LIMITED: "Run the job again later, or lower its request rate; other clients may share the limit",
    Failure.CONFLICT: "Match on the attribute that is taken, or free it in the target",
    Failure.GONE: "The object was deleted in the target; the next cycle matches it once more",
    Failure.OBJECT: "Correct the value in the source, or its mapping",
    Failure.ATTRIBUTE: "Switch the mapping of the attribute off, or correct its value",
    Failure.MEMBER: "Look why the target refuses the member; the others were not held up",
    Failure.SKIP: "The target protects this object; change it there by hand",
    Failure.STOP: "Check address, credential and plan, then run `gallery test`",
}


class FailureReader:
    """Reads failed responses of one connection."""

    def __init__(
        self, rules: Sequence[ErrorRule] = (), *, hook: FailureHook | None = None, word_prefix: bool = False
    ) -> None:
        """With `word_prefix` the text before the first blank of an error's message is its code."""
        self._rules = [_compile(rule) for rule in rules]
        self._hook, self._word_prefix = hook, word_prefix

    def read(
        self,
        response: Response,
        operation: str,
        kind: str,
        *,
        writes_worked: bool = False,
        paths: Collection[str] = (),
    ) -> TargetFailure:
        """Say what a response that is no success means.

        Args:
            operation: test, list, find, read, create, update, delete or members.
            writes_worked: The credential has changed something before, so that a 403 is about this one object.
            paths: Flat paths that the request carried, to be found again in the target's words.
        """
        body = parse_error(response.status, response.content, response.media_type)
        words = self._words(response, body)
        if self._hook is not None and (said := self._hook(response, operation, kind)) is not None:
            meaning = Failure(said)
            named = _named(body.detail, paths) if meaning is Failure.ATTRIBUTE else ()
            return self._make(response, body, operation, meaning, named)
        message = f"{body.detail} {response.text if body.shape is ErrorShape.JSON else ''}".casefold()
        for statuses, codes, contains, operations, rule in self._rules:
            if (
                (not statuses or response.status in statuses)
                and (not codes or not codes.isdisjoint(words))
                and (contains is None or contains in message)
                and (not operations or operation in operations)
            ):
                meaning = Failure(rule.failure)
                attributes = rule.attributes or _named(body.detail, paths) if meaning is Failure.ATTRIBUTE else ()
                return self._make(response, body, operation, meaning, tuple(attributes), rule.message)
        meaning = _by_standard(response.status, body, operation, writes_worked)
        attributes = ()
        if meaning is Failure.OBJECT and operation == "update" and body.scim_type in ("mutability", "invalidPath"):
            attributes = _named(body.detail, paths)
            meaning = Failure.ATTRIBUTE if attributes else meaning
        return self._make(response, body, operation, meaning, attributes, _hint(response.status, body, operation))

    def _words(self, response: Response, body: ScimErrorBody) -> frozenset[str]:
        """Everything in the answer that may be an error's code, case-folded."""
        words = {body.scim_type or ""}
        if self._word_prefix:
            words.add(body.detail.partition(" ")[0])
        if body.shape in (ErrorShape.JSON, ErrorShape.SCIM, ErrorShape.SCIM1):
            try:
                content = orjson.loads(response.content)
            except orjson.JSONDecodeError:
                content = None
            if isinstance(content, Mapping):
                inner = content.get("error")
                for holder in (content, inner if isinstance(inner, Mapping) else {}):
                    words.update(str(holder[key]) for key in _WORD_KEYS if isinstance(holder.get(key), (str, int)))
        return frozenset(word.casefold() for word in words if word)

    def _make(
        self,
        response: Response,
        body: ScimErrorBody,
        operation: str,
        meaning: Failure,
        attributes: tuple[str, ...] = (),
        mend: str | None = None,
    ) -> TargetFailure:
        detail = redact(body.detail)
        code = body.scim_type or (detail.partition(" ")[0] if self._word_prefix and detail else None)
        said = f": {detail}" if detail else ""
        page = " with a page of HTML" if body.shape is ErrorShape.HTML else ""
        return TargetFailure(
            f"{operation} was answered with status {response.status}{page}{said}".rstrip("."),
            response.request_line,
            (mend or MENDS[meaning]).rstrip("."),
            status=response.status,
            code=code or _log_code(response.status, meaning),
            failure=meaning,
            detail=detail,
            attributes=attributes,
            retry_after_seconds=response.retry_after_seconds,
        )


def _compile(
    rule: ErrorRule,
) -> tuple[frozenset[int], frozenset[str], str | None, frozenset[str], ErrorRule]:
    return (
        frozenset(rule.statuses),
        frozenset(code.casefold() for code in rule.codes),
        None if rule.contains is None else rule.contains.casefold(),
        frozenset(rule.operations),
        rule,
    )


def _by_standard(status: int, body: ScimErrorBody, operation: str, writes_worked: bool) -> Failure:
    if status == 401 or status == 402 or status == 407:
        return Failure.STOP
    if status == 403:
        return _forbidden(operation, writes_worked)
    if status == 404 or status == 410:
        return Failure.STOP if operation in COLLECTIONS else Failure.GONE
    if operation == "create" and (body.scim_type == "uniqueness" or _says_exists(status, body.detail)):
        return Failure.CONFLICT
    if status == 409:
        return Failure.CONFLICT if operation in ("create", "update") else Failure.RETRY
    if status in (429, 503):
        return Failure.RATE_LIMITED
    if status in (408, 412, 423, 425, 428):
        return Failure.RETRY
    if status == 413:
        return Failure.MEMBER if operation == "members" else Failure.OBJECT
    if status in (405, 501):
        return Failure.STOP if operation in COLLECTIONS else Failure.OBJECT
    if status >= 500:
        return Failure.RETRY
    if status >= 400:
        return Failure.OBJECT
    return Failure.STOP  # a redirect that leads nowhere, or a status below 200: this is no SCIM endpoint


def _forbidden(operation: str, writes_worked: bool) -> Failure:
    """A 403 is about the credential until the credential has proved that it may write; then about the object.

    Before, it cannot be told; the object waits, and when all wait, the engine stops the job.
    """
    if operation in ("test", "list", "find"):
        return Failure.STOP
    if operation == "create":
        return Failure.OBJECT if writes_worked else Failure.STOP
    return Failure.SKIP if writes_worked else Failure.OBJECT


def _says_exists(status: int, detail: str) -> bool:
    # Widespread in place of 409: 400 or 422 and a sentence.
    return status in (400, 409, 422) and any(words in detail.casefold() for words in _EXISTS)


def _named(detail: str, paths: Collection[str]) -> tuple[str, ...]:
    """The paths whose attribute the target's words name; the only path, when there is one alone."""
    if len(paths) == 1:
        return tuple(paths)
    lower = detail.casefold()
    return tuple(path for path in paths if path.casefold() in lower or _last_name(path) in lower.split())


def _last_name(path: str) -> str:
    return path.rpartition(":")[2].partition("[")[0].casefold()


def _hint(status: int, body: ScimErrorBody, operation: str) -> str | None:
    """A better next step than the meaning's own, where the answer allows one."""
    if status == 401:
        return "The credential is wrong, expired or revoked: renew it and name it in the app's [auth] table"
    if status == 403 and body.shape is ErrorShape.HTML:
        return "A gateway answers in place of the API: check the address, and that the network may reach it"
    if status == 403 and operation in COLLECTIONS:
        return "The credential lacks permission: give it the right to read and write users and groups"
    if status in (404, 405, 501) and operation in COLLECTIONS:
        return "Check the base URL: it ends where /Users begins, often in /scim/v2"
    if status < 400:
        return "Check the base URL; the address answers, but not as SCIM"
    return None


def _log_code(status: int, meaning: Failure) -> str:
    words = {
        Failure.CONFLICT: "EntryConflict",
        Failure.GONE: "EntryNotFound",
        Failure.RATE_LIMITED: "TooManyRequests",
        Failure.SKIP: "EntryProtected",
    }
    if status in (401, 403) and meaning is Failure.STOP:
        return "InvalidCredentials"
    return words.get(meaning, "UnexpectedResponse")
