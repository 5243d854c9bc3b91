"""Cassettes: nothing secret or real is in them, nothing unknown gets into them, and they answer without a network."""

from __future__ import annotations

import string
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest
import pytest_socket
import yaml  # type: ignore[import-untyped]  # comes with vcrpy, without its stubs
from hypothesis import given, settings
from hypothesis import strategies as st

from gallery_sdk.plugins import load_index
from gallery_sdk.testing import Fault, RateLimiter, ScimServer, TwinBehaviour, serve
from gallery_sdk.testing.cassettes import (
    CassetteError,
    CassetteHeader,
    CassetteVenue,
    Scrubber,
    behaviours_of,
    find_folder_problems,
    find_problems,
    parse_header,
    record,
)
from gallery_sdk.testing.contract import LiveVenue, load_subject, run_contract
from gallery_sdk.transport import SecretRegistry

ROOT = Path(__file__).parents[2]
CASSETTES = ROOT / "cassettes"
SLUGS = [entry.slug for entry in load_index() if entry.broken is None and (CASSETTES / entry.slug).is_dir()]
DAY = date(2026, 11, 25)


@contextmanager
def no_network() -> Iterator[None]:
    """No socket of the Internet can be made; the event loop's own pair may."""
    pytest_socket.disable_socket(allow_unix_socket=True)
    try:
        yield
    finally:
        pytest_socket.enable_socket()


# -- what is published ---------------------------------------------------------------------------------


def test_every_connector_of_the_repository_is_recorded() -> None:
    """A folder with recordings for each."""
    names = {path.name for path in (ROOT / "connectors").iterdir() if (path / "pyproject.toml").is_file()}

    assert names <= {path.name for path in CASSETTES.iterdir()}


def test_no_cassette_holds_a_token_or_a_real_address() -> None:
    """Also none of the credentials that the twins accept."""
    secrets = SecretRegistry()
    for slug in SLUGS:
        for secret in load_subject(slug).twin().credentials.values():
            if len(secret) > 7:  # shorter ones are words such as admin
                secrets.add(secret)

    assert secrets.values()
    assert find_folder_problems(CASSETTES, secrets) == []


@pytest.mark.parametrize("slug", SLUGS)
def test_every_behaviour_is_recorded_once_and_nothing_else(slug: str) -> None:
    """One file for each behaviour that the connector's capabilities call for; its head says whence and when."""
    subject = load_subject(slug)
    paths = sorted((CASSETTES / slug).glob("*.yaml"))

    assert [path.stem for path in paths] == sorted(one.name for one in behaviours_of(subject))
    for path in paths:
        header = parse_header(path.read_text("utf-8"), str(path))
        assert (header.connector, header.behaviour) == (slug, path.stem)


@pytest.mark.parametrize("slug", SLUGS)
def test_recordings_answer_the_connector_without_a_network(slug: str) -> None:
    """Whoever writes, finds, pages and is throttled gets by with what is on file, and no socket is opened."""
    subject = load_subject(slug)
    names = [path.stem for path in (CASSETTES / slug).glob("*.yaml")]

    with no_network():
        results = run_contract(subject, CassetteVenue(CASSETTES), names)

    assert [one for one in results if one.outcome == "failed"] == []
    assert len(results) == len(names)


# -- recording -----------------------------------------------------------------------------------------


def test_recording_twice_gives_the_same_file(tmp_path: Path) -> None:
    """Byte for byte; on another day an unchanged one is left as it is."""
    subject = load_subject("slack")
    names = ["create_user", "throttled"]

    first = list(record(subject, tmp_path / "a", names=names, day=DAY))
    list(record(subject, tmp_path / "b", names=names, day=DAY))
    later = list(record(subject, tmp_path / "a", names=names, day=date(2027, 1, 1)))

    assert [one.outcome for one in first] == ["new", "new"]
    for one in first:
        assert one.path.read_bytes() == (tmp_path / "b" / "slack" / one.path.name).read_bytes()
        assert f"# recorded_on: {DAY}" in one.path.read_text("utf-8")
    assert [one.outcome for one in later] == ["unchanged", "unchanged"]


def test_the_recordings_on_file_are_those_that_would_be_made_now(tmp_path: Path) -> None:
    """A connector that sends something else must be recorded again."""
    for slug, name in (("slack", "create_user"), ("salesforce", "find_user"), ("zoom", "disable_user")):
        kept = (CASSETTES / slug / f"{name}.yaml").read_text("utf-8")
        (made,) = record(load_subject(slug), tmp_path, names=[name], day=parse_header(kept, name).day)

        assert made.path.read_text("utf-8") == kept


