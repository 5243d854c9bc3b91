"""A, R, I, L: signing in, throttling and failures, idempotence, secrets."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from ..looked_at import LookedAt
from ..rule import Seen, failed, judged, not_applicable, passed, rule

FRESH: Final = timedelta(days=365)


def shown_by(seen: LookedAt, *names: str) -> Seen:
    """By the named checks of the contract suite, those among them that apply to the connector."""
    if seen.evidence is None:
        return failed(seen.lacking)
    records = [record for name in names if (record := seen.check(name)) is not None]
    if not records:
        return not_applicable("no capability calls for it")
    wrong = [f"{one.name}: {one.detail}" for one in records if one.outcome == "failed"]
    return judged(wrong, ", ".join(one.name for one in records))


@rule(
    "A01",
    "silver",
    why="Authentication that is data can be reviewed, documented and renewed by the engine.",
    mend="Declare an [[auth.method]] of one of the manifest's kinds.",
)
def signs_in_by_data(seen: LookedAt) -> Seen:
    """At least one way to sign in is declared."""
    kinds = [one.kind for one in seen.manifest.auth_methods if one.kind != "none"]
    return passed(", ".join(kinds)) if kinds else failed("no [[auth.method]] with a credential")


@rule(
    "A02",
    "silver",
    why="Whoever sets an app up must learn at once whether the credential works, before anybody's account is touched.",
    mend="Add [auth.method.verify] with a cheap read to every method.",
)
def credentials_are_verified(seen: LookedAt) -> Seen:
    """Every way to sign in names a call that proves the credential."""
    methods = [one for one in seen.manifest.auth_methods if one.kind != "none"]
    return judged([f"{one.id} has no verify" for one in methods if one.verify is None], f"{len(methods)} methods")


@rule(
    "A03",
    "silver",
    why="Vendors change how one signs in; a fact that nobody has looked up for a year is a guess.",
    mend='Read the vendor\'s page again, and date it: verified = { on = 2026-01-31, how = "docs" }.',
)
def facts_are_fresh(seen: LookedAt) -> Seen:
    """Facts about signing in were checked within a year."""
    if seen.manifest.capabilities.discovered and "generic" in seen.manifest.categories:
        return not_applicable("no vendor: it signs in by open standards")
    wrong = []
    for one in seen.manifest.auth_methods:
        if one.kind == "none":
            continue
        if one.verified is None:
            wrong.append(f"{one.id} is not dated")
        elif not seen.day - FRESH <= one.verified.on <= seen.day:
            wrong.append(f"{one.id} was checked on {one.verified.on}")
    return judged(wrong, "all within 365 days")


@rule(
    "R01",
    "silver",
    why="A cycle over thousands of people is throttled sooner or later; it must wait as long as it is told.",
    mend="Let the twin throttle (CONTRACT.throttled), and read the vendor's own way to say so by [[error]] rules.",
)
def throttling_is_obeyed(seen: LookedAt) -> Seen:
    """Throttled requests are sent again when the target says, and lose nobody."""
    return shown_by(seen, "throttled", "throttling_loses_nobody")


@rule(
    "R03",
    "silver",
    why="Servers fail and connections break in every long run; that must cost time and nothing else.",
    mend="Leave retries to the engine; classify failures so that these are `retry`.",
)
def failures_are_survived(seen: LookedAt) -> Seen:
    """5xx answers and broken connections are retried, and lose nobody."""
    return shown_by(
        seen, "server_error", "server_error_on_create", "connection_reset", "resets_lose_nobody",
        "server_errors_lose_nobody",
    )  # fmt: skip


@rule(
    "R04",
    "silver",
    why="An engine that knows the limit keeps below it; one that guesses locks others of the tenant out.",
    mend="Declare every published limit as [[limit]] with its source; one from memory is no fact.",
)
def limits_are_sourced(seen: LookedAt) -> Seen:
    """Declared limits say where they were read."""
    limits = seen.manifest.limits
    if not limits:
        return not_applicable("no limit is published that the manifest knows of")
    return judged([f"limit {one.match!r} has no source" for one in limits if not one.source], f"{len(limits)} limits")


@rule(
    "I01",
    "silver",
    why="A second run that writes again costs requests, fills audit logs, and hides real changes.",
    mend="Normalise what is compared by the quirks that say how the target stores values.",
)
def second_run_writes_nothing(seen: LookedAt) -> Seen:
    """A second run over an unchanged source writes nothing."""
    return shown_by(seen, "idempotence", "unchanged_user", "same_members_twice", "changes_converge")


@rule(
    "I02",
    "silver",
    why="People who have an account already are adopted or reported, never doubled.",
    mend="Read the target's way to say `taken` as conflict, by an [[error]] rule.",
)
def conflicts_are_settled(seen: LookedAt) -> Seen:
    """A create that is refused as a duplicate follows lifecycle.conflict."""
    return shown_by(seen, "conflict", "lost_response")


@rule(
    "I03",
    "silver",
    why="Leavers must lose access, and whoever returns must get the old account back.",
    mend="Check [lifecycle] against the vendor's words on deactivation and deletion.",
)
def leavers_leave(seen: LookedAt) -> Seen:
    """Leaving, returning and deleting do what they say, also when done twice."""
    return shown_by(seen, "leave_and_return", "disable_user", "enable_user", "delete_user", "delete_group")


@rule(
    "L01",
    "silver",
    why="Logs go to places where credentials must not.",
    mend="Pass secrets through the SDK's Secret and never into texts of errors.",
    waivable=False,
)
def secrets_are_not_told(seen: LookedAt) -> Seen:
    """No secret appears in logs, errors or reports."""
    return shown_by(seen, "redaction")
