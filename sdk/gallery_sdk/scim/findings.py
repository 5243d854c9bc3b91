"""What was wrong with an answer that could be used all the same: leniency as data, never as silence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class FindingCode(StrEnum):
    """The closed list of departures that are read past; `SENTENCES` says each in a sentence."""

    MISSING_SCHEMAS = "missing_schemas"
    ODD_SCHEMAS = "odd_schemas"
    MISSING_ID = "missing_id"
    ID_AS_NUMBER = "id_as_number"
    BOOLEAN_AS_TEXT = "boolean_as_text"
    SINGLE_FOR_MULTI_VALUED = "single_for_multi_valued"
    NAME_CASE = "name_case"
    NULL_VALUES = "null_values"
    UNKNOWN_ATTRIBUTE = "unknown_attribute"
    BAD_RESOURCE_IN_PAGE = "bad_resource_in_page"
    LIST_AS_BARE_ARRAY = "list_as_bare_array"
    RESOURCES_MISSING = "resources_missing"
    RESOURCES_LOWER_CASE = "resources_lower_case"
    TOTAL_AS_TEXT = "total_as_text"
    TOTAL_MISSING = "total_missing"
    MOVING_TOTAL = "moving_total"
    REPEATED_PAGE = "repeated_page"
    DUPLICATE_RESOURCE = "duplicate_resource"
    SHORT_PAGE = "short_page"
    INCOMPLETE_LISTING = "incomplete_listing"
    CURSOR_STUCK = "cursor_stuck"
    CURSOR_RESTARTED = "cursor_restarted"
    STATUS_AS_NUMBER = "status_as_number"
    HTML_ANSWER = "html_answer"
    WRONG_CONTENT_TYPE = "wrong_content_type"
    CREATE_ANSWERED_200 = "create_answered_200"
    CREATE_WITHOUT_ID = "create_without_id"
    MISSING_IN_DISCOVERY = "missing_in_discovery"


SENTENCES: Final[dict[FindingCode, str]] = {
    FindingCode.MISSING_SCHEMAS: "The message or resource carries no `schemas` (RFC 7643 section 3).",
    FindingCode.ODD_SCHEMAS: "`schemas` is not an array of URNs, or lacks the URN that the message should have.",
    FindingCode.MISSING_ID: "A resource carries no `id` (RFC 7643 section 3.1).",
    FindingCode.ID_AS_NUMBER: "`id` is a number; it was read as the text of that number.",
    FindingCode.BOOLEAN_AS_TEXT: 'A boolean is written as text, such as "True"; it was read as the boolean it means.',
    FindingCode.SINGLE_FOR_MULTI_VALUED: "A multi-valued attribute holds a value outside an array; an array was made.",
    FindingCode.NAME_CASE: "An attribute is spelt in another letter case than its schema spells it.",
    FindingCode.NULL_VALUES: "Attributes without a value are written as null; they were read as absent.",
    FindingCode.UNKNOWN_ATTRIBUTE: "The schema does not define an attribute; it was kept as it came.",
    FindingCode.BAD_RESOURCE_IN_PAGE: "An entry of a page is not a resource; it was skipped and the others were read.",
    FindingCode.LIST_AS_BARE_ARRAY: "A list came as a bare array instead of a ListResponse (RFC 7644 section 3.4.2).",
    FindingCode.RESOURCES_MISSING: "A ListResponse that reports results has no `Resources`; it was read as empty.",
    FindingCode.RESOURCES_LOWER_CASE: "`Resources`, or another member of the list, is spelt in another letter case.",
    FindingCode.TOTAL_AS_TEXT: "A count, such as `totalResults`, is text; it was read as the number that it spells.",
    FindingCode.TOTAL_MISSING: "A list without cursor carries no usable `totalResults`.",
    FindingCode.MOVING_TOTAL: "`totalResults` changed while the list was read; people may have been added or removed.",
    FindingCode.REPEATED_PAGE: "The target answered with a page that it had sent before; reading stopped there.",
    FindingCode.DUPLICATE_RESOURCE: "A resource came twice, as happens when the list moves between two pages.",
    FindingCode.SHORT_PAGE: "A page holds fewer resources than were asked for, and is not the last.",
    FindingCode.INCOMPLETE_LISTING: "The list ended before `totalResults` resources were read.",
    FindingCode.CURSOR_STUCK: "`nextCursor` is one that was followed before; reading stopped there.",
    FindingCode.CURSOR_RESTARTED: "The cursor expired and the list was read again from its start (RFC 9865).",
    FindingCode.STATUS_AS_NUMBER: "`status` of an error is a number; RFC 7644 section 3.12 has it as text.",
    FindingCode.HTML_ANSWER: "The answer is an HTML page, such as a login form or a proxy's error.",
    FindingCode.WRONG_CONTENT_TYPE: "The media type is not application/scim+json (RFC 7644 section 3.1).",
    FindingCode.CREATE_ANSWERED_200: "A create was answered with 200 instead of 201 (RFC 7644 section 3.3).",
    FindingCode.CREATE_WITHOUT_ID: "A create was answered without the resource's `id`.",
    FindingCode.MISSING_IN_DISCOVERY: "A discovery document lacks a member that RFC 7643 requires.",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One departure: its code, where it was seen (a path, never a value of a person), and what was seen."""

    code: FindingCode
    where: str
    detail: str = ""

    def __str__(self) -> str:
        seen = f" ({self.detail})" if self.detail else ""
        return f"{self.where}: {SENTENCES[self.code]}{seen}"
