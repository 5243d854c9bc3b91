"""Installing, upgrading and removing connectors: everything is checked first, then one step changes the environment.

The order is the promise: choose from a catalog that was verified; download; compare SHA-256; look into the wheel;
resolve what else is needed; check that everything still fits together; install all of it in one run of the installer;
look whether it is there; pin it in the lock. Whatever is refused on the way leaves environment and lock as they were.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version

from .documents import digest
from .environment import Contents, Environment, Pin, Resolved
from .fitting import After, check_fit, needed_here, overlay
from .lock import Lock, LockedConnector, LockedFile, LockedPackage, read_lock, write_lock
from .names import normal_dist
from .places import check_free, check_modest, places_of
from .problems import InstallError
from .requirements import SDK, closure, unmet
from .wanted import Wanted, check_claims, check_facts, is_installed, is_there
from .wheels import WheelFacts, look_into, read_requirements


@dataclass(frozen=True, slots=True)
class Checked:
    """A connector whose wheel is here and passed every check.

    Attributes:
        sha256: Of the wheel.
        previous: The version that it replaces; None for a new one.
        previous_manifest: Path of the manifest that it replaces; "" when there is none.
        was_there: The same version with the same manifest is replaced: nothing is new but the lock.
    """

    wanted: Wanted
    facts: WheelFacts
    wheel: Path
    sha256: str
    previous: str | None
    previous_manifest: str
    was_there: bool


@dataclass(frozen=True, slots=True)
class Report:
    """What was installed: connectors with the version that each replaced, and other distributions.

    Attributes:
        were_there: Slugs of the connectors of which nothing is new but the lock.
    """

    connectors: tuple[tuple[str, str, str | None], ...]
    packages: tuple[tuple[str, str], ...]
    were_there: tuple[str, ...] = ()


class Preparation:
    """Everything is downloaded and checked, and nothing is changed yet; see `prepared`."""

    def __init__(
        self,
        environment: Environment,
        before: Contents,
        checked: Sequence[Checked],
        packages: Sequence[Resolved],
        wheels: Path,
        places: Collection[Path],
        read: Lock,
        lock: Lock,
    ) -> None:
        self._environment, self._before, self._wheels, self._read = environment, before, wheels, read
        self._places = tuple(places)
        self.checked = tuple(checked)
        self.packages = tuple(packages)
        self.lock = lock

    def carry_out(self, lock_path: Path) -> Report:
        """Install, look whether it is there, and write the lock.

        Whatever fails, and if its user stops it meanwhile, what had begun is taken back.

        Raises:
            InstallError: The installer failed, or another one was at work here.
            ConfigError: The lock cannot be written.
        """
        pins = [Pin(one.wanted.dist, one.wanted.version, (one.sha256,)) for one in self.checked]
        pins += [Pin(one.dist, one.version, (one.sha256,)) for one in self.packages]
        replaced = [pin.dist for pin in pins if pin.dist in self._before.dists]
        saved = self._save(replaced)
        try:
            if pins:
                self._environment.install(pins, self._wheels)
                self._check_result()
            self._check_lock(lock_path)
            write_lock(lock_path, self.lock)
        except BaseException as error:
            if pins:
                self._take_back([pin.dist for pin in pins], saved, error)
            raise
        return Report(
            tuple((one.wanted.slug, one.wanted.version, one.previous) for one in self.checked),
            tuple((one.dist, one.version) for one in self.packages),
            tuple(one.wanted.slug for one in self.checked if one.was_there),
        )

    def _check_result(self) -> None:
        after = self._environment.contents()
        for one in self.checked:
            hashes = [claim.manifest_sha256 for claim in after.claims(one.wanted.slug)]
            if hashes != [one.wanted.manifest_sha256]:
                raise InstallError(
                    "it was installed, and is not what was checked",
                    f"connector {one.wanted.slug!r}",
                    "Look for another program that changes this environment, then try again",
                )

    def _check_lock(self, path: Path) -> None:
        """Two that install at once would each write the lock as they read it, and the last one would win."""
        if read_lock(path) != self._read:
            raise InstallError(
                "it was changed while this was being installed", str(path), "Nothing was installed; try again"
            )

    def _save(self, dists: Sequence[str]) -> dict[Path, Path]:
        """Copies of the files that will be replaced: an installer puts back one distribution that fails, not a set."""
        folder = self._wheels.with_name("before")
        folder.mkdir()
        copies = {}
        for number, name in enumerate(self._environment.files_of(dists) if dists else ()):
            copies[Path(name)] = folder / str(number)
            shutil.copy2(name, folder / str(number))
        return copies

    def _take_back(self, dists: Sequence[str], saved: dict[Path, Path], error: BaseException) -> None:
        """Make the environment what it was, also where the installer was stopped before it had noted what it wrote."""
        try:
            there = self._environment.contents().dists
            with suppress(InstallError):
                self._environment.uninstall([dist for dist in dists if dist in there])
            for path in {*self._places} - saved.keys():
                path.unlink(missing_ok=True)
            for path, copy in saved.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(copy, path)
            after = self._environment.contents().dists
            if odd := [dist for dist in dists if after.get(dist) != self._before.dists.get(dist)]:
                raise OSError(f"{', '.join(odd)} is not as it was")
        except (InstallError, OSError) as second:
            raise InstallError(
                f"it was not finished ({error}), and what was there before could not be put back ({second})",
                self._environment.python,
                f"Install {', '.join(dists)} anew with pip",
            ) from error


@contextmanager
def prepared(
    wanted: Sequence[Wanted], *, environment: Environment, lock_path: Path, locked: bool = False
) -> Iterator[Preparation]:
    """Download and check connectors and what they need; inside of the block they can be installed.

    Connectors that are there already, as pinned, are left alone.

    Args:
        wanted: What to install.
        environment: Where.
        lock_path: The lock file, which need not exist.
        locked: Take other distributions from the lock instead of resolving anew.

    Raises:
        InstallError: Something is refused; the message says what and why.
        ConfigError: The lock cannot be read.
    """
    with environment.alone(), tempfile.TemporaryDirectory(prefix="gallery-install-") as name:
        lock, before = read_lock(lock_path), environment.contents()
        if SDK not in before.dists:
            mend = "Install gallery-sdk there first"
            raise InstallError("gallery-sdk is not installed there", environment.python, mend)
        for one in wanted:
            check_claims(one, before)
        todo = [one for one in wanted if not is_there(one, before, lock)]
        folder = Path(name)
        wheels = folder / "wheels"
        wheels.mkdir()
        checked = [_download(one, environment, before, folder / f"connector-{one.slug}", wheels) for one in todo]
        if locked:
            packages = _from_lock(lock, checked, environment, before, folder, wheels)
        else:
            packages = _resolve(checked, environment, before, folder, wheels)
        after = overlay(before, checked, packages)
        check_fit(before, after)
        places = _check_places(environment, before, checked, wheels)
        fresh = lock if locked else _pinned(lock, checked, packages, after, environment, folder)
        yield Preparation(environment, before, checked, packages, wheels, places, lock, fresh)


def remove(slugs: Sequence[str], *, environment: Environment, lock_path: Path) -> list[tuple[str, str]]:
    """Remove connectors, and drop them from the lock; what else they brought along stays.

    Returns:
        Slug and distribution of each that was installed.

    Raises:
        InstallError: One is neither installed nor locked, or two distributions claim it.
    """
    with environment.alone():
        contents, lock = environment.contents(), read_lock(lock_path)
        removed = []
        for slug in slugs:
            claims = contents.claims(slug)
            if len(claims) > 1:
                names = " and ".join(sorted(one.dist for one in claims))
                raise InstallError(f"{names} both claim it", f"connector {slug!r}", "Remove one of them with pip")
            if not claims and lock.find(slug) is None:
                raise InstallError(
                    "it is not installed", f"connector {slug!r}", "`gallery list --installed` shows what is"
                )
            removed += [(slug, one.dist) for one in claims]
        if removed:
            environment.uninstall([dist for _, dist in removed])
        if any(lock.find(slug) is not None for slug in slugs):
            write_lock(lock_path, lock.without(slugs))
        return removed


def _download(wanted: Wanted, environment: Environment, before: Contents, folder: Path, wheels: Path) -> Checked:
    hashes = tuple(one.sha256 for one in wanted.files)
    pin = Pin(wanted.dist, wanted.version, hashes)
    wheel = environment.download([pin], folder, index=wanted.index)[wanted.dist]
    # The installer compared it too; this comparison is ours, and looks at the file that is about to be opened.
    found = digest(wheel.read_bytes())
    facts = look_into(wheel, found if found in hashes else hashes[0])
    check_facts(facts, wanted, wheel.name)
    there = before.dists.get(wanted.dist)
    manifest = next((one.manifest for one in before.claims(wanted.slug)), "")
    kept = wheel.rename(wheels / wheel.name)
    same = is_installed(wanted, before)
    return Checked(wanted, facts, kept, found, there.version if there else None, manifest, same)


def _resolve(
    checked: Sequence[Checked], environment: Environment, before: Contents, folder: Path, wheels: Path
) -> list[Resolved]:
    """What else must be installed: chosen by the installer's resolver, downloaded, hashes compared."""
    own = {one.wanted.dist for one in checked}
    after = overlay(before, checked, ())
    if not any(one.dist in own for one in unmet(after.versions, after.requires, after.markers)):
        return []  # everything is there already, as for most connectors, which need the SDK alone
    chosen = [one for one in environment.resolve([one.wheel for one in checked], folder) if one.dist not in own]
    where = " and ".join(sorted(f"connector {one.wanted.slug!r}" for one in checked))
    for one in chosen:
        if one.dist == SDK:
            raise InstallError(
                f"it needs another gallery-sdk than is here ({one.version} would be installed)",
                where,
                "Upgrade gallery-sdk by itself first, and look at its changes",
            )
        if one.direct:
            what = f"{one.dist} {one.version} would be fetched past the package index"
            raise InstallError(what, where, "Tell its publisher: a requirement is a name and a range of versions")
        if not one.sha256:
            raise InstallError(f"the index gives no SHA-256 for {one.dist} {one.version}", where, "Use another index")
    pins = [Pin(one.dist, one.version, (one.sha256,)) for one in chosen]
    for wheel in environment.download(pins, folder / "needs").values():
        wheel.rename(wheels / wheel.name)
    return chosen


