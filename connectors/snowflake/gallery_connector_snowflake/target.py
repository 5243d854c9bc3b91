"""Snowflake's endpoint: below an integration's id where one is given, and never listed where lists are not real.

Sources, read 2026-11-23: https://docs.snowflake.com/user-guide/scim-authentication (the id in the address) and
https://docs.snowflake.com/en/release-notes/bcr-bundles/2026_03/bcr-2276 (the two generations of lists).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from gallery_sdk.targets import Failure, ScimTarget, TargetFailure, TargetPage
from gallery_sdk.transport import Request

if TYPE_CHECKING:
    from gallery_sdk.manifest import Manifest
    from gallery_sdk.transport import Transport

_BUNDLE: Final = "2026_03"


def open_snowflake_target(
    manifest: Manifest, transport: Transport, paths: Mapping[str, Sequence[str]], *, integration: str = ""
) -> SnowflakeTarget:
    """The target of one connection.

    Args:
        integration: `SCIM_ENDPOINT_ID` of the security integration; "" for the short address.
    """
    below = f"/{integration}" if integration else ""
    declared = manifest.transport
    there = {"user_path": below + declared.user_path, "group_path": below + declared.group_path}
    placed = manifest.model_copy(update={"transport": declared.model_copy(update=there)})
    return SnowflakeTarget(placed, transport, paths, config_path=f"{below}/ServiceProviderConfig")


class SnowflakeTarget(ScimTarget):
    """A SCIM target that is asked first whether its lists are real.

    Accounts without the behavior change bundle answer an unfiltered list with one made-up object. Believed, that list
    would say that every account has gone, and who then leaves the directory would be forgotten instead of deactivated.
    Look-ups are answered truly by both generations.
    """

    def __init__(
        self,
        manifest: Manifest,
        transport: Transport,
        paths: Mapping[str, Sequence[str]],
        *,
        config_path: str = "/ServiceProviderConfig",
    ) -> None:
        super().__init__(manifest, transport, paths)
        self._asked, self._config_path = transport, config_path
        self._lists: bool | None = None

    async def list_objects(self, kind: str, *, members: bool = False) -> AsyncIterator[TargetPage]:
        """All objects, page by page; see `Target.list_objects`.

        Raises:
            TargetFailure: STOP: the account's lists are made up.
        """
        if not await self.can_list():
            raise TargetFailure(
                "this account answers unfiltered lists with a made-up object",
                f"Snowflake, {kind}s",
                f"Enable the bundle: SELECT SYSTEM$ENABLE_BEHAVIOR_CHANGE_BUNDLE('{_BUNDLE}'); cycles that need no "
                "list, which are all but restarts, work without it",
                code="ListingUnsupported",
                failure=Failure.STOP,
            )
        async for page in super().list_objects(kind, members=members):
            yield page

    async def can_list(self) -> bool:
        """Whether lists are real: `filter.supported` became true with them. Asked once."""
        if self._lists is None:
            response = await self._asked.send(Request("GET", self._config_path, label="read configuration"))
            body = response.json() if response.status == 200 else None
            features = body.get("filter") if isinstance(body, dict) else None
            self._lists = isinstance(features, dict) and features.get("supported") is True
        return self._lists
