"""Alembic's entry: runs the migrations on the connection that `db.platforms.scenes.migrate` hands over."""

from __future__ import annotations

from alembic import context

from db.platforms.scenes.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table="scenes_schema_version",
)
with context.begin_transaction():
    context.run_migrations()
