-- Counts how the work went, from what was written to the audit since the last time. Aside of every decision: counting
-- within them would make all of a day's decisions wait for one row.

CREATE OR REPLACE FUNCTION greenroom.wait_bucket(p_waited interval) RETURNS smallint LANGUAGE sql IMMUTABLE AS $$
    SELECT floor(2 * log(2, 1 + extract(epoch FROM p_waited)))::smallint
$$;

-- Counts what no running transaction can add to any more, at most 10,000 rows; true where there is more to count.
-- One console at a time: whoever comes second has nothing to do.
CREATE OR REPLACE FUNCTION greenroom.count_numbers() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, public, pg_temp SET "TimeZone" = 'UTC' AS $$
DECLARE
    last xid8;
    upto xid8 := pg_snapshot_xmin(pg_current_snapshot());
    cut xid8;
    present timestamptz := clock_timestamp();
BEGIN
    PERFORM greenroom.signed_in();
    IF pg_is_in_recovery() OR NOT pg_try_advisory_xact_lock(hashtext('greenroom.count_numbers')) THEN
        RETURN false;
    END IF;
    SELECT n.horizon INTO last FROM greenroom.numbers_counted AS n;
    -- In a database restored from a dump transactions begin anew: it goes on with what comes from here.
    IF last > upto THEN
        UPDATE greenroom.numbers_counted SET horizon = pg_snapshot_xmin(pg_current_snapshot()), at = present;
        RETURN false;
    END IF;
    SELECT a.xid INTO cut FROM greenroom.audit AS a WHERE a.xid >= last AND a.xid < upto
    ORDER BY a.xid, a.audit_id OFFSET 10000 LIMIT 1;
    -- One transaction with more rows than that is counted whole.
    IF cut > last THEN
        upto := cut;
    END IF;

    INSERT INTO greenroom.first_looks (kind, id, at)
    SELECT l.kind, l.id, min(l.at) FROM greenroom.change_log AS l
    WHERE l.event = 'claimed' AND l.xid >= last AND l.xid < upto GROUP BY l.kind, l.id
    ON CONFLICT (kind, id) DO NOTHING;

    WITH settled AS (
        SELECT a.kind, a.id, d.decided_at::date AS day, d.scope, coalesce(d.policy_key, '') AS policy_key, d.decided_at,
               greenroom.platform_since(a.kind, a.id, a.partition_key, a.changed) AS since, f.at AS looked
        FROM greenroom.audit AS a
        JOIN greenroom.decisions AS d USING (decision_id)
        JOIN greenroom.verbs AS v ON (v.scope, v.verb) = (d.scope, d.verb) AND v.in_queue
        LEFT JOIN greenroom.first_looks AS f ON (f.kind, f.id) = (a.kind, a.id)
        WHERE a.xid >= last AND a.xid < upto AND d.undoes IS NULL AND a.action = d.scope || '.' || d.verb
    ), counted AS (
        INSERT INTO greenroom.daily_decisions AS n (day, scope, policy_key, decided)
        SELECT s.day, s.scope, s.policy_key, count(*) FROM settled AS s GROUP BY 1, 2, 3
        ON CONFLICT (day, scope, policy_key) DO UPDATE SET decided = n.decided + excluded.decided
    ), timed AS (
        INSERT INTO greenroom.daily_waits AS n (day, scope, policy_key, measure, bucket, items)
        SELECT s.day, s.scope, s.policy_key, m.measure, greenroom.wait_bucket(m.waited), count(*)
        FROM settled AS s, LATERAL (VALUES
            ('decision', s.decided_at - s.since),
            -- Looked at before what is open now came: that says nothing of this wait.
            ('look', CASE WHEN s.looked <= s.decided_at THEN s.looked - s.since END)) AS m (measure, waited)
        WHERE m.waited >= '0' GROUP BY 1, 2, 3, 4, 5
        ON CONFLICT (day, scope, policy_key, measure, bucket) DO UPDATE SET items = n.items + excluded.items
    )
    DELETE FROM greenroom.first_looks AS f USING settled AS s WHERE (f.kind, f.id) = (s.kind, s.id);

    INSERT INTO greenroom.daily_decisions AS n (day, scope, policy_key, taken_back, overturned)
    SELECT o.decided_at::date, o.scope, coalesce(o.policy_key, ''),
           count(*) FILTER (WHERE u.login = o.login), count(*) FILTER (WHERE u.login <> o.login)
    FROM greenroom.audit AS a
    JOIN greenroom.decisions AS u USING (decision_id)
    JOIN greenroom.decisions AS o ON o.decision_id = u.undoes
    JOIN greenroom.verbs AS v ON (v.scope, v.verb) = (o.scope, o.verb) AND v.in_queue
    WHERE a.xid >= last AND a.xid < upto GROUP BY 1, 2, 3
    ON CONFLICT (day, scope, policy_key) DO UPDATE
    SET taken_back = n.taken_back + excluded.taken_back, overturned = n.overturned + excluded.overturned;

    INSERT INTO greenroom.hourly_queues (hour, scope, waiting, oldest_at)
    SELECT date_trunc('hour', present), q.scope, q.waiting, q.oldest_at
    FROM greenroom.platform_queues() AS q
    WHERE NOT EXISTS (SELECT FROM greenroom.hourly_queues AS h WHERE h.hour = date_trunc('hour', present))
    ON CONFLICT DO NOTHING;
    -- What nobody decided for so long was settled elsewhere.
    DELETE FROM greenroom.first_looks AS f WHERE f.at < present - interval '180 days';

    UPDATE greenroom.numbers_counted AS n SET horizon = upto, at = present;
    RETURN cut IS NOT NULL;
END;
$$;
