"""Dropbox by the team routes of its API v2: every call is a POST, and errors may come inside a success."""

from __future__ import annotations

from gallery_sdk.targets.rest import rest_hooks

gallery_target, gallery_twin = rest_hooks(__name__.rpartition(".")[0], "DropboxTarget")
