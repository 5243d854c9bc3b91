"""Who is in scope: scoping filters written as clauses, compiled once to a closure. Pure."""

from .clauses import OPERATORS, ScopingClause, parse_clause
from .compiling import ScopePredicate, ScopeVerdict, ScopingFilter, compile_scope
from .questions import find_questions

__all__ = [
    "OPERATORS",
    "ScopePredicate",
    "ScopeVerdict",
    "ScopingClause",
    "ScopingFilter",
    "compile_scope",
    "find_questions",
    "parse_clause",
]
