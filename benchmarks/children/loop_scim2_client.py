"""The peer of the same purpose: scim2-client's async engine, as its documentation sets it up. Arguments: URL, users.

The same people as `scim2_models` resources, built before the measuring begins, which is in the peer's favour.
"""

from __future__ import annotations

import asyncio
import sys

import httpx2
from scim2_client.engines.httpx2 import AsyncSCIMClient
from scim2_models import EnterpriseUser, ResourceType, ScimProvider, User

from ..crowd import CONCURRENCY, each
from ..payloads import HEADERS, resources
from ..usage import Usage, tell


async def main(url: str, count: int) -> None:
    """Create `count` prebuilt users."""
    model = User[EnterpriseUser]
    limits = httpx2.Limits(max_connections=CONCURRENCY, max_keepalive_connections=CONCURRENCY)
    async with httpx2.AsyncClient(base_url=url, headers=HEADERS, limits=limits, trust_env=False) as http:
        types = [ResourceType.from_resource(model)]
        client = AsyncSCIMClient(http, provider=ScimProvider(models=[User, EnterpriseUser], resource_types=types))

        async def create(user: User[EnterpriseUser]) -> None:
            await client.create(user)

        prebuilt = [model.model_validate(resource) for resource in resources(count)]
        with Usage() as used:
            await each(prebuilt, create)
    tell(users=count, wall_seconds=used.wall_seconds, cpu_seconds=used.cpu_seconds)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
