-- Curation: what admins do to topics, categories and promoted suggestions. Each call is a decision of the scope
-- scenes.curation with its rows in decision_changes, so that undo() takes it back like any other.

-- Applies 1 to 5,000 changes, all or none. One change is {"act", "kind", "id", "version", "title", "values", "after"}:
--   create   topic or category: values are its columns, the name at least; it stands at the end, or behind "after"
--   edit     topic or category of the version shown: values are the columns to set; a topic_id moves a category,
--            and the ideas and scenes in it, to another topic
--   place    topic or category, behind its sibling "after", or first where that is null
--   promote  user_topic of the version shown, to the topic that values name; whether it was made for it or was there
CREATE OR REPLACE FUNCTION greenroom.curate(p_decision_id uuid, p_changes jsonb, p_client text)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, public, pg_temp SET "TimeZone" = 'UTC'
-- Less than the server's deadlock_timeout: the platform's transactions are never sacrificed for a curator's.
SET lock_timeout = '500ms' AS $$
DECLARE
    person greenroom.staff := greenroom.signed_in();
    decided timestamptz := clock_timestamp();
    existing greenroom.decisions;
    acts text[];
    verb text;
    change record;
    place integer := 0;
BEGIN
    IF greenroom.rank() < 3 THEN
        PERFORM greenroom.refuse('GR002', 'not_permitted', 'Topics and categories are curated by admins',
            'Ask somebody of that role.');
    END IF;
    IF p_decision_id IS NULL OR NOT greenroom.curation_formed(coalesce(p_changes, 'null')) THEN
        PERFORM greenroom.refuse('GR007', 'invalid', 'Curation has an id and 1 to 5,000 well-formed changes', '');
    END IF;
    acts := ARRAY(SELECT DISTINCT c.value ->> 'act' FROM jsonb_array_elements(p_changes) AS c);
    verb := CASE WHEN acts = ARRAY['promote'] THEN 'fold' WHEN 'promote' = ANY (acts) THEN 'promote'
                 WHEN cardinality(acts) = 1 THEN acts[1] ELSE 'curate' END;

    -- Calls go one after another, so that orders and slugs are decided on what is there; two sendings meet here too.
    PERFORM 1 FROM greenroom.verbs AS v WHERE (v.scope, v.verb) = ('scenes.curation', 'curate') FOR NO KEY UPDATE;
    SELECT * INTO existing FROM greenroom.decisions AS d WHERE d.decision_id = p_decision_id;
    IF FOUND THEN
        IF (existing.login, existing.scope, existing.verb) <> (session_user, 'scenes.curation', verb) THEN
            PERFORM greenroom.refuse('GR007', 'invalid', 'This id was used for another decision', '');
        END IF;
        RETURN jsonb_build_object('decision_id', p_decision_id, 'decided_at', existing.decided_at, 'repeated', true);
    END IF;
    INSERT INTO greenroom.decisions (decision_id, login, scope, verb, decided_at, client)
    VALUES (p_decision_id, session_user, 'scenes.curation', verb, decided, left(p_client, 100));

    FOR change IN
        SELECT r.* FROM ROWS FROM (jsonb_to_recordset(p_changes) AS (
            act text, kind text, id uuid, version text, title text, "values" jsonb, after uuid)) WITH ORDINALITY
            AS r (act, kind, id, version, title, "values", after, position)
        ORDER BY r.position
    LOOP
        CASE change.act
        WHEN 'create' THEN
            PERFORM greenroom.curation_create(p_decision_id, change.kind, change.id, change."values", change.after);
        WHEN 'edit' THEN
            PERFORM greenroom.curation_edit(
                p_decision_id, change.kind, change.id, change.version, change."values", decided);
        WHEN 'place' THEN
            PERFORM greenroom.curation_place(p_decision_id, change.kind, change.id, change.after);
        WHEN 'promote' THEN
            PERFORM greenroom.curation_promote(p_decision_id, change.id, change.version,
                (change."values" ->> 'topic_id')::uuid, person.user_id, decided);
        END CASE;
        WITH listed AS (
            INSERT INTO greenroom.decision_items (decision_id, ordinal, kind, id, content_version, title)
            VALUES (p_decision_id, place, change.kind, change.id, coalesce(change.version, ''),
                left(coalesce(change.title, ''), 200))
        ), logged AS (
            INSERT INTO greenroom.change_log (kind, id, event, decision_id)
            VALUES (change.kind, change.id, 'decided', p_decision_id)
        )
        INSERT INTO greenroom.outbox (event, payload, decision_id)
        VALUES ('curation', jsonb_build_object('act', change.act, 'kind', change.kind, 'id', change.id,
            'decided_at', decided), p_decision_id);
        place := place + 1;
    END LOOP;
    PERFORM greenroom.curation_audit(p_decision_id, p_changes, decided, left(p_client, 100));
    RETURN jsonb_build_object('decision_id', p_decision_id, 'decided_at', decided, 'repeated', false);
