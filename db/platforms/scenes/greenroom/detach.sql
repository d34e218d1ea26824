DROP TRIGGER IF EXISTS greenroom_flags_added ON public.moderation_flags;
DROP TRIGGER IF EXISTS greenroom_flags_changed ON public.moderation_flags;
DROP TRIGGER IF EXISTS greenroom_flags_deleted ON public.moderation_flags;
DROP TRIGGER IF EXISTS greenroom_segments_added ON public.segments;
DROP INDEX IF EXISTS public.greenroom_ideas_pending, public.greenroom_user_topics_pending,
    public.greenroom_users_name, public.greenroom_ideas_title, public.greenroom_scenes_title, public.greenroom_scenes_begun, public.greenroom_scenes_status,
    public.greenroom_topics_name, public.greenroom_user_topics_name, public.greenroom_flags_reporter,
    public.greenroom_ideas_text, public.greenroom_scenes_text, public.greenroom_user_topics_promoted;
