"""The appliers of quirks: each module compiles one family into plain closures, once per job.

A function here is given the declared quirks and answers None where none of its family is declared, so that a quirk
nobody declares costs nothing per object. What each id means is said in `gallery_sdk.manifest.VOCABULARY`. Quirks that
steer which requests are sent (PUT or PATCH, reading back, paging, discovery) are code paths of the target's own
modules, beside what they change.
"""

from __future__ import annotations

from .comparing import compile_comparer
from .filtering import FilterText, compile_filter_text, filterable_paths
from .items import compile_item_shaper
from .patching import PatchShaper, compile_patch_shaper, compile_whole, whole_attributes
from .reading import compile_ignored, compile_reader
from .references import reference_subs
from .texts import compile_canonical
from .updating import unsendable_in_updates

__all__ = [
    "FilterText",
    "PatchShaper",
    "compile_canonical",
    "compile_comparer",
    "compile_filter_text",
    "compile_ignored",
    "compile_item_shaper",
    "compile_patch_shaper",
    "compile_reader",
    "compile_whole",
    "filterable_paths",
    "reference_subs",
    "unsendable_in_updates",
    "whole_attributes",
]
