"""Salesforce: by its object REST API, or with `api = "scim"` by its SCIM 2.0 API under the same mapping."""

from __future__ import annotations

from gallery_sdk.targets.rest import rest_hooks

gallery_target, gallery_twin = rest_hooks(__name__.rpartition(".")[0], "SalesforceTarget")
