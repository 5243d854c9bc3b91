"""As much of SOQL as provisioning asks: SELECT, FROM, WHERE with AND, ORDER BY, LIMIT.

Source, read on 2026-11-23: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/. Texts compare
without regard to letter case, ids in either of their lengths.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from ..quirks import long_id
from .fields import FIELDS
from .org import Org, Record, SalesforceRefusal

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')|(?P<word>[A-Za-z_][\w.]*(?:\(\))?)|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<sign>!=|<>|<=|>=|[=<>(),]))"
)
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t"}
_WORDS: Final = {"true": True, "false": False, "null": None}


@dataclass(slots=True)
class Query:
    """A parsed query; `fields` is empty for COUNT()."""

    table: str
    fields: list[str]
    conditions: list[tuple[str, str, Any]]
    order: tuple[str, bool] | None = None
    limit: int | None = None


def run(org: Org, text: str) -> tuple[Query, list[Record]]:
    """The query, and the records that it finds, whole.

    Raises:
        SalesforceRefusal: MALFORMED_QUERY, INVALID_TYPE, INVALID_FIELD.
    """
    query = parse(text)
    table = org.table(query.table)
    for field in query.fields:
        _check_field(query.table, field)
    conditions = [
        (field, sign, {_comparable(one, field) for one in wanted} if sign == "in" else _comparable(wanted, field))
        for field, sign, wanted in query.conditions
    ]
    found = [one for one in _candidates(org, query, table) if _holds(org, query.table, conditions, one)]
    found = [record for record in found if not org.is_missed(record["Id"])]
    if query.order is not None:
        field, descending = query.order
        found.sort(key=lambda record: str(org.value(query.table, record, field) or ""), reverse=descending)
    return query, found if query.limit is None else found[: query.limit]


def parse(text: str) -> Query:
    """Read a query.

    Raises:
        SalesforceRefusal: MALFORMED_QUERY.
    """
    tokens = _Tokens(text)
    tokens.expect("select")
    fields: list[str] = []
    if tokens.peek().casefold() == "count()":
        tokens.take()
    else:
        fields.append(tokens.name())
        while tokens.accept(","):
            fields.append(tokens.name())
    tokens.expect("from")
    query = Query(tokens.name(), fields, [])
    if tokens.accept("where"):
        query.conditions.append(_condition(tokens))
        while tokens.accept("and"):
            query.conditions.append(_condition(tokens))
    if tokens.accept("order"):
        tokens.expect("by")
        name = tokens.name()
        query.order = (name, tokens.accept("desc"))
        tokens.accept("asc")
    if tokens.accept("limit"):
        query.limit = int(tokens.take())
    if tokens.peek():
        raise _malformed(f"unexpected token: '{tokens.peek()}'")
    return query


class _Tokens:
    def __init__(self, text: str) -> None:
        self._tokens: list[str] = []
        place, text = 0, text.rstrip()
        while place < len(text):
            found = _TOKEN.match(text, place)
            if found is None:
                raise _malformed(f"unexpected character at {place}")
            self._tokens.append(found[0].strip())
            place = found.end()
        self._at = 0

    def peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def take(self) -> str:
        token = self.peek()
        if not token:
            raise _malformed("unexpected end")
        self._at += 1
        return token

    def accept(self, word: str) -> bool:
        is_next = self.peek().casefold() == word
        self._at += is_next
        return is_next

    def expect(self, word: str) -> None:
        if not self.accept(word):
            raise _malformed(f"expecting '{word}', found '{self.peek()}'")

    def name(self) -> str:
        token = self.take()
        if not re.fullmatch(r"[A-Za-z_][\w.]*", token):
            raise _malformed(f"unexpected token: '{token}'")
        return token


def _condition(tokens: _Tokens) -> tuple[str, str, Any]:
    field, sign = tokens.name(), tokens.take().casefold()
    if sign == "in":
        tokens.expect("(")
        values = [_literal(tokens.take())]
        while tokens.accept(","):
            values.append(_literal(tokens.take()))
        tokens.expect(")")
        return field, sign, values
    if sign not in ("=", "!=", "<>", "<", ">", "<=", ">="):
        raise _malformed(f"unexpected token: '{sign}'")
    return field, sign, _literal(tokens.take())


def _literal(token: str) -> Any:
    if token.startswith("'"):
        return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), token[1:-1])
    if token.casefold() in _WORDS:
        return _WORDS[token.casefold()]
    try:
        return float(token) if "." in token else int(token)
    except ValueError:
        raise _malformed(f"unexpected token: '{token}'") from None


def _candidates(org: Org, query: Query, table: dict[str, Record]) -> list[Record]:
    """Records to be looked at: those that the query names by an id or a user name, where it does."""
    for field, sign, wanted in query.conditions:
        if field == "Id" and sign in ("=", "in"):
            ids = wanted if sign == "in" else [wanted]
            return [table[long_id(one)] for one in ids if long_id(str(one)) in table]
        if field == "Username" and sign == "=" and query.table == "User":
            return org.with_username(str(wanted))
    return list(table.values())


def _holds(org: Org, table: str, conditions: list[tuple[str, str, Any]], record: Record) -> bool:
    for field, sign, wanted in conditions:
        found = _comparable(org.value(table, record, field), field)
        if sign == "in":
            holds = found in wanted
        elif sign == "=":
            holds = found == wanted
        elif sign in ("!=", "<>"):
            holds = found != wanted
        elif found is None or wanted is None:
            holds = False
        else:
            holds = {"<": found < wanted, ">": found > wanted, "<=": found <= wanted, ">=": found >= wanted}[sign]
        if not holds:
            return False
    return True


def _comparable(value: Any, field: str) -> Any:
    if not isinstance(value, str):
        return value
    return long_id(value) if field.endswith("Id") else value.casefold()


def _check_field(table: str, field: str) -> None:
    name, dot, _ = field.partition(".")
    if (f"{name}Id" if dot else name) not in FIELDS[table]:
        raise SalesforceRefusal(400, "INVALID_FIELD", f"No such column '{field}' on entity '{table}'.")


def _malformed(what: str) -> SalesforceRefusal:
    return SalesforceRefusal(400, "MALFORMED_QUERY", what)
