"""Quirks of user names, e-mail addresses, telephone numbers and managers."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

from ....errors import GalleryError
from ....targets import TargetFailure
from ..stage import Stage
from .acting import ENTERPRISE, MAIN, MANAGER, MOBILE, NUMBERS, WORK, created, in_resources, scenario, value

HOME: Final = 'emails[type eq "home"].value'


@scenario("username.normalize")
async def username_normalize(stage: Stage) -> None:
    """A user name is rewritten as the target would, before it is compared."""
    path, raw = stage.name("userName"), "Zoë.Müller!Of-A.Very.Long.Family@Example.com"
    target_id, values = await stage.user(**{path: raw})
    assert created(stage)["userName"] == values[path] != raw
    await stage.settled("user", target_id, {path: raw})


@scenario("username.is_email")
async def username_is_email(stage: Stage) -> None:
    """A user name that is no address fails the object without a request."""
    values = {**stage.person(), stage.name("userName"): "no-address"}
    stage.forget()
    try:
        await stage.target.create("user", values)
    except TargetFailure:
        assert not stage.writes()
        return
    raise AssertionError("an account was made under a name that is no address")


@scenario("email.type_not_returned", paths=lambda quirk: (WORK,))
async def email_type_not_returned(stage: Stage) -> None:
    """An address that comes back without its type is read by its being the primary one."""
    first = value(stage)["primary"]
    path = stage.name(f'emails[type eq "{first}"].value')

    def bare(one: dict[str, Any]) -> dict[str, Any]:
        emails = [{"value": each.get("value"), "primary": True} for each in (one.get("emails") or [])[:1]]
        return {**one, "emails": emails} if emails else one

    stage.wire.tamper = in_resources(bare)
    target_id, values = await stage.user(**{path: "ada@example.com"})
    await stage.settled("user", target_id, {path: values[path]})


@scenario("email.primary_required", paths=lambda quirk: (HOME,))
async def email_primary_required(stage: Stage) -> None:
    """Exactly one address is the primary one, also where none of them is the work address."""
    addresses = [path for path in stage.paths["user"] if stage.scim_name(path).startswith("emails")]
    with suppress(GalleryError):  # a target may refuse the account without it; what was sent is looked at
        await stage.user(**{**dict.fromkeys(addresses), stage.name(HOME): "ada@example.com"})
    assert [one.get("primary") for one in created(stage)["emails"]].count(True) == 1, created(stage)["emails"]


@scenario("email.type_fixed", paths=lambda quirk: tuple(f'emails[type eq "{one}"].value' for one in ("work", "home")))
async def email_type_fixed(stage: Stage) -> None:
    """Every address is sent under the one type."""
    other = "home" if value(stage) != "home" else "work"
    await stage.user(**{f'emails[type eq "{other}"].value': "ada@example.com"})
    assert {one["type"] for one in created(stage)["emails"]} == {value(stage)}


@scenario("phone.types_inverted", paths=lambda quirk: (MAIN, MOBILE))
async def phone_types_inverted(stage: Stage) -> None:
    """Numbers travel by being primary or not, and without a type."""
    main, mobile = stage.name(MAIN), stage.name(MOBILE)
    await stage.user(**{main: NUMBERS[0], mobile: NUMBERS[1]})
    sent = sorted(created(stage)["phoneNumbers"], key=lambda one: str(one["value"]))
    assert [(one["value"], one.get("primary"), one.get("type")) for one in sent] == [
        (NUMBERS[0], True, None), (NUMBERS[1], False, None),
    ], sent  # fmt: skip


@scenario("phone.format", paths=lambda quirk: (MAIN,))
async def phone_format(stage: Stage) -> None:
    """Numbers are sent as `+` and digits."""
    await stage.user(**{stage.name(MAIN): "+1 (206) 555-0181"})
    assert created(stage)["phoneNumbers"][0]["value"] == NUMBERS[0]


async def _sent_manager(stage: Stage) -> object:
    """The shape in which a manager is sent; a resource that shows it in that shape must be read as the manager's id."""
    path = stage.name(MANAGER)
    boss, _ = await stage.user(2)
    with suppress(GalleryError):  # a twin that knows another shape refuses it; what was sent is looked at
        await stage.user(**{path: boss})
    shape = created(stage)[ENTERPRISE]["manager"]
    stage.wire.tamper = in_resources(lambda one: {**one, ENTERPRISE: {"manager": shape}})
    assert (await stage.read("user", boss))[path] == boss
    return shape


@scenario("manager.sub_attribute", paths=lambda quirk: (MANAGER,))
async def manager_sub_attribute(stage: Stage) -> None:
    """A manager is an object with the target's own name for the id."""
    shape = await _sent_manager(stage)
    assert isinstance(shape, dict) and list(shape) == [value(stage)], shape


@scenario("manager.plain_string", paths=lambda quirk: (MANAGER,))
async def manager_plain_string(stage: Stage) -> None:
    """A manager is the id itself."""
    assert isinstance(await _sent_manager(stage), str)
