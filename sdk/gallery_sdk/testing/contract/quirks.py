"""Checks of declared quirks: the scenario holds with the quirk, and does not hold without it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...errors import GalleryError
from ...manifest import VOCABULARY
from .checking import TWIN, Check
from .quirk_scenarios import SCENARIOS, QuirkScenario, every_path
from .stage import open_stage, with_page_size

if TYPE_CHECKING:
    from ...manifest import Manifest, Quirk
    from .subject import Subject
    from .venues import Venue


class IndistinctQuirkError(AssertionError):
    """A quirk whose scenario holds with it and without it: it is not needed, or nothing shows that it is."""


def quirk_checks(subject: Subject) -> list[Check]:
    """One check per declared quirk, named as its `test` says; two that share a name are one check."""
    named: dict[str, list[Quirk]] = {}
    for quirk in subject.manifest.quirks:
        if quirk.id not in subject.contract.left_out:
            name = (quirk.test or f"quirk_{quirk.id.replace('.', '_')}").removeprefix("test_")
            named.setdefault(name, []).append(quirk)
    return [_check(name, tuple(quirks)) for name, quirks in named.items()]


def _check(name: str, quirks: tuple[Quirk, ...]) -> Check:
    async def run(subject: Subject, venue: Venue) -> Mapping[str, int]:
        for quirk in quirks:
            await try_quirk(subject, venue, quirk)
        return {}

    return Check(name, "MUST", "\n\n".join(_text(quirk) for quirk in quirks), run, TWIN)


def _text(quirk: Quirk) -> str:
    read = f", read {quirk.read}" if quirk.read is not None else ""
    mark = f" ({quirk.mark})" if quirk.mark is not None else ""
    note = f"\n{quirk.note}." if quirk.note else ""
    return f"{quirk.id}: {VOCABULARY[quirk.id].doc}{note}\n\nSource: {quirk.source or 'none is given'}{read}{mark}."


async def try_quirk(subject: Subject, venue: Venue, quirk: Quirk) -> None:
    """Try one quirk on and off, each time on a new twin.

    Raises:
        AssertionError: The promise does not hold with the quirk.
        IndistinctQuirkError: It holds without the quirk as well.
    """
    own = subject.contract.scenarios.get(quirk.id)
    scenario = QuirkScenario(own) if own is not None else SCENARIOS[quirk.id]
    await _act(subject, venue, subject.manifest, quirk, scenario)
    try:
        await _act(subject, venue, subject.manifest.without_quirk(quirk.id), quirk, scenario)
    except (AssertionError, GalleryError, LookupError, TypeError, ValueError, AttributeError):
        return  # whatever stops it, the promise was not kept
    except BaseException as error:
        if type(error).__module__.startswith(("_pytest", "pytest")):
            return  # pytest.raises and pytest.fail end a scenario by exceptions of their own
        raise
    raise IndistinctQuirkError(
        f"{subject.slug}: what {quirk.id} promises also holds without it. Remove the quirk, or give the connector a "
        "twin or a scenario (contract.py) that shows why it is needed"
    )


async def _act(subject: Subject, venue: Venue, manifest: Manifest, quirk: Quirk, scenario: QuirkScenario) -> None:
    if scenario.page_size is not None:
        manifest = with_page_size(manifest, scenario.page_size)
    kind = quirk.kinds()[0]
    paths = every_path(manifest)
    known = subject.contract.names.get(kind, {})
    paths[kind] = list(dict.fromkeys([*paths[kind], *(known.get(path, path) for path in scenario.paths(quirk))]))
    async with open_stage(
        subject,
        venue,
        quirk.id,
        manifest=manifest,
        settings=subject.contract.quirk_settings,
        paths=paths,
        quirk=quirk,
        prepare=subject.contract.quirk_seeds.get(quirk.id),
        tamper=None if scenario.tamper is None else scenario.tamper(quirk),
    ) as stage:
        await scenario.act(stage)
