"""The Python environment that connectors are installed into.

It is looked at by running its own interpreter; it need not have pip. Every call of pip refuses source distributions,
and to build what is fetched past the index, so no code of a package runs before it was installed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..errors import StoreError
from .documents import digest
from .installer import run, run_pip
from .names import normal_dist
from .problems import InstallError

_LOOK: Final = """
import hashlib, importlib.metadata as m, json, os, platform, sys, sysconfig
dists, connectors = {}, []
def get(read, otherwise):
    try:
        return read()
    except Exception:  # metadata that is broken costs what it would have said, and hides no other distribution
        return otherwise
def manifest(d):
    found = [f for f in d.files or () if f.name == "connector.toml" and len(f.parts) == 2]
    path = str(d.locate_file(found[0])) if found else ""
    return [path, hashlib.sha256(open(path, "rb").read()).hexdigest() if os.path.isfile(path) else ""]
for d in m.distributions():
    name = get(lambda: d.metadata["Name"], None)
    if not name or name in dists:
        continue
    editable = get(lambda: bool(json.loads(d.read_text("direct_url.json"))["dir_info"]["editable"]), False)
    dists[name] = [get(lambda: d.version, None) or "0", get(lambda: d.requires, None) or [], editable]
    for e in get(lambda: list(d.entry_points), []):
        if e.group == "gallery.connectors":
            connectors.append([e.name, name, *get(lambda: manifest(d), ["", ""])])
impl = sys.implementation
markers = dict(os_name=os.name, sys_platform=sys.platform, platform_machine=platform.machine(),
    platform_python_implementation=platform.python_implementation(), platform_release=platform.release(),
    platform_system=platform.system(), platform_version=platform.version(), implementation_name=impl.name,
    python_version=".".join(platform.python_version_tuple()[:2]), python_full_version=platform.python_version(),
    implementation_version="%d.%d.%d" % impl.version[:3])
print(json.dumps([dists, connectors, markers, sysconfig.get_paths()]))
"""

_LIST_FILES: Final = """
import importlib.metadata as m, json, os, sys
found = []
for name in sys.argv[1:]:
    d = m.distribution(name)
    found += [p for p in (os.path.abspath(str(d.locate_file(f))) for f in d.files or ()) if os.path.isfile(p)]
print(json.dumps(found))
"""


@dataclass(frozen=True, slots=True)
class InstalledDist:
    """A distribution as it is installed. `editable` for one that points at a folder of somebody's work."""

    name: str
    version: str
    requires: tuple[str, ...]
    editable: bool


