"""The tables of a TOML file, or what keeps them from being read."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Final

from gallery_sdk.errors import ConfigError


def read_toml(path: Path, where: str) -> dict[str, Any]:
    """The tables of a TOML file.

    Raises:
        ConfigError: It cannot be read, or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError as error:
        raise ConfigError("there is no such file", where, "Check the name, or run `gallery add`") from error
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where, "Check what it is and who may read it") from error
    except UnicodeDecodeError as error:
        raise ConfigError("is not UTF-8 text", where, "Save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"is not TOML: {_without_values(str(error))}", where, "Correct the line") from error


_QUOTED: Final = re.compile(r"'[^']*'(?= \(at)")


def _without_values(message: str) -> str:
    """The parser's message without text of the file, which may be a secret."""
    return _QUOTED.sub("this text", message)
