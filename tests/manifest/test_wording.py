"""What a manifest declares reads alike wherever it is told."""

from __future__ import annotations

import pytest

from gallery_sdk.manifest import AttributeMapping, LimitDeclaration
from gallery_sdk.manifest.wording import limit_text, limited_text, when_text


@pytest.mark.parametrize(
    ("declared", "words", "without_matching"),
    [
        ({}, "always", "always"),
        ({"when": "create"}, "on creation", "on creation"),
        ({"when": "when_empty"}, "while empty", "while empty"),
        ({"match": 1}, "always, matching 1", "always"),
        ({"enabled": False, "when": "create"}, "off", "off"),
        ({"enabled": False, "match": 2}, "off, matching 2", "off"),
    ],
    ids=str,
)
def test_a_mapping_says_when_it_applies(declared: dict[str, object], words: str, without_matching: str) -> None:
    """And which part it has in finding accounts, unless that is told elsewhere."""
    mapping = AttributeMapping.model_validate({"target": "userName", "source": "mail", **declared})

    assert when_text(mapping) == words
    assert when_text(mapping, matching=False) == without_matching


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ({"requests": 600, "per_seconds": 60}, "600 requests in a minute"),
        ({"requests": 20, "per_seconds": 60, "burst": 180}, "20 requests in a minute, bursts of 180"),
        ({"requests": 25_000, "per_seconds": 86_400}, "25,000 requests in a day"),
        ({"requests": 100, "per_seconds": 3_600}, "100 requests in an hour"),
        ({"requests": 100, "per_seconds": 600}, "100 requests in 10 minutes"),
        ({"requests": 100, "per_seconds": 90}, "100 requests in 90 s"),
        ({"requests": 10}, "10 requests in a second"),
        ({"requests": 1, "per_seconds": 0.5}, "1 request in 0.5 s"),
        ({"concurrency": 4}, "4 at the same time"),
        ({"requests": 5, "concurrency": 2}, "5 requests in a second, 2 at the same time"),
    ],
    ids=str,
)
def test_a_limit_says_how_much(declared: dict[str, object], words: str) -> None:
    """In the largest unit that fits."""
    assert limit_text(LimitDeclaration.model_validate(declared)) == words


def test_a_limit_says_of_what() -> None:
    """All requests, or those of its pattern."""
    assert limited_text(LimitDeclaration(requests=1)) == "all requests"
    assert limited_text(LimitDeclaration(requests=1, match="POST /Users")) == "POST /Users"
