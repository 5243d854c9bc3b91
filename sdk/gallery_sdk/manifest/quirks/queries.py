"""Quirks of finding, listing and paging, of discovery, addresses and errors."""

from __future__ import annotations

from typing import Final

from .definition import BOTH, CONNECTION, PATHS, QuirkDefinition, flag, valued
from .values import ListOf, OneOf, OnOff, Record, TableOf, Text, Whole

QUERIES: Final[tuple[QuirkDefinition, ...]] = (
    # Finding and listing
    flag(
        "filter.unsupported",
        BOTH,
        "`filter` is never sent: objects are looked up by listing all once and comparing here.",
    ),
    valued(
        "filter.only",
        BOTH,
        PATHS,
        ["userName"],
        "`filter` is sent for the listed paths only (operator eq); look-ups by other paths list and compare here.",
    ),
    valued(
        "filter.case_sensitive",
        BOTH,
        PATHS,
        ["userName"],
        "The target's filter minds case in the listed paths although their values are not case exact: a look-up that "
        "finds nothing is sent once more with the value in lower case, where that differs.",
    ),
    valued(
        "filter.quote_style",
        BOTH,
        OneOf(("double", "single", "none")),
        "none",
        "Filter values are written `\"x\"` (double, the default, JSON escapes), `'x'` (single) or bare (none).",
    ),
    valued(
        "filter.absent_status",
        BOTH,
        ListOf(Whole(400, 499)),
        [404],
        "An answer with one of these statuses to a filtered list means that nothing was found.",
    ),
    flag(
        "query.attributes_refused",
        BOTH,
        "The query parameters `attributes` and `excludedAttributes` are never sent.",
    ),
    flag("page.unsupported", BOTH, "Lists are asked without `startIndex` and `count`; one answer is the whole list."),
    flag(
        "page.total_unreliable",
        BOTH,
        "`totalResults` is not believed: a list ends at the first page without resources, and counts are unknown, "
        "unless "
        "the first page is empty.",
    ),
    valued(
        "page.start_index_base",
        BOTH,
        Whole(0, 1),
        0,
        "`startIndex` of the first object: 1 by RFC 7644 section 3.4.2.4, or 0.",
    ),
    valued(
        "page.cursor",
        BOTH,
        Record({"parameter": Text(), "next": Text()}),
        {"parameter": "cursor", "next": "nextCursor"},
        "Lists are paged by cursor (RFC 9865): the first request sends the parameter empty, each next one the cursor "
        "in the previous answer's field `next`; no cursor there ends the list. `parameter` and `next` default to the "
        "RFC's names, cursor and nextCursor.",
    ),
    valued(
        "list.omits",
        BOTH,
        PATHS,
        ["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"],
        "Lists leave out the listed paths: an object that was found in a list is read by its id before it is compared, "
        "where one of them is mapped.",
    ),
    valued(
        "list.ignore_where",
        BOTH,
        TableOf(ListOf(Text())),
        {"userName": ["synthetic_user"]},
        "Objects whose path has one of the values are not real: they are dropped from lists and look-ups.",
    ),
    # Discovery, addresses, errors
    flag("config.missing", CONNECTION, "`/ServiceProviderConfig`, `/Schemas` and `/ResourceTypes` are never asked."),
    valued(
        "config.endpoint",
        CONNECTION,
        Text(),
        "/ServiceProviderConfigs",
        "The path at which the service provider configuration is read instead of `/ServiceProviderConfig`.",
    ),
    valued(
        "config.lies",
        CONNECTION,
        TableOf(OnOff(), key="feature (patch, bulk, filter, sort, etag, changePassword)"),
        {"filter": True},
        "What the service provider configuration says of these features is overruled.",
    ),
    valued(
        "trailing_slash",
        CONNECTION,
        OneOf(("required", "forbidden")),
        "required",
        "Every path ends with `/` (required), or none does (forbidden, the default).",
    ),
    flag(
        "error.word_prefix",
        CONNECTION,
        "The text of an error begins with a machine-readable word: what is before the first blank is the `code` that "
        "`[[error]]` rules are compared with.",
    ),
)
