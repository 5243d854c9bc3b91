"""The words that readers see for the ids that manifests use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ..manifest.wording import PROTOCOL_NAMES, SIGN_INS


@dataclass(frozen=True, slots=True)
class Term:
    """An id explained.

    Attributes:
        name: In few words, for labels.
        about: A sentence or two, for a page of its own.
    """

    name: str
    about: str


AUTH_KINDS: Final[Mapping[str, Term]] = {
    "bearer_token": Term(
        SIGN_INS["bearer_token"],
        "An administrator makes a token in the app and hands over a reference to it. It travels in the Authorization "
        "header of every request (RFC 6750) and lives until somebody revokes it.",
    ),
    "api_key": Term(
        SIGN_INS["api_key"],
        "A key, sometimes two, travels in headers or parameters that the app names, and lives until it is revoked.",
    ),
    "basic": Term(
        SIGN_INS["basic"],
        "A user name and a password, or what the app takes for them, travel with every request (RFC 7617). Some apps "
        "are phasing it out; prefer another way where there is one.",
    ),
    "oauth2_client_credentials": Term(
        SIGN_INS["oauth2_client_credentials"],
        "The engine signs in as itself with a client id and secret (RFC 6749 section 4.4) and fetches short-lived "
        "tokens on its own. Nobody has to sign in by a browser.",
    ),
    "oauth2_authorization_code": Term(
        SIGN_INS["oauth2_authorization_code"],
        "An administrator signs in once by a browser and consents (RFC 6749 section 4.1); `gallery sign-in` opens it. "
        "The engine then renews its token with the refresh token, and keeps a rotated one before it uses it.",
    ),
    "oauth2_refresh_only": Term(
        SIGN_INS["oauth2_refresh_only"],
        "A refresh token that was had elsewhere is handed over, and short-lived tokens are fetched with it "
        "(RFC 6749 section 6).",
    ),
    "oauth2_jwt_bearer": Term(
        SIGN_INS["oauth2_jwt_bearer"],
        "The engine signs an assertion with a private key whose certificate the app knows, and gets a token for it "
        "(RFC 7523). No secret is ever sent.",
    ),
    "app_installation": Term(
        SIGN_INS["app_installation"],
        "The engine proves that it is an installed app by a signed assertion, and gets tokens for the installation.",
    ),
    "jwt_self_signed": Term(
        SIGN_INS["jwt_self_signed"],
        "Each request carries a token that the engine signed itself with a key that the app knows (RFC 7519).",
    ),
    "session_exchange": Term(
        SIGN_INS["session_exchange"],
        "The engine logs in by the app's own steps, and sends the session that it gets with every request.",
    ),
    "none": Term(SIGN_INS["none"], "The app asks for no proof; it must be reachable by the engine alone."),
}

TIERS: Final[Mapping[str, Term]] = {
    "draft": Term("Draft", "Not sound yet: a rule of bronze is not kept. Nobody should run it with real accounts."),
    "bronze": Term(
        "Bronze",
        "The manifest is sound, the package builds and does what it declares, its mappings fit the app's schema, and "
        "it passes the contract suite against the app's simulator.",
    ),
    "silver": Term(
        "Silver",
        "It signs in by declared means that were checked within a year, retries what must be retried, repeats without "
        "harm, keeps secrets out of everything, is documented, and its code is covered by tests. The highest tier "
        "that can be reached on a simulator alone.",
    ),
    "gold": Term(
        "Gold",
        "Every departure from the standard has a source and a test that fails without it, large groups and failures in "
        "the middle of a cycle are survived, and it is proved by recordings from the real vendor.",
    ),
    "platinum": Term(
        "Platinum", "The app's vendor stands behind it, and its wheel can be traced to its source and built again."
    ),
}

PROTOCOLS: Final[Mapping[str, Term]] = {
    "scim2": Term(PROTOCOL_NAMES["scim2"], "The standard protocol for provisioning, RFC 7643 and RFC 7644."),
    "scim1": Term(PROTOCOL_NAMES["scim1"], "The standard's predecessor, before it came to the IETF."),
    "rest": Term(PROTOCOL_NAMES["rest"], "The app's own API over JSON, described to the engine by the connector."),
}

ABILITIES: Final[Mapping[str, str]] = {
    "read": "Read",
    "create": "Create",
    "update": "Update",
    "deactivate": "Deactivate",
    "delete": "Delete",
    "password": "Set passwords",
    "members": "Change members",
}
KINDS: Final[Mapping[str, str]] = {"user": "Users", "group": "Groups"}

MARKS: Final[Mapping[str, str]] = {
    "documented": "The vendor's pages say so",
    "inferred": "Concluded from what is documented",
    "memory": "From experience; no source is at hand",
}

FAILURES: Final[Mapping[str, str]] = {
    "retry": "tried again",
    "rate_limited": "waited out, then tried again",
    "conflict": "taken for an existing account",
    "gone": "taken for deleted",
    "object": "set aside in escrow",
    "attribute": "sent without the attribute",
    "member": "sent without the member",
    "skip": "left alone for good",
    "stop": "the job goes into quarantine",
}

LEAVING: Final[Mapping[str, str]] = {
    "deactivate": "is deactivated",
    "delete": "is deleted",
    "none": "is left as it is",
}

INPUTS: Final[Mapping[str, str]] = {
    "string": "text",
    "url": "an address",
    "choice": "a choice",
    "boolean": "true or false",
    "integer": "a whole number",
    "secret": "a secret, given as a reference",
}

SCOPE_FEATURES: Final[Mapping[str, str]] = {
    "users_read": "Read users",
    "users_write": "Write users",
    "groups": "Groups",
}

STATUSES: Final[Mapping[str, str]] = {
    "passed": "passed",
    "failed": "failed",
    "waived": "waived",
    "not_applicable": "does not apply",
}


def feature_words(feature: str) -> str:
    """A feature of the target's API in words."""
    if feature.startswith("filter:"):
        return f"Look-up by {feature.removeprefix('filter:').removesuffix('-eq')}"
    return {
        "paging:index": "Lists by page number",
        "paging:cursor": "Lists by cursor",
        "paging:none": "Lists in one answer",
        "bulk": "Several changes in one request",
        "etag": "Versions of resources",
        "sort": "Sorted lists",
        "delta": "Lists of changes",
        "discovered": "Describes its own schema",
    }.get(feature, feature)


def verified_words(how: str) -> str:
    """How the facts about a way to sign in were checked; the day comes after it."""
    return {"docs": "read in the vendor's pages", "live": "tried on a tenant"}.get(how, "seen in a recording")


def ability_words(ability: str) -> str:
    """`user:create` in words."""
    kind, _, word = ability.partition(":")
    return f"{ABILITIES[word]} {'groups' if kind == 'group' else 'users'}" if word != "members" else "Change members"
