"""The connection test: who signed in, how many licences are left, a look-up, and the scopes for writing.

Source, read on 2026-11-23: https://github.com/dropbox/dropbox-api-spec (team.stone, auth.stone).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import uuid4

from gallery_sdk.targets import Failure, TargetFailure
from gallery_sdk.targets.rest import Probe

from .quirks import group, member

if TYPE_CHECKING:
    from .target import DropboxTarget


def probes(target: DropboxTarget) -> Sequence[tuple[str, Probe]]:
    """The steps in order; they change nothing."""
    calls = target.calls

    async def admin() -> str:
        route = "team/token/get_authenticated_admin"
        answer = await calls.fetch(route, None, "test", "user", needs={"admin_profile": dict})
        return f"signed in as {answer['admin_profile'].get('email')}"

    async def licences() -> str:
        numbers = await target.numbers()
        return f"{numbers['name']}: {numbers['num_used_licenses']} of {numbers['num_licensed_users']} licences are used"

    async def look_up() -> str:
        found = await target.search("user", "email", f"{uuid4()}@nobody.invalid")
        return "by e-mail" if not found else f"a look-up of nobody found {len(found)}"

    async def write_members() -> str:
        # No such member, and nothing to change: only a missing scope is told before that.
        argument = {"user": member(f"dbmid:{uuid4().hex}")}
        return await _is_in_vain("team/members/set_profile_v2", argument, "user")

    async def write_groups() -> str:
        argument = {"group": group(f"g:{uuid4().hex}"), "return_members": False}
        return await _is_in_vain("team/groups/update", argument, "group")

    async def _is_in_vain(route: str, argument: Mapping[str, object], kind: str) -> str:
        try:
            await calls.do(route, argument, "test", kind, key=route)
        except TargetFailure as failure:
            if failure.status != 409 or failure.failure is Failure.STOP:
                raise
        return "granted"

    async def roles() -> str:
        return ", ".join(await target.roles.names())

    steps = [
        ("sign in as a team admin", admin),
        ("free licences", licences),
        ("look members up", look_up),
        ("right to change members", write_members),
        ("right to change groups", write_groups),
    ]
    if "role" in target.columns["user"].names:
        steps.append(("read admin roles", roles))
    return steps
