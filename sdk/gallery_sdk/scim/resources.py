"""A resource as a target sent it, read for what it means rather than for how it is spelt."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import ScimError
from ._access import as_boolean
from .findings import Finding, FindingCode
from .schemas import WELL_KNOWN, AttributeDefinition, Schema, SchemaSet


def parse_resource(
    body: object, *, schema: SchemaSet | None = None, where: str = "resource"
) -> tuple[dict[str, object], tuple[Finding, ...]]:
    """Bring a resource into the shape that its schema gives it, and say what had to be forgiven.

    Booleans as text become booleans, names take the schema's spelling, nulls go, an `id` that is a number becomes
    text, and a lone value of a multi-valued attribute becomes an array of one. What the schema does not define is
    kept. Each code is reported once per resource, at the first place it was met.

    Args:
        body: The decoded JSON.
        schema: With it, undefined attributes are reported; the core schemas of RFC 7643 guide when left out.
        where: What to call the resource in findings.

    Raises:
        ScimError: The body is no object.
    """
    if not isinstance(body, Mapping):
        raise ScimError(
            f"a resource is wanted, and this is {_kind(body)}", where, "Look at the raw answer; the URL may be wrong"
        )
    reader = _Reader(schema or WELL_KNOWN, report_unknown=schema is not None, where=where)
    resource = reader.top(body)
    reader.check_identity(resource)
    return resource, tuple(reader.findings.values())


def check_create(status: int, media_type: str, body: object, *, where: str = "create") -> tuple[Finding, ...]:
    """What the answer to a POST departs in: 200 for 201, another media type, no `id`."""
    findings = []
    if status == 200:
        findings.append(Finding(FindingCode.CREATE_ANSWERED_200, where))
    if body is not None:
        findings += check_media_type(media_type, where=where)
    if not isinstance(body, Mapping) or body.get("id") in (None, ""):
        findings.append(Finding(FindingCode.CREATE_WITHOUT_ID, where))
    return tuple(findings)


def check_media_type(media_type: str, *, where: str) -> tuple[Finding, ...]:
    """The finding for a media type other than application/scim+json; parameters such as charset are no departure."""
    essence = media_type.split(";")[0].strip().lower()
    if essence == "application/scim+json":
        return ()
    code = FindingCode.HTML_ANSWER if essence == "text/html" else FindingCode.WRONG_CONTENT_TYPE
    return (Finding(code, where, essence or "none"),)


class _Reader:
    def __init__(self, schema: SchemaSet, *, report_unknown: bool, where: str) -> None:
        self._schema, self._report_unknown, self._where = schema, report_unknown, where
        self.findings: dict[FindingCode, Finding] = {}

    def report(self, code: FindingCode, path: str, detail: str = "") -> None:
        self.findings.setdefault(code, Finding(code, f"{self._where}.{path}" if path else self._where, detail))

    def top(self, body: Mapping[str, object]) -> dict[str, object]:
        resource: dict[str, object] = {}
        for name, value in body.items():
            if value is None:
                self.report(FindingCode.NULL_VALUES, name)
                continue
            if ":" in name and isinstance(value, Mapping):
                extension = self._schema.extension(name)
                urn = name if extension is None else extension.urn
                if made := self._extension(urn, extension, value):
                    resource[urn] = made
                continue
            definition = self._schema.attribute(name)
            if definition is None and self._report_unknown:
                self.report(FindingCode.UNKNOWN_ATTRIBUTE, name)
            resource[self._spelling(name, name, definition)] = self._value(name, definition, value)
        return resource

    def _extension(self, urn: str, schema: Schema | None, body: Mapping[str, object]) -> dict[str, object]:
        made: dict[str, object] = {}
        for name, value in body.items():
            path = f"{urn}:{name}"
            if value is None:
                self.report(FindingCode.NULL_VALUES, path)
                continue
            definition = None if schema is None else schema.attribute(name)
            if schema is not None and definition is None and self._report_unknown:
                self.report(FindingCode.UNKNOWN_ATTRIBUTE, path)
            made[self._spelling(path, name, definition)] = self._value(path, definition, value)
        return made

    def _spelling(self, path: str, name: str, definition: AttributeDefinition | None) -> str:
        if definition is None or definition.name == name:
            return name
        self.report(FindingCode.NAME_CASE, path, f"the schema spells {definition.name}")
        return definition.name

    def _value(self, path: str, definition: AttributeDefinition | None, value: object) -> object:
        if definition is not None and definition.multi_valued and not isinstance(value, list):
            self.report(FindingCode.SINGLE_FOR_MULTI_VALUED, path)
            value = [value]
        if isinstance(value, list):
            if None in value:
                self.report(FindingCode.NULL_VALUES, path)
            return [self._single(path, definition, each) for each in value if each is not None]
        return self._single(path, definition, value)

    def _single(self, path: str, definition: AttributeDefinition | None, value: object) -> object:
        if isinstance(value, dict):
            made = {}
            for name, each in value.items():
                below = f"{path}.{name}"
                if each is None:
                    self.report(FindingCode.NULL_VALUES, below)
                    continue
                sub = None if definition is None else definition.sub(name)
                made[self._spelling(below, name, sub)] = self._value(below, sub, each)
            return made
        if isinstance(value, str) and definition is not None and definition.type == "boolean":
            boolean = as_boolean(value)
            if boolean is not value:
                self.report(FindingCode.BOOLEAN_AS_TEXT, path, value)
            return boolean
        return value

    def check_identity(self, resource: dict[str, object]) -> None:
        identity = resource.get("id")
        if isinstance(identity, int) and not isinstance(identity, bool):
            self.report(FindingCode.ID_AS_NUMBER, "id")
            resource["id"] = str(identity)
        elif not isinstance(identity, str) or not identity:
            self.report(FindingCode.MISSING_ID, "")
        schemas = resource.get("schemas")
        if not schemas:
            self.report(FindingCode.MISSING_SCHEMAS, "")
        elif not isinstance(schemas, list) or not all(isinstance(urn, str) for urn in schemas):
            self.report(FindingCode.ODD_SCHEMAS, "schemas")
        elif self._report_unknown and self._schema.base.urn.lower() not in [urn.lower() for urn in schemas]:
            self.report(FindingCode.ODD_SCHEMAS, "schemas", f"{self._schema.base.urn} is not among them")


def _kind(value: object) -> str:
    names = {list: "an array", str: "a text", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number" if isinstance(value, int | float) else type(value).__name__)
