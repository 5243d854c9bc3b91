"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cycle",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("began", sa.Float(), nullable=False),
        sa.Column("ended", sa.Float(), nullable=True),
        sa.Column("counts", sa.LargeBinary(), nullable=True),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cycle")),
        sa.UniqueConstraint("job", "number", name=op.f("uq_cycle_job_number")),
    )
    op.create_table(
        "deferred",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("referred_kind", sa.String(), nullable=False),
        sa.Column("waits_for", sa.String(), nullable=False),
        sa.Column("action", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deferred")),
    )
    with op.batch_alter_table("deferred", schema=None) as batch_op:
        batch_op.create_index("ix_deferred_waits", ["job", "referred_kind", "waits_for"], unique=False)

    op.create_table(
        "job",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("cycle_number", sa.Integer(), nullable=False),
        sa.Column("configuration", sa.String(), nullable=True),
        sa.Column("watermark", sa.LargeBinary(), nullable=True),
        sa.Column("restart_scope", sa.String(), nullable=False),
        sa.Column("quarantine_reason", sa.String(), nullable=True),
        sa.Column("quarantine_error", sa.Text(), nullable=True),
        sa.Column("quarantine_began", sa.Float(), nullable=True),
        sa.Column("quarantine_count", sa.Integer(), nullable=False),
        sa.Column("next_attempt", sa.Float(), nullable=True),
        sa.Column("last_run", sa.Float(), nullable=True),
        sa.Column("last_success", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job")),
    )
    op.create_table(
        "log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("target_id", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("details", sa.LargeBinary(), nullable=True),
        sa.Column("milliseconds", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log")),
    )
    with op.batch_alter_table("log", schema=None) as batch_op:
        batch_op.create_index("ix_log_at", ["job", "at"], unique=False)
        batch_op.create_index("ix_log_object", ["job", "source_id"], unique=False)

    op.create_table(
        "membership_reset",
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("job", "source_id", name=op.f("pk_membership_reset")),
    )
    op.create_table(
        "object",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("target_id", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("in_scope", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=True),
        sa.Column("shadow", sa.LargeBinary(), nullable=True),
        sa.Column("members", sa.LargeBinary(), nullable=True),
        sa.Column("pending", sa.LargeBinary(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_failed", sa.Float(), nullable=True),
        sa.Column("due", sa.Float(), nullable=True),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_object")),
        sa.UniqueConstraint("job", "kind", "source_id", name=op.f("uq_object_job_kind_source_id")),
    )
    with op.batch_alter_table("object", schema=None) as batch_op:
        batch_op.create_index(
            "ix_object_escrow",
            ["job", "due"],
            unique=False,
            sqlite_where=sa.text("attempts > 0"),
            postgresql_where=sa.text("attempts > 0"),
        )
        batch_op.create_index(
            "ix_object_pending",
            ["job", "kind"],
            unique=False,
            sqlite_where=sa.text("pending IS NOT NULL"),
            postgresql_where=sa.text("pending IS NOT NULL"),
        )
        batch_op.create_index("ix_object_target", ["job", "kind", "target_id"], unique=False)

    op.create_table(
        "reference_key",
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("attribute", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("job", "attribute", "value", name=op.f("pk_reference_key")),
    )
    op.create_table(
        "staged",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("action", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staged")),
        sa.UniqueConstraint("job", "kind", "source_id", name=op.f("uq_staged_job_kind_source_id")),
    )
    op.create_table(
        "target_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("target_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target_key")),
    )
    with op.batch_alter_table("target_key", schema=None) as batch_op:
        batch_op.create_index("ix_target_key_key", ["job", "kind", "path", "key"], unique=False)

    op.create_table(
        "target_object",
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("target_id", sa.String(), nullable=False),
        sa.Column("listed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("job", "kind", "target_id", name=op.f("pk_target_object")),
    )
