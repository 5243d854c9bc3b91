"""The bare loop on what our transport is built on: aiohttp alone. Arguments: URL, users."""

from __future__ import annotations

import asyncio
import sys

import aiohttp

from ..crowd import CONCURRENCY, each
from ..payloads import HEADERS, payloads
from ..usage import Usage, tell


async def main(url: str, count: int) -> None:
    """Post `count` prebuilt users."""
    connector = aiohttp.TCPConnector(limit=CONCURRENCY)
    async with aiohttp.ClientSession(connector=connector, headers=HEADERS, cookie_jar=aiohttp.DummyCookieJar()) as http:
        address = f"{url}/Users"

        async def create(content: bytes) -> None:
            async with http.post(address, data=content) as answer:
                await answer.read()
            assert answer.status == 201

        prebuilt = payloads(count)
        with Usage() as used:
            await each(prebuilt, create)
    tell(users=count, wall_seconds=used.wall_seconds, cpu_seconds=used.cpu_seconds)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
