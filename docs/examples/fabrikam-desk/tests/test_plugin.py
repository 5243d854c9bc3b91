"""The nightly maintenance of Fabrikam Desk."""

from __future__ import annotations

from gallery_connector_fabrikam_desk.plugin import gallery_classify_failure

from gallery_sdk import Failure, Response


def test_the_maintenance_page_is_a_failure_to_retry() -> None:
    """A page under 401 is no refused credential."""
    response = Response(401, {"content-type": "text/html; charset=utf-8"}, b"<h1>Back soon</h1>")

    assert gallery_classify_failure(response) is Failure.RETRY


def test_a_refused_token_stays_one() -> None:
    """The SDK reads everything else."""
    response = Response(401, {"content-type": "application/scim+json"}, b'{"status": "401"}')

    assert gallery_classify_failure(response) is None
