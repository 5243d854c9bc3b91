"""Whatever a manifest can say, the pages have words for."""

from __future__ import annotations

from typing import get_args

import pytest

from gallery_sdk.catalog.grading import TIERS
from gallery_sdk.catalog.tiers import RuleOutcome
from gallery_sdk.manifest import Capabilities, Lifecycle
from gallery_sdk.manifest.auth import MethodKind
from gallery_sdk.manifest.base import Mark
from gallery_sdk.manifest.behaviour import FailureWord, Transport
from gallery_sdk.site import wording
from gallery_sdk.site.artwork import artwork


@pytest.mark.parametrize(
    ("said", "words"),
    [
        pytest.param(get_args(MethodKind), wording.AUTH_KINDS, id="ways to sign in"),
        pytest.param(TIERS, wording.TIERS, id="tiers"),
        pytest.param(get_args(Transport.model_fields["kind"].annotation), wording.PROTOCOLS, id="protocols"),
        pytest.param(get_args(Mark), wording.MARKS, id="marks"),
        pytest.param(get_args(FailureWord), wording.FAILURES, id="failures"),
        pytest.param(get_args(Lifecycle.model_fields["on_delete"].annotation), wording.LEAVING, id="leaving"),
        pytest.param(get_args(RuleOutcome.model_fields["status"].annotation), wording.STATUSES, id="results"),
    ],
)
def test_every_word_of_a_manifest_is_explained(said: tuple[str, ...], words: dict[str, object]) -> None:
    """A word more in the format, and this asks for its explanation."""
    assert set(said) == set(words)


@pytest.mark.parametrize("kind", ["user", "group"])
def test_every_ability_has_words(kind: str) -> None:
    """And no two have the same."""
    known = get_args(get_args(Capabilities.model_fields[kind].annotation)[0])
    told = {wording.ability_words(f"{kind}:{word}") for word in known}

    assert len(told) == len(known) > 0


def test_a_picture_is_the_same_everywhere_and_no_other_connector_has_it() -> None:
    """It is drawn from the name alone."""
    names = [f"connector-{number}" for number in range(500)]

    assert artwork("slack") == artwork.__wrapped__("slack")
    assert len({artwork(name) for name in names}) == len(names)
