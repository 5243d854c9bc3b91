"""Recordings of behaviours: made from a twin or a vendor, scrubbed by default-deny, replayed without a network.

Names are imported at first use: grading reads heads alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._faces import imported_at_first_use

if TYPE_CHECKING:
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

_HOME = {
    "CassetteError": "errors",
    "CassetteHeader": "header",
    "CassetteVenue": "venues",
    "Recorded": "recorder",
    "Scrubber": "scrubbing",
    "behaviours_of": "recorder",
    "find_folder_problems": "guarding",
    "find_problems": "guarding",
    "parse_header": "header",
    "record": "recorder",
}

__getattr__ = imported_at_first_use(__name__, _HOME)
