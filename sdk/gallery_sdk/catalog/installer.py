"""The installer: pip, the copy that is here or one that uv brings, run by the interpreter of the environment.

Which index, which proxy, which certificate is the user's own configuration, and the current folder is never imported
from. Where every file was downloaded and checked before, no configuration counts at all.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from .problems import InstallError

SECONDS: Final = 600
"""How long one run of an interpreter may take."""

# Only building a package makes pip start Python, or a version control system: `--only-binary` says nothing of what a
# requirement names by its address. (`-sS` is how packaging asks for the version of macOS.)
_RUN_PIP: Final = """
import os, runpy, sys
def refuse(event, args):
    if event != "subprocess.Popen":
        return
    program, line = os.path.basename(str(args[0])).removesuffix(".exe"), [*map(str, args[1])]
    if program in ("git", "hg", "svn", "bzr") or (str(args[0]) == sys.executable and "-sS" not in line):
        raise PermissionError("no package is built here")
sys.addaudithook(refuse)
sys.argv[:2] = [sys.argv[1]]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
_FIND_PIP: Final = "import os, pip; print(os.path.dirname(pip.__file__))"

# What a list of pinned files must not mean, whatever is set for other projects.
_NEVER: Final = frozenset(
    {
        "PIP_EDITABLE", "PIP_IGNORE_INSTALLED", "PIP_NO_DEPS", "PIP_PREFIX", "PIP_PYTHON",
        "PIP_REQUIREMENT", "PIP_ROOT", "PIP_TARGET", "PIP_USER",
    }
)  # fmt: skip
# Guards that its user has set on an environment; they hold always.
_ALWAYS: Final = frozenset({"PIP_BREAK_SYSTEM_PACKAGES", "PIP_REQUIRE_VIRTUALENV"})


def run_pip(python: str, arguments: Sequence[str], *, where: str, configured: bool) -> None:
    """Run pip in an environment, which need not have it.

    Args:
        python: Interpreter of the environment.
        configured: Whether the user's configuration of pip counts.

    Raises:
        InstallError: pip failed, would have built a package, or is not to be had.
    """
    command = [python, "-P", "-c", _RUN_PIP, _pip(), "--disable-pip-version-check", "--no-input", *arguments]
    dropped = _NEVER if configured else {key for key in os.environ if key.startswith("PIP_")} - _ALWAYS
    environment = {key: value for key, value in os.environ.items() if key not in dropped}
    if not configured:
        environment["PIP_CONFIG_FILE"] = os.devnull  # which makes pip read no file of configuration
    done = run(command, environment)
    if done.returncode != 0:
        raise _failure(done.stderr, where)


def run(
    command: Sequence[str], environment: dict[str, str] | None = None, given: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end and keep what it says.

    Raises:
        InstallError: It does not start, or does not come to an end.
    """
    try:
        return subprocess.run(  # noqa: S603 - a command of our own, of an interpreter that the user names
            command, env=environment, input=given, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except OSError as error:
        raise InstallError(f"it does not run: {error.strerror}", command[0], "Name a Python with --python") from error
    except subprocess.TimeoutExpired as error:
        raise InstallError(f"it took more than {SECONDS} seconds", command[0], "Try again") from error


def _pip() -> str:
    """Path of the file by which a copy of pip runs in another environment than its own."""
    spec = find_spec("pip")
    if spec is not None and spec.submodule_search_locations:
        return str(Path(next(iter(spec.submodule_search_locations)), "__pip-runner__.py"))
    uv = shutil.which("uv")
    if uv is None:
        raise InstallError(
            "neither pip nor uv is here", sys.executable, "Run `python -m ensurepip`, or install uv, then try again"
        )
    done = run([uv, "tool", "run", "--from", "pip", "python", "-P", "-c", _FIND_PIP])
    if done.returncode != 0:
        raise _failure(done.stderr, "pip by way of uv")
    return str(Path(done.stdout.strip(), "__pip-runner__.py"))


def _failure(said: str, where: str) -> InstallError:
    """What pip's words mean; the last of them are passed on, without credentials of addresses."""
    from ..transport import redact

    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")] or lines[-1:]
    message = redact(errors[-1] if errors else "no message").rstrip(".")[:300]
    if "DO NOT MATCH THE HASHES" in said or "hashes are required" in said.lower():
        return InstallError(
            "the file that the index offers is not the one that was pinned (its SHA-256 differs)",
            where,
            "Do not install it by hand. If it stays so, tell the connector's publisher",
        )
    if "no package is built here" in said:
        return InstallError(
            "something that it needs has no wheel, or is fetched past the package index",
            where,
            "Tell its publisher. Code of a package is not run to find out what it needs",
        )
    if "No matching distribution" in said or "Could not find a version" in said:
        first = redact(next((line for line in errors if "Could not find" in line), message))[:300]
        return InstallError(
            f"it, or something that it needs, is nowhere to be had: {first}",
            where,
            "Check which package index the installer is set up with, or name one with --index-url; with --offline, "
            "that the folder has every wheel",
        )
    if "ResolutionImpossible" in said or "conflict" in said.lower():
        return InstallError(
            f"its requirements cannot be met together with those of what is installed: {message}",
            where,
            "Tell its publisher, or change what it conflicts with",
        )
    return InstallError(f"the installer failed: {message}", where, "Try again; GALLERY_DEBUG=1 shows where")
