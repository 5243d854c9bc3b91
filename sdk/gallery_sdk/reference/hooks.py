"""The page of hooks, from their specifications."""

from __future__ import annotations

import inspect
from collections.abc import Callable

from ..plugins.specs import ConnectorSpecs, HostSpecs
from .docstrings import parse_docstring


def page() -> str:
    """Signature and documentation of every hook."""
    parts = [
        "# Hooks",
        "A hook is a function of the name given here, decorated with `hookimpl` of `gallery_sdk`. It may leave out "
        "parameters that it does not need.",
    ]
    for title, specs in (("Hooks of a connector", ConnectorSpecs), ("Hooks of a host plugin", HostSpecs)):
        parts += [f"## {title}", parse_docstring(specs).text]
        parts += [_hook(name, hook) for name, hook in vars(specs).items() if name.startswith("gallery_")]
    return "\n\n".join(parts)


def _hook(name: str, hook: Callable[..., object]) -> str:
    described = parse_docstring(hook)
    parts = [f"### `{name}`", f"```python\n{_signature(name, hook)}\n```", described.text]
    for title in described.sections:
        if title == "Returns":
            parts.append(f"**Returns** {' '.join(described.sections[title].split())}")
            continue
        rows = [f"- `{entry}`: {text}" for entry, text in described.entries(title).items()]
        parts.append(f"**{'Parameters' if title == 'Args' else title}**\n\n" + "\n".join(rows))
    return "\n\n".join(parts)


def _signature(name: str, hook: Callable[..., object]) -> str:
    """The definition as an author writes it: without `self`, a line for each parameter where one line is too long."""
    signature = inspect.signature(hook)
    parameters = [f"{one.name}: {one.annotation}" for one in signature.parameters.values() if one.name != "self"]
    result = signature.return_annotation
    short = f"def {name}({', '.join(parameters)}) -> {result}: ..."
    if len(short) <= 100:
        return short
    return "\n".join([f"def {name}(", *(f"    {one}," for one in parameters), f") -> {result}: ..."])