def test_a_tenant_is_recorded_without_its_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its address, its token, its domain and the name of the run are nowhere; it is left as it was found."""
    app = ScimServer(TwinBehaviour(tokens={"tenant-token-4711": "admin"}))
    app.limiter = RateLimiter((), app.clock)
    monkeypatch.setenv("GALLERY_LIVE_SCIM_TOKEN", "tenant-token-4711")
    names = ["create_user", "find_user", "add_members"]
    with serve(app) as server:
        tenant = LiveVenue({"url": f"{server.url}/scim/v2"}, domain="corp.invalid", run="run7")
        made = list(record(load_subject("scim"), tmp_path, live=tenant, names=names, day=DAY))

    texts = {one.behaviour: one.path.read_text("utf-8") for one in made}
    assert list(texts) == names
    for text in texts.values():
        assert parse_header(text, "here").origin == "vendor"
        assert not [word for word in ("tenant-token", "corp.invalid", "run7", str(server.port)) if word in text]
        assert "method: DELETE" not in text
    assert "gallery-contract-ada@example.com" in texts["create_user"]
    assert app.state() == {"users": [], "groups": []}


def test_an_unknown_behaviour_is_refused(tmp_path: Path) -> None:
    """With the names that there are."""
    with pytest.raises(CassetteError, match=r"'fly' is no behaviour.*create_user"):
        list(record(load_subject("scim"), tmp_path, names=["fly"]))


def test_a_behaviour_that_fails_is_not_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file is written, and the reason is told."""
    built = ScimServer.__init__

    def broken(self: Any, *arguments: Any) -> None:
        built(self, *arguments)
        self.faults.add(Fault(status=500, methods=("POST",)))

    monkeypatch.setattr(ScimServer, "__init__", broken)

    with pytest.raises(CassetteError, match="create_user failed while it was recorded"):
        list(record(load_subject("scim"), tmp_path, names=["create_user"]))

    assert list(tmp_path.rglob("*.yaml")) == []


def test_a_recording_that_no_longer_fits_fails_its_replay(tmp_path: Path) -> None:
    """Another body, another query or a request too many is no match."""
    subject = load_subject("scim")
    (made,) = record(subject, tmp_path, names=["create_user"])
    text = made.path.read_text("utf-8")

    made.path.write_text(text.replace("Lovelace", "Byron"), "utf-8")
    (altered,) = run_contract(subject, CassetteVenue(tmp_path), ["create_user"])
    document = yaml.safe_load(text)
    document["interactions"].append(document["interactions"][-1])
    made.path.write_text(yaml.safe_dump(document), "utf-8")
    (longer,) = run_contract(subject, CassetteVenue(tmp_path), ["create_user"])

    assert "CannotOverwriteExistingCassetteException" in altered.detail
    assert "asks for less than was recorded" in longer.detail


def test_a_missing_recording_says_how_to_make_it(tmp_path: Path) -> None:
    """By the command."""
    (result,) = run_contract(load_subject("scim"), CassetteVenue(tmp_path), ["create_user"])

    assert "gallery record" in result.detail


# -- scrubbing -----------------------------------------------------------------------------------------

WORDS = frozenset(
    {"userName", "id", "active", "detail", "Users", "filter", "eq", "access_token", "grant_type", "username_taken"}
)


def exchange(**more: Any) -> dict[str, Any]:
    """An interaction as vcrpy has it."""
    request = {"method": "GET", "uri": "http://127.0.0.1:4321/Users", "headers": {}, "body": ""}
    response = {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": ""}}
    return {"request": {**request, **more.get("request", {})}, "response": {**response, **more.get("response", {})}}


def scrubbed_answer(document: object) -> Any:
    recorded = exchange(
        response={
            "headers": {"Content-Type": ["application/json"]},
            "body": {"string": orjson.dumps(document).decode()},
        }
    )
    return orjson.loads(Scrubber(WORDS, {"ada": "ada"}).interaction(recorded)["response"]["body"]["string"])


def test_only_known_names_and_values_survive() -> None:
    """An unknown name is left out, an unknown value becomes a placeholder, and what was invented stays."""
    document = {
        "id": "U0123", "userName": "ada", "active": True, "internalNote": "call +49 30 123456",
        "detail": "username_taken by carol@corp.com", "access_token": "s3cr3t-value",
    }  # fmt: skip

    assert scrubbed_answer(document) == {
        "id": "value-0001", "userName": "ada", "active": True, "detail": "username_taken", "access_token": "scrubbed-1",
    }  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.text(string.ascii_letters + string.digits + "-_@.", min_size=5, max_size=30).map("zz".__add__),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(WORDS)), inner, max_size=3),
        max_leaves=8,
    )
)
def test_no_unknown_text_survives_anywhere(document: object) -> None:
    """Whatever the shape of an answer."""
    kept = orjson.dumps(scrubbed_answer(document)).decode()

    assert "zz" not in kept


