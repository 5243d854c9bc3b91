"""What a failed answer means: the connector's hook, the manifest's rules, then the standards."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest
from aiohttp import web

from gallery_sdk.errors import OutcomeUnknownError
from gallery_sdk.manifest import ErrorRule
from gallery_sdk.scim import error_body
from gallery_sdk.targets import Failure, TargetFailure
from gallery_sdk.targets.failures import FailureReader
from gallery_sdk.targets.hooks import Hooks
from gallery_sdk.transport import Response

from .conftest import WORK, LooseServer, OpenTarget, scim


def response(status: int, body: object = "", media_type: str = "application/scim+json") -> Response:
    """An answer as the transport hands it over."""
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Response(status, {"content-type": media_type}, content)


@pytest.mark.parametrize(
    ("status", "operation", "meaning"),
    [
        (401, "update", Failure.STOP),
        (403, "list", Failure.STOP),
        (403, "create", Failure.STOP),
        (403, "update", Failure.OBJECT),
        (404, "list", Failure.STOP),
        (404, "find", Failure.STOP),
        (404, "read", Failure.GONE),
        (404, "update", Failure.GONE),
        (409, "create", Failure.CONFLICT),
        (409, "members", Failure.RETRY),
        (412, "update", Failure.RETRY),
        (413, "members", Failure.MEMBER),
        (413, "create", Failure.OBJECT),
        (429, "update", Failure.RATE_LIMITED),
        (503, "list", Failure.RATE_LIMITED),
        (500, "update", Failure.RETRY),
        (400, "create", Failure.OBJECT),
        (422, "update", Failure.OBJECT),
        (405, "create", Failure.STOP),
        (301, "list", Failure.STOP),
    ],
)
def test_a_status_without_a_rule_means_what_the_standards_say(status: int, operation: str, meaning: Failure) -> None:
    """RFC 7644 section 3.12, RFC 9110 section 15."""
    assert FailureReader().read(response(status), operation, "user").failure is meaning


def test_a_403_is_about_the_object_once_the_credential_has_proved_itself() -> None:
    """Before a write has worked it cannot be told from a credential that may not write."""
    reader = FailureReader()

    assert reader.read(response(403), "update", "user", writes_worked=True).failure is Failure.SKIP
    assert reader.read(response(403), "create", "user", writes_worked=True).failure is Failure.OBJECT
    assert reader.read(response(403), "list", "user", writes_worked=True).failure is Failure.STOP


@pytest.mark.parametrize(
    "body",
    [error_body(400, "taken", "uniqueness"), error_body(400, "User already exists"), "A duplicate entry was found"],
    ids=["scimType", "detail", "plain"],
)
def test_a_duplicate_is_known_by_its_words_where_409_is_not_used(body: object) -> None:
    """400 and a sentence, in place of 409, means the same."""
    failure = FailureReader().read(response(400, body), "create", "user")

    assert failure.failure is Failure.CONFLICT
    assert FailureReader().read(response(400, "bad e-mail"), "create", "user").failure is Failure.OBJECT


def rule(**fields: Any) -> ErrorRule:
    """One rule of a manifest."""
    return ErrorRule.model_validate({"failure": "skip", **fields})


@pytest.mark.parametrize(
    ("fields", "fits"),
    [
        ({"status": 400}, True),
        ({"status": [401, 403]}, False),
        ({"code": "NO_Owner"}, True),
        ({"code": "other"}, False),
        ({"contains": "CANNOT change"}, True),
        ({"contains": "nothing of the kind"}, False),
        ({"status": 400, "code": "no_owner", "contains": "cannot"}, True),
        ({"status": 401, "code": "no_owner"}, False),
        ({"status": 400, "operations": ["update", "delete"]}, True),
        ({"status": 400, "operations": ["create"]}, False),
    ],
)
def test_a_rule_holds_when_all_its_conditions_do(fields: dict[str, Any], fits: bool) -> None:
    """Letter case never matters; the code may stand under several names."""
    body = {"error": "no_owner", "message": "You cannot change an owner"}

    failure = FailureReader([rule(**fields)]).read(response(400, body), "update", "user")

    assert failure.failure is (Failure.SKIP if fits else Failure.OBJECT)


def test_the_first_rule_stands_and_its_message_is_the_next_step() -> None:
    """Order in the file is order of asking."""
    rules = [rule(status=400, failure="retry", message="Wait for the night"), rule(status=400)]

    failure = FailureReader(rules).read(response(400, error_body(400, "no")), "update", "user")

    assert (failure.failure, failure.mend) == (Failure.RETRY, "Wait for the night")


def test_an_attribute_rule_names_the_refused_paths() -> None:
    """From the rule, else from the target's words, else the only path that was sent."""
    body = error_body(400, "The attribute displayName cannot be modified", "mutability")
    paths = ("title", "displayName", WORK)

    said = FailureReader([rule(status=400, failure="attribute", attributes=["title"])])
    assert said.read(response(400, body), "update", "user", paths=paths).attributes == ("title",)
    assert FailureReader().read(response(400, body), "update", "user", paths=paths).attributes == ("displayName",)
    alone = FailureReader().read(response(400, error_body(400, "no", "mutability")), "update", "user", paths=("title",))
    assert (alone.failure, alone.attributes) == (Failure.ATTRIBUTE, ("title",))


