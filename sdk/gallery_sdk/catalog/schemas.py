"""The published JSON Schemas (2020-12) of the gallery's formats, by file name."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel

from ..apps import APP_SCHEMA, app_json_schema
from ..manifest import SCHEMA_LEVEL, manifest_json_schema
from .details import Detail
from .documents import canonical
from .lock import Lock
from .models import CATALOG_SCHEMA_LEVEL, Catalog
from .signing import SignatureFile

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def published_schemas() -> dict[str, bytes]:
    """Every published schema: what `schemas/` of the repository and of the site hold."""
    models: dict[str, type[BaseModel]] = {
        f"catalog-{CATALOG_SCHEMA_LEVEL}": Catalog,
        "catalog-signature-1": SignatureFile,
        "detail-1": Detail,
        "lock-1": Lock,
    }
    documents: dict[str, dict[str, object]] = {name: _schema(name, model) for name, model in models.items()}
    documents[f"connector-{SCHEMA_LEVEL}"] = manifest_json_schema()
    documents[APP_SCHEMA] = app_json_schema()
    return {f"{name}.json": canonical(document) for name, document in sorted(documents.items())}


def _schema(name: str, model: type[BaseModel]) -> dict[str, object]:
    schema = model.model_json_schema(by_alias=True, mode="validation")
    return {"$schema": _DIALECT, "$id": f"urn:gallery:schema:{name}", **schema}