@dataclass(frozen=True, slots=True)
class InstalledConnector:
    """A claim to a slug. `manifest` is the path of its connector.toml, "" when it was not found."""

    slug: str
    dist: str
    manifest: str
    manifest_sha256: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What an environment holds.

    Attributes:
        dists: By name in normal form.
        markers: Values for environment markers (PEP 508), `python_full_version` among them.
        scheme: Folders that files of wheels go to, by their names (sysconfig).
    """

    dists: dict[str, InstalledDist]
    connectors: tuple[InstalledConnector, ...]
    markers: dict[str, str]
    scheme: dict[str, str]

    def claims(self, slug: str) -> list[InstalledConnector]:
        """Who claims the slug."""
        return [one for one in self.connectors if one.slug == slug]


@dataclass(frozen=True, slots=True)
class Resolved:
    """A distribution that the resolver chose. `direct` for one that some requirement names by its address."""

    dist: str
    version: str
    requires: tuple[str, ...]
    file_name: str
    sha256: str
    direct: bool = False


@dataclass(frozen=True, slots=True)
class Pin:
    """A version of a distribution, and the SHA-256 of each file that may be installed for it."""

    dist: str
    version: str
    hashes: tuple[str, ...]

    def requirement(self) -> str:
        """As a line of a requirements file."""
        return " ".join([f"{self.dist}=={self.version}", *(f"--hash=sha256:{one}" for one in self.hashes)]) + "\n"


class Environment:
    """One environment and where its packages come from."""

    def __init__(
        self, python: Path | None = None, *, index_url: str | None = None, offline: Path | None = None
    ) -> None:
        """Nothing is read yet.

        Args:
            python: Interpreter of the environment; the one that is running when left out.
            index_url: Package index; the installer's own configuration when left out.
            offline: A folder of wheels to take everything from, without any network.
        """
        self.python = str(python) if python is not None else sys.executable
        self.index_url = index_url
        self.offline = offline

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other installations of this user out of it: what one takes back, the other may have come to need.

        Raises:
            InstallError: One is at work.
        """
        from ..plugins.cache import cache_folder
        from ..store import job_lock

        place = digest(str(Path(self.python).absolute().parent).encode())[:16]
        with ExitStack() as held:
            try:
                held.enter_context(job_lock(Path(cache_folder()), f"install-{place}"))
            except StoreError as error:
                # A home that cannot be written to is no reason to install nothing; another process is.
                if isinstance(error.__cause__, BlockingIOError):
                    what = f"another installation is at work there ({error.what.rpartition(' by ')[2]})"
                    raise InstallError(what, self.python, "Wait for it, or stop it first") from error
            yield

    def contents(self) -> Contents:
        """Look at it, without importing anything that is installed there.

        Raises:
            InstallError: Its interpreter does not run.
        """
        dists, connectors, markers, scheme = json.loads(self._run(_LOOK))
        return Contents(
            {
                normal_dist(name): InstalledDist(normal_dist(name), row[0], tuple(row[1]), row[2])
                for name, row in dists.items()
            },
            tuple(InstalledConnector(slug, normal_dist(dist), path, sha) for slug, dist, path, sha in connectors),
            markers,
            scheme,
        )

    def download(self, pins: Sequence[Pin], out: Path, *, index: str | None = None) -> dict[str, Path]:
        """Get wheels that have the pinned hashes; pip compares them before it looks into a file.

        Args:
            pins: What to get; one without hashes is taken as the index has it, to learn its hash.
            out: An empty folder, or one that is not there yet.
            index: The package index that has them; as of this environment when left out.

        Returns:
            The file of each distribution.

        Raises:
            InstallError: One cannot be had, or is not the pinned one.
        """
        if not pins:
            return {}
        out.mkdir(exist_ok=True)
        arguments = ["download", "--quiet", "--no-deps", "--dest", str(out)]
        arguments += ["--require-hashes"] if any(pin.hashes for pin in pins) else []
        where = ", ".join(f"{pin.dist} {pin.version}" for pin in pins)
        self._with_requirements(arguments, pins, out, sources=self._sources(index), where=where)
        found = {normal_dist(path.name.split("-")[0]): path for path in out.glob("*.whl")}
        if missing := [pin.dist for pin in pins if pin.dist not in found]:
            raise InstallError("the installer brought no wheel", ", ".join(missing), "Try again with GALLERY_DEBUG=1")
        return {pin.dist: found[pin.dist] for pin in pins}

    def resolve(self, wheels: Sequence[Path], out: Path) -> list[Resolved]:
        """What would be installed for these wheels, they themselves included; nothing is.

        Args:
            wheels: Checked wheels of connectors.
            out: A folder for the resolver's report.

        Raises:
            InstallError: Their requirements cannot be met together.
        """
        report = out / "report.json"
        arguments = ["install", "--quiet", "--dry-run", "--report", str(report), *self._sources()]
        self._pip([*arguments, *map(str, wheels)], where=", ".join(path.name for path in wheels))
        return [_resolved(row) for row in json.loads(report.read_text(encoding="utf-8"))["install"]]

    def install(self, pins: Sequence[Pin], wheels: Path) -> None:
        """Install exactly these, in one run, from wheels that were downloaded and checked into a folder.

        Raises:
            InstallError: The installer failed.
        """
        arguments = ["install", "--quiet", "--no-deps", "--require-hashes", "--force-reinstall", "--no-compile"]
        self._with_requirements(
            arguments, pins, wheels, sources=["--no-index", "--find-links", str(wheels)], where="installation"
        )

    def uninstall(self, dists: Sequence[str]) -> None:
        """Remove distributions.

        Raises:
            InstallError: The installer failed.
        """
        self._pip(["uninstall", "--quiet", "--yes", *dists], where=", ".join(dists), wheels_only=False)

    def files_of(self, dists: Sequence[str]) -> list[str]:
        """Absolute paths of the files that belong to installed distributions.

        Raises:
            InstallError: One of them is not installed.
        """
        found: list[str] = json.loads(self._run(_LIST_FILES, *dists))
        return found

    def _run(self, code: str, *arguments: str) -> str:
        """What code prints in the environment's own interpreter, started apart from the current folder."""
        done = run([self.python, "-P", "-c", code, *arguments])
        if done.returncode != 0:
            said = (done.stderr.strip() or "no message").splitlines()[-1]
            raise InstallError(f"its packages cannot be listed: {said}", self.python, "Mend the environment")
        return done.stdout

    def _sources(self, index: str | None = None) -> list[str]:
        if self.offline is not None:
            return ["--no-index", "--find-links", str(self.offline)]
        chosen = index or self.index_url
        return ["--index-url", chosen] if chosen else []

    def _with_requirements(
        self, arguments: Sequence[str], pins: Sequence[Pin], folder: Path, *, sources: Sequence[str], where: str
    ) -> None:
        file = folder / "requirements.txt"
        file.write_text("".join(pin.requirement() for pin in pins), encoding="utf-8")
        self._pip([*arguments, *sources, "--requirement", str(file)], where=where)

    def _pip(self, arguments: Sequence[str], *, where: str, wheels_only: bool = True) -> None:
        line = [arguments[0], *(["--only-binary=:all:"] if wheels_only else []), *arguments[1:]]
        run_pip(self.python, line, where=where, configured=wheels_only and "--no-index" not in arguments)


def _resolved(row: dict[str, Any]) -> Resolved:
    metadata, archive = row["metadata"], row["download_info"].get("archive_info", {})
    return Resolved(
        dist=normal_dist(metadata["name"]),
        version=metadata["version"],
        requires=tuple(metadata.get("requires_dist", ())),
        file_name=str(row["download_info"]["url"]).rpartition("/")[2],
        sha256=archive.get("hashes", {}).get("sha256", ""),
        direct=bool(row.get("is_direct")),
    )
