"""Quirks of how a change is written: PATCH, PUT, clearing."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from ....errors import GalleryError
from ....scim import parse_path
from ..stage import Stage
from ..wires import Exchange
from .acting import ENTERPRISE, changed, kind, refusal, scenario, told, touched, value

_EMPTY: Final = {"null": None, "empty_string": "", "space": " "}
_CONFIG: Final = "/ServiceProviderConfig"
_GIVEN, _FAMILY = "name.givenName", "name.familyName"


def _claiming_patch(exchange: Exchange, body: Any) -> Any:
    """A configuration that says nothing of PATCH: the quirk alone tells."""
    if not exchange.path.startswith(_CONFIG) or not isinstance(body, dict):
        return body
    return {**body, "patch": {"supported": True}}


@scenario("patch.unsupported", tamper=lambda quirk: _claiming_patch)
async def patch_unsupported(stage: Stage) -> None:
    """A change goes by PUT, and PATCH is never tried."""
    await changed(stage)
    assert stage.writes("PUT")
    assert not stage.writes("PATCH")


@scenario("patch.only")
async def patch_only(stage: Stage) -> None:
    """PATCH speaks of nothing but what is listed; a change of anything else arrives all the same."""
    allowed = {parse_path(path).name.lower() for path in value(stage)}
    if kind(stage) == "group":
        await changed(stage)
    else:
        target_id, values = await stage.user()
        wanted = await stage.update("user", target_id, values, **{stage.text_path(values): "Director"})
        await stage.settled("user", target_id, wanted)
    for one in stage.writes("PATCH"):
        assert touched(one) <= allowed, f"PATCH of {touched(one) - allowed}"


@scenario("patch.path_required")
async def patch_path_required(stage: Stage) -> None:
    """Every operation has a path."""
    await changed(stage)
    assert stage.operations()
    assert all(one.get("path") for one in stage.operations()), stage.operations()


@scenario("patch.path_omitted")
async def patch_path_omitted(stage: Stage) -> None:
    """What is added or replaced travels without a path."""
    await changed(stage)
    giving = [one for one in stage.operations() if one["op"].lower() != "remove"]
    assert giving
    assert all("path" not in one for one in giving), giving


@scenario("patch.op_case")
async def patch_op_case(stage: Stage) -> None:
    """`op` is spelled as the target wants it."""
    await changed(stage)
    wanted = str.title if value(stage) == "title" else str.lower
    assert stage.operations()
    assert all(one["op"] == wanted(one["op"]) for one in stage.operations()), stage.operations()


@scenario("patch.max_ops")
async def patch_max_ops(stage: Stage) -> None:
    """No request holds more operations than allowed, though more are needed."""
    most: int = value(stage)
    if kind(stage) == "user" and most < 4:
        target_id, values = await stage.user()
        texts = ("title", "displayName", f"{ENTERPRISE}:department", f"{ENTERPRISE}:employeeNumber")
        mine = [stage.name(path) for path in texts if stage.name(path) in values]
        stage.forget()
        await stage.update("user", target_id, values, **dict.fromkeys(mine[: most + 1], "Other"))
    else:
        members = [f"m{number}" for number in range(most + 1)]
        made = await stage.create("group", stage.group())
        stage.forget()
        stage.wire.misbehave = lambda one: refusal(204, "") if one.method == "PATCH" else None
        await stage.target.change_members(made.id, [], members, current_size=len(members))
    sizes = [len(one.json["Operations"]) for one in stage.writes("PATCH")]
    assert sum(sizes) > most
    assert max(sizes) <= most, sizes


@scenario("patch.bool_as_string")
async def patch_bool_as_string(stage: Stage) -> None:
    """Booleans travel as texts in PATCH."""
    target_id, values = await stage.user()
    stage.forget()
    await stage.update("user", target_id, values, **{stage.name("active"): False})
    assert told(stage.operations(), "active") == ["False"], stage.operations()


@scenario("patch.no_complex_value")
async def patch_no_complex_value(stage: Stage) -> None:
    """No operation with a path has an object for its value."""
    given, family = stage.name(_GIVEN), stage.name(_FAMILY)
    names = [path for path in stage.paths["user"] if stage.scim_name(path).startswith("name.")]
    target_id, values = await stage.user(**dict.fromkeys(names))
    stage.forget()
    await stage.update("user", target_id, values, **{given: "Ada", family: "Lovelace"})
    assert stage.operations()
    assert not [one for one in stage.operations() if isinstance(one.get("value"), Mapping)], stage.operations()


@scenario("patch.replace_only")
async def patch_replace_only(stage: Stage) -> None:
    """What is set for the first time is replaced, not added."""
    if kind(stage) == "group":
        await changed(stage)
    else:
        text = stage.text_path(stage.person())
        target_id, values = await stage.user(**{text: None})
        stage.forget()
        await stage.update("user", target_id, values, **{text: "Director"})
    assert stage.operations()
    assert not [one for one in stage.operations() if one["op"].lower() == "add"], stage.operations()


@scenario("patch.no_filtered_path")
async def patch_no_filtered_path(stage: Stage) -> None:
    """No path has a filter in it, whichever item of a list changes."""
    target_id, values = await stage.user()
    other = stage.person(2)
    items = {path: other[path] for path in values if "[" in stage.scim_name(path) and path in other}
    assert items, "no item of a list is mapped"
    stage.forget()
    await stage.update("user", target_id, values, **items)
    assert stage.operations()
    assert not [one for one in stage.operations() if "[" in one.get("path", "")], stage.operations()


def _extension_paths(stage: Stage) -> list[str]:
    """Mapped texts of an extension."""
    references = stage.mapping("user").references
    found = [path for path in stage.person() if parse_path(stage.scim_name(path)).urn and path not in references]
    assert found, "no attribute of an extension is mapped"
    return found


@scenario("patch.extension_as_object")
async def patch_extension_as_object(stage: Stage) -> None:
    """Attributes of an extension change in one operation, at the extension's URN."""
    target_id, values = await stage.user()
    paths = _extension_paths(stage)
    stage.forget()
    await stage.update("user", target_id, values, **dict.fromkeys(paths, "Other"))
    urn = parse_path(stage.scim_name(paths[0])).urn
    assert [one["path"] for one in stage.operations()] == [urn], stage.operations()


