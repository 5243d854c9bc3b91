"""The contract of Fabrikam Desk."""

from __future__ import annotations

from gallery_sdk.testing.contract import contract_suite

TestFabrikamDesk = contract_suite("fabrikam-desk")
