-- Merging topics. A merge is a row of greenroom.topic_merges that is carried on in short transactions until nothing is
-- left in the topic, by whoever began it or, when that console is gone, by any other. What was moved is recorded in the
-- transaction that moved it, so that a crash loses nothing and an undo gives back exactly that.

-- Begins to merge a topic into another: it is retired, its slug leads on. Nothing of its content has moved then.
CREATE OR REPLACE FUNCTION greenroom.begin_merge(
    p_merge_id uuid, p_topic_id uuid, p_survivor_id uuid, p_client text)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, public, pg_temp SET "TimeZone" = 'UTC' SET lock_timeout = '500ms' AS $$
DECLARE
    begun timestamptz := clock_timestamp();
    known greenroom.topic_merges;
    topic record;
BEGIN
    PERFORM greenroom.signed_in();
    IF greenroom.rank() < 3 THEN
        PERFORM greenroom.refuse('GR002', 'not_permitted', 'Topics are merged by admins', 'Ask somebody of that role.');
    END IF;
    IF p_merge_id IS NULL OR p_topic_id IS NULL OR p_survivor_id IS NULL OR p_topic_id = p_survivor_id THEN
        PERFORM greenroom.refuse('GR007', 'invalid', 'A merge has an id and two different topics', '');
    END IF;
    -- Behind curation, and one after another: of two merges at once the second sees the first.
    PERFORM 1 FROM greenroom.verbs AS v WHERE (v.scope, v.verb) = ('scenes.curation', 'curate') FOR NO KEY UPDATE;
    SELECT * INTO known FROM greenroom.topic_merges AS m WHERE m.merge_id = p_merge_id;
    IF FOUND THEN
        IF (known.login, known.topic_id, known.survivor_id) <> (session_user, p_topic_id, p_survivor_id) THEN
            PERFORM greenroom.refuse('GR007', 'invalid', 'This id was used for another merge', '');
        END IF;
        RETURN jsonb_build_object('merge_id', p_merge_id, 'begun_at', known.begun_at, 'repeated', true);
    END IF;
    SELECT t.id, t.name, t.slug, t.is_active INTO topic FROM topics AS t WHERE t.id = p_topic_id;
    IF NOT FOUND OR NOT EXISTS (SELECT FROM topics AS t WHERE t.id = p_survivor_id) THEN
        PERFORM greenroom.refuse('GR009', 'not_found', 'There is no such topic', 'It may have been deleted.',
            jsonb_build_object('kind', 'topic', 'id', p_topic_id));
    END IF;
    IF EXISTS (SELECT FROM greenroom.topic_merges AS m
               WHERE m.topic_id IN (p_topic_id, p_survivor_id) AND m.state <> 'undone') THEN
        PERFORM greenroom.refuse('GR003', 'stale', 'One of the two was merged into another topic',
            'Look at the topics as they are now.', jsonb_build_object('kind', 'topic', 'id', p_topic_id));
    END IF;
    INSERT INTO greenroom.topic_merges (merge_id, topic_id, survivor_id, title, login, begun_at, undo_until, state,
        was_active, carried_at)
    VALUES (p_merge_id, p_topic_id, p_survivor_id, topic.name, session_user, begun, begun + interval '7 days', 'moving',
        topic.is_active, begun);
    INSERT INTO greenroom.topic_redirects AS r (slug, topic_id, merge_id, since)
    VALUES (topic.slug, p_survivor_id, p_merge_id, begun)
    ON CONFLICT (slug) DO UPDATE SET topic_id = excluded.topic_id, merge_id = excluded.merge_id, since = excluded.since;
    UPDATE topics AS t SET is_active = false WHERE t.id = p_topic_id AND t.is_active;
    PERFORM greenroom.merge_told(p_merge_id, p_merge_id, 'begin', p_client);
    RETURN jsonb_build_object('merge_id', p_merge_id, 'begun_at', begun, 'repeated', false);
END;
$$;

