"""Quirks of what attributes hold: values that the target rewrites, refuses, drops or does not keep."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

from ....errors import GalleryError
from ....scim import parse_path
from ..stage import Stage
from ..wires import Exchange
from .acting import (
    ENTERPRISE,
    NUMBERS,
    another,
    created,
    held_by,
    in_resources,
    planted,
    refusal,
    scenario,
    told,
    touched,
    value,
)

_CROWN: Final = "\U0001f451"
_ADDRESS: Final = 'addresses[type eq "work"].locality'


def _listed(quirk: Any) -> tuple[str, ...]:
    """Paths that the quirk's value names."""
    return tuple(quirk.value)


def _names(exchange: Exchange, path: str) -> bool:
    """Whether a write speaks of a path."""
    parsed = parse_path(path)
    if parsed.urn == ENTERPRISE or parsed.urn is not None:
        return parsed.name in str(exchange.json)
    return parsed.name.lower() in touched(exchange)


@scenario("attribute.immutable", paths=_listed)
async def attribute_immutable(stage: Stage) -> None:
    """A create may set it, and no update speaks of it."""
    path = stage.name(value(stage)[0])
    target_id, values = await stage.user()
    stage.forget()
    after = {**values, path: another(stage, path, values)}
    with suppress(GalleryError):
        await stage.target.update("user", target_id, values, after)
    assert not [one for one in stage.writes() if _names(one, stage.scim_name(path))]


@scenario("attribute.update_refused", paths=_listed)
async def attribute_update_refused(stage: Stage) -> None:
    """Where the target refuses a new value, the rest of the change arrives."""
    path = stage.name(value(stage)[0])
    target_id, values = await stage.user()
    text = stage.text_path({one: each for one, each in values.items() if one != path})

    def refusing(one: Exchange) -> Any:
        if one.method in ("PATCH", "PUT") and _names(one, stage.scim_name(path)):
            return refusal(400, "this value may not change")
        return None

    stage.wire.misbehave = refusing
    await stage.target.update(
        "user", target_id, values, {**values, path: another(stage, path, values), text: "Director"}
    )
    assert (await stage.read("user", target_id))[text] == "Director"


@scenario("attribute.not_compared", paths=_listed)
async def attribute_not_compared(stage: Stage) -> None:
    """What the target shows for it is not taken for its value."""
    path = value(stage)[0]
    stage.wire.tamper = in_resources(lambda one: planted(one, path, "shown by the target"))
    target_id, _ = await stage.user()
    assert stage.name(path) in stage.target.capabilities.unreadable.get("user", ())
    assert stage.name(path) not in await stage.read("user", target_id)


@scenario("attribute.truncates", paths=_listed)
async def attribute_truncates(stage: Stage) -> None:
    """A text is sent no longer than the target keeps it."""
    path, most = next(iter(value(stage).items()))
    await stage.user(**{stage.name(path): "x" * (most + 5)})
    assert held_by(created(stage), path) == "x" * most


@scenario("attribute.strip_characters", paths=_listed)
async def attribute_strip_characters(stage: Stage) -> None:
    """The characters are not sent."""
    path, characters = next(iter(value(stage).items()))
    await stage.user(**{stage.name(path): f"A{characters}da"})
    assert held_by(created(stage), path) == "Ada"


@scenario("text.emoji_refused")
async def text_emoji_refused(stage: Stage) -> None:
    """Emoji are not sent."""
    path = stage.text_path(stage.person())
    await stage.user(**{path: f"Chief {_CROWN} pilot"})
    assert held_by(created(stage), stage.scim_name(path)) == "Chief pilot"


@scenario("empty_string.means_unset")
async def empty_string_means_unset(stage: Stage) -> None:
    """A text of blanks is no value."""
    path = stage.text_path(stage.person())
    stage.wire.tamper = in_resources(lambda one: planted(one, stage.scim_name(path), " "))
    target_id, _ = await stage.user(**{path: None})
    assert path not in await stage.read("user", target_id)


@scenario("null_values.equal_absent", paths=lambda quirk: ("roles",))
async def null_values_equal_absent(stage: Stage) -> None:
    """An item that says nothing is no value."""
    stage.wire.tamper = in_resources(lambda one: {**one, "roles": [{"value": None, "primary": True}]})
    target_id, _ = await stage.user()
    assert "roles" not in await stage.read("user", target_id)


@scenario("multi_valued.max_items", paths=lambda quirk: (_whole(quirk),))
async def multi_valued_max_items(stage: Stage) -> None:
    """No more items are sent than the target keeps."""
    assert stage.quirk is not None
    attribute = _whole(stage.quirk)
    most = value(stage)[attribute]
    apart = [one for one in stage.paths["user"] if stage.scim_name(one).startswith(f"{attribute}[")]
    if len(apart) > most and attribute == "phoneNumbers":
        await stage.user(**{**dict.fromkeys(apart), **dict(zip(apart, NUMBERS, strict=False))})
    else:
        items = [{"value": f"item-{number}"} for number in range(most + 1)]
        with suppress(GalleryError):  # what the items are is invented; how many go is looked at
            await stage.user(**{**dict.fromkeys(apart), attribute: items})
    assert len(created(stage)[attribute]) == most


def _whole(quirk: Any) -> str:
    """The limited attribute that is tried: one that people do not need."""
    return next((name for name in ("roles", "phoneNumbers", "photos") if name in quirk.value), next(iter(quirk.value)))


@scenario("multi_valued.type_not_returned", paths=lambda quirk: (_ADDRESS,) if "addresses" in _listed(quirk) else ())
async def multi_valued_type_not_returned(stage: Stage) -> None:
    """An item that comes back without its type is read as the mapped one."""
    attribute = value(stage)[0]
    own = [one for one in stage.paths["user"] if stage.scim_name(one).startswith(f"{attribute}[")]
    path = next((one for one in own if "locality" in one and '"work"' not in one), own[0])

    def bare(one: dict[str, Any]) -> dict[str, Any]:
        items = one.get(attribute) or []
        return {**one, attribute: [{name: each for name, each in item.items() if name != "type"} for item in items]}

    stage.wire.tamper = in_resources(bare)
    target_id, values = await stage.user(**{**dict.fromkeys(own), path: "London"})
    await stage.settled("user", target_id, {path: values[path]})


@scenario("locale.separator", paths=lambda quirk: ("locale",))
async def locale_separator(stage: Stage) -> None:
    """Locales are sent in the target's spelling, and compared in any."""
    spelled = f"en{value(stage)}US"
    await stage.user(locale="en_US" if value(stage) == "-" else "en-US")
    compare = stage.target.comparer("user")
    assert held_by(created(stage), "locale") == spelled
    assert compare is not None and compare("locale", "en_US", "en-us")


@scenario("external_id.not_stored", paths=lambda quirk: ("externalId",))
async def external_id_not_stored(stage: Stage) -> None:
    """It is sent in the create, and neither changed nor looked for afterwards."""
    path = stage.name("externalId")
    target_id, values = await stage.user(**{path: "e1"})
    stage.forget()
    await stage.target.update("user", target_id, {**values, path: "e1"}, {**values, path: "e2"})
    assert not stage.writes()
    assert path not in stage.target.capabilities.filterable("user")
    assert not told(stage.operations(), "externalId")
