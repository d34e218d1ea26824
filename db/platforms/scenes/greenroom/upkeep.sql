-- Keeping greenroom.subjects in step with the platform. A failure in here never reaches the platform: the subject
-- is noted in greenroom.missed, and mended soon after. The lock timeout bounds how long the platform waits.

CREATE OR REPLACE FUNCTION greenroom.segment_partition(p_id uuid) RETURNS timestamptz LANGUAGE sql STABLE
SET search_path = pg_catalog, greenroom, public, pg_temp AS $$
    SELECT g.created_at FROM segments AS g WHERE g.id = p_id LIMIT 1
$$;

CREATE OR REPLACE FUNCTION greenroom.recount_flags(p_kind text, p_id uuid) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, greenroom, public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM greenroom.subjects AS s WHERE s.kind = p_kind AND s.id = p_id FOR NO KEY UPDATE;
    UPDATE greenroom.subjects AS s
    SET open_flags = f.flags, first_flag_at = f.first_at, last_flag_at = f.last_at, reasons = f.reasons,
        escalated_at = CASE WHEN f.reviewing THEN coalesce(s.escalated_at, clock_timestamp()) END
    FROM (
        SELECT count(*)::int AS flags, min(m.created_at) AS first_at, max(m.created_at) AS last_at,
               coalesce(array_agg(DISTINCT m.reason::text), '{}') AS reasons,
               coalesce(bool_or(m.status = 'reviewing'), false) AS reviewing
        FROM moderation_flags AS m
        WHERE m.target_type = p_kind AND m.target_id = p_id AND m.status IN ('pending', 'reviewing')
    ) AS f
    WHERE s.kind = p_kind AND s.id = p_id;
END;
$$;

-- Notes what a trigger gave up on, without waiting for anything.
CREATE OR REPLACE FUNCTION greenroom.note_missed(p_kinds text[], p_ids uuid[], p_why text) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, greenroom, pg_temp AS $$
BEGIN
    RAISE LOG 'greenroom missed a change: %', p_why;
    INSERT INTO greenroom.missed (kind, id) SELECT DISTINCT m.kind, m.id FROM unnest(p_kinds, p_ids) AS m (kind, id);
EXCEPTION WHEN OTHERS THEN
    RAISE LOG 'greenroom could not note it: % (%)', SQLERRM, SQLSTATE;
END;
$$;

CREATE OR REPLACE FUNCTION greenroom.flags_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, public, pg_temp SET lock_timeout = '100ms' AS $$
DECLARE
    target record;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO greenroom.subjects AS s
            (kind, id, partition_key, open_flags, first_flag_at, last_flag_at, reasons, escalated_at)
        SELECT n.target_type, n.target_id,
               CASE n.target_type WHEN 'segment' THEN greenroom.segment_partition(n.target_id) END,
               count(*)::int, min(n.created_at), max(n.created_at), array_agg(DISTINCT n.reason::text),
               CASE WHEN bool_or(n.status = 'reviewing') THEN clock_timestamp() END
        FROM new_rows AS n WHERE n.status IN ('pending', 'reviewing')
        GROUP BY n.target_type, n.target_id ORDER BY n.target_type, n.target_id
        ON CONFLICT (kind, id) DO UPDATE
        SET open_flags = s.open_flags + excluded.open_flags,
            first_flag_at = least(s.first_flag_at, excluded.first_flag_at),
            last_flag_at = greatest(s.last_flag_at, excluded.last_flag_at),
            reasons = CASE WHEN s.reasons @> excluded.reasons THEN s.reasons
                           ELSE ARRAY(SELECT unnest(s.reasons) UNION SELECT unnest(excluded.reasons) ORDER BY 1) END,
            escalated_at = coalesce(s.escalated_at, excluded.escalated_at);
    ELSIF TG_OP = 'UPDATE' THEN
        FOR target IN
            SELECT DISTINCT r.target_type, r.target_id
            FROM (SELECT o.id, o.target_type, o.target_id, o.status, o.reason, o.created_at FROM old_rows AS o
                  EXCEPT SELECT n.id, n.target_type, n.target_id, n.status, n.reason, n.created_at FROM new_rows AS n
                  UNION ALL
                  (SELECT n.id, n.target_type, n.target_id, n.status, n.reason, n.created_at FROM new_rows AS n
                   EXCEPT SELECT o.id, o.target_type, o.target_id, o.status, o.reason, o.created_at FROM old_rows AS o)
                 ) AS r ORDER BY 1, 2
        LOOP
            INSERT INTO greenroom.subjects (kind, id, partition_key)
            VALUES (target.target_type, target.target_id, CASE target.target_type
                WHEN 'segment' THEN greenroom.segment_partition(target.target_id) END)
            ON CONFLICT DO NOTHING;
            PERFORM greenroom.recount_flags(target.target_type, target.target_id);
        END LOOP;
    ELSE
        FOR target IN SELECT DISTINCT o.target_type, o.target_id FROM old_rows AS o ORDER BY 1, 2 LOOP
            PERFORM greenroom.recount_flags(target.target_type, target.target_id);
        END LOOP;
    END IF;
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    BEGIN
        IF TG_OP = 'DELETE' THEN
            PERFORM greenroom.note_missed(array_agg(o.target_type::text), array_agg(o.target_id), SQLERRM) FROM old_rows AS o;
        ELSE
            PERFORM greenroom.note_missed(array_agg(n.target_type::text), array_agg(n.target_id), SQLERRM) FROM new_rows AS n;
        END IF;
    EXCEPTION WHEN OTHERS THEN
        RAISE LOG 'greenroom missed a change of flags: % (%)', SQLERRM, SQLSTATE;
    END;
    RETURN NULL;
