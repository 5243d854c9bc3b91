"""The checks, by subject. Importing this package registers them."""

from __future__ import annotations

from . import connection, cycles, failures, groups, listings, rates, safety, scale, secrets, users

__all__ = ["connection", "cycles", "failures", "groups", "listings", "rates", "safety", "scale", "secrets", "users"]
