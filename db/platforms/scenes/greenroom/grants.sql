-- What staff may read of the platform: columns, never whole tables, so that a new column is closed until it is
-- opened here. Password hashes, tokens and ip_hash are in no list.
GRANT USAGE ON SCHEMA public TO greenroom_owner, greenroom_reviewer;

GRANT SELECT (id, username, display_name, avatar_url, bio, role, email_verified, is_active, created_at,
    updated_at, last_login_at) ON public.users TO greenroom_reviewer, greenroom_owner;
GRANT SELECT (email) ON public.users TO greenroom_admin;
GRANT SELECT (id, name, slug, description, icon_url, is_curated, is_active, display_order, scene_count,
    created_at, updated_at) ON public.topics TO greenroom_reviewer, greenroom_owner;
GRANT SELECT (id, user_id, name, description, status, reviewed_by, reviewed_at, rejection_reason,
    promoted_to_topic_id, created_at) ON public.user_topics TO greenroom_reviewer, greenroom_owner;
GRANT SELECT (id, topic_id, name, slug, description, display_order, is_active, created_at)
    ON public.categories TO greenroom_reviewer, greenroom_owner;
GRANT SELECT (id, user_id, topic_id, category_id, title, prompt, tags, status, moderation_status, scene_count,
    like_count, view_count, created_at, updated_at) ON public.ideas TO greenroom_reviewer, greenroom_owner;
GRANT SELECT (id, idea_id, user_id, topic_id, title, description, status, segment_count, total_duration,
    contributor_count, view_count, like_count, thumbnail_url, bible_version, created_at, updated_at,
    last_segment_at) ON public.scenes TO greenroom_reviewer, greenroom_owner;
GRANT SELECT (id, scene_id, user_id, job_id, sequence, input_text, expanded_script, video_url, hls_playlist_url,
    thumbnail_url, duration, resolution, file_size, bible_version, status, created_at)
    ON public.segments TO greenroom_reviewer, greenroom_owner;
GRANT SELECT (id, scene_id, user_id, type, status, stage, progress, message, bible_version, error_code,
    error_message, retry_count, max_retries, created_at, started_at, completed_at)
    ON public.jobs TO greenroom_reviewer, greenroom_owner;
GRANT SELECT (id, scene_id, version, data, created_at, created_by_segment_id)
    ON public.scene_bibles TO greenroom_reviewer, greenroom_owner;
GRANT SELECT (id, scene_id, summary, segments_covered, created_at, updated_at)
    ON public.scene_summaries TO greenroom_reviewer;
GRANT SELECT (id, target_type, target_id, reporter_id, reason, description, status, reviewed_by, reviewed_at,
    action_taken, notes, created_at) ON public.moderation_flags TO greenroom_reviewer, greenroom_owner;

-- What the functions write, and no more.
GRANT UPDATE (status, moderation_status, topic_id) ON public.ideas TO greenroom_owner;
GRANT UPDATE (status, reviewed_by, reviewed_at, rejection_reason, promoted_to_topic_id)
    ON public.user_topics TO greenroom_owner;
GRANT UPDATE (status, bible_version, topic_id, segment_count, total_duration, contributor_count, last_segment_at,
    like_count, view_count) ON public.scenes TO greenroom_owner;
GRANT SELECT (target_type, target_id) ON public.likes TO greenroom_owner;
GRANT SELECT (scene_id) ON public.scene_views TO greenroom_owner;
GRANT INSERT (scene_id, version, data) ON public.scene_bibles TO greenroom_owner;
GRANT UPDATE (role, is_active) ON public.users TO greenroom_owner;
GRANT UPDATE (status) ON public.segments TO greenroom_owner;
GRANT UPDATE (status, stage, progress, error_code, error_message, retry_count, started_at, completed_at)
    ON public.jobs TO greenroom_owner;
GRANT UPDATE (status, reviewed_by, reviewed_at, action_taken, notes) ON public.moderation_flags TO greenroom_owner;
GRANT INSERT (id, target_type, target_id, reporter_id, reason, description)
    ON public.moderation_flags TO greenroom_owner;
GRANT INSERT (id, name, slug, description, icon_url, is_active, display_order), DELETE,
    UPDATE (name, slug, description, icon_url, is_active, display_order, updated_at) ON public.topics TO greenroom_owner;
GRANT INSERT (id, topic_id, name, slug, description, is_active, display_order), DELETE,
    UPDATE (topic_id, name, slug, description, is_active, display_order) ON public.categories TO greenroom_owner;