END;
$$;

CREATE OR REPLACE FUNCTION greenroom.segments_added() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, public, pg_temp SET lock_timeout = '100ms' AS $$
BEGIN
    INSERT INTO greenroom.subjects AS s (kind, id, partition_key, review_due_at)
    SELECT 'segment', n.id, n.created_at, n.created_at FROM new_rows AS n WHERE n.status = 'active' ORDER BY n.id
    ON CONFLICT (kind, id) DO UPDATE
    SET review_due_at = excluded.review_due_at, partition_key = excluded.partition_key;
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    RAISE LOG 'greenroom missed new segments: % (%)', SQLERRM, SQLSTATE;
    RETURN NULL;
END;
$$;

CREATE OR REPLACE TRIGGER greenroom_flags_added AFTER INSERT ON public.moderation_flags
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION greenroom.flags_changed();
CREATE OR REPLACE TRIGGER greenroom_flags_changed AFTER UPDATE ON public.moderation_flags
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION greenroom.flags_changed();
CREATE OR REPLACE TRIGGER greenroom_flags_deleted AFTER DELETE ON public.moderation_flags
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION greenroom.flags_changed();
CREATE OR REPLACE TRIGGER greenroom_segments_added AFTER INSERT ON public.segments
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION greenroom.segments_added();

-- Mends what triggers gave up on, and returns how many subjects that was. Rows that somebody else is mending or
-- writing at this moment are left for the next call.
CREATE OR REPLACE FUNCTION greenroom.mend() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, public, pg_temp SET lock_timeout = '100ms' AS $$
DECLARE
    target record;
    mended integer := 0;
BEGIN
    IF NOT EXISTS (SELECT FROM greenroom.missed) THEN
        RETURN 0;
    END IF;
    FOR target IN
        WITH picked AS (
            SELECT m.missed_id FROM greenroom.missed AS m ORDER BY m.missed_id LIMIT 1000 FOR UPDATE SKIP LOCKED
        ), gone AS (
            DELETE FROM greenroom.missed AS m USING picked WHERE m.missed_id = picked.missed_id RETURNING m.kind, m.id
        )
        SELECT DISTINCT g.kind, g.id FROM gone AS g ORDER BY 1, 2
    LOOP
        BEGIN
            INSERT INTO greenroom.subjects (kind, id, partition_key)
            VALUES (target.kind, target.id, CASE target.kind
                WHEN 'segment' THEN greenroom.segment_partition(target.id) END)
            ON CONFLICT DO NOTHING;
            PERFORM greenroom.recount_flags(target.kind, target.id);
            mended := mended + 1;
        EXCEPTION WHEN lock_not_available THEN
            INSERT INTO greenroom.missed (kind, id) VALUES (target.kind, target.id);
        END;
    END LOOP;
    RETURN mended;
END;
$$;

-- Brings every subject in line with the flags as they are, and returns how many rows it mended.
CREATE OR REPLACE FUNCTION greenroom.reconcile() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, public, pg_temp AS $$
DECLARE
    mended integer;
    closed integer;
