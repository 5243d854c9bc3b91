"""Recordings of behaviours: made from a twin or a vendor, scrubbed by default-deny, replayed without a network."""

from __future__ import annotations

from .errors import CassetteError
from .guarding import find_folder_problems, find_problems
from .header import CassetteHeader, parse_header
from .recorder import Recorded, behaviours_of, record
from .scrubbing import Scrubber
from .venues import CassetteVenue

__all__ = [
    "CassetteError",
    "CassetteHeader",
    "CassetteVenue",
    "Recorded",
    "Scrubber",
    "behaviours_of",
    "find_folder_problems",
    "find_problems",
    "parse_header",
    "record",
]
