"""Filters of RFC 7644 section 3.4.2.2: parse, print, build, evaluate."""

from __future__ import annotations

from .ast import And, AttributePath, Comparison, Filter, Not, Or, Present, Scalar, ValuePath, print_filter, quote
from .build import and_, eq, or_
from .evaluate import compile_filter
from .parser import parse_filter
from .path import parse_path

__all__ = [
    "And",
    "AttributePath",
    "Comparison",
    "Filter",
    "Not",
    "Or",
    "Present",
    "Scalar",
    "ValuePath",
    "and_",
    "compile_filter",
    "eq",
    "or_",
    "parse_filter",
    "parse_path",
    "print_filter",
    "quote",
]
