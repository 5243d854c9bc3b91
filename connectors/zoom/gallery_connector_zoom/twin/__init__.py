"""Zoom in memory: token endpoint, SCIM2 and a corner of REST; what the connector is tested against and tried with."""

from __future__ import annotations

from functools import partial

from gallery_sdk.testing import ScaledClock, Twin

from .application import ZoomTwin
from .settings import RATE_LIMITS, ZoomSettings

__all__ = ["RATE_LIMITS", "ZoomSettings", "ZoomTwin", "make_twin"]

DEMO_RATE_SCALE = 10.0


def make_twin(*, rate_scale: float = DEMO_RATE_SCALE) -> Twin:
    """The twin as the demo and the contract suite start it.

    Args:
        rate_scale: Seconds of Zoom's rate limits that go by in a real one; 1 for Zoom's own pace.
    """
    client = ZoomSettings()
    return Twin(
        make=partial(_start, rate_scale),
        base_path="/scim2",
        method="server_to_server",
        credentials={
            "account_id": client.account_id,
            "client_id": client.client_id,
            "client_secret": client.client_secret,
        },
        rate_scale=rate_scale,
        note=f"Zoom's published rate limits hold, on a clock that runs {rate_scale:g} times as fast",
    )


def _start(rate_scale: float) -> ZoomTwin:
    return ZoomTwin(ZoomSettings(clock=ScaledClock(rate_scale)))
