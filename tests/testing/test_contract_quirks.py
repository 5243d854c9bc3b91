"""A quirk is proven by switching it off; every id of the vocabulary can be."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from gallery_sdk.manifest import VOCABULARY, Quirk
from gallery_sdk.testing.contract import ConnectorContract, Stage, Subject, TwinVenue, load_subject
from gallery_sdk.testing.contract.hurried import run_hurried
from gallery_sdk.testing.contract.quirk_scenarios import SCENARIOS
from gallery_sdk.testing.contract.quirks import IndistinctQuirkError, quirk_checks, try_quirk

COMPANIONS: Mapping[str, str] = {
    # Paths are only ever left out where a quirk says so, and PUT is only sent where PATCH is not.
    "patch.path_required": "patch.path_omitted",
    "put.keeps_omitted": "patch.unsupported",
}


def frozen(value: Any) -> Any:
    """A value as a manifest holds it."""
    if isinstance(value, list):
        return tuple(map(frozen, value))
    return {name: frozen(each) for name, each in value.items()} if isinstance(value, dict) else value


def subject_with(*quirks: Quirk, contract: ConnectorContract | None = None) -> Subject:
    """The generic connector with these quirks and no others; its twin plays them."""
    base = load_subject("scim")
    manifest = base.manifest.model_copy(update={"quirks": quirks})
    return replace(base, manifest=manifest, contract=contract or ConnectorContract())


def quirk(quirk_id: str, **more: Any) -> Quirk:
    """A declaration with the vocabulary's example for a value."""
    return Quirk(id=quirk_id, **{"value": frozen(VOCABULARY[quirk_id].example), **more})


def test_every_quirk_of_the_vocabulary_has_a_scenario() -> None:
    """And there is none for anything else."""
    assert SCENARIOS.keys() == VOCABULARY.keys()


@pytest.mark.parametrize("quirk_id", VOCABULARY)
def test_a_scenario_holds_with_its_quirk_and_not_without(quirk_id: str) -> None:
    """Against the server that the quirk's manifest sets up."""
    tried = quirk(quirk_id)
    companion = COMPANIONS.get(quirk_id)

    run_hurried(try_quirk(subject_with(tried, *([quirk(companion)] if companion else ())), TwinVenue(), tried))


def test_a_quirk_that_changes_nothing_is_reported() -> None:
    """`lower` is how operations are spelled anyway."""
    tried = quirk("patch.op_case", value="lower")

    with pytest.raises(IndistinctQuirkError, match=r"patch\.op_case promises also holds without it"):
        run_hurried(try_quirk(subject_with(tried), TwinVenue(), tried))


def test_a_quirk_whose_promise_is_broken_is_no_proof() -> None:
    """A scenario that fails with the quirk on fails the check, whatever happens without."""

    async def impossible(stage: Stage) -> None:
        raise AssertionError("never so")

    tried = quirk("put.forbidden")
    contract = ConnectorContract(scenarios={"put.forbidden": impossible})

    with pytest.raises(AssertionError, match="never so"):
        run_hurried(try_quirk(subject_with(tried, contract=contract), TwinVenue(), tried))


def test_checks_of_quirks_have_the_names_that_the_manifest_gives_them() -> None:
    """Two declarations under one name are one check; without a name the id serves. The text quotes the source."""
    source = "https://docs.example.com/scim"
    users = quirk("put.forbidden", test="put_is_never_sent", applies_to=("user",), source=source)
    groups = quirk("put.forbidden", test="put_is_never_sent", applies_to=("group",), source=source)
    other = quirk("config.missing")

    checks = {one.name: one for one in quirk_checks(subject_with(users, groups, other))}

    assert list(checks) == ["put_is_never_sent", "quirk_config_missing"]
    assert source in checks["put_is_never_sent"].text
    assert VOCABULARY["put.forbidden"].doc in checks["put_is_never_sent"].text


def test_hurried_time_keeps_the_order_of_sleepers() -> None:
    """A minute goes by in no time, and who sleeps longer wakes later."""
    woken: list[float] = []

    async def sleeper(seconds: float) -> None:
        await asyncio.sleep(seconds)
        woken.append(seconds)

    async def all_of_them() -> float:
        began = asyncio.get_running_loop().time()
        await asyncio.gather(*(sleeper(seconds) for seconds in (60.0, 1.0, 30.0)))
        return asyncio.get_running_loop().time() - began

    elapsed = run_hurried(all_of_them())

    assert woken == [1.0, 30.0, 60.0]
    assert elapsed >= 60.0
