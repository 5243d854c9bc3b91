"""Discovery documents, as the RFC prints them and as servers send them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gallery_sdk.errors import ScimError
from gallery_sdk.scim import (
    FindingCode,
    parse_resource_types,
    parse_schemas,
    parse_service_provider_config,
    urns,
)

_CONFIG = {
    "schemas": [urns.SERVICE_PROVIDER_CONFIG],
    "patch": {"supported": True},
    "bulk": {"supported": True, "maxOperations": 1000, "maxPayloadSize": 1048576},
    "filter": {"supported": True, "maxResults": 200},
    "changePassword": {"supported": False},
    "sort": {"supported": True},
    "etag": {"supported": True},
    "pagination": {"cursor": True, "index": False, "maxPageSize": 1000, "cursorTimeout": 3600},
    "authenticationSchemes": [{"name": "OAuth", "type": "oauthbearertoken", "primary": True}],
}


def test_a_service_provider_config_is_read_whole() -> None:
    """Features, limits, paging of RFC 9865, and ways in."""
    config = parse_service_provider_config(_CONFIG)

    assert config.patch
    assert (config.bulk.supported, config.bulk.max_operations) == (True, 1000)
    assert config.filter.max_results == 200
    assert not config.change_password
    assert (config.pagination.default_mode, config.pagination.cursor_timeout_seconds) == ("cursor", 3600)
    assert [scheme.type for scheme in config.authentication_schemes] == ["oauthbearertoken"]
    assert config.findings == ()


def test_a_poor_config_is_read_with_defaults_and_findings() -> None:
    """Text for booleans, bare booleans for objects, members left out: usable all the same."""
    config = parse_service_provider_config({"Resources": [{"patch": True, "filter": {"supported": "True"}}]})

    assert config.patch
    assert config.filter.supported
    assert not config.bulk.supported
    assert (config.pagination.index, config.pagination.cursor) == (True, False)
    assert {f.code for f in config.findings} == {FindingCode.MISSING_IN_DISCOVERY, FindingCode.BOOLEAN_AS_TEXT}


_SCHEMA = {
    "id": "urn:example:2.0:Device",
    "name": "Device",
    "attributes": [
        {"name": "serial", "type": "string", "required": True, "caseExact": True, "uniqueness": "server"},
        {
            "name": "tags",
            "type": "complex",
            "multiValued": True,
            "subAttributes": [{"name": "value"}, {"name": "primary", "type": "boolean"}],
        },
        {"type": "string"},
    ],
}


def test_schemas_become_definitions_with_the_rfcs_defaults() -> None:
    """What is left out takes the default of RFC 7643 section 2.2, and a nameless attribute is reported."""
    discovered = parse_schemas({"totalResults": 2, "Resources": [_SCHEMA, {"name": "no id"}]})

    (schema,) = discovered.schemas
    serial, tags = schema.attributes
    assert (serial.required, serial.case_exact, serial.uniqueness, serial.mutability) == (
        True,
        True,
        "server",
        "readWrite",
    )
    assert [sub.name for sub in tags.sub_attributes] == ["value", "primary"]
    assert {f.code for f in discovered.findings} == {FindingCode.MISSING_IN_DISCOVERY, FindingCode.BAD_RESOURCE_IN_PAGE}


def test_a_resource_type_and_the_schemas_make_a_schema_set() -> None:
    """What filters and PATCH then work with, looked up in any letter case."""
    types = parse_resource_types(
        [
            {
                "name": "Device",
                "endpoint": "/Devices",
                "schema": "URN:example:2.0:device",
                "schemaExtensions": [{"schema": "x"}],
            }
        ]
    )
    (device,) = types.resource_types

    schema_set = parse_schemas([_SCHEMA]).schema_set(device)

    assert device.extensions == (("x", False),)
    assert schema_set is not None
    found = schema_set.attribute("SERIAL")
    assert found is not None and found.name == "serial"
    assert parse_schemas([]).schema_set(device) is None


@pytest.mark.parametrize("body", [None, "x", 7])
def test_what_is_no_document_is_an_error(body: object) -> None:
    """The caller goes on without discovery; it must not mistake nonsense for an answer."""
    for parse in (parse_schemas, parse_resource_types, parse_service_provider_config):
        with pytest.raises(ScimError, match="no discovery document"):
            parse(body)


def test_the_room_loads_without_pydantic() -> None:
    """Only who asks for discovery pays for its models."""
    program = "import sys, gallery_sdk.scim; sys.exit('pydantic' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