def test_headers_cookies_query_and_forms_are_denied_by_default() -> None:
    """Of headers, parameters and form fields only those on the list stay, and never a secret's value."""
    recorded = exchange(
        request={
            "method": "POST",
            "uri": "https://corp.vendor.com:8443/Users/U99?filter=userName%20eq%20%22ada%22&access_token=abc&trace=77",
            "headers": {
                "Authorization": ["Bearer abc"], "Cookie": ["sid=1"], "X-Request-Id": ["7"],
                "Content-Type": ["application/x-www-form-urlencoded"],
            },
            "body": "grant_type=client_credentials&client_secret=abc&access_token=def",
        },
        response={
            "headers": {
                "Set-Cookie": ["sid=2"], "Date": ["today"], "Retry-After": ["7"],
                "Location": ["https://corp.vendor.com/Users/U99"],
            },
        },
    )  # fmt: skip

    kept = Scrubber(WORDS, {"ada": "ada"}).interaction(recorded)

    request, response = kept["request"], kept["response"]
    assert request["uri"] == (
        "https://target.example/Users/value-0001?filter=userName%20eq%20%22ada%22&access_token=scrubbed"
    )
    assert request["headers"] == {"content-type": ["application/x-www-form-urlencoded"]}
    assert request["body"] == "grant_type=client_credentials&access_token=scrubbed"
    assert response["headers"] == {
        "location": ["https://target.example/Users/value-0001"], "retry-after": ["7"],
    }  # fmt: skip


def test_one_value_has_one_placeholder_so_that_ids_still_lead_somewhere() -> None:
    """What an answer gives is what the next request asks for, in paths as well; large numbers are replaced too."""
    scrubber = Scrubber(WORDS, {})
    body = orjson.dumps({"id": "U99", "userName": 123456789}).decode()
    first = scrubber.interaction(exchange(response={"body": {"string": body}}))
    second = scrubber.interaction(exchange(request={"uri": "http://127.0.0.1:1/Users/U99"}))

    held = orjson.loads(first["response"]["body"]["string"])
    assert second["request"]["uri"].endswith(f"/Users/{held['id']}")
    assert held["userName"] == 10_002


# -- the guard -----------------------------------------------------------------------------------------

HEAD = CassetteHeader("twin", DAY, "slack", "create_user").to_text()


@pytest.mark.parametrize(
    ("planted", "problem"),
    [
        ("xoxp-" + "1234-abcd", "looks like a token"),
        ("eyJ" + "hbGciOiJIUzI1NiJ9.eyJzdWIi", "looks like a token"),
        ("Bearer " + "abcdef123456", "looks like a token"),
        ("k9Qz7Lr2Vx0Tn4Bw8Ys6Hd3Jm5Pf1", "looks like a token"),
        ("carol@corp.com", "e-mail address"),
        ("carol%40corp.com", "e-mail address"),
        ("https://corp.vendor.com/Users", "address of a host"),
        ("10.1.2.3", "IP address"),
        ("+493012345678", "telephone number"),
    ],
)
def test_the_guard_finds_what_must_not_be_published(planted: str, problem: str) -> None:
    """Whatever line it stands on; reserved names, addresses and numbers pass."""
    fine = "uri: https://target.example/Users?filter=ada%40example.com\nphone: +12065550101\nhost: 127.0.0.1\n"

    (found,) = find_problems(f"{HEAD}{fine}value: {planted}\n", "here")

    assert problem in found
    assert planted not in found
    assert find_problems(f"{HEAD}{fine}", "here") == []


def test_the_guard_knows_the_secrets_that_were_resolved() -> None:
    """In plain form, percent-encoded, or in base64."""
    registry = SecretRegistry()
    registry.add("correct horse")

    for form in ("correct horse", "correct%20horse", "Y29ycmVjdCBob3JzZQ"):
        assert find_problems(f"{HEAD}value: {form}\n", "here", registry) == ["a secret of the connection stands in it"]


@pytest.mark.parametrize(
    "head",
    [
        "", "# recorded_from: hearsay\n", "# composed_from: twin\n", "# recorded_from: documentation\n",
        "# recorded_from: twin\n", "# recorded_from: twin\n# recorded_on: yesterday\n",
        "# recorded_from: twin\n# recorded_on: 2026-01-01\n",
    ],
)  # fmt: skip
def test_a_cassette_says_whence_and_when(head: str) -> None:
    """Or it is none."""
    assert find_problems(f"{head}version: 1\n", "here")


@pytest.mark.parametrize("origin", ["twin", "vendor", "documentation"])
def test_a_head_is_read_as_it_was_written(origin: Any) -> None:
    """All three origins."""
    header = CassetteHeader(origin, DAY, "slack", "throttled")

    assert parse_header(header.to_text() + "version: 1\n", "here") == header
