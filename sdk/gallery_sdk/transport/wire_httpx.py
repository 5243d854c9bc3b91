"""The wire into an httpx2 transport: an application in this process, or a stand-in for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .wire import LostError, NotSentError, WireResponse

if TYPE_CHECKING:
    import httpx2
    from multidict import CIMultiDict
    from yarl import URL


class HttpxWire:
    """Exchanges over any `httpx2.AsyncBaseTransport`, for example `httpx2.ASGITransport(app)` for a twin."""

    def __init__(self, transport: httpx2.AsyncBaseTransport) -> None:
        self._transport = transport

    async def exchange(self, method: str, url: URL, headers: CIMultiDict[str], content: bytes | None) -> WireResponse:
        """Send one request and read its answer; see `Wire.exchange`."""
        import httpx2

        request = httpx2.Request(method, str(url), headers=list(headers.items()), content=content)
        try:
            response = await self._transport.handle_async_request(request)
            body = await response.aread()
            await response.aclose()
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.UnsupportedProtocol) as error:
            raise NotSentError("the connection failed") from error
        except httpx2.TransportError as error:
            raise LostError(f"the connection broke before an answer came ({type(error).__name__})") from error
        return WireResponse(response.status_code, response.headers, body)

    async def aclose(self) -> None:
        """Close the transport."""
        await self._transport.aclose()
