"""The page of expression functions, from their registry."""

from __future__ import annotations

from ..expressions import FunctionRegistry, FunctionSpec


def page() -> str:
    """Signature, result and documentation of every built-in function."""
    parts = [
        "# Expression functions",
        "The language is that of Microsoft Entra's provisioning; functions marked *extended* are not in its public "
        "reference. Arguments in brackets may be left out, `...` may be repeated. Names are read in any case. "
        "`gallery expr` tries an expression on a person.",
    ]
    return "\n\n".join([*parts, *(_function(one) for one in FunctionRegistry())])


def _function(spec: FunctionSpec) -> str:
    facts = [f"Gives {'whatever flows' if spec.result_type == 'any' else spec.result_type.value}"]
    if spec.aliases:
        facts.append(f"also written {', '.join(f'`{one}`' for one in spec.aliases)}")
    if spec.top_level:
        facts.append("may only be the whole expression")
    if spec.dialect == "extended":
        facts.append("*extended*")
    facts += [
        f"`{one.name}` is one of {', '.join(f'`{word}`' for word in one.choices)}"
        for one in spec.parameters
        if one.choices
    ]
    source = f"\n\nSource: {spec.source}" if spec.source else ""
    return f"## `{spec.name}`\n\n`{spec.signature}`\n\n{spec.documentation}\n\n{'; '.join(facts)}.{source}"
