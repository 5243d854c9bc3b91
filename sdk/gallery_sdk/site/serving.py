"""A site on this machine, to be looked at: with the headers that a real server should send."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import guess_type
from typing import Final
from urllib.parse import unquote, urlsplit

from .rendering import CONTENT_SECURITY_POLICY

HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": f"{CONTENT_SECURITY_POLICY}; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cache-Control": "no-cache",
}
_TYPES: Final[Mapping[str, str]] = {
    ".atom": "application/atom+xml; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
}


class SiteServer(ThreadingHTTPServer):
    """Serves the files of a site on 127.0.0.1; a page that it does not have is answered with the site's 404 page."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        """Listen on the port, 0 for a free one; `files` are given before the first request.

        Raises:
            OSError: The port cannot be had.
        """
        super().__init__(("127.0.0.1", port), _Handler)
        self.files: Mapping[str, bytes] = {}

    @property
    def url(self) -> str:
        """Address of the site's root."""
        return f"http://127.0.0.1:{self.server_port}/"

    def handle_error(self, request: object, client_address: object) -> None:
        """Tell of a failure, unless it is only that the browser went to another page before it had all of this one."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # passed on as it came


class _Handler(BaseHTTPRequestHandler):
    server: SiteServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else a body waits 40 ms for the acknowledgement of its head

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def _answer(self) -> None:
        asked = urlsplit(self.path)
        path = unquote(asked.path).lstrip("/")
        files = self.server.files
        name = path + "index.html" if path == "" or path.endswith("/") else path
        if name not in files and f"{path}/index.html" in files:
            self._send(301, b"", {"Location": f"/{path}/{asked.query and '?'}{asked.query}"})
            return
        status, name = (200, name) if name in files else (404, "404.html")
        ending = name[name.rfind(".") :]
        kind = _TYPES.get(ending) or guess_type(name)[0] or "application/octet-stream"
        self._send(status, files.get(name, b""), {"Content-Type": kind})

    def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**HEADERS, **headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: whoever looks at pages does not want a line for each."""