@scenario("patch.extension_remove_separator")
async def patch_extension_remove_separator(stage: Stage) -> None:
    """A removal joins URN and attribute in the target's way."""
    target_id, values = await stage.user()
    path = _extension_paths(stage)[0]
    parsed = parse_path(stage.scim_name(path))
    stage.forget()
    with suppress(GalleryError):  # a twin may refuse the wrong way; what was sent is looked at
        await stage.update("user", target_id, values, **{path: None})
    mark = "." if value(stage) == "dot" else ":"
    removals = [one["path"] for one in stage.operations() if one["op"].lower() == "remove"]
    assert removals == [f"{parsed.urn}{mark}{parsed.name}"], stage.operations()


@scenario("put.forbidden")
async def put_forbidden(stage: Stage) -> None:
    """PUT is not sent, not even where PATCH is refused as unknown."""
    stage.wire.misbehave = lambda one: refusal(501, "not implemented") if one.method == "PATCH" else None
    with suppress(GalleryError):
        await changed(stage)
    assert stage.writes("PATCH")
    assert not stage.writes("PUT")


@scenario("put.keeps_omitted")
async def put_keeps_omitted(stage: Stage) -> None:
    """A PUT carries what changed, and nothing is read for it."""
    target_id, values = await stage.user()
    path = stage.text_path(values)
    stage.forget()
    await stage.update("user", target_id, values, **{path: "Director"})
    put = stage.writes("PUT")
    assert put and stage.seen[0] is put[0], "the resource was read first, or no PUT was sent"
    assert len(touched(put[0])) < len({parse_path(stage.scim_name(one)).name for one in values}), put[0].json


@scenario("clear.style")
async def clear_style(stage: Stage) -> None:
    """A text is cleared in the target's way."""
    target_id, values = await stage.user()
    path = stage.text_path(values)
    stage.forget()
    with suppress(GalleryError):
        await stage.update("user", target_id, values, **{path: None})
    if value(stage) == "remove":
        assert [one["op"].lower() for one in stage.operations()] == ["remove"], stage.operations()
    else:
        assert told(stage.operations(), stage.scim_name(path)) == [_EMPTY[value(stage)]], stage.operations()
