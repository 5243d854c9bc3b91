"""K: recordings: there, replayed without a network, free of secrets, and whether a vendor gave the answers."""

from __future__ import annotations

from typing import Final

from ..looked_at import LookedAt, cassette_digests
from ..rule import Seen, failed, judged, passed, rule
from .behaviour import FRESH

_CORE: Final = {"user:create": "create_user", "user:read": "read_user"}


def core_behaviours(seen: LookedAt) -> list[str]:
    """What must be recorded: the connection test, a read, and a write of users."""
    able = seen.manifest.capabilities.user
    return ["connection_test", *(name for need, name in _CORE.items() if need.partition(":")[2] in able)]


@rule(
    "K01",
    "silver",
    why="A recording pins what goes over the wire, so that a change of the SDK cannot change it unseen.",
    mend="Run `gallery record SLUG` in the connector's folder, or at the root of the repository that it is part of.",
)
def core_is_recorded(seen: LookedAt) -> Seen:
    """Connection test, read and write of users are recorded."""
    names = {one.name for one in seen.cassettes if one.header is not None}
    wrong = [f"{one} is not recorded" for one in core_behaviours(seen) if one not in names]
    return judged(wrong, f"{len(names)} recordings")


@rule(
    "K02",
    "silver",
    why="A recording that the connector no longer fits proves nothing.",
    mend="Run `gallery check --contract`; record anew what the connector now says in other words.",
)
def recordings_replay(seen: LookedAt) -> Seen:
    """Every recording is replayed with the network closed, and its promise holds."""
    if not seen.cassettes:
        return failed("there is no recording")
    if seen.evidence is None:
        return failed(seen.lacking)
    if seen.evidence.replay.cassettes != cassette_digests(seen.cassettes):
        return failed("the recordings changed since they were replayed: run `gallery check --contract` again")
    wrong = [f"{one.name}: {one.detail}" for one in seen.evidence.replay.checks if one.outcome == "failed"]
    return judged(wrong, f"{len(seen.evidence.replay.checks)} replayed")


@rule(
    "K03",
    "silver",
    why="Recordings are published; a token or an address in one is out for good.",
    mend="Remove the recording, revoke what it told, and record anew: the recorder scrubs.",
    waivable=False,
)
def recordings_are_scrubbed(seen: LookedAt) -> Seen:
    """No recording holds anything that looks like a secret or belongs to a person."""
    from ....testing.cassettes import find_problems

    wrong = [f"{one.name}: {problem}" for one in seen.cassettes for problem in find_problems(one.text, one.name)]
    return judged(wrong, f"{len(seen.cassettes)} recordings looked through")


@rule(
    "K04",
    "gold",
    why="A twin behaves as its author read the documentation; only the vendor's own answers show what the app does.",
    mend="Record the core behaviours against a tenant of the vendor's: `gallery record --live`.",
    waivable=False,
)
def recorded_from_the_vendor(seen: LookedAt) -> Seen:
    """The core behaviours were recorded from the real vendor within a year."""
    found = {one.name: one.header for one in seen.cassettes if one.header is not None}
    wrong = []
    for name in core_behaviours(seen):
        header = found.get(name)
        if header is None or header.origin != "vendor":
            wrong.append(f"{name} is not recorded from the vendor")
        elif not seen.day - FRESH <= header.day <= seen.day:
            wrong.append(f"{name} was recorded on {header.day}")
    return judged(wrong, "recorded from the vendor")


@rule(
    "K05",
    "gold",
    why="One person falls ill, changes the job, loses interest.",
    mend="Find a second maintainer.",
    waivable=False,
)
def two_maintainers(seen: LookedAt) -> Seen:
    """Two people or more maintain it."""
    count = len(set(seen.manifest.maintainers))
    return passed(f"{count}") if count >= 2 else failed(f"{count} is named")
