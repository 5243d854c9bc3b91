"""Suspending, unsuspending, removing: what leavers keep and lose is never left to Dropbox's defaults.

Sources, read on 2026-11-23: https://github.com/dropbox/dropbox-api-spec (team.stone),
https://learn.microsoft.com/entra/identity/saas-apps/dropboxforbusiness-provisioning-tutorial.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from gallery_sdk.errors import ConfigError
from gallery_sdk.targets import Failure, TargetFailure

from .quirks import member

if TYPE_CHECKING:
    from .calls import Calls

FetchMember = Callable[[Mapping[str, str], str], Awaitable[dict[str, Any] | None]]


class Leaving:
    """How members leave and return."""

    def __init__(
        self, calls: Calls, settings: Mapping[str, str], fetch: FetchMember, *, on_removal: Callable[[], None]
    ) -> None:
        """Nothing is sent; `on_removal` is told of every member who was removed.

        Raises:
            ConfigError: The settings contradict each other.
        """
        self._calls, self._fetch, self._on_removal = calls, fetch, on_removal
        self._wipes = settings["wipe_devices"] == "true"
        self._withdraws = settings["invited_leavers"] == "remove"
        self._removal = _removal(settings, wipes=self._wipes)

    async def suspend(self, target_id: str) -> None:
        """Suspend a member; one who is suspended stays so.

        Raises:
            TargetFailure: GONE: it was an invitation, which cannot be suspended, and is withdrawn now. SKIP: the same,
                and invitations are to be left alone.
        """
        # `wipe_data` is true by default: files on the member's devices would be deleted.
        argument = {"user": member(target_id), "wipe_data": self._wipes}
        try:
            await self._calls.do("team/members/suspend", argument, "update", "user", key=target_id)
        except TargetFailure as failure:
            if failure.code != "suspend_inactive_user":
                raise
            found = await self._fetch(member(target_id), "read")
            if found is not None and found["status"] == "suspended":
                return
            if found is not None and not (found["status"] == "invited" and self._withdraws):
                raise
            if found is not None:
                await self._remove({"user": member(target_id), "wipe_data": False}, target_id)
            raise TargetFailure(
                "the member had not accepted the invitation, which is withdrawn",
                "team/members/remove",
                "Nothing needs to be done",
                code="invitation_withdrawn",
                failure=Failure.GONE,
            ) from failure

    async def unsuspend(self, target_id: str) -> None:
        """Let a member in again; one who is not suspended is a success."""
        try:
            await self._calls.do("team/members/unsuspend", {"user": member(target_id)}, "update", "user", key=target_id)
        except TargetFailure as failure:
            if failure.code != "unsuspend_non_suspended_member":
                raise

    async def remove(self, target_id: str) -> None:
        """Remove a member from the team; seven days are left to undo it."""
        await self._remove({"user": member(target_id), **self._removal}, target_id)

    async def _remove(self, argument: Mapping[str, object], target_id: str) -> None:
        calls = self._calls
        answer = await calls.fetch("team/members/remove", argument, "delete", "user")
        await calls.finished(answer, "team/members/remove/job_status/get", "delete", "user")
        self._on_removal()


def _removal(settings: Mapping[str, str], *, wipes: bool) -> dict[str, object]:
    """The arguments of a removal besides the member."""
    heir, admin = settings.get("transfer_files_to", ""), settings.get("transfer_admin", "")
    keeps = settings["keep_account"] == "true"
    if bool(heir) != bool(admin):
        raise _contradiction("transfer_files_to and transfer_admin belong together, and one is missing")
    if keeps and (heir or wipes):
        raise _contradiction("keep_account leaves the files with the person: nothing is transferred or wiped")
    made: dict[str, object] = {"wipe_data": wipes, "keep_account": keeps}
    if heir:
        made["transfer_dest_id"] = {".tag": "email", "email": heir}
        made["transfer_admin_id"] = {".tag": "email", "email": admin}
    return made


def _contradiction(what: str) -> ConfigError:
    return ConfigError(what, "[settings]", "Correct the settings of the app; Dropbox refuses every removal otherwise")
