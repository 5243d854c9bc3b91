"""Mappings proposed from what an endpoint says of itself, however little that is."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from gallery_sdk.errors import AuthError
from gallery_sdk.manifest import find_problems, read_manifest
from gallery_sdk.scim import error_body
from gallery_sdk.targets import Proposal, discover
from gallery_sdk.targets.default_mappings import GROUP_DEFAULTS, USER_DEFAULTS
from gallery_sdk.transport import RetryPolicy, Transport

from .conftest import DEPARTMENT, ENTERPRISE, WORK, LooseServer, list_body, manifest_with, scim

USER_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User"
ACME = "urn:acme:scim:2.0:User"


def attribute(name: str, **more: Any) -> dict[str, Any]:
    """One attribute of a published schema."""
    return {"name": name, "type": "string", "multiValued": False, "mutability": "readWrite", **more}


SCHEMAS = [
    {
        "id": USER_SCHEMA,
        "name": "User",
        "attributes": [
            attribute("userName", required=True, uniqueness="server"),
            attribute("title", mutability="readOnly"),
            attribute("active", type="boolean"),
            attribute("name", type="complex", subAttributes=[attribute("givenName")]),
            attribute(
                "emails", type="complex", multiValued=True,
                subAttributes=[attribute("value"), attribute("type", canonicalValues=["work"])],
            ),
        ],
    },
    {"id": ENTERPRISE, "name": "Enterprise", "attributes": [attribute("department")]},
    {
        "id": ACME,
        "name": "Acme",
        "attributes": [
            attribute("costBand", required=True),
            attribute("score", mutability="readOnly"),
            attribute("desk", type="complex", subAttributes=[attribute("floor")]),
        ],
    },
]  # fmt: skip


async def propose(url: str, quirks: dict[str, object] | None = None) -> Proposal:
    """What discovery makes of an endpoint."""
    async with Transport(url, retries=RetryPolicy(tries=1)) as transport:
        return await discover(transport, manifest_with(quirks))


def targets(proposal: Proposal, kind: str = "user", *, enabled: bool = True) -> set[str]:
    """Proposed target paths that are on, or off."""
    return {one.target for one in proposal.mappings[kind] if one.enabled is enabled}


async def test_scim2_server_is_discovered_whole(peer: str) -> None:
    """All three documents, every usual mapping, and nothing that the target calls read-only."""
    proposal = await propose(peer)

    assert proposal.served == ("ServiceProviderConfig", "Schemas", "ResourceTypes")
    assert proposal.config is not None and proposal.config.patch
    assert targets(proposal) >= {"userName", "active", WORK, DEPARTMENT, "name.givenName"}
    assert targets(proposal, "group") >= {"displayName", "members"}
    assert all(one.note for of_kind in proposal.mappings.values() for one in of_kind)


async def test_only_what_the_target_declares_writable_is_proposed(server: LooseServer) -> None:
    """Extensions of its own are shown, switched off, with the reason."""
    server.misbehave = lambda seen: scim(200, list_body(SCHEMAS)) if seen.path.endswith("/Schemas") else None

    proposal = await propose(server.url)

    assert targets(proposal) == {"userName", "active", "name.givenName", WORK, "externalId", DEPARTMENT}
    assert targets(proposal, enabled=False) == {f"{ACME}:costBand", f"{ACME}:desk.floor"}
    (band,) = [one for one in proposal.mappings["user"] if one.target == f"{ACME}:costBand"]
    assert (band.source, band.note) == (
        "costBand", "From the target's extension Acme; the target requires it; name its source and switch it on",
    )  # fmt: skip
    assert {"ServiceProviderConfig", "ResourceTypes"}.isdisjoint(proposal.served)
    assert {finding.code for finding in proposal.findings} >= {"discovery_missing"}


async def test_a_proposal_makes_a_manifest_that_only_lacks_what_a_person_must_say(server: LooseServer) -> None:
    """It passes the checks of a written manifest, but for a required attribute whose source nobody can guess."""
    server.misbehave = lambda seen: scim(200, list_body(SCHEMAS)) if seen.path.endswith("/Schemas") else None

    manifest = (await propose(server.url)).apply_to(manifest_with(capabilities={"features": ["discovered"]}))

    about = [str(one) for one in find_problems(manifest) if "mapping" in one.where or "attribute" in one.where]
    assert len(about) == 1 and f"{ACME}:costBand" in about[0]
    assert {one.name for one in manifest.target_schema["user"]} >= {"userName", 'emails[type eq "work"].value'}


@pytest.mark.parametrize(
    "answer",
    [
        lambda: scim(404, error_body(404, "none")),
        lambda: web.Response(text="<html>Sign in</html>", content_type="text/html"),
        lambda: scim(200, []),
        lambda: scim(200, {"totalResults": 0}),
        lambda: web.Response(text="null", content_type="application/json"),
    ],
    ids=["404", "html", "array", "empty", "null"],
)
async def test_an_endpoint_that_serves_nothing_gets_the_core_attributes(server: LooseServer, answer: Any) -> None:
    """The usual mappings, and a note that nothing could be checked."""
    server.misbehave = lambda seen: answer() if "Users" not in seen.path else None

    proposal = await propose(server.url)

    assert proposal.served == ()
    assert [one.target for one in proposal.mappings["user"]] == [one.target for one in USER_DEFAULTS]
    assert [one.target for one in proposal.mappings["group"]] == [one.target for one in GROUP_DEFAULTS]
    assert "serves no schema" in str(proposal.mappings["user"][0].note)
    assert {finding.where for finding in proposal.findings} >= {"/ServiceProviderConfig", "/Schemas", "/ResourceTypes"}


async def test_discovery_that_needs_a_better_credential_says_so(server: LooseServer) -> None:
    """401 everywhere is a credential, not an endpoint without documents."""
    server.misbehave = lambda seen: scim(401, error_body(401, "no"))

    with pytest.raises(AuthError, match="renew"):
        await propose(server.url)


async def test_config_missing_asks_for_no_document(server: LooseServer) -> None:
    """The manifest knows that there is none."""
    proposal = await propose(server.url, {"config.missing": True})

    assert [one.path for one in server.seen] == ["/scim/v2/Users"]
    assert targets(proposal) >= {"userName"}


def test_the_generic_connector_carries_the_usual_mappings() -> None:
    """`connector.toml` and the code that proposes say the same."""
    from importlib.resources import files

    import gallery_connector_scim

    manifest = read_manifest(str(files(gallery_connector_scim) / "connector.toml"))

    assert manifest.mappings["user"] == USER_DEFAULTS
    assert manifest.mappings["group"] == GROUP_DEFAULTS
