"""The contract of Salesforce."""

from __future__ import annotations

from gallery_sdk.testing.contract import contract_suite

TestSalesforce = contract_suite("salesforce")
