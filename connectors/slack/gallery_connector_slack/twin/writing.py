"""The three ways in which an account is written: a whole resource, v1's merge document, v2's PatchOp.

Source: https://docs.slack.dev/reference/scim-api, "PATCH" and "PUT", read 2026-11-23.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from gallery_sdk import errors
from gallery_sdk.scim import ABSENT, AttributePath, PatchOperation, parse_patch, parse_path
from gallery_sdk.testing import Refusal

from . import urns
from .editing import KNOWN, Editor

_DELETES: Final[Mapping[str, Callable[[Editor, Mapping[str, object]], None]]] = {
    "emails": Editor.delete_email,
    "phonenumbers": Editor.delete_phone,
    "addresses": Editor.delete_address,
}
_OPTIONAL: Final = frozenset({"addresses", "phonenumbers", "roles", "usertype", "preferredlanguage", "locale"})
_UNQUOTED: Final = re.compile(r"\[(\w+(?:\.\w+)?) eq ([^\"\]\s]+)\]")
_JOINED: Final = {"add": ":", "remove": "."}
"""How the reference joins an attribute to its extension, by operation; it shows no `replace` of a single one.

Whether Slack takes other forms is not known. The twin refuses what no source shows, and so keeps clients honest.
"""
_BARE: Final = frozenset({"true", "false", "null"})


def write_whole(editor: Editor, body: Mapping[str, object]) -> None:
    """Every attribute of a resource; what is unknown is passed over.

    In a create, an optional value of the wrong type is no error: it spoils all of them.
    """
    for name, value in body.items():
        # userName wins over nickName where both are sent; alone, either gives the one name.
        if value is None or (name == "nickName" and "userName" in body):
            continue
        try:
            _write_known(editor, "replace", name, value)
        except Refusal as refusal:
            optional = name.lower() in _OPTIONAL or name in urns.EXTENSIONS
            if not (editor.creating and optional and refusal.word == "invalid_attribute_format"):
                raise
            editor.spoiled = True


def write_merge(editor: Editor, body: Mapping[str, object]) -> None:
    """v1's PATCH: what is mentioned changes; `meta.attributes` and `operation: delete` take away."""
    meta = body.get("meta")
    named = meta.get("attributes") if isinstance(meta, Mapping) else None
    for name in named if isinstance(named, list) else []:
        if name in urns.EXTENSIONS:
            editor.whole_extension("remove", name, None)
        else:
            editor.write("remove", path_of(str(name)), None)
    for name, value in body.items():
        if isinstance(value, list):
            kept = [item for item in value if not _is_deleted(item)]
            if kept:
                _write_known(editor, "add", name, kept)
            delete = _DELETES.get(name.lower())
            for item in value:
                if delete is not None and isinstance(item, Mapping) and _is_deleted(item):
                    delete(editor, item)
        else:
            _write_known(editor, "replace", name, value)


def _is_deleted(item: object) -> bool:
    return isinstance(item, Mapping) and item.get("operation") == "delete"


def _write_known(editor: Editor, op: str, name: str, value: object) -> None:
    if name in urns.EXTENSIONS:
        editor.whole_extension(op, name, value)
    elif name.lower() in KNOWN:
        editor.write(op, AttributePath(name), value)


def write_patch(editor: Editor, body: object) -> None:
    """v2's PATCH: operations in order."""
    for operation in operations_of(body):
        op, path = operation.op.lower(), operation.path
        if op not in ("add", "replace", "remove"):
            raise Refusal(400, "invalid_request_payload")
        if op != "remove" and operation.value is ABSENT:
            raise Refusal(400, "invalid_request_payload")
        if path is None:
            if not isinstance(operation.value, Mapping) or op == "remove":
                raise Refusal(400, "invalid_request_payload")
            for name, value in operation.value.items():
                _write_one(editor, op, name, value)
        else:
            _write_one(editor, op, path, None if operation.value is ABSENT else operation.value)


def _write_one(editor: Editor, op: str, path: str, value: object) -> None:
    if path in urns.EXTENSIONS:
        editor.whole_extension(op, path, value)
        return
    urn = next((each for each in urns.EXTENSIONS if path.startswith(each)), None)
    if urn is not None and _JOINED.get(op) != path[len(urn)]:
        raise Refusal(400, "invalid_request_payload")
    editor.write(op, path_of(path), value)


def operations_of(body: object) -> list[PatchOperation]:
    """The operations of a PatchOp message.

    Raises:
        Refusal: 400 invalid_request_payload.
    """
    try:
        return parse_patch(body)
    except errors.PatchError as error:
        raise Refusal(400, "invalid_request_payload") from error


def path_of(text: str) -> AttributePath:
    """A path in Slack's spelling: extensions may be joined by a dot, ids in filters may stand without quotes.

    Raises:
        Refusal: 400 invalid_request_payload.
    """
    quoted = _UNQUOTED.sub(lambda m: m[0] if m[2] in _BARE else f'[{m[1]} eq "{m[2]}"]', text)
    try:
        return parse_path(quoted, known_schemas=urns.EXTENSIONS)
    except errors.PathError as error:
        raise Refusal(400, "invalid_request_payload") from error
