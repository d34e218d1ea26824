"""The platform's tables as typed models. A test holds them against the migrations."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    desc,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

UuidKey = Annotated[UUID, mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))]
Moment = Annotated[datetime, mapped_column(TIMESTAMP(timezone=True))]
Now = Annotated[datetime, mapped_column(TIMESTAMP(timezone=True), server_default=text("now()"))]
Counter = Annotated[int, mapped_column(Integer, server_default=text("0"))]
Short = Annotated[str, mapped_column(String(100))]
Url = Annotated[str, mapped_column(String(500))]
Prose = Annotated[str, mapped_column(Text)]


class Base(DeclarativeBase):
    """The platform's metadata, in the database's public schema."""


def _status(default: str, length: int = 20) -> Mapped[str]:
    return mapped_column(String(length), server_default=text(f"'{default}'"))


class User(Base):
    """A person on the platform. `password_hash` is never read by the console."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("role IN ('user', 'moderator', 'admin')", name="users_role_check"),
        UniqueConstraint("email", name="users_email_key"),
        UniqueConstraint("username", name="users_username_key"),
        Index("idx_users_email", "email"),
        Index("idx_users_username", "username"),
        Index("idx_users_created_at", "created_at"),
    )

    id: Mapped[UuidKey]
    email: Mapped[str] = mapped_column(String(255))
    password_hash: Mapped[str | None] = mapped_column(String(255))
    username: Mapped[str] = mapped_column(String(50))
    display_name: Mapped[Short | None]
    avatar_url: Mapped[Url | None]
    bio: Mapped[Prose | None]
    role: Mapped[str] = _status("user")
    email_verified: Mapped[bool] = mapped_column(server_default=text("false"))
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    created_at: Mapped[Now]
    updated_at: Mapped[Now]
    last_login_at: Mapped[Moment | None]


class OAuthAccount(Base):
    """A sign-in at a third party; its tokens are never read by the console."""

    __tablename__ = "oauth_accounts"
    __table_args__ = (
        UniqueConstraint("provider", "provider_id", name="oauth_accounts_provider_provider_id_key"),
        Index("idx_oauth_user_id", "user_id"),
    )

    id: Mapped[UuidKey]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    provider: Mapped[str] = mapped_column(String(50))
    provider_id: Mapped[str] = mapped_column(String(255))
    access_token: Mapped[Prose | None]
    refresh_token: Mapped[Prose | None]
    expires_at: Mapped[Moment | None]
    created_at: Mapped[Now]


class Topic(Base):
    """A topic that admins curate."""

    __tablename__ = "topics"
    __table_args__ = (
        UniqueConstraint("slug", name="topics_slug_key"),
        Index("idx_topics_slug", "slug"),
        Index("idx_topics_display_order", "display_order"),
    )

    id: Mapped[UuidKey]
    name: Mapped[Short]
    slug: Mapped[Short]
    description: Mapped[Prose | None]
    icon_url: Mapped[Url | None]
    is_curated: Mapped[bool] = mapped_column(server_default=text("true"))
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    display_order: Mapped[Counter]
    scene_count: Mapped[Counter]
    created_at: Mapped[Now]
    updated_at: Mapped[Now]


class UserTopic(Base):
    """A topic that a user suggests."""

    __tablename__ = "user_topics"
    __table_args__ = (
        CheckConstraint("status IN ('pending', 'approved', 'rejected')", name="user_topics_status_check"),
        Index("idx_user_topics_status", "status"),
        Index("idx_user_topics_user_id", "user_id"),
    )

    id: Mapped[UuidKey]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    name: Mapped[Short]
    description: Mapped[Prose | None]
    status: Mapped[str] = _status("pending")
    reviewed_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    reviewed_at: Mapped[Moment | None]
    rejection_reason: Mapped[Prose | None]
    promoted_to_topic_id: Mapped[UUID | None] = mapped_column(ForeignKey("topics.id"))
    created_at: Mapped[Now]


class Category(Base):
    """A part of a topic."""

    __tablename__ = "categories"
    __table_args__ = (
        UniqueConstraint("topic_id", "slug", name="categories_topic_id_slug_key"),
        Index("idx_categories_topic_id", "topic_id"),
    )

    id: Mapped[UuidKey]
    topic_id: Mapped[UUID] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"))
    name: Mapped[Short]
    slug: Mapped[Short]
    description: Mapped[Prose | None]
    display_order: Mapped[Counter]
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    created_at: Mapped[Now]


