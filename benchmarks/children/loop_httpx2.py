"""The bare loop on the client that connectors know: httpx2 over its aiohttp transport. Arguments: URL, users."""

from __future__ import annotations

import asyncio
import sys

import httpx2
from httpx_aiohttp.httpx2 import AiohttpTransport

from ..crowd import CONCURRENCY, each
from ..payloads import HEADERS, payloads
from ..usage import Usage, tell


async def main(url: str, count: int) -> None:
    """Post `count` prebuilt users."""
    limits = httpx2.Limits(max_connections=CONCURRENCY, max_keepalive_connections=CONCURRENCY)
    async with httpx2.AsyncClient(
        base_url=url, headers=HEADERS, transport=AiohttpTransport(limits=limits), trust_env=False
    ) as client:

        async def create(content: bytes) -> None:
            answer = await client.post("/Users", content=content)
            assert answer.status_code == 201

        prebuilt = payloads(count)
        with Usage() as used:
            await each(prebuilt, create)
    tell(users=count, wall_seconds=used.wall_seconds, cpu_seconds=used.cpu_seconds)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
