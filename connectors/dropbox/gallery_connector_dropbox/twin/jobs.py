"""Jobs: what was asked for is done at once, and told when it is asked for often enough."""

from __future__ import annotations

from typing import Any

from .refusals import RouteError


class Jobs:
    """The jobs of one team.

    Attributes:
        every: Every so many-th call that may become a job becomes one; 0 for none but those that ask for it.
        looks: How often a job is in progress before it is complete.
        names: Ids to be given before others.
        fails: Results of jobs are lost: they are told as failed.
    """

    def __init__(self, *, every: int = 0, looks: int = 1) -> None:
        self.every, self.looks = every, looks
        self.names: list[str] = []
        self.fails = False
        self._count = 0
        self._jobs: dict[str, tuple[int, Any]] = {}

    def answer(self, result: Any, *, force: bool = False) -> Any:
        """The result, or the job that will tell it."""
        self._count += 1
        if not force and not (self.every and self._count % self.every == 0):
            return result
        name = self.names.pop(0) if self.names else f"job{self._count:08x}"
        self._jobs[name] = (self.looks, {".tag": "failed", "failed": "internal"} if self.fails else result)
        return {".tag": "async_job_id", "async_job_id": name}

    def status(self, argument: Any) -> Any:
        """What became of a job.

        Raises:
            RouteError: invalid_async_job_id.
        """
        name = argument.get("async_job_id")
        if name not in self._jobs:
            raise RouteError("invalid_async_job_id")
        left, result = self._jobs[name]
        if left:
            self._jobs[name] = (left - 1, result)
            return {".tag": "in_progress"}
        return result
