"""The wire over TCP and TLS: aiohttp, used without its client conveniences."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Final
from urllib.request import getproxies, proxy_bypass

import aiohttp

from .hosts import is_loopback
from .wire import LostError, NotSentError, TlsFailedError, TlsSettings, TooLargeError, WireError, WireResponse

if TYPE_CHECKING:
    from multidict import CIMultiDict
    from yarl import URL

_KEEPALIVE_SECONDS: Final = 15.0  # below what common load balancers keep, so that we close first
_CONNECT_SECONDS: Final = 10.0
_CHUNK_BYTES: Final = 65_536


class AiohttpWire:
    """Pooled HTTP/1.1 connections of one client.

    httpx2's own classes are left out of this path: building its request and response costs as much again as the
    exchange itself. A proxy is taken from the usual environment variables, looked up once per host.
    """

    def __init__(
        self,
        *,
        timeout_seconds: float = 30.0,
        tls: TlsSettings | None = None,
        max_response_bytes: int = 64 * 1024 * 1024,
        max_connections: int = 100,
    ) -> None:
        self._tls = tls or TlsSettings()
        self._max_bytes = max_response_bytes
        self._max_connections = max_connections
        self._timeout = aiohttp.ClientTimeout(
            total=timeout_seconds, sock_connect=min(_CONNECT_SECONDS, timeout_seconds), sock_read=timeout_seconds
        )
        self._session: aiohttp.ClientSession | None = None
        self._context: ssl.SSLContext | None = None
        self._proxies: dict[str, str | None] = {}

    async def exchange(self, method: str, url: URL, headers: CIMultiDict[str], content: bytes | None) -> WireResponse:
        """Send one request and read its answer; see `Wire.exchange`."""
        session = self._session or self._open()
        host = url.raw_host or ""
        if host not in self._proxies:
            self._proxies[host] = _proxy_for(url)
        context = self._tls_context() if url.scheme == "https" else True
        try:
            response = await session.request(
                method,
                url,
                data=content,
                headers=headers,
                allow_redirects=False,
                ssl=context,
                proxy=self._proxies[host],
            )
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # Not chained: aiohttp quotes the whole URL, and some targets take their key in its query.
            raise _read_failure(error) from None
        try:
            body = await self._read(response)
        except (aiohttp.ClientError, OSError) as error:
            raise LostError(f"the answer broke off ({type(error).__name__})") from None
        finally:
            response.release()
        return WireResponse(response.status, response.headers, body)

    async def aclose(self) -> None:
        """Close pooled connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        length = response.content_length
        if length is not None and length <= self._max_bytes and "content-encoding" not in response.headers:
            return await response.read()
        chunks, size = [], 0
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            size += len(chunk)
            if size > self._max_bytes:
                response.close()
                raise TooLargeError(f"the answer is larger than {self._max_bytes} bytes")
            chunks.append(chunk)
        return b"".join(chunks)

    def _open(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=self._max_connections, keepalive_timeout=_KEEPALIVE_SECONDS)
        self._session = aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), timeout=self._timeout
        )
        # aiohttp would send PUT and DELETE again by itself; whether they may be repeated is the request's to say.
        self._session._retry_connection = False
        return self._session

    def _tls_context(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = self._tls.context()
        return self._context


def _proxy_for(url: URL) -> str | None:
    host = url.host or ""
    if is_loopback(host) or proxy_bypass(host):
        return None
    return getproxies().get(url.scheme)


def _read_failure(error: BaseException) -> WireError:
    """What an exception of aiohttp says about the request; anything unclear counts as sent."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
        return TlsFailedError(_tls_reason(error))
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return NotSentError("the host name does not resolve")
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return NotSentError("the connection was not accepted in time")
    if isinstance(error, aiohttp.ClientProxyConnectionError | aiohttp.ClientHttpProxyError):
        return NotSentError("the proxy from the environment did not let the request through")
    if isinstance(error, aiohttp.ClientConnectorError):
        reason = error.os_error.strerror or type(error.os_error).__name__
        return NotSentError(f"the connection failed: {reason}")
    if isinstance(error, aiohttp.InvalidURL | ValueError):
        return NotSentError("the address cannot be used")
    if isinstance(error, asyncio.TimeoutError):
        return LostError("no answer came in time")
    return LostError(f"the connection broke before an answer came ({type(error).__name__})")


def _tls_reason(error: aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError) -> str:
    cause = error.certificate_error if isinstance(error, aiohttp.ClientConnectorCertificateError) else error.os_error
    return getattr(cause, "verify_message", "") or getattr(cause, "reason", "") or type(cause).__name__
