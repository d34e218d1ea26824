-- The platform part: what the content of each kind is, how its row is locked, and which columns verbs write.

CREATE OR REPLACE FUNCTION greenroom.part(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(length(value)::text || ':' || value, '-')
$$;

-- SHA-256, since the authors of the content may be hostile. Text of fixed form only, so that no setting of the
-- caller (time zone, date style, float digits) changes a digest.
CREATE OR REPLACE FUNCTION greenroom.digest(content text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT encode(sha256(convert_to(content, 'UTF8')), 'hex')
$$;

CREATE OR REPLACE FUNCTION greenroom.idea_version(
    title text, prompt text, tags text[], topic_id uuid, category_id uuid, status text, moderation_status text)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT greenroom.digest(greenroom.part(title) || greenroom.part(prompt) || greenroom.part(tags::text)
        || greenroom.part(topic_id::text) || greenroom.part(category_id::text) || greenroom.part(status)
        || greenroom.part(moderation_status))
$$;

CREATE OR REPLACE FUNCTION greenroom.user_topic_version(
    name text, description text, status text, promoted_to_topic_id uuid)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT greenroom.digest(greenroom.part(name) || greenroom.part(description) || greenroom.part(status)
        || greenroom.part(promoted_to_topic_id::text))
$$;

CREATE OR REPLACE FUNCTION greenroom.scene_version(title text, description text, status text)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT greenroom.digest(greenroom.part(title) || greenroom.part(description) || greenroom.part(status))
$$;

CREATE OR REPLACE FUNCTION greenroom.segment_version(
    input_text text, expanded_script text, video_url text, hls_playlist_url text, status text)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT greenroom.digest(greenroom.part(input_text) || greenroom.part(expanded_script)
        || greenroom.part(video_url) || greenroom.part(hls_playlist_url) || greenroom.part(status))
$$;

CREATE OR REPLACE FUNCTION greenroom.user_version(
    username text, display_name text, avatar_url text, bio text, role text, is_active boolean)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT greenroom.digest(greenroom.part(username) || greenroom.part(display_name)
        || greenroom.part(avatar_url) || greenroom.part(bio) || greenroom.part(role)
        || greenroom.part(is_active::text))
$$;

CREATE OR REPLACE FUNCTION greenroom.topic_version(
    name text, slug text, description text, icon_url text, is_active boolean)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT greenroom.digest(greenroom.part(name) || greenroom.part(slug) || greenroom.part(description)
        || greenroom.part(icon_url) || greenroom.part(is_active::text))
$$;

CREATE OR REPLACE FUNCTION greenroom.category_version(
    topic_id uuid, name text, slug text, description text, is_active boolean)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT greenroom.digest(greenroom.part(topic_id::text) || greenroom.part(name) || greenroom.part(slug)
        || greenroom.part(description) || greenroom.part(is_active::text))
$$;

CREATE OR REPLACE FUNCTION greenroom.platform_relation(p_kind text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE p_kind WHEN 'idea' THEN 'ideas' WHEN 'user_topic' THEN 'user_topics'
        WHEN 'scene' THEN 'scenes' WHEN 'segment' THEN 'segments' WHEN 'user' THEN 'users' END
$$;

-- Locks what a decision on the subject serialises on, and reads its version and content; a null version means that
-- there is no such row, or that somebody else has locked it. People and topics are
-- not written by verbs, so for them the console's own row is locked and the platform's is left alone.
CREATE OR REPLACE FUNCTION greenroom.platform_lock(
    p_kind text, p_id uuid, p_partition_key timestamptz, p_skip_locked boolean, OUT version text, OUT evidence jsonb)
LANGUAGE plpgsql AS $$
BEGIN
    CASE p_kind
    WHEN 'idea' THEN
        IF p_skip_locked THEN
            PERFORM 1 FROM ideas AS i WHERE i.id = p_id FOR NO KEY UPDATE SKIP LOCKED;
        ELSE
            PERFORM 1 FROM ideas AS i WHERE i.id = p_id FOR NO KEY UPDATE;
        END IF;
        IF FOUND THEN
            SELECT
                greenroom.idea_version(i.title, i.prompt, i.tags, i.topic_id, i.category_id, i.status, i.moderation_status),
                jsonb_build_object('title', i.title, 'prompt', i.prompt, 'tags', i.tags)
            INTO version, evidence FROM ideas AS i WHERE i.id = p_id;
        END IF;
    WHEN 'user_topic' THEN
        IF p_skip_locked THEN
            PERFORM 1 FROM user_topics AS u WHERE u.id = p_id FOR NO KEY UPDATE SKIP LOCKED;
        ELSE
            PERFORM 1 FROM user_topics AS u WHERE u.id = p_id FOR NO KEY UPDATE;
        END IF;
        IF FOUND THEN
            SELECT
                greenroom.user_topic_version(u.name, u.description, u.status, u.promoted_to_topic_id),
                jsonb_build_object('name', u.name, 'description', u.description)
            INTO version, evidence FROM user_topics AS u WHERE u.id = p_id;
        END IF;
    WHEN 'scene' THEN
        IF p_skip_locked THEN
            PERFORM 1 FROM scenes AS s WHERE s.id = p_id FOR NO KEY UPDATE SKIP LOCKED;
        ELSE
            PERFORM 1 FROM scenes AS s WHERE s.id = p_id FOR NO KEY UPDATE;
        END IF;
        IF FOUND THEN
            SELECT greenroom.scene_version(s.title, s.description, s.status),
                jsonb_build_object('title', s.title, 'description', s.description)
            INTO version, evidence FROM scenes AS s WHERE s.id = p_id;
        END IF;
    WHEN 'segment' THEN
        IF p_skip_locked THEN
            PERFORM 1 FROM segments AS g WHERE g.id = p_id AND g.created_at = p_partition_key
            FOR NO KEY UPDATE SKIP LOCKED;
        ELSE
            -- The scene first, as the platform's counters do, so that the two never wait for each other.
            PERFORM 1 FROM scenes AS s WHERE s.id = (
                SELECT g.scene_id FROM segments AS g WHERE g.id = p_id AND g.created_at = p_partition_key)
            FOR NO KEY UPDATE;
            PERFORM 1 FROM segments AS g WHERE g.id = p_id AND g.created_at = p_partition_key FOR NO KEY UPDATE;
        END IF;
        IF FOUND THEN
            SELECT
                greenroom.segment_version(g.input_text, g.expanded_script, g.video_url, g.hls_playlist_url, g.status),
                jsonb_build_object('input_text', g.input_text, 'expanded_script', g.expanded_script,
                    'video_url', g.video_url)
            INTO version, evidence FROM segments AS g WHERE g.id = p_id AND g.created_at = p_partition_key;
        END IF;
    WHEN 'category' THEN
        PERFORM 1 FROM categories AS c WHERE c.id = p_id FOR NO KEY UPDATE;
        IF FOUND THEN
            SELECT greenroom.category_version(c.topic_id, c.name, c.slug, c.description, c.is_active),
                jsonb_build_object('name', c.name, 'slug', c.slug, 'description', c.description)
            INTO version, evidence FROM categories AS c WHERE c.id = p_id;
        END IF;
    WHEN 'user', 'topic' THEN
        INSERT INTO greenroom.subjects (kind, id)
        SELECT p_kind, p_id
        WHERE EXISTS (SELECT FROM users AS u WHERE p_kind = 'user' AND u.id = p_id)
           OR EXISTS (SELECT FROM topics AS t WHERE p_kind = 'topic' AND t.id = p_id)
        ON CONFLICT DO NOTHING;
        IF p_skip_locked THEN
            PERFORM 1 FROM greenroom.subjects AS s WHERE s.kind = p_kind AND s.id = p_id FOR NO KEY UPDATE SKIP LOCKED;
        ELSE
            PERFORM 1 FROM greenroom.subjects AS s WHERE s.kind = p_kind AND s.id = p_id FOR NO KEY UPDATE;
        END IF;
        IF FOUND THEN
            SELECT greenroom.user_version(u.username, u.display_name, u.avatar_url, u.bio, u.role, u.is_active),
                    jsonb_build_object('username', u.username, 'display_name', u.display_name, 'bio', u.bio)
                INTO version, evidence
                FROM users AS u WHERE p_kind = 'user' AND u.id = p_id
                UNION ALL
                SELECT greenroom.topic_version(t.name, t.slug, t.description, t.icon_url, t.is_active),
                    jsonb_build_object('name', t.name, 'slug', t.slug, 'description', t.description)
                FROM topics AS t WHERE p_kind = 'topic' AND t.id = p_id;
        END IF;
    ELSE
        PERFORM greenroom.refuse('GR007', 'invalid', format('There is no kind of subject called %s', p_kind), '');
    END CASE;
END;
$$;

-- The lease of this person that covers the subject, if the token is of one: that on a scene covers those of its
-- segments that nobody else holds. Locked, so that what a snapshot shows of it is not taken for now.
CREATE OR REPLACE FUNCTION greenroom.platform_covered(
    p_kind text, p_id uuid, p_partition_key timestamptz, p_token uuid, OUT kind text, OUT id uuid)
LANGUAGE plpgsql AS $$
BEGIN
    IF p_kind = 'segment' THEN
        SELECT c.kind, c.id INTO kind, id FROM greenroom.claims AS c
        WHERE c.kind = 'scene' AND c.id = (
                SELECT g.scene_id FROM segments AS g WHERE g.id = p_id AND g.created_at = p_partition_key)
          AND c.holder IS NOT DISTINCT FROM session_user AND c.token = p_token AND c.expires_at > clock_timestamp()
        FOR NO KEY UPDATE;
    END IF;
END;
$$;

CREATE OR REPLACE FUNCTION greenroom.platform_pending(
    p_scope text, p_kind text, p_id uuid, p_partition_key timestamptz)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT CASE p_scope
        WHEN 'scenes.flags' THEN EXISTS (SELECT FROM greenroom.subjects AS s
            WHERE s.kind = p_kind AND s.id = p_id AND s.open_flags > 0 AND s.escalated_at IS NULL)
        WHEN 'scenes.escalated' THEN EXISTS (SELECT FROM greenroom.subjects AS s
            WHERE s.kind = p_kind AND s.id = p_id AND s.open_flags > 0 AND s.escalated_at IS NOT NULL)
        WHEN 'scenes.segments' THEN EXISTS (SELECT FROM greenroom.subjects AS s
            WHERE s.kind = p_kind AND s.id = p_id AND s.review_due_at IS NOT NULL)
        WHEN 'scenes.ideas' THEN EXISTS (SELECT FROM ideas AS i
            WHERE i.id = p_id AND i.status = 'active' AND i.moderation_status = 'pending')
        WHEN 'scenes.user_topics' THEN EXISTS (SELECT FROM user_topics AS u
            WHERE u.id = p_id AND u.status = 'pending')
        ELSE true
    END
$$;

-- The places, in order, of those subjects that are pending in the scope: platform_pending() for many at once.
CREATE OR REPLACE FUNCTION greenroom.platform_waiting(p_scope text, p_kinds text[], p_ids uuid[])
RETURNS integer[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    -- OFFSET 0 keeps the planner at one look-up each: it would rather read a small table whole.
    CASE p_scope
    WHEN 'scenes.flags', 'scenes.escalated' THEN
        RETURN ARRAY(
            SELECT e.place FROM unnest(p_kinds, p_ids) WITH ORDINALITY AS e (kind, id, place), LATERAL (
                SELECT FROM greenroom.subjects AS s WHERE s.kind = e.kind AND s.id = e.id AND s.open_flags > 0
                  AND (s.escalated_at IS NOT NULL) = (p_scope = 'scenes.escalated') OFFSET 0) AS s
            ORDER BY e.place);
    WHEN 'scenes.segments' THEN
        RETURN ARRAY(
            SELECT e.place FROM unnest(p_kinds, p_ids) WITH ORDINALITY AS e (kind, id, place), LATERAL (
                SELECT FROM greenroom.subjects AS s
                WHERE s.kind = e.kind AND s.id = e.id AND s.review_due_at IS NOT NULL OFFSET 0) AS s
            ORDER BY e.place);
    WHEN 'scenes.ideas' THEN
        RETURN ARRAY(
            SELECT e.place FROM unnest(p_ids) WITH ORDINALITY AS e (id, place), LATERAL (
                SELECT FROM ideas AS i
                WHERE i.id = e.id AND i.status = 'active' AND i.moderation_status = 'pending' OFFSET 0) AS i
            ORDER BY e.place);
    WHEN 'scenes.user_topics' THEN
        RETURN ARRAY(
            SELECT e.place FROM unnest(p_ids) WITH ORDINALITY AS e (id, place), LATERAL (
                SELECT FROM user_topics AS u WHERE u.id = e.id AND u.status = 'pending' OFFSET 0) AS u
            ORDER BY e.place);
    ELSE
        RETURN ARRAY(SELECT generate_series(1, cardinality(p_ids)));
    END CASE;
END;
$$;

-- Whom a strike on the subject is for, and who is told why; null where nobody is.
CREATE OR REPLACE FUNCTION greenroom.platform_author(p_kind text, p_id uuid, p_partition_key timestamptz) RETURNS uuid
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE p_kind
        WHEN 'idea' THEN (SELECT i.user_id FROM ideas AS i WHERE i.id = p_id)
        WHEN 'user_topic' THEN (SELECT u.user_id FROM user_topics AS u WHERE u.id = p_id)
        WHEN 'scene' THEN (SELECT s.user_id FROM scenes AS s WHERE s.id = p_id)
        WHEN 'segment' THEN (SELECT g.user_id FROM segments AS g WHERE g.id = p_id AND g.created_at = p_partition_key)
        WHEN 'user' THEN (SELECT u.id FROM users AS u WHERE u.id = p_id)
    END;
END;
$$;

-- Who raised the flags that a decision wrote; flags that were raised by detection have nobody to tell.
CREATE OR REPLACE FUNCTION greenroom.platform_reporters(p_decision_id uuid)
RETURNS TABLE (flag uuid, reporter uuid, kind text, id uuid) LANGUAGE sql STABLE AS $$
    SELECT f.id, f.reporter_id, f.target_type, f.target_id
    FROM greenroom.decision_changes AS c JOIN moderation_flags AS f ON f.id = c.row_id
    WHERE c.decision_id = p_decision_id AND c.relation = 'flag' AND f.reporter_id IS NOT NULL
$$;

-- Locks flags, in the order of their ids, and reads what a verb may write of them.
CREATE OR REPLACE FUNCTION greenroom.platform_flags(p_flags uuid[])
RETURNS TABLE (flag uuid, kind text, id uuid, held jsonb) LANGUAGE sql AS $$
    SELECT f.id, f.target_type, f.target_id,
           jsonb_build_object('status', f.status, 'reviewed_by', f.reviewed_by, 'reviewed_at', f.reviewed_at,
               'action_taken', f.action_taken, 'notes', f.notes)
    FROM moderation_flags AS f WHERE f.id = ANY (p_flags) ORDER BY f.id FOR NO KEY UPDATE
$$;

-- Brings flags to what a decision wrote, or back to what they held before. One statement, so that the subject is
-- counted once, however many flags it has.
CREATE OR REPLACE FUNCTION greenroom.platform_write_flags(p_decision_id uuid, p_flags uuid[], p_back boolean)
RETURNS void LANGUAGE sql AS $$
    UPDATE moderation_flags AS f SET
        status = CASE WHEN w.v ? 'status' THEN w.v ->> 'status' ELSE f.status END,
        reviewed_by = CASE WHEN w.v ? 'reviewed_by' THEN (w.v ->> 'reviewed_by')::uuid ELSE f.reviewed_by END,
        reviewed_at = CASE WHEN w.v ? 'reviewed_at' THEN (w.v ->> 'reviewed_at')::timestamptz ELSE f.reviewed_at END,
        action_taken = CASE WHEN w.v ? 'action_taken' THEN w.v ->> 'action_taken' ELSE f.action_taken END,
        notes = CASE WHEN w.v ? 'notes' THEN w.v ->> 'notes' ELSE f.notes END
    FROM (
        SELECT c.row_id, CASE WHEN p_back THEN c.before ELSE c.after END AS v
        FROM greenroom.decision_changes AS c
        WHERE c.decision_id = p_decision_id AND c.relation = 'flag' AND c.row_id = ANY (p_flags)
    ) AS w
    WHERE f.id = w.row_id
$$;

-- Locks one row and reads the columns of it that verbs write: what is not named here cannot be written at all.
CREATE OR REPLACE FUNCTION greenroom.platform_held(p_relation text, p_row_id uuid, p_partition_key timestamptz)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    held jsonb;
BEGIN
    CASE p_relation
    WHEN 'ideas' THEN
        SELECT jsonb_build_object('status', t.status, 'moderation_status', t.moderation_status, 'topic_id', t.topic_id)
        INTO held FROM ideas AS t WHERE t.id = p_row_id FOR NO KEY UPDATE;
    WHEN 'user_topics' THEN
        SELECT jsonb_build_object('status', t.status, 'reviewed_by', t.reviewed_by, 'reviewed_at', t.reviewed_at,
            'rejection_reason', t.rejection_reason, 'promoted_to_topic_id', t.promoted_to_topic_id)
        INTO held FROM user_topics AS t WHERE t.id = p_row_id FOR NO KEY UPDATE;
    WHEN 'scenes' THEN
        SELECT jsonb_build_object('status', t.status, 'topic_id', t.topic_id)
        INTO held FROM scenes AS t WHERE t.id = p_row_id FOR NO KEY UPDATE;
    WHEN 'segments' THEN
        SELECT jsonb_build_object('status', t.status)
        INTO held FROM segments AS t WHERE t.id = p_row_id AND t.created_at = p_partition_key FOR NO KEY UPDATE;
    WHEN 'topics' THEN
        SELECT jsonb_build_object('name', t.name, 'slug', t.slug, 'description', t.description, 'icon_url', t.icon_url,
            'is_active', t.is_active, 'display_order', t.display_order)
        INTO held FROM topics AS t WHERE t.id = p_row_id FOR NO KEY UPDATE;
    WHEN 'categories' THEN
        SELECT jsonb_build_object('topic_id', t.topic_id, 'name', t.name, 'slug', t.slug, 'description', t.description,
            'is_active', t.is_active, 'display_order', t.display_order)
        INTO held FROM categories AS t WHERE t.id = p_row_id FOR NO KEY UPDATE;
    WHEN 'scenes:counters' THEN
        SELECT jsonb_build_object('segment_count', t.segment_count, 'total_duration', t.total_duration,
            'contributor_count', t.contributor_count, 'last_segment_at', t.last_segment_at, 'like_count', t.like_count,
            'view_count', t.view_count)
        INTO held FROM scenes AS t WHERE t.id = p_row_id FOR NO KEY UPDATE;
    WHEN 'users' THEN
        SELECT jsonb_build_object('role', t.role, 'is_active', t.is_active::text)
        INTO held FROM users AS t WHERE t.id = p_row_id FOR NO KEY UPDATE;
    WHEN 'subject:segment' THEN
        PERFORM greenroom.lock_subject('segment', p_row_id);
        SELECT jsonb_build_object('review_due_at', t.review_due_at)
        INTO held FROM greenroom.subjects AS t WHERE t.kind = 'segment' AND t.id = p_row_id;
        held := coalesce(held, jsonb_build_object('review_due_at', NULL));
    END CASE;
    RETURN held;
END;
$$;

-- Sets columns of one row and returns what they held. With p_expected it writes only where they still hold that,
-- and returns null otherwise.
CREATE OR REPLACE FUNCTION greenroom.platform_write(
    p_relation text, p_row_id uuid, p_partition_key timestamptz, p_new jsonb, p_expected jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    held jsonb := greenroom.platform_held(p_relation, p_row_id, p_partition_key);
BEGIN
    IF p_expected IS NOT NULL AND (held IS NULL OR cardinality(greenroom.differing(p_expected, held)) > 0) THEN
        RETURN NULL;
    END IF;
    IF held IS NULL OR NOT held ?& ARRAY(SELECT jsonb_object_keys(p_new)) THEN
        PERFORM greenroom.refuse('GR007', 'invalid', format('%s cannot be written so', p_relation), '');
    END IF;
    CASE p_relation
    WHEN 'ideas' THEN
        UPDATE ideas AS t SET
            status = CASE WHEN p_new ? 'status' THEN p_new ->> 'status' ELSE t.status END,
            moderation_status = CASE WHEN p_new ? 'moderation_status' THEN p_new ->> 'moderation_status'
                                     ELSE t.moderation_status END,
            topic_id = CASE WHEN p_new ? 'topic_id' THEN (p_new ->> 'topic_id')::uuid ELSE t.topic_id END
        WHERE t.id = p_row_id;
    WHEN 'user_topics' THEN
        UPDATE user_topics AS t SET
            status = CASE WHEN p_new ? 'status' THEN p_new ->> 'status' ELSE t.status END,
            reviewed_by = CASE WHEN p_new ? 'reviewed_by' THEN (p_new ->> 'reviewed_by')::uuid ELSE t.reviewed_by END,
            reviewed_at = CASE WHEN p_new ? 'reviewed_at' THEN (p_new ->> 'reviewed_at')::timestamptz ELSE t.reviewed_at END,
            rejection_reason = CASE WHEN p_new ? 'rejection_reason' THEN p_new ->> 'rejection_reason'
                                    ELSE t.rejection_reason END,
            promoted_to_topic_id = CASE WHEN p_new ? 'promoted_to_topic_id'
                THEN (p_new ->> 'promoted_to_topic_id')::uuid ELSE t.promoted_to_topic_id END
        WHERE t.id = p_row_id;
    WHEN 'scenes' THEN
        UPDATE scenes AS t SET
            status = CASE WHEN p_new ? 'status' THEN p_new ->> 'status' ELSE t.status END,
            topic_id = CASE WHEN p_new ? 'topic_id' THEN (p_new ->> 'topic_id')::uuid ELSE t.topic_id END
        WHERE t.id = p_row_id;
    WHEN 'segments' THEN
        UPDATE segments AS t SET status = p_new ->> 'status'
        WHERE t.id = p_row_id AND t.created_at = p_partition_key;
    WHEN 'topics', 'categories' THEN
        PERFORM greenroom.platform_write_curated(p_relation, p_row_id, p_new);
    WHEN 'scenes:counters' THEN
        UPDATE scenes AS t SET
            segment_count = coalesce((p_new ->> 'segment_count')::integer, t.segment_count),
            total_duration = coalesce((p_new ->> 'total_duration')::integer, t.total_duration),
            contributor_count = coalesce((p_new ->> 'contributor_count')::integer, t.contributor_count),
            last_segment_at = CASE WHEN p_new ? 'last_segment_at' THEN (p_new ->> 'last_segment_at')::timestamptz
                                   ELSE t.last_segment_at END,
            like_count = coalesce((p_new ->> 'like_count')::integer, t.like_count),
            view_count = coalesce((p_new ->> 'view_count')::integer, t.view_count)
        WHERE t.id = p_row_id;
    WHEN 'users' THEN
        IF EXISTS (SELECT FROM greenroom.staff AS s WHERE s.login = session_user AND s.user_id = p_row_id) THEN
            PERFORM greenroom.refuse('GR002', 'not_permitted', 'Nobody changes their own account', 'Another admin can.');
        END IF;
        -- Also for an undo: whoever was an admin is made one again by two.
        IF p_new ->> 'role' = 'admin' THEN
            PERFORM greenroom.refuse('GR002', 'not_permitted', 'Making an admin takes two',
                'Ask for it; another admin grants it.');
        END IF;
        UPDATE users AS t SET
            role = CASE WHEN p_new ? 'role' THEN p_new ->> 'role' ELSE t.role END,
            is_active = CASE WHEN p_new ? 'is_active' THEN (p_new ->> 'is_active')::boolean ELSE t.is_active END
        WHERE t.id = p_row_id;
    WHEN 'subject:segment' THEN
        UPDATE greenroom.subjects AS t SET review_due_at = (p_new ->> 'review_due_at')::timestamptz
        WHERE t.kind = 'segment' AND t.id = p_row_id;
    END CASE;
    RETURN (SELECT jsonb_object_agg(k, held -> k) FROM jsonb_object_keys(p_new) AS k);
END;
$$;

-- The part of platform_write() whose columns must be unique: only here a refused write is worth a subtransaction.
CREATE OR REPLACE FUNCTION greenroom.platform_write_curated(p_relation text, p_row_id uuid, p_new jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    CASE p_relation
    WHEN 'topics' THEN
        UPDATE topics AS t SET
            name = CASE WHEN p_new ? 'name' THEN p_new ->> 'name' ELSE t.name END,
            slug = CASE WHEN p_new ? 'slug' THEN p_new ->> 'slug' ELSE t.slug END,
            description = CASE WHEN p_new ? 'description' THEN p_new ->> 'description' ELSE t.description END,
            icon_url = CASE WHEN p_new ? 'icon_url' THEN p_new ->> 'icon_url' ELSE t.icon_url END,
            is_active = CASE WHEN p_new ? 'is_active' THEN (p_new ->> 'is_active')::boolean ELSE t.is_active END,
            display_order = CASE WHEN p_new ? 'display_order' THEN (p_new ->> 'display_order')::integer
                                 ELSE t.display_order END,
            -- Whoever keeps a copy of the topics asks by this column.
            updated_at = clock_timestamp()
        WHERE t.id = p_row_id;
    WHEN 'categories' THEN
        UPDATE categories AS t SET
            topic_id = CASE WHEN p_new ? 'topic_id' THEN (p_new ->> 'topic_id')::uuid ELSE t.topic_id END,
            name = CASE WHEN p_new ? 'name' THEN p_new ->> 'name' ELSE t.name END,
            slug = CASE WHEN p_new ? 'slug' THEN p_new ->> 'slug' ELSE t.slug END,
            description = CASE WHEN p_new ? 'description' THEN p_new ->> 'description' ELSE t.description END,
            is_active = CASE WHEN p_new ? 'is_active' THEN (p_new ->> 'is_active')::boolean ELSE t.is_active END,
            display_order = CASE WHEN p_new ? 'display_order' THEN (p_new ->> 'display_order')::integer
                                 ELSE t.display_order END
        WHERE t.id = p_row_id;
    END CASE;
EXCEPTION WHEN unique_violation THEN
    PERFORM greenroom.refuse('GR007', 'invalid', 'The slug is taken', 'Choose another one.',
        jsonb_build_object('id', p_row_id, 'column', 'slug'));
END;
$$;

-- A name in small letters, without its accents, words joined by hyphens. console.domain.slugs makes the same.
CREATE OR REPLACE FUNCTION greenroom.slug(name text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(nullif(trim(BOTH '-' FROM left(trim(LEADING '-' FROM regexp_replace(lower(
        replace(replace(replace(translate(regexp_replace(normalize(name, NFKD), U&'[\0300-\036F]', '', 'g'),
            'øØłŁđĐıħĦŧŦ', 'oOlLdDihHtT'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe')),
        '[^a-z0-9]+', '-', 'g')), 90)), ''), 'topic')
$$;

-- What the platform's counters of a scene say and what is there, as [says, counted] by column, as the platform means
-- them (counters.sql has the same for all at once). Nobody but this function reads likes and views.
CREATE OR REPLACE FUNCTION greenroom.scene_counters(p_id uuid) RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, greenroom, public, pg_temp SET "TimeZone" = 'UTC' AS $$
BEGIN
    PERFORM greenroom.signed_in();
    RETURN (
        SELECT jsonb_build_object(
            'segment_count', jsonb_build_array(s.segment_count, g.segments),
            'total_duration', jsonb_build_array(s.total_duration, g.seconds),
            'contributor_count', jsonb_build_array(s.contributor_count, g.people),
            'last_segment_at', jsonb_build_array(s.last_segment_at, g.last_at),
            'like_count', jsonb_build_array(s.like_count,
                (SELECT count(*) FROM likes AS l WHERE l.target_type = 'scene' AND l.target_id = s.id)),
            'view_count', jsonb_build_array(s.view_count, (SELECT count(*) FROM scene_views AS v WHERE v.scene_id = s.id)))
        FROM scenes AS s, LATERAL (
            SELECT count(*) AS segments, coalesce(sum(c.duration), 0) AS seconds, count(DISTINCT c.user_id) AS people,
                   max(c.created_at) AS last_at
            FROM segments AS c WHERE c.scene_id = s.id AND c.status = 'active') AS g
        WHERE s.id = p_id);
END;
$$;

-- Writes what is there into those counters that say something else; the scene's row is locked by now, so that the
-- platform's own counting goes on from it.
CREATE OR REPLACE FUNCTION greenroom.recount_scene(p_decision_id uuid, p_id uuid) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    wrong jsonb := (SELECT jsonb_object_agg(c.key, c.value -> 1) FROM jsonb_each(greenroom.scene_counters(p_id)) AS c
                    WHERE c.value -> 0 IS DISTINCT FROM c.value -> 1);
BEGIN
    IF wrong IS NULL THEN
        PERFORM greenroom.refuse('GR007', 'invalid', 'Every counter of this scene says what there is', 'Nothing is to be done.');
    END IF;
    RETURN jsonb_build_object('counters', jsonb_build_array(
        greenroom.write_and_record(p_decision_id, 'scenes:counters', p_id, NULL, wrong), wrong));
END;
$$;

-- What a person of the platform is called; null where there is none.
CREATE OR REPLACE FUNCTION greenroom.platform_person(p_user_id uuid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(u.display_name, ''), u.username) FROM users AS u WHERE u.id = p_user_id
$$;

-- Asks for an account of the platform to be made an admin's: another admin answers.
CREATE OR REPLACE FUNCTION greenroom.ask_account_admin(p_decision_id uuid, p_user_id uuid, p_now timestamptz)
RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT u.role = 'admin' OR NOT u.is_active FROM users AS u WHERE u.id = p_user_id) THEN
        PERFORM greenroom.refuse('GR007', 'invalid', 'They are an admin already, or deactivated', '');
    END IF;
    INSERT INTO greenroom.admin_requests (request_id, user_id, asked_by, asked_at)
    VALUES (p_decision_id, p_user_id, session_user, p_now)
    ON CONFLICT (user_id) WHERE answered_at IS NULL DO NOTHING;
    IF NOT FOUND THEN
        PERFORM greenroom.refuse('GR007', 'invalid', 'This has been asked for already', 'Another admin can grant it.');
    END IF;
    RETURN jsonb_build_object('asked', 'admin');
END;
$$;

-- What two people agreed on. The row is as it was when it was asked, or it is refused.
CREATE OR REPLACE FUNCTION greenroom.platform_make_admin(p_id uuid, p_user_id uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE users AS u SET role = 'admin' WHERE u.id = p_user_id AND u.is_active AND u.role <> 'admin';
    IF NOT FOUND THEN
        PERFORM greenroom.refuse('GR003', 'stale', 'This account is an admin''s already, deactivated or gone', '');
    END IF;
END;
$$;

-- What a verb does beyond setting columns: promote_topic makes a curated topic of a suggestion.
CREATE OR REPLACE FUNCTION greenroom.platform_effect(
    p_decision_id uuid, p_effect text, p_kind text, p_id uuid, p_partition_key timestamptz,
    p_reviewer uuid, p_now timestamptz)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    suggestion record;
    made record;
    base text;
    attempt integer := 1;
BEGIN
    IF p_effect = 'recount' AND p_kind = 'scene' THEN
        RETURN greenroom.recount_scene(p_decision_id, p_id);
    END IF;
    IF p_effect = 'ask_admin' AND p_kind = 'user' THEN
        RETURN greenroom.ask_account_admin(p_decision_id, p_id, p_now);
    END IF;
    IF p_effect <> 'promote_topic' OR p_kind <> 'user_topic' THEN
        PERFORM greenroom.refuse('GR007', 'invalid', format('Unknown effect %s', p_effect), '');
    END IF;
    SELECT u.name, u.description INTO suggestion FROM user_topics AS u WHERE u.id = p_id;
    base := greenroom.slug(suggestion.name);
    LOOP
        INSERT INTO topics (name, slug, description, display_order)
        SELECT suggestion.name, base || CASE WHEN attempt > 1 THEN '-' || attempt ELSE '' END, suggestion.description,
               coalesce(max(t.display_order), 0) + 1
        FROM topics AS t
        ON CONFLICT (slug) DO NOTHING
        RETURNING id, slug, greenroom.topic_version(name, slug, description, icon_url, is_active) AS version INTO made;
        EXIT WHEN FOUND;
        attempt := attempt + 1;
    END LOOP;
    INSERT INTO greenroom.decision_changes (decision_id, ordinal, relation, row_id, before, after)
    SELECT p_decision_id, count(*), 'topics', made.id, NULL, jsonb_build_object('version', made.version)
    FROM greenroom.decision_changes AS c WHERE c.decision_id = p_decision_id;
    PERFORM greenroom.write_and_record(p_decision_id, 'user_topics', p_id, NULL, jsonb_build_object(
        'status', 'approved', 'reviewed_by', p_reviewer, 'reviewed_at', p_now, 'rejection_reason', NULL,
        'promoted_to_topic_id', made.id));
    RETURN jsonb_build_object('created_topic', made.id, 'slug', made.slug);
END;
$$;

-- Deletes a row that a decision created, if it is as it was made and nothing refers to it.
CREATE OR REPLACE FUNCTION greenroom.platform_uncreate(p_relation text, p_row_id uuid, p_after jsonb)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    CASE p_relation
    WHEN 'topics' THEN
        DELETE FROM topics AS t
        WHERE t.id = p_row_id
          AND greenroom.topic_version(t.name, t.slug, t.description, t.icon_url, t.is_active) = p_after ->> 'version'
          AND NOT EXISTS (SELECT FROM categories AS c WHERE c.topic_id = t.id)
          AND NOT EXISTS (SELECT FROM ideas AS i WHERE i.topic_id = t.id)
          AND NOT EXISTS (SELECT FROM scenes AS s WHERE s.topic_id = t.id)
          AND NOT EXISTS (SELECT FROM user_topics AS u WHERE u.promoted_to_topic_id = t.id);
    WHEN 'categories' THEN
        DELETE FROM categories AS c
        WHERE c.id = p_row_id
          AND greenroom.category_version(c.topic_id, c.name, c.slug, c.description, c.is_active) = p_after ->> 'version'
          AND NOT EXISTS (SELECT FROM ideas AS i WHERE i.category_id = c.id);
    ELSE
        RETURN false;
    END CASE;
    RETURN FOUND;
END;
$$;
