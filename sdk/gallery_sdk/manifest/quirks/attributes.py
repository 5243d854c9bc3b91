"""Quirks of what attributes hold: values that the target rewrites, refuses, drops or spells its own way."""

from __future__ import annotations

from typing import Final

from .definition import BOTH, PATHS, USER, QuirkDefinition, flag, valued
from .values import ListOf, OneOf, OnOff, Record, TableOf, Text, Whole

ATTRIBUTES: Final[tuple[QuirkDefinition, ...]] = (
    # Values
    valued(
        "attribute.immutable",
        BOTH,
        PATHS,
        ["userName"],
        "The listed paths are sent in a create and never in an update; a difference becomes a finding on the object, "
        "not a request.",
    ),
    valued(
        "attribute.update_refused",
        BOTH,
        PATHS,
        ["displayName"],
        "The target may refuse updates of the listed paths. A refusal of an update (400 or 403 whose failure is "
        "`attribute` or `object`) that carried one of them is answered by sending the same update once more without "
        "them; the object succeeds, and a finding names what was left out.",
    ),
    valued(
        "attribute.not_compared",
        BOTH,
        PATHS,
        ["photos"],
        "The listed paths are sent in creates, and in updates that their source value's change caused, but what the "
        "target returns for them never counts as a difference.",
    ),
    valued(
        "attribute.truncates",
        BOTH,
        TableOf(Whole()),
        {"title": 50},
        "The target silently cuts the path's text at this many characters; the desired value is cut before matching "
        "and comparing.",
    ),
    valued(
        "attribute.strip_characters",
        BOTH,
        TableOf(Text()),
        {"displayName": "@"},
        "Every character of the given text is taken out of the path's desired value before matching and comparing.",
    ),
    flag(
        "text.emoji_refused",
        BOTH,
        "Emoji (with their joiners and variation selectors) are taken out of every text of the desired values before "
        "matching and comparing, and blanks that meet are joined.",
    ),
    flag(
        "empty_string.means_unset",
        BOTH,
        "A text of blanks only is read as absent; null and the empty text are read so from everybody.",
    ),
    flag(
        "null_values.equal_absent",
        BOTH,
        "Items of multi-valued attributes, and complex values, in which every sub-attribute other than `type` and "
        "`primary` is null or empty are read as absent.",
    ),
    valued(
        "multi_valued.max_items",
        BOTH,
        TableOf(Whole(), key="attribute name"),
        {"emails": 1},
        "At most this many items of the attribute are sent: those marked primary first, then in mapping order; mapped "
        "paths beyond are left out, with a finding.",
    ),
    valued(
        "multi_valued.type_not_returned",
        BOTH,
        ListOf(Text()),
        ["addresses"],
        "Items of the listed attributes come back without `type`: each takes, in order, the first type of the mapped "
        "paths that no other item has.",
    ),
    valued(
        "locale.separator",
        USER,
        OneOf(("_", "-")),
        "_",
        "`locale` and `preferredLanguage` are written with this separator (`en_US`, `en-US`) and compared without "
        "regard to separator and case.",
    ),
    # User names, e-mail, telephone, manager
    valued(
        "username.normalize",
        USER,
        Record(
            {
                "local_part": OnOff(),
                "transliterate": OnOff(),
                "lower": OnOff(),
                "allowed": Text(),
                "replacement": Text(),
                "max_length": Whole(),
            }
        ),
        {
            "local_part": True,
            "transliterate": True,
            "lower": True,
            "allowed": "a-z0-9._-",
            "replacement": "_",
            "max_length": 21,
        },
        "The target rewrites `userName`; the desired value is rewritten likewise before matching and comparing, in "
        "this order: `local_part` keeps what is before the first `@`; `transliterate` folds diacritics (NFKD, marks "
        "dropped); `lower` lower-cases; each character outside `allowed` (the inside of a regular expression's "
        "character class) becomes `replacement` (without one it is dropped); `max_length` cuts.",
    ),
    flag(
        "username.is_email",
        USER,
        "`userName` must be an e-mail address: any other value fails the object before a request is sent.",
    ),
    valued(
        "email.type_not_returned",
        USER,
        Record({"primary": Text(), "other": Text()}, required=("primary",)),
        {"primary": "work", "other": "home"},
        "E-mails come back without `type`: the item with `primary` true is read as of type `primary`, any other as of "
        "type `other` (without it: left without type). Looking up an e-mail and comparing follow the same reading.",
    ),
    flag(
        "email.primary_required",
        USER,
        "Exactly one e-mail carries `primary: true` in every write that carries e-mails: the mapped one, else that of "
        "type work, else the first. The primary is replaced, never removed: clearing it is left out, with a finding.",
    ),
    valued(
        "email.type_fixed",
        USER,
        Text(),
        "work",
        "Every e-mail is written with this `type`, whatever the mapped path says, and read back under the mapped path.",
    ),
    flag(
        "phone.types_inverted",
        USER,
        "The target swaps main and mobile number by type, so numbers travel by `primary` instead. Written: the "
        "number mapped to type work (main) as `primary: true`, the one mapped to type mobile as `primary: false`, "
        'neither with `type`. Read: the item with `primary` true is the work number, the item with type "mobile" the '
        "mobile one.",
    ),
    valued(
        "phone.format",
        USER,
        OneOf(("e164",)),
        "e164",
        "Telephone numbers are reduced to `+` and digits (E.164) before comparing and sending; one that has no leading "
        "`+` or `00` or not 7 to 15 digits is left out, with a finding.",
    ),
    valued(
        "manager.sub_attribute",
        USER,
        Text(),
        "managerId",
        "The manager's id is written and read as `manager.<this name>` instead of `manager.value` (RFC 7643 "
        "section 4.3).",
    ),
    flag(
        "manager.plain_string",
        USER,
        "The manager's id is written and read as the plain text `manager`, not as an object.",
    ),
    flag(
        "active.readonly",
        USER,
        "`active` is never sent. Deactivation is sent as DELETE; re-activation fails the object before a request.",
    ),
    flag(
        "external_id.not_stored",
        BOTH,
        "`externalId` is sent in a create when mapped, never in an update, never compared, and never looked up.",
    ),
    flag(
        "id.may_change",
        BOTH,
        "The `id` in the answer to an update replaces the one that was known.",
    ),
)
