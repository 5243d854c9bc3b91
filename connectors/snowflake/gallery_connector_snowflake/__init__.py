"""Snowflake for the gallery."""
