"""What scenarios of quirks have in common: registering, changing an object, looking into bodies."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ....scim import compile_assembler, compile_getter, error_body, parse_path, urns
from ..stage import Stage, Values
from ..wires import Exchange, answer

if TYPE_CHECKING:
    from ....manifest import Manifest, Quirk
    from ....transport import WireResponse
    from ..wires import Tampering

ENTERPRISE: Final = urns.ENTERPRISE_USER
MANAGER: Final = f"{ENTERPRISE}:manager"
WORK: Final = 'emails[type eq "work"].value'
MAIN, MOBILE = 'phoneNumbers[type eq "work"].value', 'phoneNumbers[type eq "mobile"].value'
NUMBERS: Final = ("+12065550181", "+12065550182")

Act = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class QuirkScenario:
    """What is tried for one quirk: it holds with the quirk and must not hold without.

    Attributes:
        paths: Paths to be mapped besides all that the manifest names, from the quirk's value.
        page_size: Of listings, where a listing must have several pages.
        tamper: From the quirk, what a client sees in place of answers, from the first request on.
    """

    act: Act
    paths: Callable[[Quirk], tuple[str, ...]] = lambda quirk: ()
    page_size: int | None = None
    tamper: Callable[[Quirk], Tampering] | None = None


SCENARIOS: Final[dict[str, QuirkScenario]] = {}
"""The scenario of every quirk of the vocabulary, by id."""


def scenario(
    quirk_id: str,
    *,
    paths: Callable[[Quirk], tuple[str, ...]] = lambda quirk: (),
    page_size: int | None = None,
    tamper: Callable[[Quirk], Tampering] | None = None,
) -> Callable[[Act], Act]:
    """Make a function over a stage the scenario of a quirk."""

    def register(act: Act) -> Act:
        SCENARIOS[quirk_id] = QuirkScenario(act, paths, page_size, tamper)
        return act

    return register


# -- the quirk that is tried ---------------------------------------------------------------------------


def value(stage: Stage) -> Any:
    """The quirk's value as declared, also while it is switched off."""
    assert stage.quirk is not None
    return stage.quirk.value


def kind(stage: Stage) -> str:
    """The kind of object that it is tried on."""
    assert stage.quirk is not None
    return stage.quirk.kinds()[0]


def every_path(manifest: Manifest) -> dict[str, list[str]]:
    """By kind, every path that the manifest names, mapped by default or not."""
    found: dict[str, list[str]] = {}
    for one in ("user", "group"):
        named = [entry.target for entry in manifest.mappings[one]]
        named += [entry.name for entry in manifest.target_schema[one] if entry.type != "complex" or entry.reference]
        found[one] = list(dict.fromkeys(named))
    return found


# -- acting --------------------------------------------------------------------------------------------


async def changed(stage: Stage) -> Exchange | None:
    """Make one object of the quirk's kind and change one thing of it; the last write comes back."""
    if kind(stage) == "group":
        made = await stage.create("group", stage.group())
        stage.forget()
        await stage.target.update("group", made.id, stage.group(), stage.group("Crew"))
    else:
        target_id, values = await stage.user()
        stage.forget()
        await stage.update("user", target_id, values, **patchable(stage, values))
    writes = stage.writes()
    return writes[-1] if writes else None


def patchable(stage: Stage, values: Values) -> Values:
    """A change that PATCH is accepted for: of a plain text, or of what `patch.only` lists."""
    only = stage.subject.manifest.quirks_for("user").value("patch.only", tuple)
    if only is None:
        return {stage.text_path(values): "Director"}
    assert only[0] == "active", f"how to change {only[0]} alone is not known; give the connector a scenario of its own"
    return {stage.name("active"): False}


def another(stage: Stage, path: str, values: Values) -> object:
    """A valid value of a path that differs from the one in `values`."""
    other = stage.person(2).get(path)
    if other is not None and other != values.get(path):
        return other
    held = values.get(path)
    return (not held) if isinstance(held, bool) else f"Other {path.rpartition(':')[2]}"[:20]


def list_answer(*resources: Mapping[str, object], total: int | None = None) -> WireResponse:
    """A SCIM list of one page."""
    found = [dict(one) for one in resources]
    return answer(
        200,
        {"schemas": [urns.LIST_RESPONSE], "totalResults": len(found) if total is None else total, "startIndex": 1,
         "itemsPerPage": len(found), "Resources": found},
    )  # fmt: skip


def refusal(status: int, detail: str) -> WireResponse:
    """A SCIM error that a check makes up (RFC 7644 section 3.12)."""
    return answer(status, error_body(status, detail))


# -- looking -------------------------------------------------------------------------------------------


def created(stage: Stage, collection: str = "Users") -> dict[str, Any]:
    """The body of the last create."""
    bodies = [one.json for one in stage.writes("POST") if one.path.rstrip("/").endswith(collection)]
    assert bodies, f"no create of {collection} was sent"
    body: dict[str, Any] = bodies[-1]
    return body


def held_by(resource: Mapping[str, object], path: str) -> object:
    """The value of a path in a SCIM resource."""
    return compile_getter(path)(dict(resource))


def told(operations: list[dict[str, Any]], path: str) -> list[object]:
    """Values that operations give to a path, with or without a path of their own; removals give none."""
    parsed = parse_path(path)
    found: list[object] = []
    for one in operations:
        where, content = one.get("path"), one.get("value")
        if one["op"].lower() == "remove":
            continue
        if where is not None and where.lower() == path.lower():
            found.append(content)
        elif where is None and isinstance(content, Mapping):
            inner = content.get(parsed.urn, {}) if parsed.urn else content
            if isinstance(inner, Mapping) and parsed.name in inner:
                found.append(held_by(content, path))
    return found


def touched(exchange: Exchange) -> set[str]:
    """Lower-case names of the top-level attributes that a PATCH or PUT speaks of."""
    body = exchange.json if isinstance(exchange.json, dict) else {}
    names: set[str] = set()
    for one in body.get("Operations", []):
        where = one.get("path")
        if where is not None:
            names.add(parse_path(where).name.lower())
        elif isinstance(one.get("value"), Mapping):
            names |= {name.lower() for name in one["value"]}
    if exchange.method == "PUT":
        names |= {name.lower() for name in body if name not in ("schemas", "id", "meta")}
    return names


def in_resources(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Tampering:
    """Change every resource that an answer shows, in lists and alone."""

    def tamper(exchange: Exchange, body: Any) -> Any:
        if not isinstance(body, dict):
            return body
        if isinstance(body.get("Resources"), list):
            return {**body, "Resources": [change(dict(one)) for one in body["Resources"]]}
        return change(body) if "id" in body and "Operations" not in body else body

    return tamper


def planted(resource: dict[str, Any], path: str, content: object) -> dict[str, Any]:
    """The resource with one path put into it."""
    added = compile_assembler([path], schemas=[])({path: content})
    added.pop("schemas", None)
    merged = dict(resource)
    for name, one in added.items():
        old = merged.get(name)
        merged[name] = {**old, **one} if isinstance(old, dict) and isinstance(one, dict) else one
    return merged
