"""A, R, I, L: signing in, throttling and failures, idempotence, secrets."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from ..looked_at import LookedAt
from ..promises import promise, shown_by
from ..rule import Seen, failed, judged, not_applicable, passed, rule

FRESH: Final = timedelta(days=365)


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


promise(
    "R01",
    "silver",
    "Throttled requests are sent again when the target says, in seconds or by a date, and lose nobody",
    "throttled",
    "throttled_until_a_date",
    "throttling_loses_nobody",
    why="A cycle over thousands of people is throttled sooner or later; it must wait as long as it is told.",
    mend="Let the twin throttle (CONTRACT.throttled), and read the vendor's own way to say so by [[error]] rules.",
)

promise(
    "R02",
    "silver",
    "Every other way in which the app says `too fast` is read as one",
    "hidden_throttling",
    why="Some apps throttle by another status than 429; taken at its word it fails people who have done nothing wrong.",
    mend='Give the [[error]] rule the status and code that the vendor documents, with failure = "rate_limited".',
)

promise(
    "R03",
    "silver",
    "5xx answers and broken connections are retried, and lose nobody",
    "server_error",
    "server_error_on_create",
    "connection_reset",
    "resets_lose_nobody",
    "server_errors_lose_nobody",
    why="Servers fail and connections break in every long run; that must cost time and nothing else.",
    mend="Leave retries to the engine; classify failures so that these are `retry`.",
)


@rule(
    "R04",
    "silver",
    why="An engine that knows the limit keeps below it; one that guesses locks others of the tenant out.",
    mend="Declare every published limit as [[limit]] with its source; one from memory is no fact.",
)
def limits_are_kept(seen: LookedAt) -> Seen:
    """Declared limits say where they were read, and a run over 10,000 people never exceeds them."""
    limits = seen.manifest.limits
    if not limits:
        return not_applicable("no limit is published that the manifest knows of")
    unsourced = [f"limit {one.match!r} has no source" for one in limits if not one.source]
    name = "declared_limits_are_kept"
    shown, record = shown_by(seen, name), seen.check(name)
    if unsourced or shown.status == "failed":
        return judged([*unsourced, *([shown.evidence] if shown.status == "failed" else [])], "")
    counted = record.measured if record is not None else {}
    return passed(
        f"{len(limits)} limits, kept by {counted['requests']:,} requests in {counted['seconds']:,} simulated seconds"
        if counted
        else f"{len(limits)} limits, and nobody is created"
    )


promise(
    "I01",
    "silver",
    "A second run over an unchanged source writes nothing",
    "idempotence",
    "unchanged_user",
    "same_members_twice",
    "changes_converge",
    why="A second run that writes again costs requests, fills audit logs, and hides real changes.",
    mend="Normalise what is compared by the quirks that say how the target stores values.",
)

promise(
    "I02",
    "silver",
    "A create that is refused as a duplicate follows lifecycle.conflict",
    "conflict",
    "lost_response",
    why="People who have an account already are adopted or reported, never doubled.",
    mend="Read the target's way to say `taken` as conflict, by an [[error]] rule.",
)

promise(
    "I03",
    "silver",
    "Leaving, returning and deleting do what they say, also when done twice",
    "leave_and_return",
    "disable_user",
    "enable_user",
    "delete_user",
    "delete_group",
    why="Leavers must lose access, and whoever returns must get the old account back.",
    mend="Check [lifecycle] against the vendor's words on deactivation and deletion.",
)

promise(
    "L01",
    "silver",
    "No secret appears in logs, errors or reports",
    "redaction",
    why="Logs go to places where credentials must not.",
    mend="Pass secrets through the SDK's Secret and never into texts of errors.",
    waivable=False,
)
