"""The rule table, a module per side of a connector. Importing it registers every rule."""

from __future__ import annotations

from . import identity, packaging, mapping, behaviour, recordings, documents, proof, scale, publishing  # isort: skip  # the table's order

__all__ = ["behaviour", "documents", "identity", "mapping", "packaging", "proof", "publishing", "recordings", "scale"]
