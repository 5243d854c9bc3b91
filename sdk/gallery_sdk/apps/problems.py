"""Problems of an app's file, all of them at once."""

from __future__ import annotations

from collections.abc import Sequence

from gallery_sdk.errors import ConfigError
from gallery_sdk.manifest import Problem


class InvalidConfigError(ConfigError):
    """An app's file with one problem or more.

    Attributes:
        problems: In the order of the file's fields.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = problems[0]
        super().__init__(first.what, first.where, first.mend)
        self.args = (tuple(problems),)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)