BEGIN
    -- What changes meanwhile is noted as missed by the triggers and mended afterwards.
    LOCK TABLE greenroom.subjects IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM greenroom.missed;
    WITH open AS (
        SELECT m.target_type AS kind, m.target_id AS id, count(*)::int AS flags, min(m.created_at) AS first_at,
               max(m.created_at) AS last_at, array_agg(DISTINCT m.reason::text) AS reasons,
               bool_or(m.status = 'reviewing') AS reviewing
        FROM moderation_flags AS m WHERE m.status IN ('pending', 'reviewing') GROUP BY 1, 2
    )
    INSERT INTO greenroom.subjects AS s
        (kind, id, partition_key, open_flags, first_flag_at, last_flag_at, reasons, escalated_at)
    SELECT o.kind, o.id, g.created_at, o.flags, o.first_at, o.last_at, o.reasons,
           CASE WHEN o.reviewing THEN clock_timestamp() END
    FROM open AS o LEFT JOIN segments AS g ON o.kind = 'segment' AND g.id = o.id
    ON CONFLICT (kind, id) DO UPDATE
    SET open_flags = excluded.open_flags, first_flag_at = excluded.first_flag_at,
        last_flag_at = excluded.last_flag_at, reasons = excluded.reasons,
        partition_key = coalesce(s.partition_key, excluded.partition_key),
        escalated_at = CASE WHEN excluded.escalated_at IS NULL THEN NULL
                            ELSE coalesce(s.escalated_at, excluded.escalated_at) END
    WHERE (s.open_flags, s.first_flag_at, s.last_flag_at, s.reasons, s.escalated_at IS NULL) IS DISTINCT FROM
          (excluded.open_flags, excluded.first_flag_at, excluded.last_flag_at, excluded.reasons,
           excluded.escalated_at IS NULL);
    GET DIAGNOSTICS mended = ROW_COUNT;
    UPDATE greenroom.subjects AS s
    SET open_flags = 0, first_flag_at = NULL, last_flag_at = NULL, reasons = '{}', escalated_at = NULL
    WHERE s.open_flags > 0 AND NOT EXISTS (
        SELECT FROM moderation_flags AS m WHERE m.target_type = s.kind AND m.target_id = s.id
          AND m.status IN ('pending', 'reviewing'));
    GET DIAGNOSTICS closed = ROW_COUNT;
    INSERT INTO greenroom.subjects AS s (kind, id, partition_key, review_due_at)
    SELECT 'segment', g.id, g.created_at, g.created_at
    FROM segments AS g
    WHERE g.created_at >= (SELECT t.attached_at FROM greenroom.settings AS t) AND g.status = 'active'
      AND NOT EXISTS (SELECT FROM greenroom.subjects AS k WHERE k.kind = 'segment' AND k.id = g.id)
    ON CONFLICT DO NOTHING;
    RETURN mended + closed;
END;
$$;

-- Lets the next segments from before attach wait for review, newest first, a page at a time: a platform may have
-- millions. `more` is false at the first segment of all.
CREATE OR REPLACE FUNCTION greenroom.bring_older(p_scope text, p_limit integer, p_client text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, public, pg_temp SET "TimeZone" = 'UTC'
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    back_to timestamptz;
    reached timestamptz;
    looked integer;
    brought integer;
BEGIN
    PERFORM greenroom.signed_in();
    IF p_scope IS DISTINCT FROM 'scenes.segments' OR p_limit IS NULL OR p_limit NOT BETWEEN 1 AND 500 THEN
        PERFORM greenroom.refuse('GR007', 'invalid', 'Of segments, 1 to 500 older ones are brought in at once', '');
    END IF;
    -- One page after the other, however many people ask.
    SELECT coalesce(s.review_back_to, s.attached_at) INTO back_to FROM greenroom.settings AS s FOR NO KEY UPDATE;
    SELECT count(*), min(older.created_at) INTO looked, reached FROM (
        SELECT g.created_at FROM segments AS g WHERE g.created_at < back_to ORDER BY g.created_at DESC LIMIT p_limit
    ) AS older;
    -- From the time that was reached: segments of one moment are not torn apart.
    WITH page AS (
        INSERT INTO greenroom.subjects AS s (kind, id, partition_key, review_due_at)
        SELECT 'segment', g.id, g.created_at, g.created_at
        FROM segments AS g
        WHERE g.created_at >= reached AND g.created_at < back_to AND g.status = 'active' AND NOT EXISTS (
            SELECT FROM greenroom.decision_items AS i JOIN greenroom.decisions AS d USING (decision_id)
            WHERE i.kind = 'segment' AND i.id = g.id AND d.scope IN ('scenes.segments', 'scenes.segment')
              AND d.undoes IS NULL AND d.undone_by IS NULL)
        ORDER BY g.id
        ON CONFLICT (kind, id) DO UPDATE
        SET review_due_at = excluded.review_due_at, partition_key = excluded.partition_key
        WHERE s.review_due_at IS NULL
        RETURNING 1
    )
    SELECT count(*) INTO brought FROM page;
    IF looked > 0 THEN
        UPDATE greenroom.settings AS s SET review_back_to = reached;
        INSERT INTO greenroom.audit (at, login, action, changed, client)
        VALUES (clock_timestamp(), session_user, 'scenes.segments.older',
            jsonb_build_object('brought', brought, 'back_to', jsonb_build_array(back_to, reached)), left(p_client, 100));
    END IF;
    RETURN jsonb_build_object('brought', brought, 'back_to', coalesce(reached, back_to), 'more', looked = p_limit);
END;
$$;