END;
$$;

CREATE OR REPLACE FUNCTION greenroom.curation_formed(p_changes jsonb) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    -- Branch by branch: SQL may evaluate the second half of a condition before the first.
    IF jsonb_typeof(p_changes) <> 'array' THEN
        RETURN false;
    END IF;
    IF jsonb_array_length(p_changes) NOT BETWEEN 1 AND 5000 OR EXISTS (
        SELECT FROM jsonb_array_elements(p_changes) AS c WHERE jsonb_typeof(c.value) <> 'object') THEN
        RETURN false;
    END IF;
    PERFORM count((c.value ->> 'id')::uuid), count((c.value ->> 'after')::uuid),
            count((c.value -> 'values' ->> 'topic_id')::uuid)
    FROM jsonb_array_elements(p_changes) AS c;
    RETURN NOT EXISTS (
        SELECT FROM jsonb_array_elements(p_changes) AS c
        WHERE NOT coalesce(
            c.value ->> 'act' IN ('create', 'edit', 'place', 'promote')
            AND c.value ->> 'kind' IN ('topic', 'category', 'user_topic')
            AND (c.value ->> 'act' = 'promote') = (c.value ->> 'kind' = 'user_topic')
            AND c.value ->> 'id' IS NOT NULL
            AND coalesce(jsonb_typeof(c.value -> 'values'), 'null') IN ('object', 'null')
            AND (c.value ->> 'act' = 'place' OR jsonb_typeof(c.value -> 'values') = 'object'), false));
EXCEPTION WHEN data_exception THEN
    RETURN false;
END;
$$;

