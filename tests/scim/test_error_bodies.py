"""Failed responses in every shape that targets send."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gallery_sdk.scim import ErrorShape, FindingCode, error_body, parse_error, urns


@pytest.mark.parametrize(
    ("body", "scim_type", "detail", "shape"),
    [
        (error_body(409, "taken", "uniqueness"), "uniqueness", "taken", ErrorShape.SCIM),
        (b'{"detail": "no", "status": 404}', None, "no", ErrorShape.SCIM),
        ({"Errors": [{"description": "not found", "code": "404"}]}, None, "not found", ErrorShape.SCIM1),
        ({"Errors": {"description": "denied", "code": 403}}, None, "denied", ErrorShape.SCIM1),
        ({"errors": ["plain"]}, None, "plain", ErrorShape.SCIM1),
        ({"error": {"message": "rate limited"}}, None, "rate limited", ErrorShape.JSON),
        ({"error": "invalid_token", "error_description": "expired"}, None, "expired", ErrorShape.JSON),
        (
            b"<!DOCTYPE html><html><head><title>502 Bad\n Gateway</title></head>",
            None,
            "502 Bad Gateway",
            ErrorShape.HTML,
        ),
        ("<html><style>p{}</style><p>Sign&nbsp;in</p></html>", None, "Sign in", ErrorShape.HTML),
        (b"upstream connect error", None, "upstream connect error", ErrorShape.TEXT),
        (b"{broken", None, "{broken", ErrorShape.TEXT),
        (b"", None, "", ErrorShape.EMPTY),
        (None, None, "", ErrorShape.EMPTY),
        ({}, None, "", ErrorShape.EMPTY),
    ],
)
def test_a_failure_says_its_detail_whatever_its_shape(
    body: object, scim_type: str | None, detail: str, shape: ErrorShape
) -> None:
    """The HTTP status stands; the body gives the words."""
    error = parse_error(418, body)

    assert (error.status, error.scim_type, error.detail, error.shape) == (418, scim_type, detail, shape)


def test_a_numeric_status_is_reported() -> None:
    """RFC 7644 section 3.12 has text; Okta's samples and many servers have a number."""
    error = parse_error(404, {"schemas": [urns.ERROR], "status": 404, "detail": "x"})

    assert [finding.code for finding in error.findings] == [FindingCode.STATUS_AS_NUMBER]


def test_the_media_type_tells_where_the_body_does_not() -> None:
    """A fragment of HTML is no sentence to show."""
    assert parse_error(500, "Oops <b>bad</b>", "text/html; charset=utf-8").detail == "Oops bad"


def test_an_error_message_has_the_shape_of_the_rfc() -> None:
    """`status` as text; what is not known is left out."""
    assert error_body(404) == {"schemas": [urns.ERROR], "status": "404"}


@given(body=st.one_of(st.binary(max_size=60), st.text(max_size=60), st.sampled_from([b"<" * 50_000, b"[" * 50_000])))
@settings(max_examples=150, deadline=None)
def test_any_body_is_read_and_gives_one_short_line(body: bytes | str) -> None:
    """Never an exception, never a page of markup, never a control character in a log."""
    detail = parse_error(500, body, "text/html").detail

    assert len(detail) <= 500
    assert detail == "" or detail.isprintable()
