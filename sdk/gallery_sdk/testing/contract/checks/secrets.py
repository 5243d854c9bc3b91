"""No secret in logs, errors and events."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from ....errors import GalleryError
from ....transport import SecretRegistry
from ...faults import Fault
from ..checking import check
from ..stage import Stage


@check("MUST")
async def redaction(stage: Stage) -> None:
    """Whatever goes right or wrong, no secret of the connection stands in a log line, an error or an event.

    Source: RFC 6750 section 5.2 (token disclosure) and RFC 9110 section 17.16.
    """
    registry = SecretRegistry()
    for secret in stage.connected.secrets.values():
        registry.add(secret)
        for name in stage.connected.inputs.values():
            registry.add(f"{name}:{secret}")  # as HTTP's basic authentication joins them
    told: list[str] = []

    with _listening(told):
        for fault in (None, Fault(status=401), Fault(status=500), Fault(kind="html"), Fault(kind="reset")):
            if stage.app is not None:
                stage.app.faults.clear()
            if fault is not None:
                stage.fail(fault)
            try:
                report = await stage.target.test()
                told.append(repr(report))
                await stage.target.find("user", stage.matching("user"), "nobody")
            except GalleryError as error:
                told += [str(error), repr(error), "".join(traceback.format_exception(error))]
        told += [repr(event) for event in stage.events]
        told += [repr(finding) for finding in stage.target.findings]

    sent = [f"{one.headers.get('Authorization', '')} {one.headers} {one.query} {one.content!r}" for one in stage.seen]
    if stage.connected.secrets and not (stage.connected.method is not None and stage.connected.method.fetches_tokens):
        carried = any(map(registry.contains_secret, sent))
        assert carried, "no request carried the credential"
    # Masked before anything is asserted: a failed assertion shows what it compared.
    leaks = [registry.mask(text) for text in told if registry.contains_secret(text)]
    assert not leaks, f"a secret was told, in {leaks[0]}"


@contextmanager
def _listening(told: list[str]) -> Iterator[None]:
    """Hear every log line of every level."""

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told.append(self.format(record))

    root, listener = logging.getLogger(), Listener(logging.NOTSET)
    level = root.level
    root.addHandler(listener)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.removeHandler(listener)
        root.setLevel(level)
