"""Quirks of finding, listing and paging, of discovery, addresses and errors."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import orjson
import pytest

from ....errors import GalleryError
from ....targets import TargetFailure, discover
from ..stage import Stage
from ..wires import Exchange
from .acting import kind, list_answer, refusal, scenario, value

if TYPE_CHECKING:
    from ....manifest import Quirk
    from ..wires import Tampering

_DISCOVERY: Final = ("/ServiceProviderConfig", "/Schemas", "/ResourceTypes")


def _listed_paths(quirk: Any) -> tuple[str, ...]:
    """Paths that the quirk's value names."""
    return tuple(quirk.value)


async def _one(stage: Stage) -> tuple[str, str, str, Any]:
    """An object of the quirk's kind: kind, id, matching path and its value. Everything before is forgotten."""
    what = kind(stage)
    if what == "user":
        target_id, values = await stage.user()
    else:
        values = stage.group()
        target_id = (await stage.create("group", values)).id
    path = stage.matching(what)
    stage.forget()
    return what, target_id, path, values[path]


def _filters(stage: Stage) -> list[str]:
    return [one.query["filter"] for one in stage.seen if "filter" in one.query]


async def _listed(stage: Stage, what: str) -> list[str]:
    return [one.id async for page in stage.target.list_objects(what) for one in page.objects]


@scenario("filter.unsupported")
async def filter_unsupported(stage: Stage) -> None:
    """Objects are found without a filter."""
    what, target_id, path, wanted = await _one(stage)
    assert [one.id for one in await stage.target.find(what, path, wanted)] == [target_id]
    assert _filters(stage) == []


@scenario("filter.only")
async def filter_only(stage: Stage) -> None:
    """A filter is sent for the listed paths and no others."""
    what, target_id, path, wanted = await _one(stage)
    allowed = {stage.name(one, what) for one in value(stage)}
    assert [one.id for one in await stage.target.find(what, path, wanted)] == [target_id]
    assert bool(_filters(stage)) == (path in allowed)
    assert stage.target.capabilities.filterable(what) <= allowed, stage.target.capabilities.filterable(what)


@scenario("filter.case_sensitive")
async def filter_case_sensitive(stage: Stage) -> None:
    """A look-up that minds case and finds nothing is made once more in lower case."""
    what, target_id, path, wanted = await _one(stage)
    shouted = str(wanted).upper()
    stage.wire.misbehave = lambda one: list_answer() if shouted in one.query.get("filter", "") else None
    assert [one.id for one in await stage.target.find(what, path, shouted)] == [target_id]


@scenario("filter.quote_style")
async def filter_quote_style(stage: Stage) -> None:
    """The value of a filter is quoted as the target reads it."""
    what, _, path, wanted = await _one(stage)
    with suppress(GalleryError):
        await stage.target.find(what, path, wanted)
    mark = {"double": '"', "single": "'", "none": ""}[value(stage)]
    assert _filters(stage)
    assert _filters(stage)[0].endswith(f" eq {mark}{wanted}{mark}"), _filters(stage)


@scenario("filter.absent_status")
async def filter_absent_status(stage: Stage) -> None:
    """The status says that nobody was found."""
    what, _, path, _ = await _one(stage)
    stage.wire.misbehave = lambda one: refusal(value(stage)[0], "no such object") if "filter" in one.query else None
    assert await stage.target.find(what, path, "nobody@example.com") == []
    assert _filters(stage) and len(stage.seen) == 1, "the answer was not taken for one"


@scenario("query.attributes_refused")
async def query_attributes_refused(stage: Stage) -> None:
    """`attributes` and `excludedAttributes` are not sent."""
    made = await stage.create("group", stage.group())
    stage.forget()
    await _listed(stage, "group")
    await stage.target.read("group", made.id)
    assert not [one for one in stage.seen if {"attributes", "excludedAttributes"} & set(one.query)]


@scenario("page.unsupported")
async def page_unsupported(stage: Stage) -> None:
    """A list is asked for as a whole."""
    what, target_id, _, _ = await _one(stage)
    assert await _listed(stage, what) == [target_id]
    assert not [one for one in stage.seen if {"startIndex", "count"} & set(one.query)]


@scenario("page.total_unreliable", page_size=2)
async def page_total_unreliable(stage: Stage) -> None:
    """A list goes on until a page is empty, whatever the total says."""
    made = {(await stage.user(number))[0] for number in (1, 2, 3)}
    stage.wire.tamper = lambda one, body: {**body, "totalResults": 2} if "Resources" in body else body
    assert made <= set(await _listed(stage, "user"))
    assert await stage.target.count("user") is None


