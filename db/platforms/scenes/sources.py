"""One SELECT for each queue of `scenes`, under the queue's key."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import aliased

from db.greenroom.tables import subjects
from db.platforms.scenes.models import Idea, Job, ModerationFlag, Scene, Segment, Topic, User, UserTopic
from db.sources import KeysetOrder, Source

_NOT_PARTITIONED: ColumnElement[Any] = null().cast(TIMESTAMP(timezone=True))
_versions = func.greenroom


def idea_version() -> ColumnElement[str]:
    """Content version of an idea."""
    return _versions.idea_version(
        Idea.title,
        Idea.prompt,
        Idea.tags,
        Idea.topic_id,
        Idea.category_id,
        Idea.status,
        Idea.moderation_status,
    )


def user_topic_version() -> ColumnElement[str]:
    """Content version of a suggested topic."""
    return _versions.user_topic_version(
        UserTopic.name, UserTopic.description, UserTopic.status, UserTopic.promoted_to_topic_id
    )


def scene_version() -> ColumnElement[str]:
    """Content version of a scene."""
    return _versions.scene_version(Scene.title, Scene.description, Scene.status)


def segment_version() -> ColumnElement[str]:
    """Content version of a segment."""
    return _versions.segment_version(
        Segment.input_text,
        Segment.expanded_script,
        Segment.video_url,
        Segment.hls_playlist_url,
        Segment.status,
    )


def user_version() -> ColumnElement[str]:
    """Content version of a person."""
    return _versions.user_version(
        User.username, User.display_name, User.avatar_url, User.bio, User.role, User.is_active
    )


def topic_version() -> ColumnElement[str]:
    """Content version of a curated topic."""
    return _versions.topic_version(Topic.name, Topic.slug, Topic.description, Topic.icon_url, Topic.is_active)


_reporter = aliased(User, name="reporter")
_scene_of = aliased(Scene, name="scene_of")
segment_title: ColumnElement[str] = (
    literal("Segment ") + cast(Segment.sequence, Text) + literal(" of ") + _scene_of.title
)


def matches(query: ColumnElement[Any], *texts: Any) -> ColumnElement[bool]:
    """Whether texts match a query. Only so many characters: a longer one would be an error, not a row.

    Written as the indexes are (`greenroom_…_text`), which serve no other expression.
    """
    parts: ColumnElement[Any] = func.coalesce(texts[0], literal_column("''"))
    for each in texts[1:]:
        parts = parts.op("||")(literal_column("' '")).op("||")(func.coalesce(each, literal_column("''")))
    longest = func.left(parts, literal_column("50000"))
    found: ColumnElement[bool] = func.to_tsvector(literal_column("'simple'::regconfig"), longest).op(
        "@@", is_comparison=True
    )(query)
    return found


def _flagged_text(query: ColumnElement[Any]) -> ColumnElement[bool]:
    """Row by row: the index of all ideas would be read to its end for a word that most of them have."""
    s = subjects.c
    return or_(
        and_(s.kind == "idea", matches(query, Idea.title, Idea.prompt)),
        and_(s.kind == "scene", matches(query, Scene.title, Scene.description)),
        and_(s.kind == "segment", matches(query, segment_title, Segment.input_text, Segment.expanded_script)),
        and_(s.kind == "user", matches(query, User.username, User.display_name, User.bio)),
        and_(s.kind == "topic", matches(query, Topic.name, Topic.description)),
    )


def _reporters() -> ColumnElement[Any]:
    """Usernames of those who reported a subject; their flags are still open."""
    s = subjects.c
    named = (
        select(cast(_reporter.username, Text))
        .join(ModerationFlag, ModerationFlag.reporter_id == _reporter.id)
        .where(
            ModerationFlag.target_type == s.kind,
            ModerationFlag.target_id == s.id,
            ModerationFlag.status.in_(("pending", "reviewing")),
        )
        .correlate(subjects)
    )
    return func.array(named.scalar_subquery(), type_=ARRAY(Text))


def _author_of_flagged() -> ColumnElement[Any]:
    author = aliased(User)
    id = func.coalesce(Idea.user_id, Scene.user_id, Segment.user_id, User.id)
    return (
        select(author.username).where(author.id == id).correlate(Idea, Scene, Segment, User).scalar_subquery()
    )


def _topic_of_flagged() -> ColumnElement[Any]:
    topic = aliased(Topic)
    id = func.coalesce(Idea.topic_id, Scene.topic_id, _scene_of.topic_id, Topic.id)
    return select(topic.name).where(topic.id == id).correlate(Idea, Scene, _scene_of, Topic).scalar_subquery()


def _flags(*, escalated: bool) -> Source:
    s = subjects.c
    rows = (
        subjects.outerjoin(Idea, and_(s.kind == "idea", Idea.id == s.id))
        .outerjoin(Scene, and_(s.kind == "scene", Scene.id == s.id))
        .outerjoin(
            Segment,
            and_(s.kind == "segment", Segment.id == s.id, Segment.created_at == s.partition_key),
        )
        .outerjoin(_scene_of, _scene_of.id == Segment.scene_id)
        .outerjoin(User, and_(s.kind == "user", User.id == s.id))
        .outerjoin(Topic, and_(s.kind == "topic", Topic.id == s.id))
    )
    title = case(
        (s.kind == "idea", Idea.title),
        (s.kind == "scene", Scene.title),
        (s.kind == "segment", segment_title),
        (s.kind == "user", User.username),
        (s.kind == "topic", Topic.name),
    )
    version = case(
        (and_(s.kind == "idea", Idea.id.is_not(None)), idea_version()),
        (and_(s.kind == "scene", Scene.id.is_not(None)), scene_version()),
        (and_(s.kind == "segment", Segment.id.is_not(None)), segment_version()),
        (and_(s.kind == "user", User.id.is_not(None)), user_version()),
        (and_(s.kind == "topic", Topic.id.is_not(None)), topic_version()),
    )
    orders = (
        {"oldest": KeysetOrder((s.escalated_at, s.id))}
        if escalated
        else {
            "oldest": KeysetOrder((s.first_flag_at, s.id)),
            "newest": KeysetOrder((s.last_flag_at, s.id), descending=True),
            "most": KeysetOrder((s.open_flags, s.last_flag_at, s.id), descending=True),
        }
    )
    return Source(
        kind=s.kind,
        id=s.id,
        partition_key=s.partition_key,
        version=version,
        title=title,
        cells=(s.reasons, title, s.kind, s.open_flags, s.first_flag_at),
        rows=rows,
        counted=subjects,
        pending=and_(
            s.open_flags > 0,
            s.escalated_at.is_not(None) if escalated else s.escalated_at.is_(None),
        ),
        orders=orders,
        filters={"kind": s.kind},
        asked=(_reporters(), _author_of_flagged(), _topic_of_flagged(), Idea.tags.expression),
        text=_flagged_text,
    )


def _ideas() -> Source:
    rows = Idea.__table__.join(Topic, Topic.id == Idea.topic_id).join(User, User.id == Idea.user_id)
    return Source(
        kind=literal("idea"),
        id=Idea.id.expression,
        partition_key=_NOT_PARTITIONED,
        version=idea_version(),
        title=Idea.title.expression,
        cells=(
            Idea.title.expression,
            Topic.name.expression,
            User.username.expression,
            Idea.created_at.expression,
        ),
        rows=rows,
        counted=Idea.__table__,
        pending=and_(Idea.moderation_status == "pending", Idea.status == "active"),
        orders={
            "oldest": KeysetOrder((Idea.created_at.expression, Idea.id.expression)),
            "newest": KeysetOrder((Idea.created_at.expression, Idea.id.expression), descending=True),
        },
        asked=(Idea.tags.expression, Idea.like_count.expression, Idea.view_count.expression),
        text=lambda query: matches(query, Idea.title, Idea.prompt),
        text_indexed=True,
    )


def _user_topics() -> Source:
    keys = (UserTopic.created_at.expression, UserTopic.id.expression)
    return Source(
        kind=literal("user_topic"),
        id=UserTopic.id.expression,
        partition_key=_NOT_PARTITIONED,
        version=user_topic_version(),
        title=UserTopic.name.expression,
        cells=(UserTopic.name.expression, User.username.expression, UserTopic.created_at.expression),
        rows=UserTopic.__table__.join(User, User.id == UserTopic.user_id),
        counted=UserTopic.__table__,
        pending=UserTopic.status == "pending",
        orders={"oldest": KeysetOrder(keys), "newest": KeysetOrder(keys, descending=True)},
        text=lambda query: matches(query, UserTopic.name, UserTopic.description),
    )


def _segments() -> Source:
    s = subjects.c
    # Outer joins: the planner takes an inner one on two columns of a partitioned table for a single row, and
    # then reads the whole queue to sort it.
    rows = (
        subjects.outerjoin(Segment, and_(Segment.id == s.id, Segment.created_at == s.partition_key))
        .outerjoin(_scene_of, _scene_of.id == Segment.scene_id)
        .outerjoin(User, User.id == Segment.user_id)
    )
    keys = (s.review_due_at, s.id)
    return Source(
        kind=s.kind,
        id=s.id,
        partition_key=s.partition_key,
        version=case((Segment.id.is_not(None), segment_version())),
        title=segment_title,
        cells=(
            segment_title,
            User.username.expression,
            func.nullif(s.open_flags, 0),
            Segment.duration.expression,
            s.review_due_at,
        ),
        rows=rows,
        counted=subjects,
        pending=s.review_due_at.is_not(None),
        orders={
            "newest": KeysetOrder(keys, descending=True),
            # Not a parameter: the index is on this very expression.
            "flagged": KeysetOrder((s.open_flags > literal_column("0"), *keys), descending=True),
            "oldest": KeysetOrder(keys),
        },
        text=lambda query: matches(query, segment_title, Segment.input_text, Segment.expanded_script),
    )


def _scenes() -> Source:
    flagged = subjects.alias("of_scene")
    s = flagged.c
    rows = (
        Scene.__table__.join(Topic, Topic.id == Scene.topic_id)
        .join(User, User.id == Scene.user_id)
        .outerjoin(flagged, and_(s.kind == "scene", s.id == Scene.id))
    )
    hidden = (
        select(func.count())
        .select_from(Segment)
        .where(Segment.scene_id == Scene.id, Segment.status != "active")
        .correlate(Scene)
        .scalar_subquery()
    )
    failed = (
        select(func.count())
        .select_from(Job)
        .where(Job.scene_id == Scene.id, Job.status == "failed")
        .correlate(Scene)
        .scalar_subquery()
    )
    keys = (Scene.created_at.expression, Scene.id.expression)
    return Source(
        kind=literal("scene"),
        id=Scene.id.expression,
        partition_key=_NOT_PARTITIONED,
        version=scene_version(),
        title=Scene.title.expression,
        cells=(
            Scene.title.expression,
            Scene.status.expression,
            Topic.name.expression,
            User.username.expression,
            func.nullif(s.open_flags, 0),
            Scene.created_at.expression,
        ),
        rows=rows,
        counted=Scene.__table__,
        pending=true(),
        orders={"newest": KeysetOrder(keys, descending=True), "oldest": KeysetOrder(keys)},
        filters={"status": Scene.status.expression},
        asked=(
            Scene.segment_count.expression,
            hidden,
            failed,
            Scene.contributor_count.expression,
            Scene.like_count.expression,
            Scene.view_count.expression,
            Scene.last_segment_at.expression,
        ),
        text=lambda query: matches(query, Scene.title, Scene.description),
        text_indexed=True,
    )


SOURCES = {
    "scenes.flags": _flags(escalated=False),
    "scenes.escalated": _flags(escalated=True),
    "scenes.ideas": _ideas(),
    "scenes.user_topics": _user_topics(),
    "scenes.segments": _segments(),
    "scenes.scenes": _scenes(),
}
