"""What acting a connector showed: `evidence.json` in its folder, written by `gallery check --contract`.

The long programs (contract suite, own tests, wheel, import) are not run for every grade. Their results are kept, bound
to the source they were had from by its SHA-256, and count for that source alone. They can be edited by hand, so they
are never taken at their word where it matters: a submission is always acted anew.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from pydantic import Field, ValidationError

from ...errors import ManifestError
from ..documents import canonical
from ..models import Read, Sha256

EVIDENCE_NAME: Final = "evidence.json"


class CheckRecord(Read):
    """One check of the contract suite. `detail` says why it failed, `measured` what it counted, by name."""

    name: str
    grade: Literal["MUST", "SHOULD", "MAY"]
    outcome: Literal["passed", "failed"]
    detail: str = ""
    quirk: bool = False
    measured: dict[str, int] = Field(default_factory=dict)


class Replay(Read):
    """Recorded behaviours, answered from their cassettes with the network closed.

    Attributes:
        cassettes: Name to SHA-256 of the recordings that were replayed.
    """

    cassettes: dict[str, Sha256] = Field(default_factory=dict)
    checks: tuple[CheckRecord, ...] = ()


class WheelRecord(Read):
    """The wheel, built twice. `problem` is empty where it builds and is a connector's."""

    problem: str = ""
    reproducible: bool = False


class ImportRecord(Read):
    """The package imported in a fresh interpreter, the SDK being loaded.

    Attributes:
        effects: What it did besides: files written, sockets, processes, logging set up.
        quick: Within 150 ms, best of three.
    """

    problem: str = ""
    effects: tuple[str, ...] = ()
    quick: bool = False


class OwnTests(Read):
    """The connector's own tests: those beside its pyproject.toml, or the repository's of it.

    Attributes:
        sha256: Of the tests' files, so that who repeats it knows whether they are the same.
        failed: Which failed, by the names that pytest gives them.
    """

    sha256: Sha256
    passed: int
    failed: tuple[str, ...] = ()


class Coverage(Read):
    """Statements of the connector's code that its contract and its own tests execute, its twin left out."""

    statements: int
    executed: int


class Evidence(Read):
    """Everything that acting showed.

    Attributes:
        source_sha256: Of the source that was acted.
        sdk: Version of the SDK that acted it.
        not_called_for: Checks of the suite that none of its capabilities calls for.
        offered: By kind, what the opened target says it can do.
    """

    source_sha256: Sha256
    sdk: str
    contract: tuple[CheckRecord, ...] = ()
    not_called_for: tuple[str, ...] = ()
    replay: Replay = Replay()
    wheel: WheelRecord | None = None
    imported: ImportRecord | None = None
    offered: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    tests: OwnTests | None = None
    coverage: Coverage | None = None


def read_evidence(folder: Path) -> Evidence | None:
    """The evidence kept in a connector's folder; None without one.

    Raises:
        ManifestError: The file is there and cannot be read.
    """
    path = folder / EVIDENCE_NAME
    try:
        return Evidence.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise ManifestError(
            "the file is no evidence that can be read", str(path), "Delete it, then run `gallery check --contract`"
        ) from error


def write_evidence(folder: Path, evidence: Evidence) -> Path:
    """Keep evidence in the connector's folder."""
    path = folder / EVIDENCE_NAME
    path.write_bytes(canonical(evidence.model_dump(mode="json")))
    return path