def test_a_connector_s_own_code_is_asked_before_the_rules() -> None:
    """None leaves the answer to them."""
    asked: list[tuple[int, str, str]] = []

    def hook(answer: Response, operation: str, kind: str) -> str | None:
        asked.append((answer.status, operation, kind))
        return "retry" if answer.status == 401 else None

    reader = FailureReader([rule(status=[400, 401])], hook=hook)

    assert reader.read(response(401), "update", "user").failure is Failure.RETRY
    assert reader.read(response(400), "members", "group").failure is Failure.SKIP
    assert asked == [(401, "update", "user"), (400, "members", "group")]


def test_a_page_of_html_is_told_from_an_answer_of_the_api() -> None:
    """A gateway's 403 says where to look."""
    failure = FailureReader().read(response(403, "<html><title>Blocked</title></html>", "text/html"), "list", "user")

    assert "a page of HTML: Blocked" in failure.what
    assert "gateway" in failure.mend


def test_a_failure_survives_pickling_whole() -> None:
    """Workers hand failures to each other."""
    failure = TargetFailure("w", "x", "m", 400, "c", failure=Failure.MEMBER, members=("m1",), retry_after_seconds=2.0)

    again = pickle.loads(pickle.dumps(failure))

    assert (str(again), again.failure, again.members, again.retry_after_seconds, again.status) == (
        str(failure), Failure.MEMBER, ("m1",), 2.0, 400,
    )  # fmt: skip


async def test_a_secret_in_the_target_s_words_is_masked(server: LooseServer, open_target: OpenTarget) -> None:
    """Some targets echo the request."""
    server.misbehave = lambda seen: scim(400, error_body(400, "bad header Authorization: Bearer abc123def456"))

    with pytest.raises(TargetFailure) as refused:
        await open_target(server).read("user", "u1")

    assert "abc123def456" not in f"{refused.value} {refused.value.detail}"


async def test_throttling_that_does_not_end_is_a_failure_of_its_own_kind(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """The engine puts the object off instead of blaming it."""
    server.misbehave = lambda seen: web.Response(status=429, headers={"Retry-After": "3600"})

    with pytest.raises(TargetFailure) as refused:
        await open_target(server).create("user", {"userName": "ada"})

    assert (refused.value.failure, refused.value.retry_after_seconds) == (Failure.RATE_LIMITED, 3600.0)


async def test_a_create_that_ends_in_500_leaves_its_outcome_open(server: LooseServer, open_target: OpenTarget) -> None:
    """It is not sent again blindly, and a listing that was kept is no proof of absence any more."""
    server.seed("Users", userName="eve")
    target = open_target(server, {"filter.unsupported": True})
    await target.find("user", "userName", "ada")

    def lose(seen: Any) -> Any:
        if seen.method != "POST":
            return None
        server.answer(seen)
        return scim(500, {})

    server.misbehave = lose
    with pytest.raises(OutcomeUnknownError):
        await target.create("user", {"userName": "ada"})

    (hit,) = await target.find("user", "userName", "ada")
    assert hit.values["userName"] == "ada"


async def test_hooks_shape_what_is_sent_and_what_is_read(server: LooseServer, open_target: OpenTarget) -> None:
    """After the quirks on the way out, before them on the way in."""
    hooks = Hooks(
        shape_create=lambda kind, resource: {**resource, "nickName": kind},
        shape_patch=lambda kind, operations: [one.replace(op=one.op.upper()) for one in operations],
        read_resource=lambda kind, resource: {**resource, "title": "from the hook"},
    )
    target = open_target(server, {"patch.op_case": "title"}, hooks=hooks)

    created = await target.create("user", {"userName": "ada"})
    await target.update("user", created.id, {"displayName": "A"}, {"displayName": "B"})
    read = await target.read("user", created.id)
    (found,) = await target.find("user", "userName", "ada")

    assert server.sent("POST")[0]["nickName"] == "user"
    assert server.operations()[0]["op"] == "REPLACE"
    assert read is not None and read.values["title"] == found.values["title"] == "from the hook"
