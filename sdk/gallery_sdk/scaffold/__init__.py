"""A new connector, written from templates so that it is sound before its first edit."""

from __future__ import annotations

from .writing import PROTOCOLS, NewConnector, write_connector

__all__ = ["PROTOCOLS", "NewConnector", "write_connector"]
