"""What the contract suite must know of Salesforce: quirks are those of its SCIM API, under the columns' names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from gallery_sdk.testing.contract import ConnectorContract, Stage
from gallery_sdk.testing.contract.quirk_scenarios.acting import created

from .scim import NAMES

if TYPE_CHECKING:
    from gallery_sdk.testing import TwinApplication

    from .twin import SalesforceTwin

_GROUP: Final = "Sales"


def _seed_group(twin: TwinApplication) -> None:
    """A public group, which the SCIM API can change and not make."""
    cast("SalesforceTwin", twin).org.seed("Group", Name=_GROUP, Type="Regular")


async def _members_leave_by_value(stage: Stage) -> None:
    """Members are named in `value`, whoever stays stays."""
    first, second = [(await stage.user(number))[0] for number in (1, 2)]
    (group,) = await stage.target.find("group", stage.name("displayName", "group"), _GROUP)
    await stage.target.change_members(group.id, [first, second], [], current_size=0)
    stage.forget()

    await stage.target.change_members(group.id, [], [first], current_size=2)

    (removal,) = stage.operations()
    assert removal["op"] == "remove" and "[" not in removal.get("path", ""), removal
    assert first in str(removal["value"])
    assert await stage.target.read_members(group.id) == {second}


async def _one_number(stage: Stage) -> None:
    """One telephone number is sent, though two are mapped."""
    await stage.user(Phone="+12065550181", MobilePhone="+12065550182")
    assert len(created(stage)["phoneNumbers"]) == 1


CONTRACT: Final = ConnectorContract(
    quirk_settings={"api": "scim"},
    names={kind: {path: column for column, path in table.items()} for kind, table in NAMES.items()},
    scenarios={"patch.remove_members_style": _members_leave_by_value, "multi_valued.max_items": _one_number},
    quirk_seeds={"patch.remove_members_style": _seed_group},
)
