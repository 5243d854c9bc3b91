"""The contract of ServiceNow."""

from __future__ import annotations

from gallery_sdk.testing.contract import contract_suite

TestServiceNow = contract_suite("servicenow")