def _from_lock(
    lock: Lock, checked: Sequence[Checked], environment: Environment, before: Contents, folder: Path, wheels: Path
) -> list[Resolved]:
    """The other distributions that the lock pins for these, where another version or none is there."""
    pinned = [locked for one in checked if (locked := lock.find(one.wanted.slug)) is not None]
    pins = []
    for package in lock.needed_by(pinned):
        there = before.dists.get(package.dist)
        if there is None or Version(there.version) != Version(package.version):
            pins.append(Pin(package.dist, package.version, tuple(one.sha256 for one in package.files)))
    found = environment.download(pins, folder / "needs")
    chosen = []
    for pin in pins:
        wheel = found[pin.dist]
        sha256 = digest(wheel.read_bytes())
        chosen.append(Resolved(pin.dist, pin.version, read_requirements(wheel), wheel.name, sha256))
    chosen = needed_here(checked, chosen, before)
    for one in chosen:
        found[one.dist].rename(wheels / one.file_name)
    return chosen


def _check_places(environment: Environment, before: Contents, checked: Sequence[Checked], wheels: Path) -> list[Path]:
    """Where everything would go; refused when something of others is there."""
    named = {one.wheel for one in checked}
    found = sorted(wheels.glob("*.whl"))
    replaced = [dist for one in found if (dist := normal_dist(one.name.split("-")[0])) in before.dists]
    own = frozenset(map(os.path.realpath, environment.files_of(replaced) if replaced else ()))
    places = list[Path]()
    for wheel in found:
        if wheel not in named:
            check_modest(wheel)
        taken = places_of(wheel, before.scheme)
        check_free(wheel, taken, own)
        places += (path for path in taken if not path.exists())
    return places


