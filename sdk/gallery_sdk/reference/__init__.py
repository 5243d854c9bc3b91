"""Reference pages, made from the code: hooks, quirks, manifest, expressions, errors, commands.

They are built by `python -m gallery_sdk.reference`, not kept: a page that is made anew from what it describes cannot be
behind it, and nobody has to read its changes.
"""

from .building import PAGES, build, render

__all__ = ["PAGES", "build", "render"]
