"""A repository of connectors, its keys, a package index on loopback, and environments to throw away."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import sys
import threading
import venv
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from gallery_sdk.catalog.building import Built, build
from gallery_sdk.catalog.documents import digest
from gallery_sdk.catalog.environment import Environment
from gallery_sdk.catalog.keys import make_key, read_private_key, read_public_key
from gallery_sdk.catalog.signing import sign

NOW = datetime(2027, 1, 20, tzinfo=UTC)

MANIFEST = """\
schema = 1
slug = "{slug}"
name = "{name}"
version = "{version}"
summary = "Accounts and groups of {name}"
categories = ["collaboration"]
keywords = ["chat"]
aliases = ["Old {name}"]
maintainers = ["Ada Byron"]
license = "Apache-2.0"
docs_url = "https://docs.example.com/{slug}"
requires_sdk = "{requires_sdk}"
[vendor]
name = "{name} Inc."
[publisher]
name = "{publisher}"
kind = "community"
[capabilities]
user = ["read", "create", "update", "deactivate"]
group = ["read", "members"]
features = ["filter:userName-eq"]
[transport]
base_url = "https://api.example.com/scim/v2"
allowed_hosts = ["api.example.com"]
[[auth.method]]
id = "token"
kind = "bearer_token"
[[auth.method.input]]
id = "token"
type = "secret"
[[mapping.user]]
target = "userName"
source = "userPrincipalName"
match = 1
[[mapping.user]]
target = "active"
expression = 'Switch([IsSoftDeleted], , "False", "True", "True", "False")'
[[mapping.user]]
target = "displayName"
source = "displayName"
[[quirk]]
id = "members.max_per_request"
value = 100
source = "vendor guide"
read = 2026-11-23
test = "members_over_the_limit_are_split"
"""

PYPROJECT = """\
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"
[project]
name = "gallery-connector-{slug}"
version = "{version}"
license = "Apache-2.0"
requires-python = ">=3.11"
dependencies = ["gallery-sdk>=0.1"]
[project.entry-points."gallery.connectors"]
{slug} = "gallery_sdk.plugins.declarative:connector"
[tool.hatch.build.targets.wheel]
packages = ["gallery_connector_{package}"]
"""


def manifest_text(slug: str, *, version: str = "1.0.0", requires_sdk: str = ">=0.1", publisher: str = "Ada") -> str:
    """A sound manifest."""
    return MANIFEST.format(
        slug=slug, name=slug.title(), version=version, requires_sdk=requires_sdk, publisher=publisher
    )


class Repository:
    """A folder with connectors/ and registry/."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "registry" / "manifests").mkdir(parents=True)
        self.head()

    def head(self, *, version: int = 1, date: str = "2027-01-15", more: str = "") -> None:
        """Write registry/catalog.toml."""
        text = f"# kept\nversion = {version}\ndate = {date}\nvalid_days = 90\n{more}"
        (self.root / "registry" / "catalog.toml").write_text(text)

    def connector(self, slug: str, *, version: str = "1.0.0", manifest: str | None = None) -> Path:
        """Add a connector's folder, or write it anew."""
        package = slug.replace("-", "_")
        folder = self.root / "connectors" / slug
        inner = folder / f"gallery_connector_{package}"
        inner.mkdir(parents=True, exist_ok=True)
        (folder / "pyproject.toml").write_text(PYPROJECT.format(slug=slug, version=version, package=package))
        (folder / "README.md").write_text(f"# {slug}\n")
        (inner / "__init__.py").write_text("")
        (inner / "setup.md").write_text("## Make a token\n")
        (inner / "connector.toml").write_text(manifest or manifest_text(slug, version=version))
        return folder

    def outside(self, slug: str, *releases: Wheel, publisher: str = "Ada") -> None:
        """List a package that is hosted elsewhere; the newest release first."""
        (self.root / "registry" / "manifests" / f"{slug}.toml").write_bytes(releases[0].manifest)
        lines = ["[[package]]", f'slug = "{slug}"', f'dist = "{releases[0].dist}"', f'publisher = "{publisher}"']
        for one in releases:
            lines += ["[[package.release]]", f'version = "{one.version}"', "released = 2027-01-10"]
            lines += [f'requires_sdk = "{one.requires_sdk}"', 'python = ">=3.11"']
            lines += [f'manifest_sha256 = "{digest(one.manifest)}"']
            lines += [f'files = [{{ name = "{one.name}", sha256 = "{one.sha256}", size = {len(one.data)} }}]']
        path = self.root / "registry" / "packages.toml"
        before = path.read_text() if path.exists() else ""
        path.write_text(before + "\n".join(lines) + "\n")

    def build(self) -> Built:
        """Build its catalog."""
        return build(self.root)


