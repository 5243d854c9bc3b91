"""V, Z: who speaks for it and built it, whether anybody can build it anew; types, and reading what changed."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from ....errors import ConfigError
from ...models import Artefact
from .. import confirmation, provenance
from ..confirmation import CONFIRMATION_NAME, read_vendor_keys
from ..looked_at import LookedAt
from ..provenance import ATTESTATION_NAME, read_attesters
from ..rule import Seen, failed, judged, passed, rule


@rule(
    "V01",
    "platinum",
    why="The vendor knows of a change before anybody else, and answers for the connector with its own name.",
    mend="Have the vendor sign the release (`gallery catalog confirm`), with a key that registry/vendors.toml lists as "
    "the vendor's.",
    waivable=False,
)
def vendor_answers_for_it(seen: LookedAt) -> Seen:
    """The app's vendor has signed for the released wheel."""
    vendor = seen.manifest.vendor
    if vendor is None:
        return failed("no vendor is named")

    def doubts(data: bytes, wheels: Sequence[Artefact]) -> tuple[list[str], str]:
        keys = read_vendor_keys(seen.registry, seen.manifest.slug)
        return confirmation.find_doubts(data, wheels, keys, vendor.name), f"signed by {vendor.name}"

    return _stated(seen, CONFIRMATION_NAME, "that could be confirmed", doubts)


@rule(
    "V02",
    "platinum",
    why="Who built a wheel, and from what, must be shown by a signature and not by the place it was found in.",
    mend="Let the release's workflow sign who built the wheels (`gallery catalog attest`), with a key that "
    "registry/attesters.toml lists for it.",
    waivable=False,
)
def provenance_is_verified(seen: LookedAt) -> Seen:
    """A signed attestation says who built the released wheel, and its signature holds."""

    def doubts(data: bytes, wheels: Sequence[Artefact]) -> tuple[list[str], str]:
        attesters = read_attesters(seen.registry, seen.manifest.slug)
        found, builder = provenance.find_doubts(data, wheels, attesters)
        return found, f"built by {builder}"

    return _stated(seen, ATTESTATION_NAME, "whose provenance could be shown", doubts)


@rule(
    "V03",
    "platinum",
    why="A wheel that anybody can build from the source, to the byte, needs nobody's word that it is that source.",
    mend="Build with a backend that honours SOURCE_DATE_EPOCH, such as hatchling.",
    waivable=False,
)
def wheel_is_reproducible(seen: LookedAt) -> Seen:
    """Two builds of its wheel are equal to the byte."""
    record = seen.evidence.wheel if seen.evidence is not None else None
    if record is None:
        return failed(seen.lacking)
    return passed("two builds, one SHA-256") if record.reproducible else failed("two builds differ")


@rule(
    "Z01",
    "platinum",
    why="Types let an author change a hook of the SDK and see every connector that it breaks.",
    mend="Ship py.typed and annotate every parameter and result.",
)
def fully_typed(seen: LookedAt) -> Seen:
    """It is typed throughout, and says so."""
    wrong = [] if (seen.package / "py.typed").is_file() else ["there is no py.typed"]
    for name, tree in seen.modules.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not _is_annotated(node):
                wrong.append(f"{name}, line {node.lineno}: {node.name} is not annotated")
    return judged(wrong, f"{len(seen.modules)} modules")


@rule(
    "Z02",
    "platinum",
    why="Reading what changed instead of everything turns an hour into seconds.",
    mend="Read changes where the app offers them, and declare the feature `delta`.",
)
def reads_changes(seen: LookedAt) -> Seen:
    """It reads changes instead of everything."""
    able = "delta" in seen.manifest.capabilities.features
    return passed("delta") if able else failed("the feature `delta` is not declared")


def _stated(
    seen: LookedAt, name: str, purpose: str, find_doubts: Callable[[bytes, Sequence[Artefact]], tuple[list[str], str]]
) -> Seen:
    """Judge a signed statement about the wheels of this release, by what speaks against it and what it shows."""
    if seen.release is None:
        return failed(f"{seen.manifest.version} is not released: there is no wheel {purpose}")
    file = seen.path / name
    if not file.is_file():
        return failed(f"there is no {name}")
    try:
        doubts, shown = find_doubts(file.read_bytes(), seen.release.files)
    except ConfigError as error:
        return failed(f"{error.where} {error.what}")
    return judged(doubts, shown)


def _is_annotated(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    own = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    own = own[1:] if own and own[0].arg in ("self", "cls") else own
    return node.returns is not None and all(one.annotation is not None for one in own)
