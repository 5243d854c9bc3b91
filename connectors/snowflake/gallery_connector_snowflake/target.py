"""Snowflake's endpoint: below an integration's id where one is given, and never listed where lists are not real.

Sources, read 2026-11-23: https://docs.snowflake.com/user-guide/scim-authentication (the id in the address) and
https://docs.snowflake.com/en/release-notes/bcr-bundles/2026_03/bcr-2276 (the two generations of lists).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from gallery_sdk.errors import GalleryError
from gallery_sdk.targets import Failure, ScimTarget, TargetCapabilities, TargetFailure, TargetPage
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
    Look-ups are answered truly by both generations, so such an account is provisioned without ever being listed.
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

    @property
    def capabilities(self) -> TargetCapabilities:
        """What can be done here; without lists nothing can be read but by look-up."""
        known = super().capabilities
        if self._lists is not False:
            return known
        return replace(known, operations={kind: able - {"read"} for kind, able in known.operations.items()})

    async def open(self) -> None:
        """Ask for the generation of the lists; what fails here fails again, and is told of, at the first request."""
        await super().open()
        with suppress(GalleryError):
            await self.can_list()

    async def list_objects(self, kind: str, *, members: bool = False) -> AsyncIterator[TargetPage]:
        """All objects, page by page; see `Target.list_objects`.

        Raises:
            TargetFailure: STOP: the account's lists are made up.
        """
        if not await self.can_list():
            raise TargetFailure(
                "this account answers unfiltered lists with a made-up object",
                f"Snowflake, {kind}s",
                f"Enable the bundle: SELECT SYSTEM$ENABLE_BEHAVIOR_CHANGE_BUNDLE('{_BUNDLE}')",
                code="ListingUnsupported",
                failure=Failure.STOP,
            )
        async for page in super().list_objects(kind, members=members):
            yield page

    async def can_list(self) -> bool:
        """Whether lists are real: `filter.supported` became true with them. Asked until it is answered."""
        if self._lists is None:
            response = await self._asked.send(Request("GET", self._config_path, label="read configuration"))
            if response.status == 200:
                body = response.json()
                features = body.get("filter") if isinstance(body, dict) else None
                self._lists = isinstance(features, dict) and features.get("supported") is True
        return self._lists is True
