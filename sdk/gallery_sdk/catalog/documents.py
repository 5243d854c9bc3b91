"""Documents that come out the same to the byte wherever and whenever they are written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256


def canonical(document: Mapping[str, object]) -> bytes:
    """JSON in UTF-8 with LF: keys sorted, one value a line so that a review shows what changed, integers where a
    number is whole. What is signed is these bytes, and nobody writes them anew to check them."""
    text = json.dumps(_whole(document), sort_keys=True, ensure_ascii=False, indent=1, allow_nan=False)
    return (text + "\n").encode()


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return sha256(data).hexdigest()


def _whole(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _whole(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_whole(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
