"""Quirks of creating, updating, deleting and reading back."""

from __future__ import annotations

from typing import Any

from ....scim import parse_path
from ..stage import Stage
from ..wires import Exchange, answer
from .acting import changed, created, in_resources, kind, refusal, scenario


@scenario("create.drops_values")
async def create_drops_values(stage: Stage) -> None:
    """What a create did not store is sent once more."""
    text = stage.text_path(stage.person())
    name = parse_path(stage.scim_name(text)).name

    def forgetful(one: Exchange, body: Any) -> Any:
        return {key: each for key, each in body.items() if key != name} if one.method == "POST" else body

    stage.wire.tamper = forgetful
    await stage.user()
    later = [one for one in stage.writes() if one.method in ("PATCH", "PUT")]
    assert any(name in str(one.json) for one in later), "nothing was sent again"


@scenario("update.verify")
async def update_verify(stage: Stage) -> None:
    """An update that is answered with success and did not take is found out."""
    target_id, values = await stage.user()
    path = stage.text_path(values)
    stage.wire.misbehave = lambda one: answer(204) if one.is_write else None
    after = {**values, path: "Director"}
    found = await stage.target.update("user", target_id, values, after)
    assert found is not None
    assert "value_not_taken" in {finding.code for finding in found.findings}, found.findings


@scenario("read.after_write_lag")
async def read_after_write_lag(stage: Stage) -> None:
    """An object that was just made and cannot be read yet is waited for."""
    one = kind(stage)
    made = (await stage.user())[0] if one == "user" else (await stage.create(one, stage.group())).id
    missing = [1, 2]

    def late(exchange: Exchange) -> Any:
        return refusal(404, "not yet") if exchange.method == "GET" and missing and missing.pop() else None

    stage.wire.misbehave = late
    assert await stage.target.read(one, made) is not None


@scenario("etag.required")
async def etag_required(stage: Stage) -> None:
    """A change says which version it is a change of."""
    stage.wire.tamper = in_resources(lambda one: {**one, "meta": {**one.get("meta", {}), "version": 'W/"7"'}})
    # The twin's own versions differ from the invented one, so that it must not compare them.
    stage.wire.misbehave = lambda one: answer(204) if one.method in ("PATCH", "PUT") else None
    write = await changed(stage)
    assert write is not None
    assert write.headers.get("If-Match") == 'W/"7"'


async def _deletes_by_deactivation(stage: Stage) -> None:
    """A deletion is not sent; the account stays, inactive."""
    target_id, _ = await stage.user()
    stage.forget()
    await stage.target.delete("user", target_id)
    assert not stage.writes("DELETE")
    assert (await stage.read("user", target_id))[stage.name("active")] is False
    assert not stage.target.capabilities.can("user", "delete")


scenario("delete.means_deactivate")(_deletes_by_deactivation)


@scenario("delete.unsupported")
async def delete_unsupported(stage: Stage) -> None:
    """DELETE is not sent: an account is switched off, a group is refused."""
    if kind(stage) == "user":
        await _deletes_by_deactivation(stage)
        return
    made = await stage.create("group", stage.group())
    stage.forget()
    try:
        await stage.target.delete("group", made.id)
    except Exception:
        assert not stage.writes("DELETE")
        return
    raise AssertionError("a group was deleted")


@scenario("id.may_change")
async def id_may_change(stage: Stage) -> None:
    """The id in the answer to an update is the one to go on with."""
    target_id, values = await stage.user()

    def renumbered(one: Exchange) -> Any:
        if one.method not in ("PATCH", "PUT"):
            return None
        return answer(200, {**created(stage), "id": "another", "meta": {"resourceType": "User"}})

    stage.wire.misbehave = renumbered
    found = await stage.target.update("user", target_id, values, {**values, stage.text_path(values): "Director"})
    assert found is not None
    assert found.id == "another"


@scenario("active.readonly")
async def active_readonly(stage: Stage) -> None:
    """`active` is never sent; switching off is a DELETE."""
    target_id, values = await stage.user()
    await stage.target.update("user", target_id, values, {**values, stage.name("active"): False})
    assert stage.writes("DELETE")
    assert not [one for one in stage.writes() if "'active'" in str(one.json)]
