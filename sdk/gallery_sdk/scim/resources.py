"""A resource as a target sent it, read for what it means rather than for how it is spelt."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import ScimError
from ._access import as_boolean
from .findings import Finding, FindingCode
from .schemas import WELL_KNOWN, AttributeDefinition, SchemaSet
from .schemas.definition import Index


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
    """Walks one resource. Most values are as they should be, so paths are only put together for a finding."""

    def __init__(self, schema: SchemaSet, *, report_unknown: bool, where: str) -> None:
        self._schema, self._report_unknown, self._where = schema, report_unknown, where
        self.findings: dict[FindingCode, Finding] = {}

    def report(self, code: FindingCode, prefix: str, name: str, detail: str = "") -> None:
        """Note a finding at `prefix` + `name`, unless its code was noted before."""
        if code not in self.findings:
            path = f".{prefix}{name}" if name else ""
            self.findings[code] = Finding(code, f"{self._where}{path}", detail)

    def top(self, body: Mapping[str, object]) -> dict[str, object]:
        """The resource as a whole, its extensions apart from its attributes."""
        attributes = body
        below: dict[str, object] = {}
        for urn in [name for name in body if ":" in name]:
            extension = self._schema.extension(urn)
            content = body[urn]
            if isinstance(content, Mapping):
                index = {} if extension is None else extension.index
                made = self._object(content, index, f"{urn}:", report_unknown=extension is not None)
                if made:
                    below[urn if extension is None else extension.urn] = made
                attributes = {name: value for name, value in attributes.items() if name != urn}
        return {**self._object(attributes, self._schema.index, "", report_unknown=True), **below}

    def _object(
        self, body: Mapping[str, object], index: Index, prefix: str, *, report_unknown: bool
    ) -> dict[str, object]:
        made: dict[str, object] = {}
        for name, value in body.items():
            definition = index.get(name)
            if value is None:
                self.report(FindingCode.NULL_VALUES, prefix, name)
            elif definition is not None and definition.name == name:
                if type(value) is str and definition.type != "boolean" and not definition.multi_valued:
                    made[name] = value
                else:
                    made[name] = self._value(prefix, name, definition, value)
            else:
                definition = definition or index.get(name.lower())
                if definition is not None:
                    self.report(FindingCode.NAME_CASE, prefix, name, f"the schema spells {definition.name}")
                elif report_unknown and self._report_unknown:
                    self.report(FindingCode.UNKNOWN_ATTRIBUTE, prefix, name)
                made[name if definition is None else definition.name] = self._value(prefix, name, definition, value)
        return made

    def _value(self, prefix: str, name: str, definition: AttributeDefinition | None, value: object) -> object:
        if isinstance(value, list):
            if None in value:
                self.report(FindingCode.NULL_VALUES, prefix, name)
            return [self._single(prefix, name, definition, each) for each in value if each is not None]
        single = self._single(prefix, name, definition, value)
        if definition is not None and definition.multi_valued:
            self.report(FindingCode.SINGLE_FOR_MULTI_VALUED, prefix, name)
            return [single]
        return single

    def _single(self, prefix: str, name: str, definition: AttributeDefinition | None, value: object) -> object:
        if isinstance(value, dict):
            index = {} if definition is None else definition.index
            return self._object(value, index, f"{prefix}{name}.", report_unknown=False)
        if isinstance(value, str) and definition is not None and definition.type == "boolean":
            boolean = as_boolean(value)
            if boolean is not value:
                self.report(FindingCode.BOOLEAN_AS_TEXT, prefix, name, value)
            return boolean
        return value

    def check_identity(self, resource: dict[str, object]) -> None:
        identity = resource.get("id")
        if isinstance(identity, int) and not isinstance(identity, bool):
            self.report(FindingCode.ID_AS_NUMBER, "", "id")
            resource["id"] = str(identity)
        elif not isinstance(identity, str) or not identity:
            self.report(FindingCode.MISSING_ID, "", "")
        schemas = resource.get("schemas")
        if not schemas:
            self.report(FindingCode.MISSING_SCHEMAS, "", "")
        elif not isinstance(schemas, list) or not all(isinstance(urn, str) for urn in schemas):
            self.report(FindingCode.ODD_SCHEMAS, "", "schemas")
        elif self._report_unknown and self._schema.base.urn.lower() not in [urn.lower() for urn in schemas]:
            self.report(FindingCode.ODD_SCHEMAS, "", "schemas", f"{self._schema.base.urn} is not among them")


def _kind(value: object) -> str:
    names = {list: "an array", str: "a text", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number" if isinstance(value, int | float) else type(value).__name__)
