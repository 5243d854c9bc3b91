"""What a connector gives when it is asked for its twin: how to make one, and how a connection reaches it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .application import TwinApplication


@dataclass(frozen=True, slots=True)
class Twin:
    """A connector's twin; calling it makes a new one with nothing in it.

    Attributes:
        make: Makes the application.
        base_path: What follows the server's address in the connection's base URL.
        settings: Values of `[[config.input]]` that a connection to the twin needs.
        method: The `[[auth.method]]` to sign in with, and `credentials` its inputs. They open this twin alone.
        rate_scale: How many seconds of the published rate limits the twin lets go by in a real one. A client that keeps
            to the published limits by itself must hurry as much to profit from it.
        note: One line for people who watch, such as the scale of time.
    """

    make: Callable[[], TwinApplication]
    base_path: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    method: str = ""
    credentials: Mapping[str, str] = field(default_factory=dict)
    rate_scale: float = 1.0
    note: str = ""

    def __call__(self) -> TwinApplication:
        return self.make()

    @property
    def token(self) -> str:
        """The bearer token that the twin accepts; empty where it wants none."""
        return self.credentials.get("token", "")
