"""What Slack makes of names and addresses, and which it refuses.

Source: https://docs.slack.dev/reference/scim-api, "User attributes" and "Errors", read 2026-11-23; the suffix
`(user=...)` as in https://support.okta.com/help/s/article/Slack-Provisioning-error-Errors-reported-by-the-connector-Errors-description-long-username-user-code-400.
"""

from __future__ import annotations

import re
from typing import Final

from gallery_sdk.testing import Refusal

LONGEST_USER_NAME: Final = 21
_LONGEST_DISPLAY_NAME: Final = 80
_RESERVED: Final = frozenset({"here", "channel", "everyone", "slackbot"})  # from memory; Slack publishes no list
_OUTSIDE: Final = re.compile(r"[^a-z0-9._-]")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_EMOJI: Final = re.compile("[\U0001f1e6-\U0001faff\u2600-\u27bf\u2b00-\u2bff]")


def user_name(value: object, version: str) -> str:
    """The user name that is stored.

    Raises:
        Refusal: 400 username_required, username_invalid, username_empty, username_not_allowed; too long is
            `long_username` on v1 and `username_too_long` on v2.
    """
    if value is None:
        raise Refusal(400, "username_required")
    if not isinstance(value, str):
        raise Refusal(400, "username_invalid")
    name = _OUTSIDE.sub("_", value.strip().partition("@")[0].lower())
    if not name:
        raise Refusal(400, "username_empty")
    if len(name) > LONGEST_USER_NAME:
        raise Refusal(400, f"long_username (user={name})" if version == "v1" else "username_too_long")
    if name in _RESERVED:
        raise Refusal(400, f"username_not_allowed (user={name})")
    return name


def display_name(value: object) -> str | None:
    """The display name that is stored; None for none.

    Raises:
        Refusal: 400 invalid_starts_with_at, invalid_display_name, invalid_name_maxlength or invalid_attribute_format.
    """
    name = text(value)
    if name is None:
        return None
    if name.startswith("@"):
        raise Refusal(400, "invalid_starts_with_at")
    if "@" in name:
        raise Refusal(400, "invalid_display_name")
    if len(name) > _LONGEST_DISPLAY_NAME:
        raise Refusal(400, "invalid_name_maxlength")
    return name


def email(value: object) -> str:
    """An e-mail address.

    Raises:
        Refusal: 400 email_empty, email_invalid or emails_invalid.
    """
    if value is None or value == "":
        raise Refusal(400, "email_empty")
    if not isinstance(value, str):
        raise Refusal(400, "emails_invalid")
    if _EMAIL.fullmatch(value) is None:
        raise Refusal(400, "email_invalid")
    return value


def text(value: object) -> str | None:
    """A free text; null, the empty text and a lone blank clear it.

    Raises:
        Refusal: 400 invalid_attribute_format, invalid_emoji_not_allowed.
    """
    if value is None:
        return None
    if not isinstance(value, str):
        raise Refusal(400, "invalid_attribute_format")
    if _EMOJI.search(value):
        raise Refusal(400, "invalid_emoji_not_allowed")
    return value if value.strip() else None


def is_true(value: object) -> bool:
    """Whether a flag is set; Slack's own samples write `primary` as a boolean and as a text."""
    return value is True or (isinstance(value, str) and value.lower() == "true")