-- The values as they are stored: trimmed, an empty text as null; refused where the columns could not hold them.
CREATE OR REPLACE FUNCTION greenroom.curation_values(p_kind text, p_id uuid, p_values jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    given record;
    kept jsonb := '{}';
    said text;
    longest integer;
BEGIN
    FOR given IN SELECT e.key, e.value FROM jsonb_each(p_values) AS e LOOP
        IF given.key = 'is_active' THEN
            IF jsonb_typeof(given.value) <> 'boolean' THEN
                PERFORM greenroom.refuse_curation(p_kind, p_id, 'is_active', 'Active is true or false');
            END IF;
            kept := kept || jsonb_build_object(given.key, given.value);
            CONTINUE;
        END IF;
        longest := CASE WHEN given.key IN ('name', 'slug') THEN 100 WHEN given.key = 'description' THEN 10000
            WHEN given.key = 'icon_url' AND p_kind = 'topic' THEN 500
            WHEN given.key = 'topic_id' AND p_kind = 'category' THEN 36 END;
        IF longest IS NULL OR jsonb_typeof(given.value) NOT IN ('string', 'null') THEN
            PERFORM greenroom.refuse_curation(p_kind, p_id, given.key,
                format('%s cannot be set on a %s so', given.key, p_kind));
        END IF;
        said := nullif(btrim(given.value #>> '{}', E' \t\r\n'), '');
        IF length(said) > longest THEN
            PERFORM greenroom.refuse_curation(p_kind, p_id, given.key,
                format('The %s is longer than %s characters', given.key, longest));
        END IF;
        IF said IS NULL AND given.key IN ('name', 'slug', 'topic_id') THEN
            PERFORM greenroom.refuse_curation(p_kind, p_id, given.key, format('The %s is empty', given.key));
        END IF;
        IF given.key = 'slug' AND said !~ '^[a-z0-9]+(-[a-z0-9]+)*$' THEN
            PERFORM greenroom.refuse_curation(p_kind, p_id, 'slug',
                'A slug is made of small letters, digits and single hyphens');
        END IF;
        IF given.key = 'icon_url' AND said !~* '^https?://[^/]' THEN
            PERFORM greenroom.refuse_curation(p_kind, p_id, 'icon_url', 'An icon is an http or https URL');
        END IF;
        IF given.key = 'topic_id' THEN
            IF NOT EXISTS (SELECT FROM topics AS t WHERE t.id = said::uuid) THEN
                PERFORM greenroom.refuse('GR009', 'not_found', 'There is no such topic', 'It may have been deleted.',
                    jsonb_build_object('kind', p_kind, 'id', p_id));
            END IF;
        END IF;
        kept := kept || jsonb_build_object(given.key, said);
    END LOOP;
    RETURN kept;
END;
$$;

CREATE OR REPLACE FUNCTION greenroom.refuse_curation(p_kind text, p_id uuid, p_column text, p_message text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM greenroom.refuse('GR007', 'invalid', p_message, 'Mend it and save again.',
        jsonb_build_object('kind', p_kind, 'id', p_id, 'column', p_column));
END;
$$;

-- The next change's place in the decision: undo goes back from the last to the first.
CREATE OR REPLACE FUNCTION greenroom.record_change(
    p_decision_id uuid, p_relation text, p_row_id uuid, p_before jsonb, p_after jsonb) RETURNS void LANGUAGE sql AS $$
    INSERT INTO greenroom.decision_changes (decision_id, ordinal, relation, row_id, before, after)
    SELECT p_decision_id, coalesce(max(c.ordinal) + 1, 0), p_relation, p_row_id, p_before, p_after
    FROM greenroom.decision_changes AS c WHERE c.decision_id = p_decision_id
$$;

CREATE OR REPLACE FUNCTION greenroom.curation_create(
    p_decision_id uuid, p_kind text, p_id uuid, p_values jsonb, p_after uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    wanted jsonb;
    base text;
    attempt integer := 1;
    made text;
BEGIN
    IF coalesce(p_values ->> 'name', '') = '' OR (p_kind = 'category' AND p_values ->> 'topic_id' IS NULL) THEN
        PERFORM greenroom.refuse_curation(p_kind, p_id, 'name', 'A topic has a name, a category a name and a topic');
    END IF;
    wanted := greenroom.curation_values(p_kind, p_id, p_values);
    base := coalesce(wanted ->> 'slug', greenroom.slug(wanted ->> 'name'));
    LOOP
        IF p_kind = 'topic' THEN
            INSERT INTO topics (id, name, slug, description, icon_url, is_active, display_order)
            SELECT p_id, wanted ->> 'name', base || CASE WHEN attempt > 1 THEN '-' || attempt ELSE '' END,
                   wanted ->> 'description', wanted ->> 'icon_url', coalesce((wanted ->> 'is_active')::boolean, true),
                   coalesce(max(t.display_order), 0) + 16
            FROM topics AS t
            ON CONFLICT DO NOTHING
            RETURNING greenroom.topic_version(name, slug, description, icon_url, is_active) INTO made;
        ELSE
            INSERT INTO categories (id, topic_id, name, slug, description, is_active, display_order)
            SELECT p_id, (wanted ->> 'topic_id')::uuid, wanted ->> 'name',
                   base || CASE WHEN attempt > 1 THEN '-' || attempt ELSE '' END,
                   wanted ->> 'description', coalesce((wanted ->> 'is_active')::boolean, true),
                   coalesce(max(c.display_order), 0) + 16
            FROM categories AS c WHERE c.topic_id = (wanted ->> 'topic_id')::uuid
            ON CONFLICT DO NOTHING
            RETURNING greenroom.category_version(topic_id, name, slug, description, is_active) INTO made;
        END IF;
        EXIT WHEN made IS NOT NULL;
        -- A slug that the person chose is theirs to change; one that is made here finds a free number.
        IF wanted ? 'slug' OR attempt = 1000 THEN
            PERFORM greenroom.refuse_curation(p_kind, p_id, 'slug', format('The slug %s is taken', base));
        END IF;
        attempt := attempt + 1;
    END LOOP;
    PERFORM greenroom.record_change(p_decision_id, CASE p_kind WHEN 'topic' THEN 'topics' ELSE 'categories' END,
        p_id, NULL, wanted || jsonb_build_object('version', made));
    IF p_after IS NOT NULL THEN
        PERFORM greenroom.curation_place(p_decision_id, p_kind, p_id, p_after);
    END IF;
END;
$$;

CREATE OR REPLACE FUNCTION greenroom.curation_edit(
    p_decision_id uuid, p_kind text, p_id uuid, p_version text, p_values jsonb, p_now timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    relation text := CASE p_kind WHEN 'topic' THEN 'topics' ELSE 'categories' END;
    held jsonb := greenroom.platform_held(relation, p_id, NULL);
    version text;
    wanted jsonb;
BEGIN
    IF held IS NULL THEN
        PERFORM greenroom.refuse('GR009', 'not_found', format('There is no %s %s', p_kind, p_id),
            'It may have been deleted.', jsonb_build_object('kind', p_kind, 'id', p_id));
    END IF;
    version := CASE p_kind
        WHEN 'topic' THEN greenroom.topic_version(held ->> 'name', held ->> 'slug', held ->> 'description',
            held ->> 'icon_url', (held ->> 'is_active')::boolean)
        ELSE greenroom.category_version((held ->> 'topic_id')::uuid, held ->> 'name', held ->> 'slug',
            held ->> 'description', (held ->> 'is_active')::boolean) END;
    IF version IS DISTINCT FROM p_version THEN
        PERFORM greenroom.refuse_stale(p_kind, p_id, format('This %s was changed after it was shown to you', p_kind));
    END IF;
    wanted := greenroom.curation_values(p_kind, p_id, p_values);
    -- Only what differs is written, and only that is taken back by an undo.
    wanted := (SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}') FROM jsonb_each(wanted) AS e
               WHERE held -> e.key IS DISTINCT FROM e.value);
    IF wanted = '{}' THEN
        RETURN;
    END IF;
    IF wanted ? 'topic_id' THEN
        wanted := wanted || jsonb_build_object('display_order', (
            SELECT coalesce(max(c.display_order), 0) + 16 FROM categories AS c
            WHERE c.topic_id = (wanted ->> 'topic_id')::uuid));
        PERFORM greenroom.curation_bring(p_decision_id, p_id, (wanted ->> 'topic_id')::uuid, wanted, held);
    ELSE
        PERFORM greenroom.record_change(p_decision_id, relation, p_id,
            greenroom.platform_write(relation, p_id, NULL, wanted, NULL), wanted);
    END IF;
END;
$$;

-- Moves a category with all that is in it. Rows are locked as the platform's counters lock them (scenes, then ideas),
-- and recorded the other way round, so that an undo locks them in the same order.
CREATE OR REPLACE FUNCTION greenroom.curation_bring(
    p_decision_id uuid, p_id uuid, p_topic_id uuid, p_wanted jsonb, p_held jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    idea_ids uuid[] := ARRAY(SELECT i.id FROM ideas AS i WHERE i.category_id = p_id LIMIT 2001);
    scene_ids uuid[] := ARRAY(SELECT s.id FROM scenes AS s WHERE s.idea_id = ANY (idea_ids) LIMIT 2001);
    changed jsonb := jsonb_build_object('topic_id', p_topic_id);
BEGIN
    IF cardinality(idea_ids) + cardinality(scene_ids) > 2000 THEN
        PERFORM greenroom.refuse_curation('category', p_id, 'topic_id',
            'More than 2,000 ideas and scenes are in this category: it cannot be moved in one go');
    END IF;
    PERFORM 1 FROM scenes AS s WHERE s.id = ANY (scene_ids) ORDER BY s.id FOR NO KEY UPDATE;
    PERFORM 1 FROM ideas AS i WHERE i.id = ANY (idea_ids) ORDER BY i.id FOR NO KEY UPDATE;
    PERFORM greenroom.record_change(p_decision_id, 'categories', p_id,
        (SELECT jsonb_object_agg(k, p_held -> k) FROM jsonb_object_keys(p_wanted) AS k), p_wanted);
    WITH first AS (
        SELECT max(c.ordinal) + 1 AS free FROM greenroom.decision_changes AS c WHERE c.decision_id = p_decision_id
    ), rows AS (
        SELECT 'ideas' AS relation, i.id, i.topic_id FROM ideas AS i
        WHERE i.id = ANY (idea_ids) AND i.topic_id <> p_topic_id
        UNION ALL
        SELECT 'scenes', s.id, s.topic_id FROM scenes AS s WHERE s.id = ANY (scene_ids) AND s.topic_id <> p_topic_id
    )
    INSERT INTO greenroom.decision_changes (decision_id, ordinal, relation, row_id, before, after)
    SELECT p_decision_id, f.free - 1 + row_number() OVER (ORDER BY r.relation, r.id), r.relation, r.id,
           jsonb_build_object('topic_id', r.topic_id), changed
    FROM first AS f, rows AS r;
    UPDATE scenes AS s SET topic_id = p_topic_id WHERE s.id = ANY (scene_ids) AND s.topic_id <> p_topic_id;
    UPDATE ideas AS i SET topic_id = p_topic_id WHERE i.id = ANY (idea_ids) AND i.topic_id <> p_topic_id;
    PERFORM greenroom.platform_write('categories', p_id, NULL, p_wanted, NULL);
END;
$$;

-- Puts a row behind a sibling (null: first). Siblings stand by (display_order, name, id); of those that must make
-- room the fewest are touched: none where there is a gap, else the shorter way to the next gap.
CREATE OR REPLACE FUNCTION greenroom.curation_place(p_decision_id uuid, p_kind text, p_id uuid, p_after uuid)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    relation text := CASE p_kind WHEN 'topic' THEN 'topics' ELSE 'categories' END;
    topic uuid := (SELECT c.topic_id FROM categories AS c WHERE p_kind = 'category' AND c.id = p_id);
    ids uuid[];
    orders integer[];
    own integer;
    at integer;
    lower integer;
    upper integer;
    up integer := 0;
    down integer := 0;
    target integer;
    moved uuid[] := '{}';
    written integer[] := '{}';
BEGIN
    IF p_kind = 'topic' THEN
        SELECT array_agg(t.id ORDER BY t.display_order, t.name COLLATE "C", t.id),
               array_agg(t.display_order ORDER BY t.display_order, t.name COLLATE "C", t.id)
        INTO ids, orders FROM topics AS t;
    ELSE
        SELECT array_agg(c.id ORDER BY c.display_order, c.name COLLATE "C", c.id),
               array_agg(c.display_order ORDER BY c.display_order, c.name COLLATE "C", c.id)
        INTO ids, orders FROM categories AS c WHERE c.topic_id = topic;
    END IF;
    own := array_position(ids, p_id);
    IF own IS NULL THEN
        PERFORM greenroom.refuse('GR009', 'not_found', format('There is no %s %s', p_kind, p_id),
            'It may have been deleted.', jsonb_build_object('kind', p_kind, 'id', p_id));
    END IF;
    IF ids[own - 1] IS NOT DISTINCT FROM p_after THEN
        RETURN;
    END IF;
    ids := ids[:own - 1] || ids[own + 1:];
    orders := orders[:own - 1] || orders[own + 1:];
    at := CASE WHEN p_after IS NULL THEN 0 ELSE array_position(ids, p_after) END;
    IF at IS NULL THEN
        PERFORM greenroom.refuse_stale(p_kind, p_id, 'What it was to stand behind is not there any more');
    END IF;
    lower := orders[at];
    upper := orders[at + 1];
    IF lower IS NULL THEN
        target := upper - 16;
    ELSIF upper IS NULL THEN
        target := lower + 16;
    ELSIF upper - lower > 1 THEN
        target := lower + (upper - lower) / 2;
    ELSE
        WHILE orders[at + 1 + up] <= lower + 1 + up LOOP
            up := up + 1;
        END LOOP;
        WHILE orders[at - down] >= upper - 1 - down LOOP
            down := down + 1;
        END LOOP;
        IF up <= down THEN
            target := lower + 1;
            moved := ids[at + 1:at + up];
            written := ARRAY(SELECT lower + 1 + n FROM generate_series(1, up) AS n);
        ELSE
            target := upper - 1;
            moved := ids[at - down + 1:at];
            written := ARRAY(SELECT upper - 1 - n FROM generate_series(down, 1, -1) AS n);
        END IF;
    END IF;
    moved := moved || p_id;
    written := written || target;
    IF p_kind = 'topic' THEN
        PERFORM 1 FROM topics AS t WHERE t.id = ANY (moved) ORDER BY t.id FOR NO KEY UPDATE;
    ELSE
        PERFORM 1 FROM categories AS c WHERE c.id = ANY (moved) ORDER BY c.id FOR NO KEY UPDATE;
    END IF;
    FOR own IN 1..cardinality(moved) LOOP
        PERFORM greenroom.record_change(p_decision_id, relation, moved[own],
            greenroom.platform_write(relation, moved[own], NULL,
                jsonb_build_object('display_order', written[own]), NULL),
            jsonb_build_object('display_order', written[own]));
    END LOOP;
END;
$$;

-- A suggestion becomes (part of) a topic. It takes no claim, but yields to somebody else's.
CREATE OR REPLACE FUNCTION greenroom.curation_promote(
    p_decision_id uuid, p_id uuid, p_version text, p_topic_id uuid, p_reviewer uuid, p_now timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    locked record := greenroom.platform_lock('user_topic', p_id, NULL, false);
    suggestion record;
    wanted jsonb;
BEGIN
    IF locked.version IS NULL THEN
        PERFORM greenroom.refuse('GR009', 'not_found', format('There is no user_topic %s', p_id),
            'It may have been deleted.', jsonb_build_object('kind', 'user_topic', 'id', p_id));
    END IF;
    IF EXISTS (SELECT FROM greenroom.claims AS c WHERE c.kind = 'user_topic' AND c.id = p_id
               AND c.holder IS DISTINCT FROM session_user AND c.expires_at > clock_timestamp()) THEN
        PERFORM greenroom.refuse_taken('user_topic', p_id);
    END IF;
    SELECT u.status, u.promoted_to_topic_id INTO suggestion FROM user_topics AS u WHERE u.id = p_id;
    IF locked.version IS DISTINCT FROM p_version OR suggestion.promoted_to_topic_id IS NOT NULL
       OR suggestion.status = 'rejected' THEN
        PERFORM greenroom.refuse_stale('user_topic', p_id, 'This suggestion was decided or changed meanwhile');
    END IF;
    IF NOT EXISTS (SELECT FROM topics AS t WHERE t.id = p_topic_id) THEN
        PERFORM greenroom.refuse('GR009', 'not_found', 'There is no such topic', 'It may have been deleted.',
            jsonb_build_object('kind', 'user_topic', 'id', p_id));
    END IF;
    wanted := jsonb_build_object('promoted_to_topic_id', p_topic_id);
    IF suggestion.status = 'pending' THEN
        wanted := wanted || jsonb_build_object('status', 'approved', 'reviewed_by', p_reviewer, 'reviewed_at', p_now,
            'rejection_reason', NULL);
    END IF;
    PERFORM greenroom.record_change(p_decision_id, 'user_topics', p_id,
        greenroom.platform_write('user_topics', p_id, NULL, wanted, NULL), wanted);
END;
$$;

-- One row of the audit for each change: names of columns and what is no text; the texts are evidence.
CREATE OR REPLACE FUNCTION greenroom.curation_audit(
    p_decision_id uuid, p_changes jsonb, p_now timestamptz, p_client text) RETURNS void LANGUAGE sql AS $$
    WITH acts AS (
        SELECT DISTINCT ON (c.value ->> 'kind', (c.value ->> 'id')::uuid) c.value ->> 'act' AS act, c.value ->> 'kind' AS kind, (c.value ->> 'id')::uuid AS id
        FROM jsonb_array_elements(p_changes) WITH ORDINALITY AS c (value, position)
        ORDER BY 2, 3, c.position
    ), written AS (
        SELECT c.row_id, c.relation,
               jsonb_agg(jsonb_build_object('before', c.before, 'after', c.after) ORDER BY c.ordinal) AS content
        FROM greenroom.decision_changes AS c WHERE c.decision_id = p_decision_id GROUP BY c.row_id, c.relation
    ), named AS (
        SELECT c.row_id, jsonb_agg(DISTINCT w.key) AS columns,
               jsonb_object_agg(w.key, jsonb_build_array(c.before -> w.key, w.value)) FILTER (WHERE w.key IN (
                   'is_active', 'display_order', 'topic_id', 'slug', 'status', 'promoted_to_topic_id')) AS plain
        FROM greenroom.decision_changes AS c, jsonb_each(c.after) AS w
        WHERE c.decision_id = p_decision_id GROUP BY c.row_id
    ), told AS (
        SELECT w.row_id, w.content, n.columns, n.plain,
               CASE w.relation WHEN 'topics' THEN 'topic' WHEN 'categories' THEN 'category'
                    WHEN 'user_topics' THEN 'user_topic' WHEN 'ideas' THEN 'idea' ELSE 'scene' END AS kind,
               encode(sha256(convert_to(w.content::text, 'UTF8')), 'hex') AS digest
        FROM written AS w JOIN named AS n USING (row_id)
    ), kept AS (
        INSERT INTO greenroom.evidence (digest, content)
        SELECT DISTINCT ON (t.digest) t.digest, t.content FROM told AS t ON CONFLICT DO NOTHING
    )
    INSERT INTO greenroom.audit (at, login, action, decision_id, kind, id, changed, evidence_digest, client)
    SELECT p_now, session_user, 'scenes.curation.' || coalesce(a.act, 'follow'), p_decision_id, t.kind, t.row_id,
           jsonb_build_object('columns', t.columns) || coalesce(t.plain, '{}'), t.digest, p_client
    FROM told AS t LEFT JOIN acts AS a ON a.kind = t.kind AND a.id = t.row_id
    ORDER BY t.kind, t.row_id
$$;
