"""Slack's SCIM API in memory: what the connector is tested against and tried with."""

from __future__ import annotations

from functools import partial

from gallery_sdk.testing import ScaledClock, Twin

from .application import SlackTwin
from .settings import RATE_LIMITS, Principal, SlackSettings

__all__ = ["RATE_LIMITS", "Principal", "SlackSettings", "SlackTwin", "make_twin"]

DEMO_RATE_SCALE = 60.0
DEMO_TOKEN = "xoxp-twin"  # noqa: S105 - opens the twin alone


def make_twin(*, rate_scale: float = DEMO_RATE_SCALE, version: str = "v2") -> Twin:
    """The twin as the demo and the contract suite start it.

    Args:
        rate_scale: Seconds of Slack's rate limits that go by in a real one; 1 for Slack's own pace.
        version: v1 or v2.
    """
    return Twin(
        make=partial(_start, rate_scale),
        base_path=f"/scim/{version}",
        settings={"api_version": version},
        method="user_token",
        credentials={"token": DEMO_TOKEN},
        rate_scale=rate_scale,
        note=f"Slack's published rate limits hold, on a clock that runs {rate_scale:g} times as fast",
    )


def _start(rate_scale: float) -> SlackTwin:
    return SlackTwin(SlackSettings(tokens={DEMO_TOKEN: Principal()}, clock=ScaledClock(rate_scale)))
