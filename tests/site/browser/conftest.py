"""A real Chromium, the system's own, looking at sites that are served on this machine."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from gallery_sdk.site import Publication, SiteName, SiteServer, build_site

ROOT = Path(__file__).resolve().parents[3]
ARGUMENTS = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for the tests of a module: while it is there an event loop runs, and no other test may have one.

    Where there is none the tests are skipped, but not in CI, which installs it.
    """
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("there is no Chromium: .ci/run installs Debian's package chromium")
        pytest.skip("needs Chromium (Debian's package chromium)")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield found
        found.close()


@dataclass
class Served:
    """A site on loopback, and what it was made of."""

    publication: Publication
    url: str
    paths: list[str]


@pytest.fixture(scope="session")
def served(own_publication: Publication) -> Iterator[Served]:
    """This repository's catalog, with its documents."""
    with SiteServer(0) as server:
        site = build_site(own_publication, name=SiteName(url=server.url), docs=ROOT / "docs")
        server.files = site.files
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Served(own_publication, server.url, [page.path for page in site.pages if page.listed])
        server.shutdown()
        thread.join()


@dataclass
class Looking:
    """A page in a window of its own, and everything that went wrong on it."""

    page: Page
    url: str
    wrong: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Go there."""
        self.page.goto(self.url + path)
        return self.page


@pytest.fixture
def look(browser: Browser, served: Served) -> Iterator[Callable[..., Looking]]:
    """`look(width=…, dark=…, scripts=…)`: a window; when the test ends, nothing may have gone wrong in any."""
    opened: list[Looking] = []
    with ExitStack() as stack:

        def start(*, width: int = 1280, height: int = 900, dark: bool = False, scripts: bool = True) -> Looking:
            options: dict[str, Any] = {"viewport": {"width": width, "height": height}, "java_script_enabled": scripts}
            context: BrowserContext = browser.new_context(color_scheme="dark" if dark else "light", **options)
            stack.callback(context.close)
            looking = Looking(context.new_page(), served.url)
            _watch(looking)
            opened.append(looking)
            return looking

        yield start
    assert [one for looking in opened for one in looking.wrong] == []


def _watch(looking: Looking) -> None:
    page, wrong = looking.page, looking.wrong
    page.on("console", lambda said: wrong.append(f"{page.url}: {said.text}") if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
    page.on("requestfailed", lambda request: wrong.append(f"{page.url}: {request.url}") if _failed(request) else None)
    page.on(
        "request",
        lambda request: None if request.url.startswith(looking.url) else wrong.append(f"{page.url}: {request.url}"),
    )


def _failed(request: Request) -> bool:
    """Not so when the page was left before it had everything."""
    return request.failure != "net::ERR_ABORTED"
