"""Accounts: made, found, read, changed, switched off and on, deleted, listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....targets import Failure, TargetFailure
from ..checking import ANYWHERE, check
from ..stage import Stage, Values

if TYPE_CHECKING:
    from ..subject import Subject


@check("MUST", venues=ANYWHERE, needs=("user:create",))
async def create_user(stage: Stage) -> None:
    """A created account has an id and holds what was sent: the next cycle would find nothing to change.

    Source: RFC 7644 section 3.3.
    """
    target_id, values = await stage.user()

    assert target_id
    await stage.settled("user", target_id, values)


@check("MUST", venues=ANYWHERE, needs=("user:create", "user:read"))
async def read_user(stage: Stage) -> None:
    """An account is read by its id; reading what was never there gives nothing instead of an error.

    Source: RFC 7644 section 3.4.1.
    """
    target_id, values = await stage.user()

    found = await stage.target.read("user", target_id)

    assert found is not None
    assert found.id == target_id
    path = stage.matching("user")
    assert str(found.values[path]).casefold() == str(values[path]).casefold()


@check("MUST", venues=ANYWHERE, needs=("user:create",))
async def find_user(stage: Stage) -> None:
    """An account is matched by the first matching attribute, whatever the case of its letters, and by no other value.

    Source: RFC 7644 section 3.4.2.2 and RFC 7643 section 4.1.1 (`userName` is not case exact).
    """
    target_id, values = await stage.user()
    await stage.user(2)
    path = stage.matching("user")

    found = await stage.target.find("user", path, values[path])
    nobody = await stage.target.find("user", path, stage.person(3)[path])

    assert [one.id for one in found] == [target_id]
    assert nobody == []


@check("MUST", venues=ANYWHERE, needs=("user:create", "user:update"))
async def update_user(stage: Stage) -> None:
    """A change arrives, and what was not changed stays.

    Source: RFC 7644 section 3.5.
    """
    target_id, values = await stage.user()
    path = stage.text_path(values)
    stage.forget()

    wanted = await stage.update("user", target_id, values, **{path: "Director"})

    assert stage.writes(), "nothing was sent"
    await stage.settled("user", target_id, wanted)


@check("MUST", needs=("user:create", "user:update"))
async def unchanged_user(stage: Stage) -> None:
    """An update without a difference sends no write.

    Source: RFC 7644 section 3.5.2: a PATCH states changes, and there are none.
    """
    target_id, values = await stage.user()
    stage.forget()

    await stage.target.update("user", target_id, values, dict(values))

    assert stage.writes() == []


@check("MUST", venues=ANYWHERE, needs=("user:create", "user:deactivate"))
async def disable_user(stage: Stage) -> None:
    """A disabled account is inactive, still there, and otherwise as it was.

    Source: RFC 7643 section 4.1.1, `active`.
    """
    target_id, values = await stage.user()

    off = await _disabled(stage, target_id, values)

    assert off, "no mapping of the connector switches an account off"
    drift = await stage.drift("user", target_id, {**values, **off})
    assert not set(drift) & set(off), drift


@check("MUST", venues=ANYWHERE, needs=("user:create", "user:deactivate"))
async def enable_user(stage: Stage) -> None:
    """A disabled account that returns is active again under the same id.

    Source: RFC 7643 section 4.1.1, `active`.
    """
    target_id, values = await stage.user()
    off = await _disabled(stage, target_id, values)

    await stage.target.update("user", target_id, {**values, **off}, values)

    drift = await stage.drift("user", target_id, values)
    assert not set(drift) & set(off), drift


async def _disabled(stage: Stage, target_id: str, values: Values) -> Values:
    """Disable as the engine does: only what the mappings say of a person who is off; those values come back."""
    off = {path: value for path, value in stage.person(1, IsSoftDeleted=True).items() if values.get(path) != value}
    await stage.target.update("user", target_id, values, {**values, **off})
    return off


def _deletes(subject: Subject) -> bool:
    """Whether deletions are deletions; the checks of these two quirks tell of the others."""
    quirks = subject.manifest.quirks_for("user")
    return not quirks.has("delete.means_deactivate") and not quirks.has("delete.unsupported")


@check("MUST", venues=ANYWHERE, needs=("user:create", "user:delete"), applies=_deletes)
async def delete_user(stage: Stage) -> None:
    """A deleted account is gone, and deleting it once more is a success.

    Source: RFC 7644 section 3.6; that 404 after a delete is success is the engine's own rule, since an answer may have
    been lost.
    """
    target_id, _ = await stage.user()

    await stage.target.delete("user", target_id)
    gone = await stage.target.read("user", target_id)
    await stage.target.delete("user", target_id)

    assert gone is None


@check("MUST", venues=ANYWHERE, needs=("user:create",))
async def list_users(stage: Stage) -> None:
    """A listing shows every account once, over however many pages.

    Source: RFC 7644 section 3.4.2.4 (or RFC 9865 for cursors).
    """
    made = {(await stage.user(number))[0] for number in (1, 2, 3)}

    listed = [one.id async for page in stage.target.list_objects("user") for one in page.objects]

    assert made <= set(listed)
    assert len(listed) == len(set(listed)), "an account is listed twice"


@check("MUST", venues=ANYWHERE, needs=("user:create",))
async def conflict(stage: Stage) -> None:
    """An account that is there already is told as a conflict, so that it is matched instead of made twice.

    Source: RFC 7644 section 3.3: 409 with `scimType` uniqueness; of other APIs, the manifest's `[[error]]` rules.
    """
    target_id, values = await stage.user()
    stage.forget()

    try:
        again = await stage.create("user", values)
    except TargetFailure as failure:
        assert failure.failure is Failure.CONFLICT, f"read as {failure.failure}: {failure}"
        return
    # Some targets hand back the account that is there instead of refusing; that is as good.
    assert again.id == target_id, "a second account was made"
