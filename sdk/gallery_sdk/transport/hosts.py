"""Which hosts a connection may talk to, and how a path becomes a URL."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import quote

from yarl import URL

from ..errors import HostNotAllowedError, TransportError
from .messages import Request, describe

_CACHED_PATHS = 1024
_ENCODED = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@/%?\[\]]*")
_DOT_SEGMENT = re.compile(r"(?:^|/)(?:%2e|\.){1,2}(?:/|$)", re.IGNORECASE)


def is_loopback(host: str) -> bool:
    """Whether the host is this machine: `localhost` or a loopback address."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def parse_base_url(text: str, *, where: str = "base URL") -> URL:
    """A base URL that may be used: absolute, https (http on loopback only), without credentials, query and fragment.

    Raises:
        TransportError: It is none; the message never quotes credentials.
    """
    try:
        url = URL(text)
    except ValueError as error:
        raise TransportError("the address is not a URL", where, "Write it like https://host/path") from error
    if url.user is not None or url.password is not None:
        raise TransportError(
            "the address holds credentials", where, "Remove them and name a secret reference in the app's [auth] table"
        )
    if url.scheme not in ("http", "https") or not url.host:
        raise TransportError(f"{text!r} is not an absolute https URL", where, "Write it like https://host/path")
    if url.scheme == "http" and not is_loopback(url.host):
        raise TransportError(
            f"{text!r} would send credentials unencrypted", where, "Use https; http is for loopback addresses only"
        )
    if url.raw_query_string or url.raw_fragment:
        raise TransportError(f"{text!r} has a query or a fragment", where, "Keep scheme, host and path only")
    return url


class AllowedHosts:
    """The hosts that a connector declares, by exact name or glob: `api.example.com`, `*.example.com`.

    `*` stands for one or more labels' worth of characters but never for nothing, so `*.example.com` does not
    admit `example.com` itself. A pattern may end in a port; without one any port of the host is allowed.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = tuple(pattern.lower() for pattern in patterns)
        self._compiled = [re.compile(re.escape(pattern).replace(r"\*", ".+")) for pattern in self._patterns]
        self._known: dict[tuple[str, int | None], bool] = {}

    def check(self, url: URL, where: str) -> None:
        """Let the URL pass.

        Raises:
            HostNotAllowedError: Its host matches no pattern; nothing was sent.
        """
        host = (url.host or "").lower()
        key = (host, url.port)
        allowed = self._known.get(key)
        if allowed is None:
            forms = (host, f"{host}:{url.port}")
            allowed = any(pattern.fullmatch(form) for pattern in self._compiled for form in forms)
            self._known[key] = allowed
        if not allowed:
            raise HostNotAllowedError(
                f"host {host!r} is not one of {', '.join(self._patterns) or 'none'}; nothing was sent",
                where,
                "If the host is right, add it to transport.allowed_hosts of the connector",
            )


class UrlBuilder:
    """Joins paths to one base URL; paths without a query are remembered, since most are few."""

    def __init__(self, base: URL, allowed: AllowedHosts) -> None:
        self.base: Final = base
        self._prefix = str(base).rstrip("/")
        self._allowed = allowed
        self._paths: dict[str, URL] = {}

    def build(self, request: Request) -> URL:
        """The URL of a request.

        Raises:
            HostNotAllowedError: An absolute URL outside the allowed hosts.
            TransportError: An absolute URL that is not https, or a path that climbs out of the base URL.
        """
        path, params = request.path, request.params
        if params:
            return self._join(f"{path}{'&' if '?' in path else '?'}{_query(params)}", request)
        known = self._paths.get(path)
        if known is not None:
            return known
        url = self._join(path, request)
        if len(self._paths) < _CACHED_PATHS and path.count("/") <= 1:
            self._paths[path] = url
        return url

    def _join(self, path: str, request: Request) -> URL:
        before_query = path.partition("?")[0]
        if "://" in before_query:
            return self._absolute(path, describe(request, self._prefix))
        if _DOT_SEGMENT.search(before_query):
            raise TransportError(
                "the path climbs out of the base URL; nothing was sent",
                f"{request.method} {self._prefix}",
                "Check the identifier it was built from",
            )
        if path and not path.startswith(("/", "?")):
            path = f"/{path}"
        return URL(self._prefix + path, encoded=_ENCODED.fullmatch(path) is not None)

    def _absolute(self, text: str, where: str) -> URL:
        try:
            url = URL(text, encoded=_ENCODED.fullmatch(text) is not None)
        except ValueError as error:
            raise TransportError("the address is not a URL", where, "Check the link that the target sent") from error
        self._allowed.check(url, where)
        if url.scheme != "https" and not (url.scheme == "http" and is_loopback(url.host or "")):
            raise TransportError(f"{url.scheme}:// would send credentials unencrypted", where, "Use https")
        if url.user is not None or url.password is not None:
            raise TransportError("the address holds credentials", where, "Check the link that the target sent")
        return url

    def with_params(self, url: URL, params: Sequence[tuple[str, str]]) -> URL:
        """The URL with more query pairs behind those that it has."""
        text = str(url)
        return URL(f"{text}{'&' if '?' in text else '?'}{_query(params)}", encoded=True)

    def relative_path(self, url: URL) -> str:
        """The path below the base URL, for matching limits; the whole path when it lies elsewhere."""
        path, prefix = url.raw_path, self.base.raw_path.rstrip("/")
        return path[len(prefix) :] if prefix and path.startswith(f"{prefix}/") else path


def _query(params: Sequence[tuple[str, str]]) -> str:
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in params)
