"""`gallery twin` and `gallery record`, run as people run them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from click.testing import CliRunner

from gallery_sdk.cli.record import command as record_command
from gallery_sdk.cli.twin import command as twin_command
from gallery_sdk.errors import UsageError


@contextmanager
def running_twin(*options: str) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """The process, the address and the app's file that it prints."""
    code = "from gallery_sdk.cli import main; main()"
    command = [sys.executable, "-c", code, "twin", *options]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stdout is not None
        printed = ""
        for line in process.stdout:
            printed += line
            if "Ctrl-C" in line:
                break
        address = re.search(r"http://127\.0\.0\.1:\d+\S*", printed)
        assert address is not None, printed + (process.stderr.read() if process.stderr else "")
        yield process, address[0], printed
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def test_a_twin_is_served_until_it_is_interrupted() -> None:
    """It prints the address and an app's file that leads there, fails as told, and says what it was asked."""
    with running_twin("slack", "--fault", "429:1", "--rate-scale", "30") as (process, address, printed):
        app = tomllib.loads(re.search(r"connector = .*?(?=\nexport)", printed, re.DOTALL)[0])  # type: ignore[index]  # found, or the test fails
        token = re.search(r"export GALLERY_TWIN_TOKEN=(\S+)", printed)
        assert token is not None
        headers = {"Authorization": f"Bearer {token[1]}"}
        with httpx2.Client(headers=headers) as client:
            answers = [client.get(f"{address}/Users").status_code for _ in range(2)]

        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=20)[0]

    assert answers == [429, 200]
    assert app["url"] == address
    assert app["auth"] == {"method": "user_token", "token": "env:GALLERY_TWIN_TOKEN"}
    assert app["engine"] == {"rate_scale": 30.0}
    assert "30 times as fast" in printed
    assert "It was asked 2 times: 1 answered with 200, 1 answered with 429" in rest
    assert process.returncode == 0


def test_a_lost_response_is_that_of_a_write_and_not_of_signing_in() -> None:
    """Where a token is fetched first, that request is answered; the first write after it is not."""
    with running_twin("zoom", "--fault", "lost-response:1") as (_, address, printed), httpx2.Client() as client:
        app = tomllib.loads(re.search(r"connector = .*?(?=\nexport)", printed, re.DOTALL)[0])  # type: ignore[index]  # found, or the test fails
        (secret,) = re.findall(r"export GALLERY_TWIN_CLIENT_SECRET=(\S+)", printed)
        signed_in = client.post(
            f"{httpx2.URL(address).join('/oauth/token')}",
            data={"grant_type": "account_credentials", "account_id": app["auth"]["account_id"]},
            auth=(app["auth"]["client_id"], secret),
        )
        headers = {"Authorization": f"Bearer {signed_in.json()['access_token']}"}
        with pytest.raises(httpx2.RemoteProtocolError):
            client.post(f"{address}/Users", json={}, headers=headers)

        after = client.post(f"{address}/Users", json={}, headers=headers)

    assert signed_in.status_code == 200
    assert after.status_code == 400


@pytest.mark.parametrize("fault", ["teapot", "429:0", "5xx:", "slow:x", "html:-1"])
def test_an_unknown_fault_is_a_wrong_usage(fault: str) -> None:
    """The known ones are named."""
    result = CliRunner().invoke(twin_command, ["slack", "--fault", fault])

    assert isinstance(result.exception, UsageError)
    assert "lost-response" in str(result.exception)


def test_a_port_that_is_taken_is_a_wrong_usage() -> None:
    """No traceback of the operating system."""
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = CliRunner().invoke(twin_command, ["scim", "--port", str(taken.getsockname()[1])])

    assert isinstance(result.exception, UsageError)
    assert "cannot be opened" in str(result.exception)


def test_recording_tells_what_is_new(tmp_path: Path) -> None:
    """A second time nothing is."""
    arguments = ["scim", "--into", str(tmp_path), "--only", "create_group", "--only", "read_user"]

    first = CliRunner().invoke(record_command, arguments)
    second = CliRunner().invoke(record_command, arguments)

    assert [line.split()[0] for line in first.output.splitlines()] == ["new", "new"]
    assert [line.split()[0] for line in second.output.splitlines()] == ["unchanged", "unchanged"]
    assert sorted(path.name for path in tmp_path.rglob("*.yaml")) == ["create_group.yaml", "read_user.yaml"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nobody"], "no such connector"),
        (["scim", "--set", "url=x"], "Add --live"),
        (["scim", "--live", "--set", "url"], "--set ID=VALUE"),
        (["scim", "--live"], "GALLERY_LIVE_SCIM_URL"),
        (["scim", "--live", "--set", "url=http://127.0.0.1:9"], "GALLERY_LIVE_SCIM_TOKEN"),
    ],
    ids=["unknown-connector", "set-without-live", "set-without-value", "no-address", "no-credential"],
)
def test_recording_what_cannot_be_recorded_says_why(arguments: list[str], said: str, tmp_path: Path) -> None:
    """And leaves no file."""
    result = CliRunner().invoke(record_command, [*arguments, "--into", str(tmp_path)])

    assert said in str(result.exception)
    assert list(tmp_path.iterdir()) == []
