"""Where cycles run: in this process, now or on schedule.

Names are imported at first use: where a job stands and what it did is read without loading what runs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._faces import imported_at_first_use

if TYPE_CHECKING:
    from .columns import ColumnNote, MissingColumn
    from .connecting import open_transport, settings_of
    from .job import Job
    from .opening import look_at_source, open_app_source, open_job
    from .schedule import run_schedule
    from .state import JobStatus, job_status, read_log, restart_job

__all__ = [
    "ColumnNote",
    "Job",
    "JobStatus",
    "MissingColumn",
    "job_status",
    "look_at_source",
    "open_app_source",
    "open_job",
    "open_transport",
    "read_log",
    "restart_job",
    "run_schedule",
    "settings_of",
]

_HOME = {
    "ColumnNote": "columns",
    "Job": "job",
    "JobStatus": "state",
    "MissingColumn": "columns",
    "job_status": "state",
    "look_at_source": "opening",
    "open_app_source": "opening",
    "open_job": "opening",
    "open_transport": "connecting",
    "read_log": "state",
    "restart_job": "state",
    "run_schedule": "schedule",
    "settings_of": "connecting",
}

__getattr__ = imported_at_first_use(__name__, _HOME)
