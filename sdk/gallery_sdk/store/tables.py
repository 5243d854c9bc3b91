"""What the engine remembers between cycles, as one SQLAlchemy Core schema for SQLite and PostgreSQL.

Times are seconds since 1970 (UTC, float). Structured values are JSON bytes written by orjson.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# One row per app instance. `revision` rises with every change that a plan file could be stale against.
JOB: Final = Table(
    "job",
    METADATA,
    Column("name", String, primary_key=True),
    Column("status", String, nullable=False),  # active | quarantine | disabled
    Column("revision", Integer, nullable=False),
    Column("cycle_number", Integer, nullable=False),
    Column("configuration", String),  # fingerprint that the last completed cycle ran with
    Column("watermark", LargeBinary),
    Column("restart_scope", String, nullable=False),  # "", or what the next cycle must read anew
    Column("quarantine_reason", String),
    Column("quarantine_error", Text),
    Column("quarantine_began", Float),
    Column("quarantine_count", Integer, nullable=False),
    Column("next_attempt", Float),
    Column("last_run", Float),
    Column("last_success", Float),
)

# One row per known source object: its link, what the target was last known to hold, its escrow.
OBJECT: Final = Table(
    "object",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("job", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("source_id", String, nullable=False),
    Column("target_id", String),
    Column("state", String, nullable=False),  # intent | linked | skipped | failed (never linked)
    Column("in_scope", Boolean, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("name", String),
    Column("fingerprint", LargeBinary),  # of the source object as last processed to success
    Column("shadow", LargeBinary),  # flat target values as last known
    Column("members", LargeBinary),  # groups: source ids known to be members in the target
    Column("pending", LargeBinary),  # reference path -> source id that is not linked yet
    Column("attempts", Integer, nullable=False),
    Column("first_failed", Float),
    Column("due", Float),
    Column("error_code", String),
    UniqueConstraint("job", "kind", "source_id"),
    Index("ix_object_target", "job", "kind", "target_id"),
)
Index("ix_object_pending", OBJECT.c.job, OBJECT.c.kind, sqlite_where=OBJECT.c.pending.is_not(None),
      postgresql_where=OBJECT.c.pending.is_not(None))  # fmt: skip
Index("ix_object_escrow", OBJECT.c.job, OBJECT.c.due, sqlite_where=OBJECT.c.attempts > 0,
      postgresql_where=OBJECT.c.attempts > 0)  # fmt: skip

# The target as listed at the start of a cycle, so that matching needs no request per object.
TARGET_OBJECT: Final = Table(
    "target_object",
    METADATA,
    Column("job", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("target_id", String, primary_key=True),
    Column("listed", LargeBinary, nullable=False),
)
TARGET_KEY: Final = Table(
    "target_key",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("job", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("path", String, nullable=False),
    Column("key", String, nullable=False),
    Column("target_id", String, nullable=False),
    Index("ix_target_key_key", "job", "kind", "path", "key"),
)

# Disables and deletes wait here until all are counted, so that the threshold acts before the first.
STAGED: Final = Table(
    "staged",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("job", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("source_id", String, nullable=False),
    Column("action", LargeBinary, nullable=False),
    UniqueConstraint("job", "kind", "source_id"),
)

# Creates that wait for the object they refer to, so that they carry the reference from the start.
DEFERRED: Final = Table(
    "deferred",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("job", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("referred_kind", String, nullable=False),
    Column("waits_for", String, nullable=False),
    Column("action", LargeBinary, nullable=False),
    Index("ix_deferred_waits", "job", "referred_kind", "waits_for"),
)

# Sources that name a manager by another attribute than the key: value -> source id.
REFERENCE_KEY: Final = Table(
    "reference_key",
    METADATA,
    Column("job", String, primary_key=True),
    Column("attribute", String, primary_key=True),
    Column("value", String, primary_key=True),
    Column("source_id", String, nullable=False),
)

# Users whose account is new or enabled again: their memberships are sent anew.
MEMBERSHIP_RESET: Final = Table(
    "membership_reset",
    METADATA,
    Column("job", String, primary_key=True),
    Column("source_id", String, primary_key=True),
)

CYCLE: Final = Table(
    "cycle",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("job", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", String, nullable=False),  # initial | incremental | plan | on_demand
    Column("state", String, nullable=False),  # see `CycleRow`
    Column("began", Float, nullable=False),
    Column("ended", Float),
    Column("counts", LargeBinary),
    Column("requests", Integer, nullable=False),
    Column("error", Text),
    UniqueConstraint("job", "number"),
)

LOG: Final = Table(
    "log",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("job", String, nullable=False),
    Column("cycle", Integer, nullable=False),
    Column("at", Float, nullable=False),
    Column("kind", String, nullable=False),
    Column("source_id", String, nullable=False),
    Column("target_id", String),
    Column("name", String),
    Column("action", String, nullable=False),
    Column("status", String, nullable=False),  # success | failure | skipped | warning
    Column("code", String),
    Column("reason", Text),
    Column("details", LargeBinary),  # {"steps": [...], "changes": [...]}
    Column("milliseconds", Integer),
    Index("ix_log_object", "job", "source_id"),
    Index("ix_log_at", "job", "at"),
)

ALEMBIC_VERSION: Final = Table("alembic_version", METADATA, Column("version_num", String(32), primary_key=True))
