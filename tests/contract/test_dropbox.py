"""The contract of Dropbox."""

from __future__ import annotations

from gallery_sdk.testing.contract import contract_suite

TestDropbox = contract_suite("dropbox")
