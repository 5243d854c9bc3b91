"""Catalogs and detail documents from a folder or over HTTPS.

The standard library's client is enough here: a few small files, each checked by signature or hash afterwards.
"""

from __future__ import annotations

from http.client import HTTPException
from pathlib import Path
from typing import IO, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from .models import LARGEST_BYTES
from .problems import CatalogError
from .signing import CATALOG_NAME

_TIMEOUT_SECONDS: Final = 30
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


def is_url(source: str) -> bool:
    """Whether the source is an address; anything else is a path."""
    return source.startswith(("http://", "https://"))


def normal_source(source: str) -> str:
    """Address or absolute path of the catalog's own file; a folder stands for the `catalog.json` in it.

    Raises:
        CatalogError: An address without encryption, other than of this machine.
    """
    if not is_url(source):
        path = Path(source).expanduser().resolve()
        return str(path / CATALOG_NAME if path.is_dir() else path)
    _check_scheme(source)
    return source if urlsplit(source).path.endswith(".json") else f"{source.rstrip('/')}/{CATALOG_NAME}"


def beside(source: str, name: str) -> str:
    """The source of a file that lies beside the catalog: its signature, or a detail document (`c/slack.json`)."""
    return urljoin(source, name) if is_url(source) else str(Path(source).parent / name)


def fetch(source: str) -> bytes:
    """The file at an address or path.

    Raises:
        CatalogError: It cannot be had, or is larger than any catalog.
    """
    try:
        if is_url(source):
            _check_scheme(source)
            request = Request(source, headers={"User-Agent": "gallery-sdk"})  # noqa: S310 - scheme checked above
            with build_opener(_SafeRedirects).open(request, timeout=_TIMEOUT_SECONDS) as answer:
                data: bytes = answer.read(LARGEST_BYTES + 1)
        else:
            with Path(source).open("rb") as file:
                data = file.read(LARGEST_BYTES + 1)
    except HTTPError as error:
        raise CatalogError(f"the server answered {error.code}", source, "Check the address") from error
    except (URLError, OSError, HTTPException) as error:
        why = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        mend = "Check the address and the connection" if is_url(source) else "Check the path"
        raise CatalogError(f"cannot be had: {why}", source, mend) from error
    if len(data) > LARGEST_BYTES:
        raise CatalogError(f"the file is larger than {LARGEST_BYTES} bytes", source, "Check the address")
    return data


class _SafeRedirects(HTTPRedirectHandler):
    """Follows a redirect only to where a request could have gone in the first place."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: object, newurl: str
    ) -> Request | None:
        _check_scheme(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type] # typeshed names HTTPMessage


def is_safe(url: str) -> bool:
    """Whether an address may be asked: https, or plain HTTP to this machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = parts.hostname
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK))


def _check_scheme(url: str) -> None:
    if not is_safe(url):
        raise CatalogError("the address is not https", url, "Use https; only this machine is reached without")
