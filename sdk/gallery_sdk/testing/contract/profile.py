"""What a connector adds to its contract: the file `contract.py` of its package, where data is not enough."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, TypeAlias

from ...errors import PluginError
from ..faults import Fault

if TYPE_CHECKING:
    from ..application import TwinApplication
    from .stage import Stage

Scenario: TypeAlias = Callable[["Stage"], Awaitable[None]]
"""Acts on a stage and asserts; raises where the promise is not kept."""

THROTTLED: Final = Fault(status=429, word="too_many_requests", headers={"Retry-After": "7"}, times=1)


@dataclass(frozen=True, slots=True)
class ConnectorContract:
    """A connector's additions, named `CONTRACT` in `gallery_connector_<slug>/contract.py`.

    Attributes:
        settings: Values of `[[config.input]]` on top of the twin's, for every check.
        quirk_settings: The same for the checks of quirks: which API speaks SCIM, where a connector has several.
        people: By number (from 1), source attributes of the invented person besides the usual ones, such as roles;
            under 0 those of everybody who has no entry.
        names: By kind, SCIM path to the connector's own path, for a connector that maps SCIM under other names.
        scenarios: By quirk id, what is tried instead of the SDK's own scenario.
        quirk_seeds: By quirk id, what is done to the twin before its scenario.
        seed: What is done to every twin: profiles, licences and roles that people need.
        throttled: How the app says "too fast" when the twin is told to; None where it never does.
        left_out: By name of a check or id of a quirk, why it does not apply. The reason is part of the report.
    """

    settings: Mapping[str, str] = field(default_factory=dict)
    quirk_settings: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[int, Mapping[str, object]] = field(default_factory=dict)
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    scenarios: Mapping[str, Scenario] = field(default_factory=dict)
    quirk_seeds: Mapping[str, Callable[[TwinApplication], None]] = field(default_factory=dict)
    seed: Callable[[TwinApplication], None] | None = None
    throttled: Fault | None = THROTTLED
    left_out: Mapping[str, str] = field(default_factory=dict)


def find_contract(package: str) -> ConnectorContract:
    """The additions of a connector's package; none where it has no `contract.py`.

    Raises:
        PluginError: `contract.py` has no `CONTRACT`.
    """
    if find_spec(package) is None or find_spec(f"{package}.contract") is None:
        return ConnectorContract()
    found = getattr(import_module(f"{package}.contract"), "CONTRACT", None)
    if not isinstance(found, ConnectorContract):
        raise PluginError(
            f"CONTRACT is {type(found).__name__}",
            f"{package}/contract.py",
            "Write CONTRACT = ConnectorContract(...), from gallery_sdk.testing.contract",
        )
    return found