@scenario("page.start_index_base")
async def page_start_index_base(stage: Stage) -> None:
    """The first object has the number that the target gives it."""
    what, target_id, _, _ = await _one(stage)
    assert target_id in await _listed(stage, what)
    assert next(one.query["startIndex"] for one in stage.seen if "startIndex" in one.query) == str(value(stage))


def _silent_on_paging(exchange: Exchange, body: Any) -> Any:
    """A configuration that says nothing of cursors: the quirk alone tells."""
    return {name: one for name, one in body.items() if name != "pagination"} if isinstance(body, dict) else body


@scenario("page.cursor", page_size=2, tamper=lambda quirk: _silent_on_paging)
async def page_cursor(stage: Stage) -> None:
    """Pages are followed by cursor, in the target's own words."""
    names = {"parameter": "cursor", "next": "nextCursor", **value(stage)}
    pages = {"": ("u1", "second"), "second": ("u2", None)}

    def paged(one: Exchange) -> Any:
        cursor = one.query.get(names["parameter"])
        if not one.is_list or cursor is None:
            return None
        identity, following = pages[cursor]
        page = list_answer({"id": identity, "userName": identity, "displayName": identity}, total=2)
        if following is not None:
            page.content = orjson.dumps({**orjson.loads(page.content), names["next"]: following})
        return page

    stage.wire.misbehave = paged
    assert await _listed(stage, kind(stage)) == ["u1", "u2"]


@scenario("list.omits", paths=_listed_paths)
async def list_omits(stage: Stage) -> None:
    """What was found in a list is read by its id."""
    what, target_id, path, wanted = await _one(stage)
    found = await stage.target.find(what, path, wanted)
    assert [one.id for one in found] == [target_id]
    assert [one for one in stage.seen if one.method == "GET" and target_id in one.path]


@scenario("list.ignore_where")
async def list_ignore_where(stage: Stage) -> None:
    """Objects that are not real are in no list."""
    what = kind(stage)
    path, unreal = next(iter(value(stage).items()))
    pages = [list_answer(total=2), list_answer({"id": "ghost", path: unreal[0]}, {"id": "real", path: "real"})]
    stage.wire.misbehave = lambda one: pages.pop() if one.is_list and pages else None
    assert await _listed(stage, what) == ["real"]


@scenario("config.missing")
async def config_missing(stage: Stage) -> None:
    """Discovery is never asked."""
    await discover(stage.transport, stage.manifest)
    assert not [one.path for one in stage.seen if one.path.startswith(_DISCOVERY)]


@scenario("config.endpoint")
async def config_endpoint(stage: Stage) -> None:
    """The configuration is read where the target keeps it."""
    await discover(stage.transport, stage.manifest)
    asked = {one.path.rstrip("/") for one in stage.seen}
    assert value(stage).rstrip("/") in asked
    assert _DISCOVERY[0] not in asked, asked


def _denying(quirk: Quirk) -> Tampering:
    """A service provider configuration that says the contrary of the truth."""
    truth: Any = quirk.value

    def tamper(one: Exchange, body: Any) -> Any:
        if not one.path.startswith(_DISCOVERY[0]):
            return body
        return {**body, **{feature: {"supported": not true} for feature, true in truth.items()}}

    return tamper


@scenario("config.lies", tamper=_denying)
async def config_lies(stage: Stage) -> None:
    """What the configuration says of the named features is not believed."""
    config = (await discover(stage.transport, stage.manifest)).config
    assert config is not None
    for feature, true in value(stage).items():
        told = getattr(config, {"changePassword": "change_password"}.get(feature, feature))
        assert (told if isinstance(told, bool) else told.supported) is true, feature


@scenario("trailing_slash")
async def trailing_slash(stage: Stage) -> None:
    """Paths end as the target wants them to."""
    with suppress(GalleryError):
        await stage.target.find("user", stage.matching("user"), "nobody")
    with suppress(GalleryError):
        await stage.target.read("user", "u1")
    paths = [one.path for one in stage.seen if one.path.startswith(("/Users", "/Groups"))]
    assert paths
    assert all(path.endswith("/") == (value(stage) == "required") for path in paths), paths


@scenario("error.word_prefix")
async def error_word_prefix(stage: Stage) -> None:
    """The first word of an error's text is its code."""
    stage.wire.misbehave = lambda one: refusal(400, "some_word (user=7)") if one.method == "POST" else None
    with pytest.raises(TargetFailure) as refused:
        await stage.target.create("user", stage.person())
    assert refused.value.code == "some_word"
