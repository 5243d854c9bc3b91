"""Targets with an API of their own: a base that does what all of them need, and the pieces it is made of.

A connector's subclass of `RestTarget` says how one record is read, written and searched for. What is the same
everywhere is done here: columns by their declared types, checks before a request, look-ups verified again, names for
ids, lists that are rows of another table, members, failures by the manifest's rules, findings.
"""

from __future__ import annotations

from ..connection import refused_here
from .catalogue import Catalogue
from .columns import Columns, Record, Spelling, Values
from .hooks import rest_hooks
from .junctions import Junction, JunctionTable, Membership, Row, in_parallel, one_by_one
from .named import Grants, NamedReference
from .paging import RecordPage, by_key, by_offset, chunks, follow
from .renaming import Names, RenamedTarget, renamed_manifest
from .speaking import RestConnection, RestFailureReader, Said, Spell
from .target import Probe, RestTarget

__all__ = [
    "Catalogue",
    "Columns",
    "Grants",
    "Junction",
    "JunctionTable",
    "Membership",
    "NamedReference",
    "Names",
    "Probe",
    "Record",
    "RecordPage",
    "RenamedTarget",
    "RestConnection",
    "RestFailureReader",
    "RestTarget",
    "Row",
    "Said",
    "Spell",
    "Spelling",
    "Values",
    "by_key",
    "by_offset",
    "chunks",
    "follow",
    "in_parallel",
    "one_by_one",
    "refused_here",
    "renamed_manifest",
    "rest_hooks",
]
