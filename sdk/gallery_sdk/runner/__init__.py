"""Where cycles run: in this process, now or on schedule."""

from __future__ import annotations

from .connecting import open_transport, settings_of
from .job import Job
from .opening import open_app_source, open_job
from .schedule import run_schedule
from .state import JobStatus, job_status, read_log, restart_job

__all__ = [
    "Job",
    "JobStatus",
    "job_status",
    "open_app_source",
    "open_job",
    "open_transport",
    "read_log",
    "restart_job",
    "run_schedule",
    "settings_of",
]