def _pinned(
    lock: Lock,
    checked: Sequence[Checked],
    packages: Sequence[Resolved],
    after: After,
    environment: Environment,
    folder: Path,
) -> Lock:
    """The lock with these connectors, and with everything that they need besides the SDK and what the SDK brings."""
    given = closure([SDK], after.requires, after.markers)
    chosen = {one.dist: one for one in packages}
    known = {(one.dist, one.version): one for one in lock.package}
    connectors, pinned = [], dict[str, LockedPackage]()
    for item in checked:
        needs = closure([item.wanted.dist], after.requires, after.markers) - given - {item.wanted.dist}
        needs &= after.versions.keys()  # an installer passes over an extra that nobody provides
        for dist in sorted(needs):
            version = after.versions[dist]
            if dist in chosen:
                file = LockedFile(name=chosen[dist].file_name, sha256=chosen[dist].sha256)
                pinned[dist] = LockedPackage(dist=dist, version=version, files=(file,))
            else:
                pinned[dist] = known.get((dist, version)) or _pin_installed(dist, version, environment, folder)
        connectors.append(
            LockedConnector(
                slug=item.wanted.slug,
                dist=item.wanted.dist,
                version=item.wanted.version,
                catalog_version=item.wanted.catalog_version,
                manifest_sha256=item.wanted.manifest_sha256,
                files=item.wanted.files,
                index=item.wanted.index,
                needs=tuple(sorted(needs)),
            )
        )
    return lock.with_connectors(connectors, pinned.values())


def _pin_installed(dist: str, version: str, environment: Environment, folder: Path) -> LockedPackage:
    """Pin what is installed already, by the file that the index has for it: a fresh environment will need it."""
    wheel = environment.download([Pin(dist, version, ())], folder / f"pin-{dist}")[dist]
    file = LockedFile(name=wheel.name, sha256=digest(wheel.read_bytes()))
    return LockedPackage(dist=dist, version=version, files=(file,))
