"""Token sets outlive a run, and nobody else reads them."""

from __future__ import annotations

import asyncio
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gallery_sdk.auth import FileTokenStore, Secret, TokenSet, build_credential
from gallery_sdk.errors import AuthError
from gallery_sdk.manifest.auth import AuthMethod

TOKENS = TokenSet(
    Secret("access-0815"), 1.0, Secret("refresh-0815"), 3601.0, "a b", {"instance_url": "https://x.test"}, "print"
)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    """Every field, per app; nothing is there before."""
    store = FileTokenStore(tmp_path / "tokens")

    assert store.read("acme") is None
    store.write("acme", TOKENS)
    store.write("other", TokenSet(Secret("access-0816"), 2.0))

    assert FileTokenStore(tmp_path / "tokens").read("acme") == TOKENS
    assert store.read("other") == TokenSet(Secret("access-0816"), 2.0)


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_files_are_the_owners_alone(tmp_path: Path) -> None:
    """Directory 0700, files 0600, whatever the umask is; no half-written file stays behind."""
    before = os.umask(0)
    try:
        FileTokenStore(tmp_path / "a" / "tokens").write("acme", TOKENS)
    finally:
        os.umask(before)

    directory = tmp_path / "a" / "tokens"
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert [path.name for path in directory.iterdir()] == ["acme.json"]
    assert stat.S_IMODE((directory / "acme.json").stat().st_mode) == 0o600


def test_a_write_that_fails_leaves_the_old_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old set whole or the new one whole."""
    store = FileTokenStore(tmp_path)
    store.write("acme", TOKENS)

    def fail(descriptor: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(AuthError, match="disk full"):
        store.write("acme", TokenSet(Secret("access-0817"), 2.0))

    assert store.read("acme") == TOKENS
    assert [path.name for path in tmp_path.iterdir()] == ["acme.json"]


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        "{}",
        '{"access_token": "geheim-0815", "issued_at": "x"}',
        '{"access_token": 1, "issued_at": 1}',
        '{"access_token": "geheim-0815", "issued_at": 1, "expires_at": "soon"}',
    ],
)
def test_a_damaged_file_is_named_and_not_quoted(content: str, tmp_path: Path) -> None:
    """The file and the way out, nothing of what is in it."""
    (tmp_path / "acme.json").write_text(content)

    with pytest.raises(AuthError, match=r"acme\.json") as caught:
        FileTokenStore(tmp_path).read("acme")

    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("app", ["../acme", "", ".hidden", "a/b"])
def test_an_app_cannot_name_a_file_elsewhere(app: str, tmp_path: Path) -> None:
    """Names are one path segment."""
    with pytest.raises(AuthError, match="cannot name a file"):
        FileTokenStore(tmp_path).write(app, TOKENS)


async def test_the_lock_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    """Across stores, as across processes; apps do not wait for each other."""
    inside: list[int] = []
    most: list[int] = []

    async def work(number: int) -> None:
        async with FileTokenStore(tmp_path).lock("acme"):
            inside.append(number)
            most.append(len(inside))
            await asyncio.sleep(0.01)
            inside.remove(number)

    async with FileTokenStore(tmp_path).lock("other"):
        await asyncio.gather(*(work(number) for number in range(3)))

    assert most == [1, 1, 1]


async def test_the_lock_holds_against_another_process(tmp_path: Path) -> None:
    """A process that dies with the lock does not keep it."""
    program = (
        "import asyncio, os, sys\n"
        "from pathlib import Path\n"
        "from gallery_sdk.auth import FileTokenStore\n"
        "async def main():\n"
        "    async with FileTokenStore(Path(sys.argv[1])).lock('acme'):\n"
        "        print('held', flush=True)\n"
        "        sys.stdin.read()\n"
        "        os._exit(1)\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == b"held\n"

        async def take() -> str:
            async with FileTokenStore(tmp_path).lock("acme"):
                return "ours"

        taking = asyncio.ensure_future(take())
        await asyncio.sleep(0.15)
        assert not taking.done()
        other.stdin.close()

        assert await asyncio.wait_for(taking, 5) == "ours"


async def test_a_token_is_shared_between_runs_of_the_same_client_only(
    server: Any, declare: Callable[..., AuthMethod], time: Any, tmp_path: Path
) -> None:
    """Some vendors keep one live token per client, so a second run must not fetch another; other scopes must."""
    store = FileTokenStore(tmp_path)
    method = declare(method={"scopes": {"when": {"groups": ["g"]}}})

    async def run(features: list[str]) -> str:
        credential = build_credential(
            method,
            inputs={"client_id": "client-17"},
            secrets={"client_secret": Secret("s3cret/with+odd=signs")},
            token_store=store,
            features=features,
            wall_clock=time.now,
        )
        headers: dict[str, str] = {}
        await credential.apply(headers, [])
        return headers["Authorization"]

    tokens = [await run([]), await run([]), await run(["groups"]), await run(["groups"])]

    assert tokens == ["Bearer access-1", "Bearer access-1", "Bearer access-2", "Bearer access-2"]
    assert len(server.requests) == 2


async def test_a_damaged_store_does_not_stop_a_client_that_helps_itself(
    server: Any, declare: Callable[..., AuthMethod], time: Any, tmp_path: Path
) -> None:
    """A new token takes the place of what cannot be read."""
    (tmp_path / "default.json").write_text("{")
    store = FileTokenStore(tmp_path)
    credential = build_credential(
        declare(),
        inputs={"client_id": "client-17"},
        secrets={"client_secret": Secret("s3cret/with+odd=signs")},
        token_store=store,
        wall_clock=time.now,
    )
    headers: dict[str, str] = {}

    await credential.apply(headers, [])

    assert headers == {"Authorization": "Bearer access-1"}
    assert store.read("default") is not None


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """The directory and the reason."""
    (tmp_path / "file").write_text("")

    with pytest.raises(AuthError, match=r"cannot be stored"):
        FileTokenStore(tmp_path / "file" / "tokens").write("acme", TOKENS)


async def test_tokens_are_stored_before_they_are_used(
    server: Any, declare: Callable[..., AuthMethod], time: Any, tmp_path: Path
) -> None:
    """A store that cannot write fails the request, rather than losing the only copy of a refresh token later."""

    class FullDisk(FileTokenStore):
        def write(self, app: str, tokens: TokenSet) -> None:
            raise OSError("disk full")

    credential = build_credential(
        declare(),
        inputs={"client_id": "client-17"},
        secrets={"client_secret": Secret("s3cret/with+odd=signs")},
        token_store=FullDisk(tmp_path),
        wall_clock=time.now,
    )
    headers: dict[str, str] = {}

    with pytest.raises(OSError, match="disk full"):
        await credential.apply(headers, [])

    assert headers == {}
    assert credential.headers_now() is None


def test_the_oauth_library_is_imported_by_grants_alone() -> None:
    """Commands that need no token start without it."""
    program = (
        "import sys, gallery_sdk.auth, gallery_sdk.transport\n"
        "print([name for name in ('authlib', 'aiohttp', 'httpx2', 'keyring', 'cryptography') if name in sys.modules])"
    )

    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert shown.strip() == "[]"
