"""The page of quirks, from their vocabulary."""

from __future__ import annotations

from itertools import groupby

from ..manifest import VOCABULARY, QuirkDefinition
from ..manifest.quirks.values import Flag


def page() -> str:
    """What the client does about each quirk, its value, and how it is declared."""
    parts = [
        "# Quirks",
        "A `[[quirk]]` of `connector.toml` says where a target departs from RFC 7643 and RFC 7644. The vocabulary is "
        "closed: each id stands for one code path of the client, and has a check in the contract suite that fails "
        "when the quirk is switched off. Every declaration names its `source`, the day on which that was `read`, its "
        "`mark` (documented, inferred or memory), and the `test` that shows it.",
    ]
    for subject, definitions in groupby(VOCABULARY.values(), key=lambda one: one.id.partition(".")[0]):
        parts.append(f"## {subject}")
        parts += [_quirk(one) for one in definitions]
    return "\n\n".join(parts)


def declaration(definition: QuirkDefinition) -> str:
    """The example as it stands in a manifest, without its source."""
    import tomlkit

    table = tomlkit.table()
    table["id"] = definition.id
    if not isinstance(definition.value_type, Flag):
        example = definition.example
        if isinstance(example, dict):
            inline = tomlkit.inline_table()
            inline.update(example)
            example = inline
        table["value"] = example
    document = tomlkit.document()
    quirks = tomlkit.aot()
    quirks.append(table)
    document["quirk"] = quirks
    return tomlkit.dumps(document).strip()


def _quirk(one: QuirkDefinition) -> str:
    holds = (
        "the whole connection" if one.applies == ("connection",) else " and ".join(f"{kind}s" for kind in one.applies)
    )
    return "\n\n".join(
        [
            f"### `{one.id}`",
            f"**What the client does.** {one.doc}",
            f"For {holds}. Value: {one.value_type.describe()}.",
            f"```toml\n{declaration(one)}\n```",
        ]
    )
