"""Dropbox teams: members with their admin role, and groups."""
