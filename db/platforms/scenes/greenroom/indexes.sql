CREATE INDEX CONCURRENTLY IF NOT EXISTS greenroom_ideas_pending ON public.ideas (created_at, id)
    WHERE moderation_status = 'pending' AND status = 'active';
CREATE INDEX CONCURRENTLY IF NOT EXISTS greenroom_user_topics_pending ON public.user_topics (created_at, id)
    WHERE status = 'pending';
CREATE INDEX CONCURRENTLY IF NOT EXISTS greenroom_users_name ON public.users (lower(username) text_pattern_ops);
CREATE INDEX CONCURRENTLY IF NOT EXISTS greenroom_ideas_title ON public.ideas (lower(title) text_pattern_ops);
CREATE INDEX CONCURRENTLY IF NOT EXISTS greenroom_scenes_title ON public.scenes (lower(title) text_pattern_ops);
CREATE INDEX CONCURRENTLY IF NOT EXISTS greenroom_topics_name ON public.topics (lower(name) text_pattern_ops);
CREATE INDEX CONCURRENTLY IF NOT EXISTS greenroom_user_topics_name ON public.user_topics (lower(name) text_pattern_ops);
CREATE INDEX CONCURRENTLY IF NOT EXISTS greenroom_flags_reporter ON public.moderation_flags (reporter_id, created_at)
    WHERE status IN ('resolved', 'dismissed');
CREATE INDEX CONCURRENTLY IF NOT EXISTS greenroom_ideas_text ON public.ideas
    USING gin (to_tsvector('simple'::regconfig, left(coalesce(title, '') || ' ' || coalesce(prompt, ''), 50000)));
CREATE INDEX CONCURRENTLY IF NOT EXISTS greenroom_scenes_text ON public.scenes
    USING gin (to_tsvector('simple'::regconfig, left(coalesce(title, '') || ' ' || coalesce(description, ''), 50000)));
CREATE INDEX CONCURRENTLY IF NOT EXISTS greenroom_scenes_begun ON public.scenes (created_at, id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS greenroom_scenes_status ON public.scenes (status, created_at, id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS greenroom_user_topics_promoted ON public.user_topics (promoted_to_topic_id)
    WHERE promoted_to_topic_id IS NOT NULL;
