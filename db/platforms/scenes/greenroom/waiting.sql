-- How long something has waited, and how much waits: for the numbers.

-- Since when a decided subject had waited: its first flag that the decision settled, else since it was made.
CREATE OR REPLACE FUNCTION greenroom.platform_since(
    p_kind text, p_id uuid, p_partition_key timestamptz, p_changed jsonb) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF p_changed ? 'flags' THEN
        RETURN (SELECT min(f.created_at) FROM moderation_flags AS f
                WHERE f.id IN (SELECT e::uuid FROM jsonb_array_elements_text(p_changed -> 'flags') AS e));
    END IF;
    RETURN CASE p_kind
        WHEN 'idea' THEN (SELECT i.created_at FROM ideas AS i WHERE i.id = p_id)
        WHEN 'user_topic' THEN (SELECT u.created_at FROM user_topics AS u WHERE u.id = p_id)
        WHEN 'segment' THEN p_partition_key
    END;
END;
$$;

-- What waits in each queue now, each counted over the index that serves it.
CREATE OR REPLACE FUNCTION greenroom.platform_queues()
RETURNS TABLE (scope text, waiting integer, oldest_at timestamptz) LANGUAGE sql STABLE AS $$
    SELECT 'scenes.flags', count(*)::integer, min(s.first_flag_at) FROM greenroom.subjects AS s
    WHERE s.open_flags > 0 AND s.escalated_at IS NULL
    UNION ALL
    SELECT 'scenes.escalated', count(*)::integer, min(s.escalated_at) FROM greenroom.subjects AS s
    WHERE s.open_flags > 0 AND s.escalated_at IS NOT NULL
    UNION ALL
    SELECT 'scenes.segments', count(*)::integer, min(s.review_due_at) FROM greenroom.subjects AS s
    WHERE s.review_due_at IS NOT NULL
    UNION ALL
    SELECT 'scenes.ideas', count(*)::integer, min(i.created_at) FROM ideas AS i
    WHERE i.status = 'active' AND i.moderation_status = 'pending'
    UNION ALL
    SELECT 'scenes.user_topics', count(*)::integer, min(u.created_at) FROM user_topics AS u WHERE u.status = 'pending'
$$;
