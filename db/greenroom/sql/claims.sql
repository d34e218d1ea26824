-- Leases on subjects. A subject's lease is looked up by (kind, id) with IS [NOT] DISTINCT FROM for the holder: `=` and
-- `IS NOT NULL` let the planner take the index by holder, which is small at first and full of dead entries later.
-- Every way to a claim locks the subject's row first (greenroom.platform_lock), so that two
-- people never wait for each other on a claim row; the primary key settles what snapshots do not show.

CREATE OR REPLACE FUNCTION greenroom.claim_as_json(c greenroom.claims, content_version text)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('kind', c.kind, 'id', c.id, 'partition_key', c.partition_key, 'token', c.token,
        'version', content_version, 'expires_at', c.expires_at)
$$;

-- Takes the lease when it is free or expired, or with p_own extends the person's own; else null. Without p_own a
-- person with two consoles is not given the same item in both.
CREATE OR REPLACE FUNCTION greenroom.take(p_kind text, p_id uuid, p_partition_key timestamptz, p_own boolean)
RETURNS greenroom.claims LANGUAGE plpgsql AS $$
DECLARE
    taken greenroom.claims;
    asked timestamptz := clock_timestamp();
    until timestamptz := asked + (SELECT s.lease FROM greenroom.settings AS s);
BEGIN
    WITH lease AS (
        INSERT INTO greenroom.claims AS c (kind, id, partition_key, holder, token, acquired_at, expires_at)
        VALUES (p_kind, p_id, p_partition_key, session_user, gen_random_uuid(), asked, until)
        ON CONFLICT (kind, id) DO UPDATE
        SET holder = session_user,
            token = CASE WHEN c.holder = session_user AND c.expires_at > clock_timestamp() THEN c.token
                         ELSE gen_random_uuid() END,
            acquired_at = CASE WHEN c.holder = session_user AND c.expires_at > clock_timestamp() THEN c.acquired_at
                               ELSE asked END,
            expires_at = until
        WHERE c.holder IS NULL OR c.expires_at <= clock_timestamp() OR (p_own AND c.holder = session_user)
        RETURNING c.*
    ), logged AS (
        -- One that is only extended is no news.
        INSERT INTO greenroom.change_log (kind, id, partition_key, event)
        SELECT l.kind, l.id, l.partition_key, 'claimed' FROM lease AS l WHERE l.acquired_at = asked
    )
    SELECT l.* INTO taken FROM lease AS l;
    RETURN taken;
END;
$$;

-- How many claims the person may still take. The staff row is locked first: without it eight connections
-- would each count the same five.
CREATE OR REPLACE FUNCTION greenroom.claims_left() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    cap integer;
BEGIN
    SELECT s.claim_cap INTO cap FROM greenroom.staff AS s WHERE s.login = session_user FOR NO KEY UPDATE;
    RETURN cap - (SELECT count(*) FROM greenroom.claims AS c
                  WHERE c.holder = session_user AND c.expires_at > clock_timestamp());
END;
$$;

