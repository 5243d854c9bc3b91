"""Runs the migrations on the connection that the store hands over."""

from __future__ import annotations

from alembic import context

from gallery_sdk.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite alters a table by copying it
)
with context.begin_transaction():
    context.run_migrations()
