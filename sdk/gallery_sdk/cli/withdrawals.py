"""Told at every run: an installed version that its catalog has withdrawn."""

from __future__ import annotations

from collections.abc import Iterable

from .failing import show_problem


def warn_of_withdrawn(slugs: Iterable[str]) -> None:
    """Say on stderr which of these connectors must not be used any more, by the kept catalog.

    The run goes on: without it, accounts of people who left would stay open.
    """
    from ..catalog.installed import withdrawn_here
    from ..catalog.listings import kept_catalog
    from ..plugins import load_index

    catalog = kept_catalog()
    if catalog is None or not catalog.get("withdrawn"):
        return
    chosen = set(slugs)
    for one in withdrawn_here(catalog, [entry for entry in load_index() if entry.slug in chosen]):
        critical = "critical, " if one.critical else ""
        show_problem(
            f"connector {one.slug!r}",
            f"version {one.version} is withdrawn ({critical}{one.reason})",
            f"Run `gallery upgrade {one.slug}`",
            label="Warning",
        )
