"""`gallery twin`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import click

from .declaring import complete_connectors, declare
from .output import heading, print_text

if TYPE_CHECKING:
    from ..manifest import Manifest
    from ..testing import Fault, Twin, TwinApplication

_SLOW_SECONDS: Final = 3.0
_FAULT: Final = re.compile(r"(?P<kind>429|5xx|reset|slow|lost-response|html)(?::(?P<times>[1-9]\d*))?")
_WRITES: Final = ("POST", "PUT", "PATCH", "DELETE")
_NOT_SIGNING_IN: Final = "^(?!.*token)"  # which is a POST as well, and would use up a fault that is meant for writes


@declare("twin")
@click.argument("connector", shell_complete=complete_connectors)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port on 127.0.0.1; a free one when left out.")
@click.option(
    "--fault", "faults", metavar="KIND[:TIMES]", multiple=True,
    help="Fail: 429, 5xx, reset, slow, lost-response (writes only) or html; every request, or the first TIMES.",
)  # fmt: skip
@click.option(
    "--rate-scale", type=click.FloatRange(min=1), metavar="X",
    help="Seconds of the app's rate limits that go by in a real one; 1 is the app's own pace.",
)  # fmt: skip
def command(connector: str, port: int, faults: tuple[str, ...], rate_scale: float | None) -> None:
    """Serve an app's simulator to try things on.

    Serves the connector's twin until it is interrupted, and prints the address and an app's file that leads there. The
    twin begins with nothing in it, forgets everything when
    it ends, and is reached from this machine only. `GET /_twin/state` shows all that it holds, `GET /_twin/stats` what
    it was asked.

    \b
    Example:
        gallery twin slack --port 8700
        gallery twin zoom --fault 429:5 --fault lost-response:2
    """
    from ..errors import UsageError
    from ..testing import serve, twin_of
    from .connectors import load_connector

    planned = [_fault(text) for text in faults]
    plugins = load_connector(connector)
    twin = twin_of(plugins.manifest, plugins)
    application = twin()
    for fault in planned:
        application.faults.add(fault)
    if rate_scale is not None:
        _hurry(application, rate_scale)
    try:
        server = serve(application, port)
    except OSError as error:
        raise UsageError(
            f"port {port} cannot be opened ({error.strerror})", "gallery twin --port", "Choose another, or leave it out"
        ) from error
    with server:
        _tell(plugins.manifest, twin, f"{server.url}{twin.base_path}", rate_scale)
        _wait()
        stats = server.stats()
    click.echo(f"\nIt was asked {stats['requests']} times: {_counts(stats['by_status'])}")


def _fault(text: str) -> Fault:
    from ..errors import UsageError
    from ..testing import Fault

    found = _FAULT.fullmatch(text)
    if found is None:
        raise UsageError(
            f"{text!r} is no fault", "gallery twin --fault",
            "Use 429, 5xx, reset, slow, lost-response or html, with :TIMES for the first so many",
        )  # fmt: skip
    times = int(found["times"]) if found["times"] else None
    if found["kind"] == "429":
        return Fault(status=429, headers={"Retry-After": "1"}, times=times)
    if found["kind"] == "5xx":
        return Fault(status=503, times=times)
    if found["kind"] == "slow":
        return Fault(kind="slow", seconds=_SLOW_SECONDS, times=times)
    if found["kind"] == "lost-response":
        return Fault(kind="lost_response", methods=_WRITES, path=_NOT_SIGNING_IN, times=times)
    return Fault(kind="html", status=200, times=times) if found["kind"] == "html" else Fault(kind="reset", times=times)


def _hurry(application: TwinApplication, rate_scale: float) -> None:
    """Let the twin's own clock go faster or slower."""
    from ..errors import UsageError
    from ..testing import ScaledClock

    if not isinstance(application.clock, ScaledClock):
        raise UsageError("this twin's clock cannot be set", "gallery twin --rate-scale", "Leave it out")
    application.clock.scale = rate_scale


def _tell(manifest: Manifest, twin: Twin, address: str, rate_scale: float | None) -> None:
    """The address, and a file for `apps/` that leads to it."""
    click.echo(f"{heading(f'{manifest.name}, played by its twin')} at {address}")
    if rate_scale is not None:
        print_text(f"Its rate limits run on a clock that is {rate_scale:g} times as fast as the app's")
    elif twin.note:
        print_text(twin.note)
    print_text("\nThe app's file, apps/twin.toml; the twin's credentials open nothing else:")
    click.echo(f"\n{_app_file(manifest, twin, address, rate_scale or twin.rate_scale)}")
    method = next((one for one in manifest.auth_methods if one.id == twin.method), None)
    secret = [one.id for one in method.inputs if one.type == "secret"] if method is not None else []
    for name in secret:
        if name in twin.credentials:
            click.echo(f"export {_variable(name)}={twin.credentials[name]}")
    click.echo("\nEnd it with Ctrl-C.")


def _app_file(manifest: Manifest, twin: Twin, address: str, rate_scale: float) -> str:
    import tomlkit

    document = tomlkit.document()
    document["connector"] = manifest.slug
    document["url"] = address
    if twin.settings:
        document["settings"] = dict(twin.settings)
    method = next((one for one in manifest.auth_methods if one.id == twin.method), None)
    if method is not None:
        secret = {one.id for one in method.inputs if one.type == "secret"}
        signing = {
            name: f"env:{_variable(name)}" if name in secret else held for name, held in twin.credentials.items()
        }
        document["auth"] = {"method": method.id, **signing}
    document["source"] = {
        "kind": "csv", "users": "people.csv", "groups": "groups.csv", "members": "memberships.csv",
    }  # fmt: skip
    if rate_scale != 1:
        document["engine"] = {"rate_scale": rate_scale}
    return tomlkit.dumps(document)


def _variable(name: str) -> str:
    return f"GALLERY_TWIN_{name.upper()}"


def _wait() -> None:
    """Until Ctrl-C, or the end of the process that was asked for by TERM."""
    import signal
    import threading

    ended = threading.Event()
    before = {one: signal.signal(one, lambda *_: ended.set()) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        while not ended.wait(3600):
            pass
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _counts(by_status: object) -> str:
    counts = by_status if isinstance(by_status, dict) else {}
    return ", ".join(f"{count} answered with {status}" for status, count in sorted(counts.items())) or "never"
