"""What the contract suite must know of Dropbox: whoever has not accepted the invitation cannot be suspended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from gallery_sdk.testing.contract import ConnectorContract

if TYPE_CHECKING:
    from gallery_sdk.testing import TwinApplication

    from .twin import DropboxTwin


def _accepting(twin: TwinApplication) -> None:
    """New members accept at once."""
    cast("DropboxTwin", twin).team.joins_at_once = True


CONTRACT: Final = ConnectorContract(seed=_accepting)
