"""Whether a cassette may be published: no secret, no token, no address of anybody."""

from __future__ import annotations

import math
import re
from collections import Counter
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from .errors import CassetteError
from .header import parse_header

if TYPE_CHECKING:
    from ...transport import SecretRegistry

_RESERVED: Final = re.compile(r"(?:^|\.)(?:example(?:\.(?:com|net|org))?|test|invalid|localhost)$", re.IGNORECASE)
"""Names that can never be anybody's (RFC 2606, RFC 6761)."""

_EMAIL: Final = re.compile(r"[\w.+%-]+@([\w-]+(?:\.[\w-]+)+)")
_URL: Final = re.compile(r"https?://([^/\s\"'?#:]+)")
_IP: Final = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
_PHONE: Final = re.compile(r"\+\d{8,15}")
_FICTION: Final = re.compile(r"\+1\d{3}55501\d{2}")
_TOKENS: Final = re.compile(
    r"xox[a-z]-[\w-]+|eyJ[\w-]{10,}\.[\w-]+|gh[pousr]_\w{20,}|sk_(?:live|test)_\w+|AKIA[0-9A-Z]{16}|00D\w{12,}!\S+"
    r"|sl\.[\w-]{20,}|-----BEGIN [A-Z ]+-----|\b(?:Bearer|Basic)\s+[\w.~+/=-]{8,}",
)
_LONG: Final = re.compile(r"[A-Za-z0-9_~+-]{24,}")
_ENTROPY_BITS: Final = 4.0


def find_problems(text: str, where: str, secrets: SecretRegistry | None = None) -> list[str]:
    """What is wrong with a cassette's text, each in one sentence that does not quote what must not be told.

    Args:
        secrets: Those that were resolved while it was recorded.
    """
    problems: list[str] = []
    try:
        parse_header(text, where)
    except CassetteError as error:
        problems.append(f"{error.what}")
    if secrets is not None and secrets.contains_secret(text):
        problems.append("a secret of the connection stands in it")
    for number, line in enumerate(text.splitlines(), start=1):
        problems += [f"line {number}: {problem}" for problem in _problems_of(line)]
    return problems


def find_folder_problems(folder: Path, secrets: SecretRegistry | None = None) -> list[str]:
    """Problems of every cassette below a folder, and of every file there that is none."""
    problems: list[str] = []
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        where = str(path.relative_to(folder))
        if path.suffix != ".yaml":
            problems.append(f"{where}: not a cassette")
            continue
        problems += [f"{where}: {one}" for one in find_problems(path.read_text("utf-8"), where, secrets)]
    return problems


def _problems_of(line: str) -> list[str]:
    problems, line = [], unquote(line)
    if _TOKENS.search(line) or any(_looks_random(word) for word in _LONG.findall(line)):
        problems.append("something that looks like a token")
    if any(not _RESERVED.search(domain) for domain in _EMAIL.findall(line)):
        problems.append("an e-mail address at a domain that is not reserved for examples")
    if any(not _RESERVED.search(host) for host in _URL.findall(line)):
        problems.append("an address of a host that is not reserved for examples")
    if any(not _is_reserved(address) for address in _IP.findall(line)):
        problems.append("an IP address")
    if any(not _FICTION.fullmatch(number) for number in _PHONE.findall(line)):
        problems.append("a telephone number that is not reserved for fiction")
    return problems


def _is_reserved(address: str) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return True  # a version number
    return found.is_loopback or any(address.startswith(net) for net in ("192.0.2.", "198.51.100.", "203.0.113."))


def _looks_random(word: str) -> bool:
    """Whether a word has digits among its letters and is as varied as chance: names of attributes are not."""
    if not (re.search(r"\d", word) and re.search(r"[A-Za-z]", word)):
        return False
    counts = Counter(word)
    bits = -sum(count / len(word) * math.log2(count / len(word)) for count in counts.values())
    return bits >= _ENTROPY_BITS
