"""From an app's file to its configuration, or to all of its problems at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gallery_sdk.errors import ConfigError
from gallery_sdk.manifest import Problem
from gallery_sdk.manifest.translating import problems_of
from gallery_sdk.scoping import parse_clause

from .models import AppConfig
from .problems import InvalidConfigError
from .secret_references import REFERENCE_SCHEMES, literal_secrets
from .tables import read_toml


def read_app(path: Path, *, where: str | None = None, schemes: Collection[str] = REFERENCE_SCHEMES) -> AppConfig:
    """Read apps/<name>.toml; the name of the app is that of the file.

    Args:
        path: The file.
        where: What it is called in messages; default: its path.
        schemes: Schemes of secret references that can be resolved.

    Raises:
        ConfigError: There is no such file, or it cannot be read.
        InvalidConfigError: It is not TOML or not an app's file; every problem is in `problems`.
    """
    where = where or str(path)
    return parse_app(read_toml(path, where), path.stem, where=where, schemes=schemes)


def parse_app(
    content: Mapping[str, Any], name: str, *, where: str = "", schemes: Collection[str] = REFERENCE_SCHEMES
) -> AppConfig:
    """The configuration that the tables of a file describe.

    Raises:
        InvalidConfigError: Unknown or missing fields, values that do not fit, clauses that cannot be executed,
            secrets written out. Values under [auth] are never shown.
    """
    where = where or f"apps/{name}.toml"
    problems = list(literal_secrets(content.get("auth"), where, schemes))
    if "name" in content:
        problems.append(Problem(f"{where}, name", "an app is named by its file", f"Remove it; the name is '{name}'"))
    problems += _clause_problems(content.get("scope"), where)
    tables = {key: value for key, value in content.items() if key != "name"}
    try:
        app = AppConfig.model_validate({**tables, "name": name})
    except ValidationError as error:
        raise InvalidConfigError([*problems, *problems_of(error, AppConfig, where)]) from None
    if problems:
        raise InvalidConfigError(problems)
    app._where = where
    return app


def _clause_problems(scope: object, where: str) -> Iterator[Problem]:
    """Clauses that cannot be executed, looked for in the tables as they are written, whatever else is wrong."""
    for kind in ("user", "group"):
        filters = scope.get(kind) if isinstance(scope, dict) else None
        for place, one in enumerate(filters if isinstance(filters, list | tuple) else ()):
            clauses = one.get("clauses") if isinstance(one, dict) else None
            for index, text in enumerate(clauses if isinstance(clauses, list | tuple) else ()):
                if not isinstance(text, str) or not text:
                    continue  # said by the model
                try:
                    parse_clause(text, f"{where}, scope.{kind}[{place}].clauses[{index}]")
                except ConfigError as error:
                    yield Problem(error.where, error.what, error.mend)
