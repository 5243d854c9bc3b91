"""Parsing filters: `gallery_sdk.scim.parse_filter` against scim2-filter-parser, in one process, by turns."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from statistics import geometric_mean, median
from typing import Final

from scim2_filter_parser.lexer import SCIMLexer  # type: ignore[import-untyped]  # it ships no types
from scim2_filter_parser.parser import SCIMParser  # type: ignore[import-untyped]

from gallery_sdk.scim import parse_filter

from ..usage import tell

_FILTERS: Final = (
    # What provisioning sends, and the examples of RFC 7644 section 3.4.2.2 that both can parse. `{}` is filled with
    # another text in every round, so that nothing is answered from memory.
    'userName eq "user{}@example.com"',
    'externalId eq "4f0c-{}"',
    'displayName eq "All of {}"',
    'id eq "{}" and active eq true',
    'emails[type eq "work" and value eq "user{}@example.com"]',
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq "{}"',
    'name.familyName co "O\'Malley {}"',
    'userName sw "J{}"',
    'title pr and userType eq "Employee {}"',
    'title pr or userType eq "Intern {}"',
    'meta.lastModified gt "2011-05-13T04:42:34Z" and userName ne "{}"',
    'schemas eq "urn:ietf:params:scim:schemas:extension:{}:2.0:User"',
    'userType eq "Employee" and (emails co "example.com" or emails.value co "example{}.org")',
    'userType ne "Employee" and not (emails co "example.com" or emails.value co "example{}.org")',
    'emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo{}.com"]',
)
_COPIES: Final = 4
_ROUNDS: Final = 40


def main() -> None:
    """Tell CPU microseconds per filter of each, and the ratio of the whole and of each filter."""
    lexer, parser = SCIMLexer(), SCIMParser()

    def theirs(texts: Iterable[str]) -> None:
        for text in texts:
            parser.parse(lexer.tokenize(text))

    def ours(texts: Iterable[str]) -> None:
        for text in texts:
            parse_filter(text)

    ratios: list[float] = []
    each: dict[str, list[float]] = {text: [] for text in _FILTERS}
    spent: dict[str, list[float]] = {"ours": [], "theirs": []}
    for turn in range(_ROUNDS):
        of_ours = of_theirs = 0.0
        for pattern in _FILTERS:
            texts = [pattern.replace("{}", f"{turn}-{copy}") for copy in range(_COPIES)]
            mine, other = _microseconds(ours, texts), _microseconds(theirs, texts)
            of_ours, of_theirs = of_ours + mine, of_theirs + other
            each[pattern].append(other / mine)
        spent["ours"].append(of_ours / len(_FILTERS))
        spent["theirs"].append(of_theirs / len(_FILTERS))
        ratios.append(of_theirs / of_ours)
    of_each = [median(values) for values in each.values()]
    tell(
        ratio=median(ratios),
        least=min(of_each),
        mean=geometric_mean(of_each),
        ours=median(spent["ours"]),
        theirs=median(spent["theirs"]),
    )


def _microseconds(work: Callable[[Iterable[str]], None], texts: list[str]) -> float:
    """CPU time per filter."""
    began = time.process_time_ns()
    work(texts)
    return (time.process_time_ns() - began) / 1000 / len(texts)


if __name__ == "__main__":
    main()
