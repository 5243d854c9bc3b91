"""Identity: names, versions, licence, categories, addresses of pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ..categories import CATEGORIES
from ..model import Manifest
from ..problems import Problem, did_you_mean, shown

SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])")
# The expression that https://semver.org gives for version 2.0.0.
SEMVER: Final = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    r"(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?"
    r"(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?"
)


def identity_problems(manifest: Manifest) -> Iterator[Problem]:
    """Check what names the connector and the people behind it."""
    where = manifest.where
    if not SLUG.fullmatch(manifest.slug):
        yield Problem(
            f"{where}, slug",
            f"{shown(manifest.slug)} is not a slug",
            "Use 2 to 40 lower-case letters, digits and dashes, no dash at either end",
        )
    if not SEMVER.fullmatch(manifest.version):
        yield Problem(
            f"{where}, version",
            f"{shown(manifest.version)} is not a semantic version",
            "Write major.minor.patch, for example '1.0.0'",
        )
    for index, category in enumerate(manifest.categories):
        if category not in CATEGORIES:
            yield Problem(
                f"{where}, categories[{index}]",
                f"{shown(category)} is not a category",
                did_you_mean(category, CATEGORIES, f"Use some of {', '.join(CATEGORIES)}"),
            )
    for field in ("categories", "keywords", "aliases", "maintainers"):
        values: tuple[str, ...] = getattr(manifest, field)
        for index, value in enumerate(values):
            if value in values[:index]:
                yield Problem(f"{where}, {field}[{index}]", f"{shown(value)} is there twice", "Remove one of them")
    yield from _versions(manifest)
    yield from _pages(manifest)
    yield from _left_out(manifest)
    if manifest.status == "withdrawn" and manifest.replaced_by == manifest.slug:
        yield Problem(f"{where}, replaced_by", "a connector cannot replace itself", "Name the other connector")


def _versions(manifest: Manifest) -> Iterator[Problem]:
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    where = manifest.where
    if manifest.license is not None:
        try:
            canonicalize_license_expression(manifest.license)
        except InvalidLicenseExpression:
            yield Problem(
                f"{where}, license",
                f"{shown(manifest.license)} is not an SPDX licence expression",
                "Write an identifier of https://spdx.org/licenses, for example 'Apache-2.0'",
            )
    if manifest.requires_sdk is not None:
        try:
            SpecifierSet(manifest.requires_sdk)
        except InvalidSpecifier:
            yield Problem(
                f"{where}, requires_sdk",
                f"{shown(manifest.requires_sdk)} is not a version range",
                "Write PEP 440 specifiers, for example '>=0.1,<1'",
            )
    for index, breaking in enumerate(manifest.breaking):
        if not SEMVER.fullmatch(breaking.version):
            yield Problem(
                f"{where}, breaking[{index}].version",
                f"{shown(breaking.version)} is not a semantic version",
                "Name the version of the connector, for example '2.0.0'",
            )


def _pages(manifest: Manifest) -> Iterator[Problem]:
    pages: list[tuple[str, str | None]] = [("product_url", manifest.product_url), ("docs_url", manifest.docs_url)]
    if manifest.vendor is not None:
        pages.append(("vendor.url", manifest.vendor.url))
    if manifest.publisher is not None:
        pages.append(("publisher.url", manifest.publisher.url))
    if manifest.target_api is not None:
        pages.append(("target_api.docs_url", manifest.target_api.docs_url))
        pages.append(("target_api.changelog_url", manifest.target_api.changelog_url))
    pages += [(f"setup[{index}].url", step.url) for index, step in enumerate(manifest.setup)]
    pages += [(f"auth.method[{index}].docs_url", one.docs_url) for index, one in enumerate(manifest.auth_methods)]
    for field, page in pages:
        if page is not None and not re.fullmatch(r"https://[^\s/]+\.[^\s/]+(/\S*)?", page):
            yield Problem(
                f"{manifest.where}, {field}",
                f"{shown(page)} is not an https address",
                "Write the whole address, https:// included",
            )


def _left_out(manifest: Manifest) -> Iterator[Problem]:
    wanted = {
        "summary": ("readers have nothing to choose by", "Say in one line, 120 characters at most, what it is"),
        "categories": ("the catalog cannot file it", f"Name one or more of {', '.join(CATEGORIES)}"),
        "maintainers": ("nobody answers for it", "Name at least one maintainer"),
        "license": ("nobody knows whether they may use it", "Name its SPDX licence, the same as in pyproject.toml"),
        "docs_url": ("readers cannot find the vendor's guide", "Give the page that the facts were read on"),
        "vendor": ("the app's maker is not named", "Add [vendor] with name and url"),
    }
    for field, (what, mend) in wanted.items():
        if not getattr(manifest, field):
            yield Problem(f"{manifest.where}, {field}", f"the field is left out: {what}", mend, severity="warning")