class Wheel:
    """A wheel, made by hand so that it can be wrong in every way."""

    def __init__(
        self,
        slug: str,
        *,
        version: str = "1.0.0",
        dist: str | None = None,
        requires: tuple[str, ...] = ("gallery-sdk>=0.1",),
        claims: str | None = None,
        manifest: str | None = None,
        requires_sdk: str = ">=0.1",
        more: dict[str, str] | None = None,
    ) -> None:
        self.dist = dist or f"gallery-connector-{slug}"
        self.version, self.requires_sdk = version, requires_sdk
        text = manifest_text(slug, version=version, requires_sdk=requires_sdk) if manifest is None else manifest
        self.manifest = text.encode()
        package = f"gallery_connector_{slug.replace('-', '_')}"
        claimed = slug if claims is None else claims
        files = {
            f"{package}/__init__.py": "",
            f"{package}/connector.toml": text,
            **(more or {}),
        }
        entry = f"[gallery.connectors]\n{claimed} = gallery_sdk.plugins.declarative:connector\n" if claimed else ""
        self.name = f"{self.dist.replace('-', '_')}-{version}-py3-none-any.whl"
        self.data = pack(self.dist, version, requires, files, entry)

    @property
    def sha256(self) -> str:
        """Of its bytes."""
        return digest(self.data)


