"""Quirks of how a change is written: PATCH, PUT, clearing."""

from __future__ import annotations

from typing import Final

from .definition import BOTH, GROUP, PATHS, QuirkDefinition, flag, valued
from .values import OneOf, Whole

WRITING: Final[tuple[QuirkDefinition, ...]] = (
    flag(
        "patch.unsupported",
        BOTH,
        "Changes are sent as PUT of the whole resource: it is read, the changed paths are laid over what was read "
        "(readOnly attributes left out), and the result is sent. Otherwise a change is one PATCH.",
    ),
    valued(
        "patch.only",
        BOTH,
        PATHS,
        ["active"],
        "PATCH is accepted for the listed paths only. A change of other paths goes by PUT as under "
        "`patch.unsupported`; when both kinds change, the PUT is sent first and the PATCH after it.",
    ),
    flag(
        "patch.path_required",
        BOTH,
        "Every operation carries a `path`; attributes are never gathered in one operation without path.",
    ),
    flag(
        "patch.path_omitted",
        BOTH,
        "All additions and replacements travel as one operation without `path`, whose value is a (nested) partial "
        "resource. Removals keep their path.",
    ),
    valued(
        "patch.op_case",
        BOTH,
        OneOf(("lower", "title")),
        "title",
        "`op` is written `add` (lower, also the default) or `Add` (title).",
    ),
    valued(
        "patch.max_ops",
        BOTH,
        Whole(),
        20,
        "At most this many operations in one PATCH request; more are split into several requests, in order; the "
        "first refusal stops the rest. 1 means one operation per request.",
    ),
    flag(
        "patch.bool_as_string",
        BOTH,
        'Booleans inside PATCH values are written as the texts "True" and "False". POST and PUT keep JSON booleans.',
    ),
    flag(
        "patch.no_complex_value",
        BOTH,
        "A complex value is split into one operation per sub-attribute, each with its own path (`name.givenName`).",
    ),
    flag(
        "patch.replace_only",
        BOTH,
        "`add` is not known: what is set for the first time travels as `replace`, and multi-valued attributes change "
        "as "
        "a whole. Members of groups are not concerned; see `patch.remove_members_style`.",
    ),
    flag(
        "patch.no_filtered_path",
        BOTH,
        'Paths with a value filter (`emails[type eq "work"].value`) are never sent: when an item of a multi-valued '
        "attribute changes, the whole attribute is replaced by path, all its mapped items in the value. Members of "
        "groups are not concerned; see `patch.remove_members_style`.",
    ),
    flag(
        "patch.extension_as_object",
        BOTH,
        "Changed attributes of an extension travel as one operation per extension: `path` is the extension's URN and "
        "`value` an object with the changed attributes. Removals: see `patch.extension_remove_separator`.",
    ),
    valued(
        "patch.extension_remove_separator",
        BOTH,
        OneOf(("colon", "dot")),
        "dot",
        "In `remove` operations the extension's URN is joined to the attribute by `:` (colon, the default, RFC 7644 "
        "section 3.10) or by `.` (dot).",
    ),
    valued(
        "patch.remove_members_style",
        GROUP,
        OneOf(("filter", "value_array", "replace_all")),
        "value_array",
        'How members leave: `filter` sends `remove` of `members[value eq "id"]`, one operation per member (the '
        'default); `value_array` sends one `remove` of `members` with `value: [{"value": "id"}, ...]`; `replace_all` '
        "reads the members and sends `replace` of `members` with those that stay. `remove` of `members` without "
        "value is never sent, whatever the style.",
    ),
    flag("put.forbidden", BOTH, "PUT is never sent, not even when PATCH is answered with 405 or 501."),
    flag(
        "put.keeps_omitted",
        BOTH,
        "PUT leaves alone what it does not carry: only changed paths and required attributes are sent, and the "
        "resource is not read first. Cleared paths are sent as null, or as `clear.style` says.",
    ),
    valued(
        "clear.style",
        BOTH,
        OneOf(("remove", "null", "empty_string", "space")),
        "empty_string",
        "How a single-valued attribute is cleared: a `remove` operation (the default), or `replace` with null, with "
        'the text "" or with the text " ".',
    ),
)
