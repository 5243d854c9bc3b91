"""The contract of the generic SCIM connector."""

from __future__ import annotations

from gallery_sdk.testing.contract import contract_suite

TestScim = contract_suite("scim")
