-- The change feed: what others did since a console last looked. A notification is only a hint to look.

-- Read by snapshot (p_since) or, without one, by time (p_since_at, then rows come more than once and are told apart
-- by number, transaction and time). With both, p_since_at says when p_since was taken. `complete` is false where rows
-- may be missing: they were pruned meanwhile, or are more than p_limit. STABLE: the snapshot in the answer is the one
-- that the rows were read in, and the position is asked for after it.
CREATE OR REPLACE FUNCTION greenroom.changes(p_since pg_snapshot, p_since_at timestamptz, p_limit integer)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, greenroom, pg_temp SET "TimeZone" = 'UTC'
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    answer jsonb;
    -- On a standby, in the primary's time: that of the last commit it shows.
    present timestamptz := CASE WHEN pg_is_in_recovery() THEN pg_last_xact_replay_timestamp() END;
BEGIN
    PERFORM greenroom.signed_in();
    IF p_limit IS NULL OR p_limit NOT BETWEEN 1 AND 10000 THEN
        PERFORM greenroom.refuse('GR007', 'invalid', 'Between 1 and 10,000 changes are read at once', '');
    END IF;
    present := coalesce(present, clock_timestamp());
    WITH later AS (
        (SELECT l.* FROM greenroom.change_log AS l
         WHERE l.xid >= pg_snapshot_xmin(p_since) AND NOT pg_visible_in_snapshot(l.xid, p_since) LIMIT p_limit + 1)
        UNION ALL
        (SELECT l.* FROM greenroom.change_log AS l
         WHERE p_since IS NULL AND l.at >= p_since_at LIMIT p_limit + 1)
    )
    SELECT jsonb_build_object(
        'snapshot', pg_current_snapshot()::text, 'at', present,
        'complete', count(*) <= p_limit AND coalesce(p_since_at >= present - interval '115 minutes', true),
        'changes', coalesce(jsonb_agg(jsonb_build_object(
            'change_id', l.change_id, 'xid', l.xid::text, 'at', l.at, 'kind', l.kind, 'id', l.id,
            'partition_key', l.partition_key, 'event', l.event, 'login', l.login, 'decision_id', l.decision_id,
            'scope', d.scope, 'past', v.past, 'expires_at', CASE l.event WHEN 'claimed' THEN l.at + s.lease END)
            ORDER BY l.change_id) FILTER (WHERE l.change_id IS NOT NULL), '[]'))
    INTO answer
    FROM greenroom.settings AS s LEFT JOIN later AS l ON true
    LEFT JOIN greenroom.decisions AS d ON d.decision_id = l.decision_id AND l.event = 'decided'
    LEFT JOIN greenroom.verbs AS v ON (v.scope, v.verb) = (d.scope, d.verb);
    IF NOT (answer ->> 'complete')::boolean THEN
        answer := jsonb_set(answer, '{changes}', '[]');
    END IF;
    RETURN answer || (SELECT jsonb_build_object('system_id', p.system_id, 'timeline', p.timeline, 'lsn', p.lsn::text)
                      FROM greenroom.position() AS p);
END;
$$;

-- Tells consoles that listen to look. In a transaction of its own after the one that it is about: inside that one it
-- would halve the rate of commits. Nothing is lost with it, so that it does not wait for the disk.
CREATE OR REPLACE FUNCTION greenroom.announce() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, pg_temp AS $$
BEGIN
    PERFORM greenroom.signed_in();
    PERFORM set_config('synchronous_commit', 'off', true);
    PERFORM pg_notify('greenroom_changes', '');
END;
$$;
