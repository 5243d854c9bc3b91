"""One answer to a query, read leniently (RFC 7644 section 3.4.2, RFC 9865)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..errors import ScimError
from ._access import find_key
from .findings import Finding, FindingCode
from .resources import parse_resource
from .schemas import SchemaSet
from .urns import LIST_RESPONSE, SCIM1_CORE


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a listing.

    Attributes:
        resources: The usable ones, in the order sent, in the shape of their schema.
        total: `totalResults`, over all pages; None where the target says none, as cursor paging allows.
        start_index: 1-based index of the first resource; None where not given.
        items_per_page: What the target says of this page; None where not given.
        next_cursor: The cursor of the next page; None on the last, and under index paging.
        findings: What had to be forgiven.
        skipped: Entries that were no resources; they count toward the position in the list.
    """

    resources: list[dict[str, object]]
    total: int | None = None
    start_index: int | None = None
    items_per_page: int | None = None
    next_cursor: str | None = None
    findings: tuple[Finding, ...] = field(default=())
    skipped: int = 0


def parse_list(body: object, *, schema: SchemaSet | None = None, where: str = "list") -> ListPage:
    """Read a ListResponse, or what a target sends in its place.

    Members are found in any letter case, counts may be text, `Resources` may be missing or null, and the whole may be
    a bare array. An entry that is no resource is reported and skipped; it never costs the others.

    Raises:
        ScimError: The body is neither an object nor an array, or is an object with no sign of being a list.
    """
    if isinstance(body, list):
        resources, findings, skipped = _resources(body, schema, where)
        bare = Finding(FindingCode.LIST_AS_BARE_ARRAY, where)
        return ListPage(resources, len(body), 1, len(body), None, (bare, *findings), skipped)
    if not isinstance(body, Mapping):
        raise _not_a_list(where, "neither an object nor an array")
    reader = _Members(body, where)
    reader.check_schemas()
    total = reader.number("totalResults")
    entries = reader.member("Resources")
    if entries is None:
        if total is None and find_key(body, "Resources") is None:
            raise _not_a_list(where, "an object with neither Resources nor totalResults")
        if total:
            reader.findings.append(Finding(FindingCode.RESOURCES_MISSING, where))
        entries = []
    elif isinstance(entries, Mapping):
        entries = [entries]
    if not isinstance(entries, list):
        raise _not_a_list(where, "an object whose Resources is no array")
    resources, findings, skipped = _resources(entries, schema, where)
    cursor = reader.member("nextCursor")
    next_cursor = cursor if isinstance(cursor, str) and cursor else None
    if total is None and next_cursor is None and find_key(body, "previousCursor") is None:
        reader.findings.append(Finding(FindingCode.TOTAL_MISSING, where))
    return ListPage(
        resources,
        total,
        reader.number("startIndex"),
        reader.number("itemsPerPage"),
        next_cursor,
        (*reader.findings, *findings),
        skipped,
    )


def _resources(
    entries: list[object], schema: SchemaSet | None, where: str
) -> tuple[list[dict[str, object]], tuple[Finding, ...], int]:
    """The usable entries, one finding per code over the page, and how many entries were skipped."""
    resources: list[dict[str, object]] = []
    bad: list[Finding] = []
    findings: dict[FindingCode, Finding] = {}
    for index, entry in enumerate(entries):
        place = f"{where}.Resources[{index}]"
        try:
            resource, found = parse_resource(entry, schema=schema, where=place)
        except ScimError as error:
            bad.append(Finding(FindingCode.BAD_RESOURCE_IN_PAGE, place, error.what))
            continue
        resources.append(resource)
        for finding in found:
            findings.setdefault(finding.code, finding)
    return resources, (*bad, *findings.values()), len(bad)


class _Members:
    """The members of a list message, looked up in any letter case."""

    def __init__(self, body: Mapping[str, object], where: str) -> None:
        self._body, self._where = body, where
        self.findings: list[Finding] = []

    def member(self, name: str) -> object:
        key = find_key(self._body, name)
        if key is None:
            return None
        if key != name and not any(f.code == FindingCode.RESOURCES_LOWER_CASE for f in self.findings):
            self.findings.append(Finding(FindingCode.RESOURCES_LOWER_CASE, self._where, f"{key} for {name}"))
        return self._body[key]

    def number(self, name: str) -> int | None:
        value = self.member(name)
        if isinstance(value, str) and value.strip().isdecimal() and len(value) < 19:
            self.findings.append(Finding(FindingCode.TOTAL_AS_TEXT, f"{self._where}.{name}"))
            return int(value)
        if isinstance(value, float) and value.is_integer():
            return int(value)
        return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None

    def check_schemas(self) -> None:
        schemas = self.member("schemas")
        if not schemas:
            self.findings.append(Finding(FindingCode.MISSING_SCHEMAS, self._where))
        elif not isinstance(schemas, list) or not {LIST_RESPONSE, SCIM1_CORE} & {str(urn) for urn in schemas}:
            self.findings.append(Finding(FindingCode.ODD_SCHEMAS, f"{self._where}.schemas"))


def _not_a_list(where: str, what: str) -> ScimError:
    return ScimError(
        f"a list was wanted, and the answer is {what}", where, "Check the base URL and the path of the list"
    )