-- The audit's row, the change log's and the outbox's of an act on a merge.
CREATE OR REPLACE FUNCTION greenroom.merge_told(p_id uuid, p_merge_id uuid, p_act text, p_client text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    merge greenroom.topic_merges;
BEGIN
    SELECT * INTO merge FROM greenroom.topic_merges AS m WHERE m.merge_id = p_merge_id;
    INSERT INTO greenroom.audit (at, login, action, decision_id, kind, id, changed, client)
    VALUES (clock_timestamp(), session_user, 'topic.merge.' || p_act, p_id, 'topic', merge.topic_id,
        jsonb_build_object('merge', p_merge_id, 'survivor', merge.survivor_id, 'moved', merge.moved, 'kept', merge.kept),
        left(p_client, 100));
    INSERT INTO greenroom.change_log (kind, id, event, decision_id)
    VALUES ('topic', merge.topic_id, 'decided', p_id), ('topic', merge.survivor_id, 'decided', p_id);
    INSERT INTO greenroom.outbox (event, payload, decision_id)
    VALUES ('topic_merge', jsonb_build_object('act', p_act, 'merge', p_merge_id, 'topic', merge.topic_id,
        'survivor', merge.survivor_id), coalesce(p_id, p_merge_id));
END;
$$;

-- Moves what is next of a merge: at most 2,000 rows, and no more than fit into about 60 ms, so that nobody who wants one
-- of them waits for long. Without an id it takes up what nobody has carried on for 10 s, and merges that new content
-- came to after their end. Rows that somebody else holds are passed over for now: this never waits for a row of
-- content, and can therefore not be part of a deadlock. Anybody of the staff may call it: what is done was decided by
-- who began the merge. Gives null where there is nothing to do, or somebody else does it.
CREATE OR REPLACE FUNCTION greenroom.carry_merge(p_merge_id uuid, p_client text)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, public, pg_temp SET "TimeZone" = 'UTC' SET lock_timeout = '100ms'
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    begun timestamptz := clock_timestamp();
    merge greenroom.topic_merges;
    touched bigint := 0;
    passed integer;
    finished boolean := false;
BEGIN
    PERFORM greenroom.signed_in();
    IF p_merge_id IS NULL THEN
        SELECT * INTO merge FROM greenroom.topic_merges AS m
        WHERE (m.state IN ('moving', 'undoing') AND m.carried_at < begun - interval '10 seconds')
           OR (m.state = 'merged' AND greenroom.merge_left(m.topic_id))
        ORDER BY m.begun_at LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED;
    ELSE
        SELECT * INTO merge FROM greenroom.topic_merges AS m
        WHERE m.merge_id = p_merge_id FOR NO KEY UPDATE SKIP LOCKED;
    END IF;
    IF merge.merge_id IS NULL THEN
        RETURN NULL;
    END IF;
    IF merge.state IN ('moving', 'merged', 'undoing') THEN
        LOOP
            passed := CASE WHEN merge.state = 'undoing' THEN greenroom.merge_back(merge)
                           ELSE greenroom.merge_part(merge, least(100, 2000 - touched)::integer) END;
            touched := touched + passed;
            EXIT WHEN passed = 0 OR touched >= 2000 OR clock_timestamp() > begun + interval '60 ms';
        END LOOP;
        finished := passed = 0 AND merge.state <> 'merged' AND CASE WHEN merge.state = 'undoing'
            THEN NOT EXISTS (SELECT FROM greenroom.topic_merge_parts AS p WHERE p.merge_id = merge.merge_id)
            ELSE NOT greenroom.merge_left(merge.topic_id) END;
        UPDATE greenroom.topic_merges AS m
        SET carried_at = begun, moved = m.moved + CASE WHEN m.state = 'undoing' THEN 0 ELSE touched END,
            state = CASE WHEN NOT finished THEN m.state WHEN m.state = 'undoing' THEN 'undone' ELSE 'merged' END,
            finished_at = CASE WHEN finished THEN clock_timestamp() ELSE m.finished_at END
        WHERE m.merge_id = merge.merge_id RETURNING * INTO merge;
        IF finished OR (merge.state = 'merged' AND touched > 0) THEN
            PERFORM greenroom.merge_told(NULL, merge.merge_id,
                CASE WHEN NOT finished THEN 'sweep' WHEN merge.state = 'merged' THEN 'end' ELSE 'undone' END, p_client);
        END IF;
    END IF;
    RETURN jsonb_build_object('merge_id', merge.merge_id, 'state', merge.state, 'touched', touched,
        'moved', merge.moved, 'kept', merge.kept);
END;
$$;

-- Whether anything stands in the topic still.
CREATE OR REPLACE FUNCTION greenroom.merge_left(p_topic_id uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM categories AS c WHERE c.topic_id = p_topic_id)
        OR EXISTS (SELECT FROM scenes AS s WHERE s.topic_id = p_topic_id)
        OR EXISTS (SELECT FROM ideas AS i WHERE i.topic_id = p_topic_id)
        OR EXISTS (SELECT FROM user_topics AS u WHERE u.promoted_to_topic_id = p_topic_id)
$$;

-- The next rows of one table, categories first: an idea's category stands in its topic or has gone ahead of it.
CREATE OR REPLACE FUNCTION greenroom.merge_part(p_merge greenroom.topic_merges, p_limit integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    category record;
    given text;
    rows uuid[];
    relation text;
BEGIN
    SELECT c.id, c.slug INTO category FROM categories AS c WHERE c.topic_id = p_merge.topic_id
    ORDER BY c.display_order, c.id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED;
    IF FOUND THEN
        SELECT f.slug INTO given FROM (
            SELECT category.slug AS slug, 1 AS attempt
            UNION ALL SELECT left(category.slug, 94) || '-' || n, n FROM generate_series(2, 10000) AS n) AS f
        WHERE NOT EXISTS (SELECT FROM categories AS c WHERE c.topic_id = p_merge.survivor_id AND c.slug = f.slug)
        ORDER BY f.attempt LIMIT 1;
        UPDATE categories AS c
        SET topic_id = p_merge.survivor_id, slug = given, display_order = (
            SELECT coalesce(max(o.display_order), 0) + 16 FROM categories AS o WHERE o.topic_id = p_merge.survivor_id)
        WHERE c.id = category.id;
        INSERT INTO greenroom.topic_merge_parts (merge_id, relation, row_ids, slug, given)
        VALUES (p_merge.merge_id, 'categories', ARRAY[category.id], category.slug, given);
        RETURN 1;
    END IF;
    relation := 'scenes';
    rows := ARRAY(SELECT s.id FROM scenes AS s WHERE s.topic_id = p_merge.topic_id
                  LIMIT p_limit FOR NO KEY UPDATE SKIP LOCKED);
    UPDATE scenes AS s SET topic_id = p_merge.survivor_id WHERE s.id = ANY (rows);
    IF rows = '{}' THEN
        relation := 'ideas';
        rows := ARRAY(SELECT i.id FROM ideas AS i WHERE i.topic_id = p_merge.topic_id
                      LIMIT p_limit FOR NO KEY UPDATE SKIP LOCKED);
        UPDATE ideas AS i SET topic_id = p_merge.survivor_id WHERE i.id = ANY (rows);
    END IF;
    IF rows = '{}' THEN
        relation := 'user_topics';
        rows := ARRAY(SELECT u.id FROM user_topics AS u WHERE u.promoted_to_topic_id = p_merge.topic_id
                      LIMIT p_limit FOR NO KEY UPDATE SKIP LOCKED);
        UPDATE user_topics AS u SET promoted_to_topic_id = p_merge.survivor_id WHERE u.id = ANY (rows);
    END IF;
    IF rows <> '{}' THEN
        INSERT INTO greenroom.topic_merge_parts (merge_id, relation, row_ids) VALUES (p_merge.merge_id, relation, rows);
    END IF;
    RETURN cardinality(rows);
END;
$$;

-- Gives the newest part back, but for rows that were moved on since: those stay where they are, and are counted.
CREATE OR REPLACE FUNCTION greenroom.merge_back(p_merge greenroom.topic_merges) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    part greenroom.topic_merge_parts;
    free uuid[];
    there integer;
    held uuid[];
BEGIN
    SELECT * INTO part FROM greenroom.topic_merge_parts AS p WHERE p.merge_id = p_merge.merge_id
    ORDER BY p.ordinal DESC LIMIT 1;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    CASE part.relation
    WHEN 'categories' THEN
        free := ARRAY(SELECT c.id FROM categories AS c WHERE c.id = ANY (part.row_ids)
                      AND c.topic_id = p_merge.survivor_id FOR NO KEY UPDATE SKIP LOCKED);
        held := ARRAY(SELECT c.id FROM categories AS c WHERE c.id = ANY (part.row_ids)
                      AND c.topic_id = p_merge.survivor_id AND c.id <> ALL (free));
        UPDATE categories AS c SET topic_id = p_merge.topic_id,
            slug = CASE WHEN c.slug = part.given THEN part.slug ELSE c.slug END
        WHERE c.id = ANY (free);
    WHEN 'scenes' THEN
        free := ARRAY(SELECT s.id FROM scenes AS s WHERE s.id = ANY (part.row_ids)
                      AND s.topic_id = p_merge.survivor_id FOR NO KEY UPDATE SKIP LOCKED);
        held := ARRAY(SELECT s.id FROM scenes AS s WHERE s.id = ANY (part.row_ids)
                      AND s.topic_id = p_merge.survivor_id AND s.id <> ALL (free));
        UPDATE scenes AS s SET topic_id = p_merge.topic_id WHERE s.id = ANY (free);
    WHEN 'ideas' THEN
        free := ARRAY(SELECT i.id FROM ideas AS i WHERE i.id = ANY (part.row_ids)
                      AND i.topic_id = p_merge.survivor_id FOR NO KEY UPDATE SKIP LOCKED);
        held := ARRAY(SELECT i.id FROM ideas AS i WHERE i.id = ANY (part.row_ids)
                      AND i.topic_id = p_merge.survivor_id AND i.id <> ALL (free));
        UPDATE ideas AS i SET topic_id = p_merge.topic_id WHERE i.id = ANY (free);
    WHEN 'user_topics' THEN
        free := ARRAY(SELECT u.id FROM user_topics AS u WHERE u.id = ANY (part.row_ids)
                      AND u.promoted_to_topic_id = p_merge.survivor_id FOR NO KEY UPDATE SKIP LOCKED);
        held := ARRAY(SELECT u.id FROM user_topics AS u WHERE u.id = ANY (part.row_ids)
                      AND u.promoted_to_topic_id = p_merge.survivor_id AND u.id <> ALL (free));
        UPDATE user_topics AS u SET promoted_to_topic_id = p_merge.topic_id WHERE u.id = ANY (free);
    END CASE;
    there := cardinality(free);
    IF held = '{}' THEN
        DELETE FROM greenroom.topic_merge_parts AS p WHERE (p.merge_id, p.ordinal) = (part.merge_id, part.ordinal);
    ELSE
        UPDATE greenroom.topic_merge_parts AS p SET row_ids = held
        WHERE (p.merge_id, p.ordinal) = (part.merge_id, part.ordinal);
    END IF;
    UPDATE greenroom.topic_merges AS m
    SET kept = m.kept + cardinality(part.row_ids) - there - cardinality(held) WHERE m.merge_id = part.merge_id;
    -- A part of which nothing could go back is done with too.
    RETURN CASE WHEN held = '{}' THEN greatest(there, 1) ELSE there END;
END;
$$;

-- Stops a merge between two of its transactions, lets it go on, or takes it back, for seven days from its beginning.
CREATE OR REPLACE FUNCTION greenroom.steer_merge(p_id uuid, p_merge_id uuid, p_act text, p_client text)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, public, pg_temp SET "TimeZone" = 'UTC' SET lock_timeout = '2s' AS $$
DECLARE
    merge greenroom.topic_merges;
    wanted text;
BEGIN
    PERFORM greenroom.signed_in();
    IF greenroom.rank() < 3 THEN
        PERFORM greenroom.refuse('GR002', 'not_permitted', 'Topics are merged by admins', 'Ask somebody of that role.');
    END IF;
    wanted := CASE p_act WHEN 'stop' THEN 'stopped' WHEN 'resume' THEN 'moving' WHEN 'undo' THEN 'undoing' END;
    IF p_id IS NULL OR wanted IS NULL THEN
        PERFORM greenroom.refuse('GR007', 'invalid', 'A merge is stopped, resumed or undone', '');
    END IF;
    PERFORM 1 FROM greenroom.verbs AS v WHERE (v.scope, v.verb) = ('scenes.curation', 'curate') FOR NO KEY UPDATE;
    SELECT * INTO merge FROM greenroom.topic_merges AS m WHERE m.merge_id = p_merge_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM greenroom.refuse('GR009', 'not_found', 'There is no such merge', '');
    END IF;
    IF EXISTS (SELECT FROM greenroom.audit AS a WHERE a.decision_id = p_id AND a.login = session_user) THEN
        RETURN jsonb_build_object('merge_id', p_merge_id, 'state', merge.state, 'repeated', true);
    END IF;
    IF NOT (p_act = 'stop' AND merge.state = 'moving' OR p_act = 'resume' AND merge.state = 'stopped'
            OR p_act = 'undo' AND merge.state IN ('moving', 'stopped', 'merged')) THEN
        PERFORM greenroom.refuse('GR003', 'stale', format('This merge is %s', merge.state), 'Look at it as it is now.',
            jsonb_build_object('kind', 'topic', 'id', merge.topic_id));
    END IF;
    IF p_act = 'undo' THEN
        IF clock_timestamp() > merge.undo_until THEN
            PERFORM greenroom.refuse('GR008', 'undo_refused', 'A merge can be taken back for seven days',
                'Make the topic anew, or move its categories back.');
        END IF;
        IF EXISTS (SELECT FROM greenroom.topic_merges AS m
                   WHERE m.topic_id = merge.survivor_id AND m.state <> 'undone') THEN
            PERFORM greenroom.refuse('GR008', 'undo_refused', 'The topic it went into was merged itself since',
                'Take that merge back first.');
        END IF;
        DELETE FROM greenroom.topic_redirects AS r WHERE r.merge_id = p_merge_id;
        UPDATE topics AS t SET is_active = true WHERE t.id = merge.topic_id AND merge.was_active AND NOT t.is_active;
    END IF;
    UPDATE greenroom.topic_merges AS m SET state = wanted, carried_at = clock_timestamp(), finished_at = NULL
    WHERE m.merge_id = p_merge_id;
    PERFORM greenroom.merge_told(p_id, p_merge_id, p_act, p_client);
    RETURN jsonb_build_object('merge_id', p_merge_id, 'state', wanted, 'repeated', false);
END;
$$;

-- The topic that a slug leads to today, through however many merges; null where it leads nowhere.
CREATE OR REPLACE FUNCTION greenroom.topic_of_slug(p_slug text) RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, greenroom, public, pg_temp AS $$
    WITH RECURSIVE way AS (
        SELECT coalesce(t.id, r.topic_id) AS topic_id, 0 AS steps
        FROM (SELECT p_slug AS slug) AS asked
        LEFT JOIN greenroom.topic_redirects AS r ON r.slug = asked.slug
        LEFT JOIN topics AS t ON t.slug = asked.slug
        UNION ALL
        SELECT m.survivor_id, w.steps + 1 FROM way AS w
        JOIN greenroom.topic_merges AS m ON m.topic_id = w.topic_id AND m.state NOT IN ('undone', 'undoing')
        WHERE w.steps < 100
    )
    SELECT w.topic_id FROM way AS w ORDER BY w.steps DESC LIMIT 1
$$;
