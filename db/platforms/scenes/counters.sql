-- How far each counter that the platform keeps is from what is counted, as the platform's own reference means it:
-- segments that are active, scenes that are active or locked, likes and views by row.
WITH
    of_scene AS (
        SELECT scene_id AS id, count(*) AS segments, sum(duration) AS seconds,
               count(DISTINCT user_id) AS people, max(created_at) AS last_at
        FROM public.segments WHERE status = 'active' GROUP BY scene_id
    ),
    views AS (SELECT scene_id AS id, count(*) AS views FROM public.scene_views GROUP BY scene_id),
    idea_views AS (
        SELECT s.idea_id AS id, sum(v.views) AS views FROM views AS v JOIN public.scenes AS s USING (id) GROUP BY s.idea_id
    ),
    liked AS (SELECT target_type, target_id AS id, count(*) AS likes FROM public.likes GROUP BY target_type, target_id),
    by_idea AS (
        SELECT idea_id AS id, count(*) AS scenes FROM public.scenes WHERE status IN ('active', 'locked') GROUP BY idea_id
    ),
    by_topic AS (
        SELECT topic_id AS id, count(*) AS scenes FROM public.scenes WHERE status IN ('active', 'locked') GROUP BY topic_id
    ),
    held AS (
        SELECT c.* FROM public.scenes AS s
        LEFT JOIN of_scene AS g ON g.id = s.id
        LEFT JOIN liked AS l ON l.id = s.id AND l.target_type = 'scene'
        LEFT JOIN views AS v ON v.id = s.id,
        LATERAL (VALUES
            ('scenes.segment_count', s.id, s.segment_count::text, coalesce(g.segments, 0)::text),
            ('scenes.total_duration', s.id, s.total_duration::text, coalesce(g.seconds, 0)::text),
            ('scenes.contributor_count', s.id, s.contributor_count::text, coalesce(g.people, 0)::text),
            ('scenes.last_segment_at', s.id, s.last_segment_at::text, g.last_at::text),
            ('scenes.like_count', s.id, s.like_count::text, coalesce(l.likes, 0)::text),
            ('scenes.view_count', s.id, s.view_count::text, coalesce(v.views, 0)::text)
        ) AS c (counter, id, says, counted)
        UNION ALL
        SELECT c.* FROM public.ideas AS i
        LEFT JOIN by_idea AS s ON s.id = i.id
        LEFT JOIN liked AS l ON l.id = i.id AND l.target_type = 'idea'
        LEFT JOIN idea_views AS v ON v.id = i.id,
        LATERAL (VALUES
            ('ideas.scene_count', i.id, i.scene_count::text, coalesce(s.scenes, 0)::text),
            ('ideas.like_count', i.id, i.like_count::text, coalesce(l.likes, 0)::text),
            ('ideas.view_count', i.id, i.view_count::text, coalesce(v.views, 0)::text)
        ) AS c (counter, id, says, counted)
        UNION ALL
        SELECT 'topics.scene_count', t.id, t.scene_count::text, coalesce(s.scenes, 0)::text
        FROM public.topics AS t LEFT JOIN by_topic AS s ON s.id = t.id
    )
SELECT counter, count(*) AS counted_rows, count(*) FILTER (WHERE wrong) AS wrong_rows,
       min(id::text) FILTER (WHERE wrong) AS example,
       (array_agg(says ORDER BY id::text) FILTER (WHERE wrong))[1] AS says,
       (array_agg(counted ORDER BY id::text) FILTER (WHERE wrong))[1] AS counted
FROM (SELECT *, says IS DISTINCT FROM counted AS wrong FROM held) AS each
GROUP BY counter HAVING bool_or(wrong) ORDER BY counter;