def pack(dist: str, version: str, requires: tuple[str, ...], files: dict[str, str], entry_points: str = "") -> bytes:
    """The bytes of a wheel."""
    info = f"{dist.replace('-', '_')}-{version}.dist-info"
    lines = ["Metadata-Version: 2.1", f"Name: {dist}", f"Version: {version}"]
    lines += [f"Requires-Dist: {one}" for one in requires]
    contents = {
        **files,
        f"{info}/METADATA": "\n".join(lines) + "\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": entry_points,
    }
    rows = []
    for name, text in contents.items():
        hashed = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        rows.append(f"{name},sha256={hashed},{len(text.encode())}")
    contents[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,", ""])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as wheel:
        for name, text in contents.items():
            wheel.writestr(zipfile.ZipInfo(name, (2027, 1, 10, 0, 0, 0)), text)
    return buffer.getvalue()


class Server:
    """Files by path, on loopback; `requests` are the paths that were asked for."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.redirects: dict[str, str] = {}
        self.requests: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.requests.append(self.path)
                if self.path in outer.redirects:
                    self.send_response(302)
                    self.send_header("Location", outer.redirects[self.path])
                    self.end_headers()
                    return
                data = outer.files.get(self.path)
                self.send_response(200 if data is not None else 404)
                self.send_header("Content-Type", "text/html" if self.path.endswith("/") else "application/octet-stream")
                self.send_header("Content-Length", str(len(data or b"")))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(data or b"")

            do_HEAD = do_GET

            def log_message(self, format: str, *args: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Index(Server):
    """A package index (PEP 503, the simple repository API)."""

    def add(self, dist: str, name: str, data: bytes) -> None:
        """Offer a file; an added one of the same name is replaced."""
        self.files[f"/files/{name}"] = data
        links = []
        for path, held in sorted(self.files.items()):
            if path.startswith(f"/files/{dist.replace('-', '_')}-"):
                links.append(f'<a href="{path}#sha256={digest(held)}">{path.rpartition("/")[2]}</a>')
        page = f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>"
        self.files[f"/simple/{dist}/"] = page.encode()

    def offer(self, *wheels: Wheel) -> None:
        """Offer connectors."""
        for one in wheels:
            self.add(one.dist, one.name, one.data)


class Room:
    """An environment to throw away: has a gallery-sdk by its metadata, and no pip."""

    def __init__(self, folder: Path) -> None:
        venv.EnvBuilder(with_pip=False, symlinks=True).create(folder)
        self.python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        self.site = next(folder.glob("lib/python*/site-packages"))
        self.lock = folder / "gallery.lock"
        self.have("gallery-sdk", "0.4.0")

    def have(self, dist: str, version: str, *, requires: tuple[str, ...] = (), entry_points: str = "") -> Path:
        """Put a distribution's metadata there, as an installer leaves it."""
        info = self.site / f"{dist.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        lines = ["Metadata-Version: 2.1", f"Name: {dist}", f"Version: {version}"]
        lines += [f"Requires-Dist: {one}" for one in requires]
        (info / "METADATA").write_text("\n".join(lines) + "\n")
        (info / "entry_points.txt").write_text(entry_points)
        (info / "RECORD").write_text(
            "".join(f"{info.name}/{name},,\n" for name in ("METADATA", "entry_points.txt", "RECORD", "INSTALLER"))
        )
        (info / "INSTALLER").write_text("tests\n")
        return info

    def unpack(self, wheel: Wheel) -> None:
        """Put a wheel's files there, as an installer leaves them."""
        with zipfile.ZipFile(io.BytesIO(wheel.data)) as archive:
            archive.extractall(self.site)

    def environment(self, index: Index | None = None, offline: Path | None = None) -> Environment:
        """It, as the room of installation sees it."""
        return Environment(self.python, index_url=f"{index.url}/simple/" if index else None, offline=offline)

    def files(self) -> dict[str, str]:
        """Every file in it, with its hash: two equal answers mean that nothing happened."""
        return {
            str(path.relative_to(self.site)): digest(path.read_bytes())
            for path in sorted(self.site.rglob("*"))
            if path.is_file()
        }


class Keys:
    """Key pairs by name, made when they are first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def private(self, name: str = "one") -> Path:
        """Path of the private key."""
        path = self._folder / f"{name}.key.pem"
        if not path.exists():
            make_key(path, self._folder / f"{name}.pub.pem")
        return path

    def public(self, name: str = "one") -> str:
        """The public key, in hexadecimal."""
        self.private(name)
        return read_public_key(self._folder / f"{name}.pub.pem")

    def public_path(self, name: str = "one") -> Path:
        """Path of the public key."""
        self.private(name)
        return self._folder / f"{name}.pub.pem"

    def sign(self, data: bytes, name: str = "one", present: bytes | None = None) -> bytes:
        """The signature file."""
        return sign(data, read_private_key(self.private(name)), present)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """An empty repository."""
    return Repository(tmp_path / "repository")


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    """Signing keys."""
    folder = tmp_path / "keys"
    folder.mkdir()
    return Keys(folder)


@pytest.fixture
def server() -> Iterator[Server]:
    """A web server on loopback."""
    running = Server()
    yield running
    running.close()


@pytest.fixture
def index() -> Iterator[Index]:
    """A package index on loopback."""
    running = Index()
    yield running
    running.close()


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """An environment to install into."""
    return Room(tmp_path / "room")


@pytest.fixture(autouse=True)
def catalog_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The machine's catalog folder and pip's settings, for this test alone."""
    folder = tmp_path / "home"
    monkeypatch.setenv("GALLERY_CATALOG_HOME", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    return folder


@pytest.fixture
def published(repository: Repository, keys: Keys, tmp_path: Path) -> Callable[..., Path]:
    """`published(key="one")`: build, sign and lay out a publication; its folder."""

    def publish(key: str = "one", folder: str = "publication") -> Path:
        built = repository.build()
        assert built.problems == ()
        place = tmp_path / folder
        for path, data in {"catalog.json": built.catalog, **built.details}.items():
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_bytes(data)
        (place / "catalog.json.sig").write_bytes(keys.sign(built.catalog, key))
        return place

    return publish


def catalog_with(built: Built, **changes: object) -> bytes:
    """The catalog with fields of its head changed, written as catalogs are."""
    document = {**json.loads(built.catalog), **changes}
    return (json.dumps(document, sort_keys=True, ensure_ascii=False, indent=1) + "\n").encode()


PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}.{sys.version_info[2]}"
