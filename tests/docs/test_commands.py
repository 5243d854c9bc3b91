"""Every command in the documents runs, in the order in which a reader would type it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
GONE_ON_WITH = ("publish-a-catalog.md",)  # typed by a test of its own, which then does what its readers do
FIRST = ("README.md", "getting-started.md")
ACTIVATION = ". .venv/bin/activate"
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


def script(path: Path) -> str:
    """All console blocks of a document as one shell script; here-documents keep their lines."""
    lines = [line for block in BLOCK.findall(path.read_text("utf-8")) for line in block.splitlines()]
    return "\n".join(line.removeprefix("$ ") for line in lines)


def waiting_for_twins(text: str) -> str:
    """After a command in the background, wait until its port answers: a reader is slower than a script."""
    wait = (
        'python -c "import socket, time\n'
        "for _ in range(300):\n"
        "    try: socket.create_connection(('127.0.0.1', {port}), 1).close(); break\n"
        "    except OSError: time.sleep(0.1)\n"
        "else: raise SystemExit('the twin does not answer')\""
    )
    return re.sub(
        r"^(.*--port (\d+).*)&$", lambda found: f"{found[1]}&\n{wait.format(port=found[2])}", text, flags=re.MULTILINE
    )


def venv_as_made(folder: Path) -> None:
    """`.venv` as `make demo` leaves it; the tests run in such a one."""
    assert re.search(r"^VENV \?= \.venv$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    (folder / ".venv").symlink_to(sys.prefix)


def holds_gallery(folder: Path) -> bool:
    """Whether a folder on the PATH would give the command without the document's help."""
    return (folder / "gallery").exists()


@pytest.mark.parametrize("name", FIRST)
def test_a_document_that_is_read_first_says_how_a_shell_finds_gallery(name: str) -> None:
    """Before the first command that needs it."""
    (path,) = [one for one in DOCUMENTS if one.name == name]
    lines = script(path).splitlines()

    assert ACTIVATION in lines
    assert not any(line.startswith("gallery ") for line in lines[: lines.index(ACTIVATION)])


@pytest.mark.parametrize(
    "path",
    [one for one in DOCUMENTS if one.name not in GONE_ON_WITH and BLOCK.search(one.read_text("utf-8"))],
    ids=lambda path: path.name,
)
def test_every_command_of_a_document_works(path: Path, tmp_path: Path) -> None:
    """Exit status 0 for each, in a folder with nothing but `.venv`, and a shell that knows nothing of that yet."""
    venv_as_made(tmp_path)
    text = waiting_for_twins(script(path))
    if path.name not in FIRST:
        text = f"{ACTIVATION}\n{text}"  # its reader comes from one of those
    for target in re.findall(r"^make (\w+)$", text, flags=re.MULTILINE):
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE), target
    text = re.sub(r"^make demo$", ".venv/bin/gallery demo", text, flags=re.MULTILINE)
    text = re.sub(r"^make \w+$", "", text, flags=re.MULTILINE)  # the tests are what is running now
    text += "\nkill $(jobs -p) 2>/dev/null || true\n"  # what a document leaves running in the background

    status, output = run(text, tmp_path)

    assert status == 0, output


def run(text: str, folder: Path) -> tuple[int, str]:
    """Exit status and output of a script that a reader's shell runs in a folder, which is its home too."""
    environment = {
        **{name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"},
        "PATH": os.pathsep.join(one for one in os.environ["PATH"].split(os.pathsep) if not holds_gallery(Path(one))),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "HOME": str(folder),
    }
    process = subprocess.Popen(
        ["bash", "-euo", "pipefail", "-c", text], cwd=folder, env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        output, _ = process.communicate(timeout=120)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
    return process.returncode, output


def test_every_command_is_in_the_documents() -> None:
    """Somebody who reads README and docs has met every command."""
    from gallery_sdk.cli.root import SECTIONS

    text = "\n".join(path.read_text("utf-8") for path in [*DOCUMENTS, ROOT / "CONTRIBUTING.md"])

    commands = [name for section in SECTIONS.values() for name in section]
    missing = [name for name in commands if not re.search(rf"\bgallery {re.escape(name)}\b", text)]
    assert missing == []
