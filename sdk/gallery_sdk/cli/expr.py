"""`gallery expr`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .declaring import declare, json_option
from .output import faint, heading, plain, print_json, print_table, print_text

if TYPE_CHECKING:
    from ..expressions import FunctionRegistry, Step


@declare("expr")
@click.argument("expression", required=False)
@click.option(
    "--on", "person", type=click.Path(path_type=Path, allow_dash=True), help="JSON file of one object; - for stdin."
)
@click.option("--set", "given", metavar="ATTR=VALUE", multiple=True, help="Set one attribute; may be repeated.")
@click.option("--explain", is_flag=True, help="Also show the value of every sub-expression.")
@click.option("--functions", "list_functions", is_flag=True, help="List the functions instead.")
@click.option("--domain", help="What DefaultDomain() gives.")
@json_option
def command(
    expression: str | None,
    person: Path | None,
    given: tuple[str, ...],
    explain: bool,
    list_functions: bool,
    domain: str | None,
    as_json: bool,
) -> None:
    """Evaluate a mapping expression.

    The attributes of the object come from a JSON file, from --set, or both. The value is printed as text; with
    --explain every sub-expression with its value, from the outside in.

    \b
    Example:
        gallery expr 'Join(".", [givenName], [surname])' --set givenName=Ada --set surname=Byron
    """
    from ..expressions import FunctionRegistry
    from ..plugins import host_manager

    functions = FunctionRegistry()
    host_manager().add_functions(functions)
    if list_functions:
        _print_functions(functions, expression, as_json=as_json)
        return
    if expression is None:
        raise click.UsageError("Give an expression, or --functions to see what can be called.")
    attributes = {**_read_object(person), **dict(_pair(one) for one in given)}
    _evaluate(expression, attributes, functions, domain, explain=explain, as_json=as_json)


def _evaluate(
    expression: str,
    attributes: dict[str, Any],
    functions: FunctionRegistry,
    domain: str | None,
    *,
    explain: bool,
    as_json: bool,
) -> None:
    from datetime import UTC, datetime

    from ..expressions import EvaluationContext, compile_expression
    from ..expressions import explain as explain_steps

    compiled = compile_expression(expression, functions=functions, attributes=list(attributes) or None)
    context = EvaluationContext(datetime.now(UTC), default_domain=domain).for_object()
    for lint in compiled.lints:
        click.echo(f"Note: {lint.message}", err=True)
    steps = explain_steps(compiled, attributes, context) if explain else []
    if explain and not as_json:
        _print_steps(steps)
    value = compiled(attributes, context)
    if as_json:
        print_json({
            "expression": expression, "value": _as_json(value), "text": _as_text(value),
            "type": str(compiled.result_type), "inputs": sorted(compiled.inputs),
            "steps": [
                {"depth": step.depth, "text": step.text, "state": str(step.state), "shown": step.shown}
                for step in steps
            ],
        })  # fmt: skip
    elif not explain:
        text = _as_text(value)
        click.echo("(null)" if text is None else plain(text))


def _print_steps(steps: list[Step]) -> None:
    print_table(("EXPRESSION", "VALUE"), [("  " * step.depth + step.text, step.shown) for step in steps], rigid=())


def _as_text(value: object) -> str | None:
    from ..expressions import DROP, DROP_OBJECT, UniqueValue, to_text

    if value is DROP:
        return "(the attribute is left alone)"
    if value is DROP_OBJECT:
        return "(the object is left alone)"
    if isinstance(value, UniqueValue):
        return "the first that is free of: " + ", ".join(value.candidates)
    return to_text(value)


def _as_json(value: object) -> object:
    return value if isinstance(value, (str, int, float, bool, list, dict)) or value is None else _as_text(value)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise click.BadParameter(f"'{text}' is not of the form attribute=value.", param_hint="--set")
    return name, value


def _read_object(path: Path | None) -> dict[str, Any]:
    """The attributes in a JSON file.

    Raises:
        UsageError: There is no such file, or it holds no JSON object.
    """
    import json
    import sys

    from ..errors import UsageError

    if path is None:
        return {}
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text("utf-8-sig")
        found = json.loads(text)
    except OSError as error:
        raise UsageError(f"cannot be read ({error.strerror})", str(path), "Check the path") from error
    except UnicodeDecodeError as error:
        raise UsageError("is not UTF-8 text", str(path), "Save it as UTF-8") from error
    except json.JSONDecodeError as error:
        place = f"{path}, line {error.lineno}, column {error.colno}"
        raise UsageError(f"is not JSON: {error.msg}", place, 'Write one object, {"givenName": "Ada"}') from error
    if not isinstance(found, dict):
        kind = "a list" if isinstance(found, list) else "no object"
        raise UsageError(f"holds {kind}", str(path), 'Write one object, {"givenName": "Ada"}')
    return found


def _print_functions(functions: FunctionRegistry, pattern: str | None, *, as_json: bool) -> None:
    """List functions; with a text only those whose name holds it."""
    chosen = [one for one in functions if pattern is None or pattern.casefold() in one.name.casefold()]
    if as_json:
        print_json(
            [
                {
                    "name": one.name,
                    "signature": one.signature,
                    "result": str(one.result_type),
                    "documentation": one.documentation,
                    "dialect": one.dialect,
                    "source": one.source,
                }
                for one in chosen
            ]
        )
        return
    for one in chosen:
        extended = faint("  (extended)") if one.dialect == "extended" else ""
        click.echo(f"{heading(one.signature)}{extended}")
        print_text(one.documentation, indent="    ")
    if not chosen:
        near = functions.nearest(pattern or "")
        click.echo(f"No function is named so.{f' Did you mean {near}?' if near else ''}", err=True)