class Idea(Base):
    """A prompt from which scenes are made."""

    __tablename__ = "ideas"
    __table_args__ = (
        CheckConstraint("status IN ('active', 'hidden', 'removed')", name="ideas_status_check"),
        CheckConstraint(
            "moderation_status IN ('pending', 'approved', 'rejected')", name="ideas_moderation_check"
        ),
        Index("idx_ideas_topic_id", "topic_id"),
        Index("idx_ideas_category_id", "category_id"),
        Index("idx_ideas_user_id", "user_id"),
        Index("idx_ideas_status", "status", postgresql_where=text("status = 'active'")),
        Index("idx_ideas_created_at", desc("created_at")),
        Index("idx_ideas_like_count", desc("like_count")),
        Index("idx_ideas_tags", "tags", postgresql_using="gin"),
    )

    id: Mapped[UuidKey]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    topic_id: Mapped[UUID] = mapped_column(ForeignKey("topics.id"))
    category_id: Mapped[UUID | None] = mapped_column(ForeignKey("categories.id"))
    title: Mapped[str] = mapped_column(String(200))
    prompt: Mapped[Prose]
    tags: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    status: Mapped[str] = _status("active")
    moderation_status: Mapped[str] = _status("pending")
    scene_count: Mapped[Counter]
    like_count: Mapped[Counter]
    view_count: Mapped[Counter]
    created_at: Mapped[Now]
    updated_at: Mapped[Now]