CREATE OR REPLACE FUNCTION greenroom.refuse_taken(p_kind text, p_id uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    other record;
BEGIN
    SELECT c.holder, c.acquired_at INTO other FROM greenroom.claims AS c WHERE c.kind = p_kind AND c.id = p_id;
    PERFORM greenroom.refuse('GR005', 'taken', format('%s is deciding this', other.holder),
        'Go on with another item; it comes back if they let go of it.',
        jsonb_build_object('kind', p_kind, 'id', p_id, 'holder', other.holder, 'since', other.acquired_at));
END;
$$;

CREATE OR REPLACE FUNCTION greenroom.claim(p_kind text, p_id uuid, p_partition_key timestamptz)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, public, pg_temp SET "TimeZone" = 'UTC'
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    locked record;
    taken greenroom.claims;
BEGIN
    PERFORM greenroom.signed_in();
    IF greenroom.claims_left() <= 0 AND NOT EXISTS (
        SELECT FROM greenroom.claims AS c WHERE c.kind = p_kind AND c.id = p_id
          AND c.holder IS NOT DISTINCT FROM session_user AND c.expires_at > clock_timestamp()) THEN
        PERFORM greenroom.refuse('GR006', 'too_many_claims', 'You hold as many items as one person may',
            'Decide or let go of one of them first.');
    END IF;
    locked := greenroom.platform_lock(p_kind, p_id, p_partition_key, false);
    IF locked.version IS NULL THEN
        PERFORM greenroom.refuse('GR009', 'not_found', format('There is no %s %s', p_kind, p_id),
            'It may have been deleted.', jsonb_build_object('kind', p_kind, 'id', p_id));
    END IF;
    taken := greenroom.take(p_kind, p_id, p_partition_key, true);
    IF taken.token IS NULL THEN
        PERFORM greenroom.refuse_taken(p_kind, p_id);
    END IF;
    RETURN greenroom.claim_as_json(taken, locked.version);
END;
$$;

-- Whether items can be read: an array of objects with the types of the interface.
CREATE OR REPLACE FUNCTION greenroom.well_formed(p_items jsonb) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    PERFORM 1 FROM jsonb_to_recordset(p_items) AS r (
        kind text, id uuid, partition_key timestamptz, token uuid, version text, title text, flags uuid[]);
    RETURN jsonb_typeof(p_items) = 'array';
EXCEPTION WHEN data_exception THEN
    RETURN false;
END;
$$;

-- The first candidate, in the person's order, that is free, pending and unchanged. Rows that somebody else is
-- locking at this moment are passed over, so that many people at one queue spread instead of queueing up. Who calls
-- sees to the cap: by claims_left(), or by having given up a claim just before.
CREATE OR REPLACE FUNCTION greenroom.take_next(p_scope text, p_candidates jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    kinds text[];
    ids uuid[];
    keys timestamptz[];
    versions text[];
    held uuid[];
    waiting integer[];
    tried integer := 1;
    passed integer;
    place integer;
    locked record;
    taken greenroom.claims;
BEGIN
    IF p_candidates IS NULL OR p_candidates = '[]' THEN
        RETURN NULL;
    END IF;
    BEGIN
        SELECT array_agg(r.kind ORDER BY r.place), array_agg(r.id ORDER BY r.place),
               array_agg(r.key ORDER BY r.place), array_agg(r.version ORDER BY r.place)
        INTO kinds, ids, keys, versions
        FROM ROWS FROM (jsonb_to_recordset(p_candidates)
            AS (kind text, id uuid, partition_key timestamptz, version text))
            WITH ORDINALITY AS r (kind, id, key, version, place)
        WHERE r.place <= 64;
    EXCEPTION WHEN data_exception THEN
        PERFORM greenroom.refuse('GR007', 'invalid', 'The candidates are malformed', '');
    END;
    -- What others hold or have decided meanwhile is passed over at once, before anything is locked or digested.
    -- OFFSET 0 keeps the planner at one look-up each: it would rather read a small table whole.
    held := ARRAY(
        SELECT e.id FROM unnest(kinds, ids) AS e (kind, id), LATERAL (
            SELECT FROM greenroom.claims AS c WHERE c.kind = e.kind AND c.id = e.id
              AND c.expires_at > clock_timestamp() OFFSET 0) AS c);
    waiting := greenroom.platform_waiting(p_scope, kinds, ids);
    WHILE cardinality(waiting) >= tried LOOP
        place := waiting[tried];
        tried := tried + 1;
        CONTINUE WHEN ids[place] = ANY (held);
        locked := greenroom.platform_lock(kinds[place], ids[place], keys[place], true);
        IF locked.version IS NULL THEN
            -- Somebody is taking this one. Who comes at the same moment would fail at the next ones too: a few are
            -- left for later, at random.
            passed := floor(random() * 4);
            waiting := waiting || waiting[tried:tried + passed - 1];
            tried := tried + passed;
            CONTINUE;
        END IF;
        CONTINUE WHEN locked.version <> versions[place]
            OR NOT greenroom.platform_pending(p_scope, kinds[place], ids[place], keys[place]);
        taken := greenroom.take(kinds[place], ids[place], keys[place], false);
        CONTINUE WHEN taken.token IS NULL;
        RETURN greenroom.claim_as_json(taken, locked.version);
    END LOOP;
    RETURN NULL;
END;
$$;

CREATE OR REPLACE FUNCTION greenroom.claim_next(p_scope text, p_candidates jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, public, pg_temp SET "TimeZone" = 'UTC'
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    PERFORM greenroom.signed_in();
    IF NOT EXISTS (SELECT FROM greenroom.verbs AS v WHERE v.scope = p_scope AND v.in_queue) THEN
        PERFORM greenroom.refuse('GR007', 'invalid', format('There is no queue %s', p_scope), '');
    END IF;
    IF greenroom.claims_left() <= 0 THEN
        RETURN NULL;
    END IF;
    RETURN greenroom.take_next(p_scope, p_candidates);
END;
$$;

CREATE OR REPLACE FUNCTION greenroom.renew(p_tokens uuid[]) RETURNS uuid[] LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, pg_temp AS $$
DECLARE
    live uuid[];
BEGIN
    PERFORM greenroom.signed_in();
    WITH mine AS (
        SELECT c.kind, c.id FROM greenroom.claims AS c
        WHERE c.holder = session_user AND c.token = ANY (p_tokens) AND c.expires_at > clock_timestamp()
        ORDER BY c.kind, c.id FOR NO KEY UPDATE
    ), renewed AS (
        UPDATE greenroom.claims AS c
        SET expires_at = clock_timestamp() + (SELECT s.lease FROM greenroom.settings AS s)
        FROM mine WHERE (c.kind, c.id) = (mine.kind, mine.id)
          AND c.holder = session_user AND c.token = ANY (p_tokens) AND c.expires_at > clock_timestamp()
        RETURNING c.token
    )
    SELECT array_agg(renewed.token) INTO live FROM renewed;
    RETURN coalesce(live, '{}');
END;
$$;

CREATE OR REPLACE FUNCTION greenroom.release(p_tokens uuid[]) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, pg_temp AS $$
DECLARE
    released integer;
BEGIN
    PERFORM greenroom.signed_in();
    WITH given AS (
        UPDATE greenroom.claims AS c
        SET holder = NULL, token = NULL, expires_at = '-infinity'
        WHERE c.holder = session_user AND c.token = ANY (p_tokens)
        RETURNING c.kind, c.id, c.partition_key
    ), logged AS (
        INSERT INTO greenroom.change_log (kind, id, partition_key, event)
        SELECT g.kind, g.id, g.partition_key, 'released' FROM given AS g
    )
    SELECT count(*) INTO released FROM given;
    RETURN released;
END;
$$;
