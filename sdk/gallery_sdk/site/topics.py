"""What connectors have in common: categories, tiers, protocols, abilities, ways to sign in, quirks.

Each topic is a page, and mostly a value of a facet on the home page: without JavaScript those are links to these.
Quirks are not: they are many, and their ids mean nothing without the text that explains them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from ..catalog.grading import TIERS
from ..manifest import VOCABULARY
from . import wording
from .page import Page
from .publication import Listed, Publication


def topic_path(facet: str, id: str) -> str:
    """Path of a topic's page.

    A catalog of a later SDK may know ids that this one does not; one that is no plain name gets one by its hash, since
    a path must not lead out of the site.
    """
    name = id.replace(":", "-")
    return f"{facet}/{name if _PLAIN.fullmatch(name) else sha256(id.encode()).hexdigest()[:16]}/"


_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Topic:
    """A value of a facet, and the connectors that have it."""

    facet: str
    id: str
    name: str
    about: str
    listed: tuple[Listed, ...]

    @property
    def subject(self) -> str:
        """The part of a quirk's id before the dot."""
        return self.id.partition(".")[0]

    @property
    def path(self) -> str:
        """Of its page."""
        return topic_path(self.facet, self.id)


@dataclass(frozen=True, slots=True)
class Facet:
    """A way to narrow the catalog down.

    Attributes:
        id: In addresses, of pages and of searches.
        title: Of the facet.
        about: What its overview page says first.
        topics: In the order in which readers see them.
        narrows: The home page narrows down by it; else it has its own pages alone.
    """

    id: str
    title: str
    about: str
    topics: tuple[Topic, ...]
    narrows: bool = True


def facets(publication: Publication) -> tuple[Facet, ...]:
    """Every facet with the topics that at least one connector has; tiers, kinds and quirks are there in full."""
    listed, catalog = publication.listed, publication.catalog
    categories = {one.id: one.name for one in catalog.categories}
    used = {kind for one in listed for kind in one.entry.auth}
    auth = {kind: term for kind, term in wording.AUTH_KINDS.items() if kind != "none" or kind in used}

    def make(facet: str, names: Mapping[str, str], of: Callable[[Listed], Iterable[str]], *, all: bool = False,
             about: Mapping[str, str] | None = None) -> tuple[Topic, ...]:  # fmt: skip
        held: dict[str, list[Listed]] = {}
        for one in listed:
            for id in dict.fromkeys(of(one)):
                held.setdefault(id, []).append(one)
        ids = [id for id in names if all or id in held] + sorted(held.keys() - names.keys())
        return tuple(
            Topic(facet, id, names.get(id, id), (about or {}).get(id, ""), tuple(held.get(id, ()))) for id in ids
        )

    abilities = [f"{kind}:{word}" for kind in wording.KINDS for word in wording.ABILITIES]
    return (
        Facet("category", "Category", "What the apps are for.",
              make("category", dict(sorted(categories.items(), key=lambda pair: pair[1])),
                   lambda one: one.entry.categories)),
        Facet("tier", "Tier", TIERS_ABOUT,
              make("tier", {tier: wording.TIERS[tier].name for tier in reversed(TIERS)},
                   lambda one: [one.entry.tier] if one.entry.tier else [], all=True,
                   about={id: term.about for id, term in wording.TIERS.items()})),
        Facet("auth", "Sign-in", "How the engine proves to an app that it may change accounts. Secrets are always "
              "references, resolved when they are needed and never written down.",
              make("auth", {id: term.name for id, term in auth.items()}, lambda one: one.entry.auth, all=True,
                   about={id: term.about for id, term in auth.items()})),
        Facet("capability", "Can", "What can be done with an app's users and groups.",
              make("capability", {ability: wording.ability_words(ability) for ability in abilities}, abilities_of)),
        Facet("protocol", "Protocol", "How the engine speaks to an app.",
              make("protocol", {id: term.name for id, term in wording.PROTOCOLS.items()},
                   lambda one: [one.entry.transport],
                   about={id: term.about for id, term in wording.PROTOCOLS.items()})),
        Facet("quirks", "Quirk", QUIRKS_ABOUT,
              make("quirks", {id: id for id in VOCABULARY}, lambda one: one.entry.quirks, all=True,
                   about={id: one.doc for id, one in VOCABULARY.items()}), narrows=False),
    )  # fmt: skip


TIERS_ABOUT: Final = (
    "A tier says how far a connector can be trusted. Nobody declares or grants it: a program looks at each rule, and "
    "the tier is the highest one whose rules, and all lower ones, are kept."
)
QUIRKS_ABOUT: Final = (
    "Where apps depart from the standard. The vocabulary is closed: each quirk is one code path of the engine, has a "
    "contract test that fails when the quirk is switched off, and every declaration names its source."
)


def abilities_of(one: Listed) -> Iterator[str]:
    """`user:create`, `group:members`, ..."""
    able = one.entry.capabilities
    yield from (f"user:{word}" for word in able.user)
    yield from (f"group:{word}" for word in able.group)


def topic_pages(all_facets: Sequence[Facet]) -> Iterator[Page]:
    """An overview page for each facet, and a page for each topic."""
    for facet in all_facets:
        template = {"tier": "tiers.html", "quirks": "quirks.html"}.get(facet.id, "facet.html")
        yield Page(f"{facet.id}/", template, _TITLES[facet.id], facet.about, section=facet.id, data={"facet": facet})
        for topic in facet.topics:
            template = {"tier": "tier.html", "quirks": "quirk.html"}.get(facet.id, "topic.html")
            yield Page(
                topic.path,
                template,
                f"{topic.name}: {_TITLES[facet.id].lower()}",
                topic.about or f"Connectors: {topic.name}",
                section=facet.id,
                data={"facet": facet, "topic": topic},
            )


_TITLES: Final[Mapping[str, str]] = {
    "category": "Categories",
    "tier": "Tiers",
    "auth": "Ways to sign in",
    "capability": "Capabilities",
    "protocol": "Protocols",
    "quirks": "Quirks",
}
