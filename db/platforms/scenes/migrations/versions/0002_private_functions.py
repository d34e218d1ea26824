"""Trigger functions run as the tables' owner: nobody else hangs them on a table of their own."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

# Who may write a table need not be allowed to execute its triggers.
_FUNCTIONS = (
    "segments_scene_exists(), scenes_keep_segments(), jobs_claim_idempotency_key(),"
    " count_segments(), count_scenes(), count_likes(), count_views()"
)


def upgrade() -> None:
    """Take them from PUBLIC."""
    op.get_bind().exec_driver_sql(f"REVOKE EXECUTE ON FUNCTION {_FUNCTIONS} FROM PUBLIC")


def downgrade() -> None:
    """Give them back."""
    op.get_bind().exec_driver_sql(f"GRANT EXECUTE ON FUNCTION {_FUNCTIONS} TO PUBLIC")