class Scene(Base):
    """A thread of segments. `bible_version` is the optimistic lock of its canon."""

    __tablename__ = "scenes"
    __table_args__ = (
        CheckConstraint("status IN ('active', 'hidden', 'removed', 'locked')", name="scenes_status_check"),
        Index("idx_scenes_idea_id", "idea_id"),
        Index("idx_scenes_user_id", "user_id"),
        Index("idx_scenes_topic_id", "topic_id"),
        Index("idx_scenes_status", "status", postgresql_where=text("status = 'active'")),
        Index("idx_scenes_created_at", desc("created_at")),
        Index("idx_scenes_like_count", desc("like_count")),
        Index("idx_scenes_last_segment_at", desc("last_segment_at")),
    )

    id: Mapped[UuidKey]
    idea_id: Mapped[UUID] = mapped_column(ForeignKey("ideas.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    topic_id: Mapped[UUID] = mapped_column(ForeignKey("topics.id"))
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[Prose | None]
    status: Mapped[str] = _status("active")
    segment_count: Mapped[Counter]
    total_duration: Mapped[Counter]
    contributor_count: Mapped[Counter]
    view_count: Mapped[Counter]
    like_count: Mapped[Counter]
    thumbnail_url: Mapped[Url | None]
    bible_version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[Now]
    updated_at: Mapped[Now]
    last_segment_at: Mapped[Moment | None]


class Segment(Base):
    """A piece of video. Partitioned by month of `created_at`; `duration` is in seconds."""

    __tablename__ = "segments"
    __table_args__ = (
        CheckConstraint("status IN ('active', 'hidden', 'removed')", name="segments_status_check"),
        Index("idx_segments_scene_id", "scene_id"),
        Index("idx_segments_user_id", "user_id"),
        Index("idx_segments_scene_sequence", "scene_id", "sequence"),
        Index("idx_segments_created_at", desc("created_at")),
        {"postgresql_partition_by": "RANGE (created_at)"},
    )

    id: Mapped[UuidKey]
    created_at: Mapped[datetime] = mapped_column(
        TIMESTAMP(timezone=True), primary_key=True, server_default=text("now()")
    )
    scene_id: Mapped[UUID]
    user_id: Mapped[UUID]
    job_id: Mapped[UUID]
    sequence: Mapped[int]
    input_text: Mapped[Prose]
    expanded_script: Mapped[Prose]
    video_url: Mapped[Url]
    hls_playlist_url: Mapped[Url | None]
    thumbnail_url: Mapped[Url | None]
    duration: Mapped[int]
    resolution: Mapped[str | None] = mapped_column(String(20))
    file_size: Mapped[int | None] = mapped_column(BigInteger)
    bible_version: Mapped[int]
    status: Mapped[str] = _status("active")


class Job(Base):
    """An AI job. Partitioned by month of `created_at`."""

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint(
            "status IN ('queued', 'processing', 'script_ready', 'continuity_checked',"
            " 'preview_ready', 'final_ready', 'failed', 'cancelled')",
            name="jobs_status_check",
        ),
        CheckConstraint(
            "stage IN ('pending', 'script_expansion', 'continuity_validation',"
            " 'video_generation', 'upload', 'finalization', 'completed', 'error')",
            name="jobs_stage_check",
        ),
        Index("idx_jobs_scene_id", "scene_id"),
        Index("idx_jobs_user_id", "user_id"),
        Index(
            "idx_jobs_status",
            "status",
            postgresql_where=text("status NOT IN ('final_ready', 'failed', 'cancelled')"),
        ),
        Index("idx_jobs_created_at", desc("created_at")),
        {"postgresql_partition_by": "RANGE (created_at)"},
    )

    id: Mapped[UuidKey]
    created_at: Mapped[datetime] = mapped_column(
        TIMESTAMP(timezone=True), primary_key=True, server_default=text("now()")
    )
    scene_id: Mapped[UUID]
    user_id: Mapped[UUID]
    type: Mapped[str] = _status("continuation", 50)
    status: Mapped[str] = _status("queued", 30)
    stage: Mapped[str] = _status("pending", 30)
    progress: Mapped[Counter]
    message: Mapped[Prose | None]
    input_text: Mapped[Prose]
    bible_version: Mapped[int]
    context_data: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    result_data: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    error_code: Mapped[str | None] = mapped_column(String(50))
    error_message: Mapped[Prose | None]
    retry_count: Mapped[Counter]
    max_retries: Mapped[int] = mapped_column(server_default=text("3"))
    started_at: Mapped[Moment | None]
    completed_at: Mapped[Moment | None]
    idempotency_key: Mapped[Short | None]


class JobIdempotencyKey(Base):
    """Keeps `jobs.idempotency_key` unique over all months."""

    __tablename__ = "job_idempotency_keys"

    idempotency_key: Mapped[str] = mapped_column(String(100), primary_key=True)
    job_id: Mapped[UUID]
    job_created_at: Mapped[Moment]


class SceneBible(Base):
    """One immutable version of a scene's canon."""

    __tablename__ = "scene_bibles"
    __table_args__ = (
        UniqueConstraint("scene_id", "version", name="scene_bibles_scene_id_version_key"),
        Index("idx_scene_bibles_scene_id", "scene_id"),
        Index("idx_scene_bibles_scene_version", "scene_id", desc("version")),
    )

    id: Mapped[UuidKey]
    scene_id: Mapped[UUID] = mapped_column(ForeignKey("scenes.id", ondelete="CASCADE"))
    version: Mapped[int]
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[Now]
    created_by_segment_id: Mapped[UUID | None]


class SceneSummary(Base):
    """A compressed stretch of a scene's history; `segments_covered` are sequence numbers."""

    __tablename__ = "scene_summaries"
    __table_args__ = (Index("idx_scene_summaries_scene_id", "scene_id"),)

    id: Mapped[UuidKey]
    scene_id: Mapped[UUID] = mapped_column(ForeignKey("scenes.id", ondelete="CASCADE"))
    summary: Mapped[Prose]
    segments_covered: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    created_at: Mapped[Now]
    updated_at: Mapped[Now]


class ModerationFlag(Base):
    """A report on an idea, scene, segment, user or topic; `reporter_id` is null for detection."""

    __tablename__ = "moderation_flags"
    __table_args__ = (
        CheckConstraint(
            "target_type IN ('idea', 'scene', 'segment', 'user', 'topic')",
            name="moderation_target_type_check",
        ),
        CheckConstraint(
            "status IN ('pending', 'reviewing', 'resolved', 'dismissed')",
            name="moderation_status_check",
        ),
        Index("idx_moderation_status", "status", postgresql_where=text("status = 'pending'")),
        Index("idx_moderation_target", "target_type", "target_id"),
        Index("idx_moderation_created_at", desc("created_at")),
    )

    id: Mapped[UuidKey]
    target_type: Mapped[str] = mapped_column(String(20))
    target_id: Mapped[UUID]
    reporter_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(String(50))
    description: Mapped[Prose | None]
    status: Mapped[str] = _status("pending")
    reviewed_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    reviewed_at: Mapped[Moment | None]
    action_taken: Mapped[str | None] = mapped_column(String(50))
    notes: Mapped[Prose | None]
    created_at: Mapped[Now]


class SceneView(Base):
    """One look at a scene; `ip_hash` is never read by the console."""

    __tablename__ = "scene_views"
    __table_args__ = (
        Index("idx_scene_views_scene_id", "scene_id"),
        Index("idx_scene_views_created_at", "created_at"),
    )

    id: Mapped[UuidKey]
    scene_id: Mapped[UUID]
    user_id: Mapped[UUID | None]
    ip_hash: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[Now]


class Like(Base):
    """One person's like of an idea or scene."""

    __tablename__ = "likes"
    __table_args__ = (
        UniqueConstraint(
            "user_id", "target_type", "target_id", name="likes_user_id_target_type_target_id_key"
        ),
        Index("idx_likes_target", "target_type", "target_id"),
    )

    id: Mapped[UuidKey]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    target_type: Mapped[str] = mapped_column(String(20))
    target_id: Mapped[UUID]
    created_at: Mapped[Now]
