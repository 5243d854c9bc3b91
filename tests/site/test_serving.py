"""The server on this machine behaves as one on the internet should."""

from __future__ import annotations

import http.client
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import perf_counter

import pytest

from gallery_sdk.site import SiteServer

FILES = {
    "index.html": b"home",
    "404.html": b"missing",
    "c/alder/index.html": b"alder",
    "c/alder.json": b"{}",
    "static/site.css": b"a{}",
    "static/home.js": b"1",
    "static/icon.svg": b"<svg/>",
    "changes/feed.atom": b"<feed/>",
    "robots.txt": b"robots",
}


@dataclass
class Answer:
    """What came back."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


@pytest.fixture
def server() -> Iterator[SiteServer]:
    """It serves the files above."""
    with SiteServer(0) as found:
        found.files = FILES
        thread = threading.Thread(target=found.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield found
        found.shutdown()
        thread.join()


def ask(server: SiteServer, path: str, method: str = "GET") -> Answer:
    """One request, its path exactly as it is given."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=5)
    try:
        connection.putrequest(method, path)
        connection.endheaders()
        answer = connection.getresponse()
        return Answer(answer.status, answer.read(), dict(answer.getheaders()))
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("/", b"home", "text/html; charset=utf-8"),
        ("/c/alder/", b"alder", "text/html; charset=utf-8"),
        ("/c/alder/?from=feed", b"alder", "text/html; charset=utf-8"),
        ("/c/alder.json", b"{}", "application/json"),
        ("/static/site.css", b"a{}", "text/css; charset=utf-8"),
        ("/static/home.js", b"1", "text/javascript; charset=utf-8"),
        ("/static/icon.svg", b"<svg/>", "image/svg+xml"),
        ("/changes/feed.atom", b"<feed/>", "application/atom+xml; charset=utf-8"),
        ("/robots.txt", b"robots", "text/plain"),
    ],
)
def test_a_file_is_answered_as_what_it_is(server: SiteServer, path: str, body: bytes, kind: str) -> None:
    """A folder by its page; types that a browser takes with nosniff."""
    answer = ask(server, path)

    assert (answer.status, answer.body, answer.headers["Content-Type"]) == (200, body, kind)


def test_a_folder_without_its_slash_is_sent_to_the_one_with_it(server: SiteServer) -> None:
    """Relative links on the page would lead elsewhere otherwise; what was asked for goes along."""
    assert ask(server, "/c/alder").status == 301
    assert ask(server, "/c/alder").headers["Location"] == "/c/alder/"
    assert ask(server, "/c/alder?a=1&b=2").headers["Location"] == "/c/alder/?a=1&b=2"


def test_what_is_not_there_is_answered_with_the_page_that_says_so(server: SiteServer) -> None:
    """And with the status that says so."""
    for path in ("/nobody", "/c/", "/c/alder/index", "/index.html/", "/c/alder/a/b/c"):
        answer = ask(server, path)
        assert (answer.status, answer.body) == (404, b"missing"), path


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "//etc/passwd",
        "/static/../../../etc/passwd",
        "/c/alder.json/../../../../etc/passwd",
        "/%00",
        "/%ff",
    ],
)
def test_no_path_leads_out_of_the_site(server: SiteServer, path: str) -> None:
    """Whatever is asked for is a name among the site's files or nothing."""
    assert (ask(server, path).status, ask(server, path).body) == (404, b"missing")


def test_a_doubled_slash_sends_nobody_to_another_host(server: SiteServer) -> None:
    """`Location: //evil.example/` would."""
    for path in ("//c/alder", "/%2fc/alder", "///c/alder"):
        assert ask(server, path).headers.get("Location", "/").startswith("//") is False


def test_every_answer_carries_the_headers_of_a_careful_server(server: SiteServer) -> None:
    """Nothing from elsewhere, no frame, no guessing of types; also where nothing is found."""
    for path in ("/", "/nobody", "/c/alder", "/static/home.js"):
        headers = ask(server, path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"


def test_head_answers_as_get_without_the_body(server: SiteServer) -> None:
    """The length is told all the same (RFC 9110 section 9.3.2)."""
    answer = ask(server, "/c/alder/", "HEAD")

    assert (answer.status, answer.body, answer.headers["Content-Length"]) == (200, b"", "5")
    assert ask(server, "/", "POST").status == 501


def test_answers_are_not_held_back(server: SiteServer) -> None:
    """Head and body go out at once, where the network would wait 40 ms for the first to be acknowledged."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=5)
    taken = []
    for _ in range(20):
        begun = perf_counter()
        connection.request("GET", "/")
        connection.getresponse().read()
        taken.append(perf_counter() - begun)
    connection.close()

    assert sorted(taken)[5] < 0.03


def test_a_reader_who_leaves_early_is_no_failure(server: SiteServer, capfd: pytest.CaptureFixture[str]) -> None:
    """Browsers do that whenever somebody goes on to the next page."""
    server.files = {**FILES, "large": b"x" * 20_000_000}
    with socket.create_connection(("127.0.0.1", server.server_port)) as reader:
        reader.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        reader.recv(10)
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # leave by a reset
    for thread in threading.enumerate():
        if "process_request" in thread.name:
            thread.join(5)

    assert ask(server, "/").body == b"home"
    assert capfd.readouterr().err == ""


def test_only_this_machine_is_answered(server: SiteServer) -> None:
    """It listens on the loopback interface."""
    assert server.server_address[0] == "127.0.0.1"
    assert server.url == f"http://127.0.0.1:{server.server_port}/"
