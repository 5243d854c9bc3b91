"""The contract of Zoom."""

from __future__ import annotations

from gallery_sdk.testing.contract import contract_suite

TestZoom = contract_suite("zoom")
