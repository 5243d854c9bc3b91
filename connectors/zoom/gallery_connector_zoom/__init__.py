"""Zoom for the gallery."""
