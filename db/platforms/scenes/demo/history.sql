-- Earlier decisions of the demo's staff, about what the demo shows as decided: the newest of today, one every half
-- hour before that. The same rows each time, but for the clock.
CREATE TEMP TABLE told ON COMMIT DROP AS
SELECT md5('decision on ' || c.id)::uuid AS decision_id, c.*,
       (ARRAY['moderator', 'moderator2', 'admin'])[1 + c.place % 3] AS login,
       date_trunc('second', clock_timestamp()) - c.place * interval '31 minutes' AS decided_at,
       CASE WHEN c.verb = 'reject' THEN p.keys[1 + c.place % cardinality(p.keys)] END AS policy_key,
       CASE WHEN c.verb = 'reject' AND c.place % 4 = 0 THEN 'Second time this month' END AS note
FROM (SELECT array_agg(n.policy_key ORDER BY n.policy_key) AS keys FROM greenroom.policies AS n) AS p,
     LATERAL (
        SELECT row_number() OVER (ORDER BY d.created_at DESC, d.id) AS place, d.* FROM (
            SELECT 'idea' AS kind, i.id, i.title, i.created_at, 'scenes.ideas' AS scope, 'ideas' AS relation,
                   CASE i.moderation_status WHEN 'approved' THEN 'approve' ELSE 'reject' END AS verb,
                   greenroom.idea_version(i.title, i.prompt, i.tags, i.topic_id, i.category_id, i.status, 'pending')
                       AS version,
                   jsonb_build_object('title', i.title, 'prompt', i.prompt, 'tags', i.tags) AS evidence,
                   jsonb_build_object('moderation_status', 'pending') AS before,
                   jsonb_build_object('moderation_status', i.moderation_status) AS after
            FROM ideas AS i
            WHERE i.moderation_status IN ('approved', 'rejected') AND i.created_at < now() - interval '10 days'
            ORDER BY i.created_at DESC, i.id LIMIT 300
        ) AS d
     ) AS c;

INSERT INTO greenroom.decisions (decision_id, login, scope, verb, policy_key, policy_version, note, decided_at, client)
SELECT t.decision_id, t.login, t.scope, t.verb, t.policy_key, CASE WHEN t.policy_key IS NOT NULL THEN 1 END, t.note,
       t.decided_at, 'demo'
FROM told AS t ORDER BY t.decided_at;
INSERT INTO greenroom.decision_items (decision_id, ordinal, kind, id, content_version, title)
SELECT t.decision_id, 0, t.kind, t.id, t.version, left(t.title, 200) FROM told AS t;
INSERT INTO greenroom.decision_changes (decision_id, ordinal, relation, row_id, before, after)
SELECT t.decision_id, 0, t.relation, t.id, t.before, t.after FROM told AS t;
INSERT INTO greenroom.evidence (digest, content, recorded_at)
SELECT DISTINCT ON (1) encode(sha256(convert_to(t.evidence::text, 'UTF8')), 'hex'), t.evidence, t.decided_at FROM told AS t
ON CONFLICT DO NOTHING;
INSERT INTO greenroom.audit (at, login, action, decision_id, kind, id, changed, evidence_digest, client)
SELECT t.decided_at, t.login, t.scope || '.' || t.verb, t.decision_id, t.kind, t.id,
       jsonb_build_object('content', jsonb_build_array(t.before, t.after)),
       encode(sha256(convert_to(t.evidence::text, 'UTF8')), 'hex'), 'demo'
FROM told AS t ORDER BY t.decided_at;
