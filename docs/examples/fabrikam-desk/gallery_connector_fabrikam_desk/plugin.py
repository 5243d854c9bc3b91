"""Fabrikam Desk: the one thing that `connector.toml` cannot say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gallery_sdk import Failure, hookimpl

if TYPE_CHECKING:
    from gallery_sdk import Response


@hookimpl
def gallery_classify_failure(response: Response) -> Failure | None:
    """Read the page of the nightly maintenance as a failure to retry.

    It comes with status 401. Taken at its word that is a refused credential, which would put the whole job in
    quarantine. Source: https://desk.fabrikam.example/status, "Maintenance", read 2026-03-02.
    """
    if response.status == 401 and response.media_type == "text/html":
        return Failure.RETRY
    return None
