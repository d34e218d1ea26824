"""The platform's tables, partitions, triggers and functions."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from db.scripts import execute_script

revision = "0001"
down_revision = None

_HERE = Path(__file__).parent


def upgrade() -> None:
    """Create everything of the reference."""
    bind = op.get_bind()
    for name in ("0001_schema.sql", "0001_functions.sql"):
        execute_script(bind, _HERE / name)


def downgrade() -> None:
    """Drop everything that `upgrade` created."""
    bind = op.get_bind()
    bind.exec_driver_sql(
        "DROP TABLE likes, scene_views, moderation_flags, scene_summaries, scene_bibles,"
        " job_idempotency_keys, jobs, segments, scenes, ideas, categories, user_topics, topics,"
        " oauth_accounts, users;"
        "DROP FUNCTION create_monthly_partition, ensure_monthly_partitions, segments_scene_exists,"
        " scenes_keep_segments, jobs_claim_idempotency_key, recount_scenes, count_segments,"
        " count_scenes, count_likes, count_views, net_changes"
    )
