"""The connector that "Write a connector" builds is a real one, and the document shows it as it is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from gallery_sdk.catalog.documents import digest
from gallery_sdk.catalog.wheels import build_wheel, look_into
from gallery_sdk.manifest import find_problems, read_manifest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "fabrikam-desk"
PACKAGE = EXAMPLE / "gallery_connector_fabrikam_desk"
DOCUMENT = (ROOT / "docs" / "write-a-connector.md").read_text("utf-8")
FILE = re.compile(r"^`(?P<path>[\w./-]+)`(?P<part>, [^\n]*)?:\n\n```\w+\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)


def test_the_example_s_manifest_has_no_problem() -> None:
    """Nothing to mend, and nothing to look at."""
    assert find_problems(read_manifest(PACKAGE / "connector.toml")) == []


def test_the_example_passes_its_own_tests(tmp_path: Path) -> None:
    """Its contract suite among them, run as its author does, installed beside the SDK."""
    metadata = tomllib.loads((EXAMPLE / "pyproject.toml").read_text("utf-8"))["project"]
    info = tmp_path / "gallery_connector_fabrikam_desk-0.1.0.dist-info"
    info.mkdir()
    info.joinpath("METADATA").write_text(f"Metadata-Version: 2.1\nName: {metadata['name']}\nVersion: 0.1.0\n")
    points = "".join(f"{name} = {value}\n" for name, value in metadata["entry-points"]["gallery.connectors"].items())
    info.joinpath("entry_points.txt").write_text(f"[gallery.connectors]\n{points}")
    report = tmp_path / "report.json"
    environment = {
        **os.environ,
        "PYTHONPATH": f"{tmp_path}{os.pathsep}{EXAMPLE}",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "HOME": str(tmp_path),
    }

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib",
         f"--rootdir={EXAMPLE}", f"--contract-report={report}", str(EXAMPLE / "tests")],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    for check in ("pages_are_counted_from_zero", "many_members_travel_in_several_requests"):
        assert f'"check": "{check}"' in report.read_text("utf-8")


def test_a_reader_who_types_it_in_order_has_the_connector(tmp_path: Path) -> None:
    """The commands, then every file that the document shows over those of `gallery new`: a wheel, and no problem."""
    commands = "\n".join(re.findall(r"^\$ (.+)$", DOCUMENT, re.MULTILINE))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    typed = subprocess.run(
        ["bash", "-euc", commands], cwd=tmp_path, env={**os.environ, "PATH": path}, capture_output=True, text=True
    )
    folder = tmp_path / "fabrikam-desk"
    shown: dict[str, list[str]] = {}
    for found in FILE.finditer(DOCUMENT):
        shown.setdefault(found["path"], []).append(found["text"])
    for name, parts in shown.items():
        (folder / name).write_text("\n".join(parts), "utf-8")

    wheel = build_wheel(folder, tmp_path / "dist", epoch=1_577_836_800)

    assert typed.returncode == 0, typed.stderr
    assert find_problems(folder / PACKAGE.name) == []
    facts = look_into(wheel, digest(wheel.read_bytes()))
    assert facts.connectors == {"fabrikam-desk": f"{PACKAGE.name}.plugin"}
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    mentioned = {name for name in names if name in shown or Path(name).name in DOCUMENT}
    assert names == mentioned  # of each it is said what becomes of it


def test_the_document_shows_the_files_as_they_are() -> None:
    """Whole files word for word; parts of one as they stand in it, and together all of it."""
    shown: dict[str, list[str]] = {}
    for found in FILE.finditer(DOCUMENT):
        shown.setdefault(found["path"], []).append(found["text"])

    for name, parts in shown.items():
        text = (EXAMPLE / name).read_text("utf-8")
        for part in parts:
            assert part in text, name
    files = [path for path in EXAMPLE.rglob("*") if path.suffix in {".toml", ".py"} and path.read_text("utf-8").strip()]
    assert set(shown) == {path.relative_to(EXAMPLE).as_posix() for path in files if path.name != "__init__.py"}
    manifest = f"{PACKAGE.name}/connector.toml"
    assert "\n".join(shown[manifest]) == (EXAMPLE / manifest).read_text("utf-8")
