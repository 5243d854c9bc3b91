"""The contract of Slack."""

from __future__ import annotations

from gallery_sdk.testing.contract import contract_suite

TestSlack = contract_suite("slack")
