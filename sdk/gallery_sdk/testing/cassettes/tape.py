"""Cassettes as vcrpy keeps them: written scrubbed, matched by what is sent, and never mixed with the network."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlsplit

import orjson

from .errors import CassetteError
from .header import CassetteHeader
from .scrubbing import PLACEHOLDER, Scrubber

if TYPE_CHECKING:
    from ..contract import Stage

_FORM: Final = re.compile(r"[\w.~%+*-]+=")


class _Serializer:
    """vcrpy's seam for file formats. Nothing reaches the disk that was not scrubbed."""

    def __init__(self, write: Callable[[dict[str, Any]], str]) -> None:
        self.serialize = write

    def deserialize(self, text: str) -> Any:
        """A cassette's content."""
        import yaml  # type: ignore[import-untyped]  # comes with vcrpy, without its stubs

        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders


def to_text(header: CassetteHeader, interactions: list[dict[str, Any]]) -> str:
    """A cassette's whole text."""
    import yaml

    body = yaml.safe_dump({"version": 1, "interactions": interactions}, sort_keys=False, allow_unicode=True, width=110)
    return f"{header.to_text()}{body}"


@contextmanager
def recording(path: Path, header: CassetteHeader, scrubber: Callable[[], Scrubber]) -> Iterator[None]:
    """Record what goes over aiohttp meanwhile; the file is written when the block ends without an error.

    Args:
        scrubber: Asked for when all is recorded.
    """
    import vcr  # type: ignore[import-untyped]  # has no types

    def write(content: dict[str, Any]) -> str:
        made = scrubber()
        return to_text(header, [made.interaction(one) for one in content["interactions"]])

    tape = vcr.VCR(record_on_exception=False)
    tape.register_serializer("gallery", _Serializer(write))
    path.unlink(missing_ok=True)
    with tape.use_cassette(str(path), serializer="gallery", record_mode="all"):
        yield


@contextmanager
def replaying(path: Path) -> Iterator[Any]:
    """Answer from a cassette; a request that was not recorded is an error, and no socket is opened.

    Raises:
        CassetteError: There is no such cassette.
    """
    import vcr

    if not path.is_file():
        raise CassetteError("there is no such recording", str(path), "Make it with `gallery record`")
    tape = vcr.VCR()
    tape.register_serializer("gallery", _Serializer(lambda content: ""))
    tape.register_matcher("as_recorded", _as_recorded)
    with tape.use_cassette(str(path), serializer="gallery", record_mode="none", match_on=["as_recorded"]) as cassette:
        yield cassette


def _as_recorded(sent: Any, recorded: Any) -> None:
    """vcrpy's seam for matching: method, path, query and body, placeholders of the recording standing for anything.

    Raises:
        AssertionError: They are two different requests.
    """
    assert sent.method == recorded.method, f"{sent.method} is not {recorded.method}"
    mine, theirs = urlsplit(sent.uri), urlsplit(recorded.uri)
    assert _fits(theirs.path, mine.path), f"{mine.path} is not {theirs.path}"
    asked, kept = dict(parse_qsl(mine.query, True)), dict(parse_qsl(theirs.query, True))
    assert all(_fits(content, asked.get(name, "")) for name, content in kept.items()), f"{asked} is not {kept}"
    body, old = _decoded(sent.body), _decoded(recorded.body)
    assert _same(old, body), f"{body} is not {old}"


def _decoded(body: Any) -> Any:
    text = body if isinstance(body, str) else (body or b"").decode()
    try:
        return orjson.loads(text) if text else None
    except orjson.JSONDecodeError:
        return sorted(name for name, _ in parse_qsl(text, True)) if _FORM.match(text) else None


def _same(recorded: Any, sent: Any) -> bool:
    if isinstance(recorded, dict) and isinstance(sent, dict):
        return all(name in sent and _same(each, sent[name]) for name, each in recorded.items())
    if isinstance(recorded, list) and isinstance(sent, list):
        return len(recorded) == len(sent) and all(map(_same, recorded, sent))
    if isinstance(recorded, str) and isinstance(sent, str):
        return _fits(recorded, sent)
    return bool(recorded == sent) or (isinstance(recorded, int) and recorded > 9999)


def _fits(recorded: str, sent: str) -> bool:
    """Whether a text is the recorded one, its placeholders standing for anything."""
    if recorded == sent:
        return True
    parts = PLACEHOLDER.split(recorded)
    return len(parts) > 1 and re.fullmatch(".+".join(map(re.escape, parts)), sent) is not None


def scrubber_for(stage: Stage) -> Scrubber:
    """The scrubber of what a stage's connection says."""
    from .vocabulary import invented_by, vocabulary_of

    return Scrubber(vocabulary_of(stage.subject), invented_by(stage))
