"""ServiceNow: by its Table API, or with `api = "scim"` by its SCIM plugin under the same mapping."""

from __future__ import annotations

from gallery_sdk.targets.rest import rest_hooks

gallery_target, gallery_twin = rest_hooks(__name__.rpartition(".")[0], "ServiceNowTarget")
