-- Leases on subjects. Every way to a claim locks the subject's row first (greenroom.platform_lock), so that two
-- people never wait for each other on a claim row; the primary key settles what snapshots do not show.

CREATE OR REPLACE FUNCTION greenroom.claim_as_json(c greenroom.claims, content_version text)
RETURNS jsonb LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT jsonb_build_object('kind', c.kind, 'id', c.id, 'partition_key', c.partition_key, 'token', c.token,
        'version', content_version, 'expires_at', c.expires_at)
$$;

-- Takes or extends the lease when it is free, expired or the person's own; null when somebody else holds it.
CREATE OR REPLACE FUNCTION greenroom.take(p_kind text, p_id uuid, p_partition_key timestamptz)
RETURNS greenroom.claims LANGUAGE plpgsql
SET search_path = pg_catalog, greenroom, pg_temp AS $$
DECLARE
    taken greenroom.claims;
    until timestamptz := clock_timestamp() + (SELECT s.lease FROM greenroom.settings AS s);
BEGIN
    INSERT INTO greenroom.claims AS c (kind, id, partition_key, holder, token, acquired_at, expires_at)
    VALUES (p_kind, p_id, p_partition_key, session_user, gen_random_uuid(), clock_timestamp(), until)
    ON CONFLICT (kind, id) DO UPDATE
    SET holder = session_user,
        token = CASE WHEN c.holder = session_user AND c.expires_at > clock_timestamp() THEN c.token
                     ELSE gen_random_uuid() END,
        acquired_at = CASE WHEN c.holder = session_user AND c.expires_at > clock_timestamp() THEN c.acquired_at
                           ELSE clock_timestamp() END,
        expires_at = until
    WHERE c.holder IS NULL OR c.holder = session_user OR c.expires_at <= clock_timestamp()
    RETURNING * INTO taken;
    RETURN taken;
END;
$$;

-- How many claims the person may still take. The staff row is locked first: without it eight connections
-- would each count the same five.
CREATE OR REPLACE FUNCTION greenroom.claims_left() RETURNS integer LANGUAGE plpgsql
SET search_path = pg_catalog, greenroom, pg_temp AS $$
DECLARE
    cap integer;
BEGIN
    SELECT s.claim_cap INTO cap FROM greenroom.staff AS s WHERE s.login = session_user FOR NO KEY UPDATE;
    RETURN cap - (SELECT count(*) FROM greenroom.claims AS c
                  WHERE c.holder = session_user AND c.expires_at > clock_timestamp());
END;
$$;

CREATE OR REPLACE FUNCTION greenroom.refuse_taken(p_kind text, p_id uuid) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, greenroom, pg_temp AS $$
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
SET search_path = pg_catalog, greenroom, public, pg_temp SET "TimeZone" = 'UTC' AS $$
DECLARE
    locked record;
    taken greenroom.claims;
BEGIN
    PERFORM greenroom.signed_in();
    IF greenroom.claims_left() <= 0 AND NOT EXISTS (
        SELECT FROM greenroom.claims AS c WHERE c.kind = p_kind AND c.id = p_id AND c.holder = session_user
          AND c.expires_at > clock_timestamp()) THEN
        PERFORM greenroom.refuse('GR006', 'too_many_claims', 'You hold as many items as one person may',
            'Decide or let go of one of them first.');
    END IF;
    SELECT * INTO locked FROM greenroom.platform_lock(p_kind, p_id, p_partition_key, false);
    IF NOT FOUND THEN
        PERFORM greenroom.refuse('GR009', 'not_found', format('There is no %s %s', p_kind, p_id),
            'It may have been deleted.', jsonb_build_object('kind', p_kind, 'id', p_id));
    END IF;
    taken := greenroom.take(p_kind, p_id, p_partition_key);
    IF taken.token IS NULL THEN
        PERFORM greenroom.refuse_taken(p_kind, p_id);
    END IF;
    RETURN greenroom.claim_as_json(taken, locked.version);
END;
$$;

-- Whether items or candidates can be read: an array of objects with the types of the interface.
CREATE OR REPLACE FUNCTION greenroom.well_formed(p_items jsonb) RETURNS boolean LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, greenroom, pg_temp SET "TimeZone" = 'UTC' AS $$
BEGIN
    PERFORM 1 FROM jsonb_to_recordset(p_items) AS r (
        kind text, id uuid, partition_key timestamptz, token uuid, version text, title text, flags uuid[]);
    RETURN jsonb_typeof(p_items) = 'array';
EXCEPTION WHEN data_exception THEN
    RETURN false;
END;
$$;

-- The first candidate, in the person's order, that is free, pending and unchanged. Rows that somebody else is
-- locking at this moment are passed over, so that many people at one queue spread instead of queueing up.
CREATE OR REPLACE FUNCTION greenroom.take_next(p_scope text, p_candidates jsonb) RETURNS jsonb LANGUAGE plpgsql
SET search_path = pg_catalog, greenroom, public, pg_temp SET "TimeZone" = 'UTC' AS $$
DECLARE
    candidate record;
    locked record;
    taken greenroom.claims;
BEGIN
    IF NOT greenroom.well_formed(coalesce(p_candidates, '[]')) THEN
        PERFORM greenroom.refuse('GR007', 'invalid', 'The candidates are malformed', '');
    END IF;
    IF p_candidates IS NULL OR jsonb_array_length(p_candidates) = 0 OR greenroom.claims_left() <= 0 THEN
        RETURN NULL;
    END IF;
    FOR candidate IN
        SELECT e.value ->> 'kind' AS kind, (e.value ->> 'id')::uuid AS id,
               (e.value ->> 'partition_key')::timestamptz AS partition_key, e.value ->> 'version' AS version
        FROM jsonb_array_elements(p_candidates) WITH ORDINALITY AS e (value, place)
        ORDER BY e.place LIMIT 64
    LOOP
        CONTINUE WHEN EXISTS (
            SELECT FROM greenroom.claims AS c
            WHERE c.kind = candidate.kind AND c.id = candidate.id
              AND c.holder IS NOT NULL AND c.expires_at > clock_timestamp());
        -- What others have decided meanwhile is passed over before anything is locked or digested for it.
        CONTINUE WHEN NOT greenroom.platform_pending(
            p_scope, candidate.kind, candidate.id, candidate.partition_key);
        SELECT * INTO locked
        FROM greenroom.platform_lock(candidate.kind, candidate.id, candidate.partition_key, true);
        CONTINUE WHEN NOT FOUND OR locked.version <> candidate.version
            OR NOT greenroom.platform_pending(p_scope, candidate.kind, candidate.id, candidate.partition_key);
        taken := greenroom.take(candidate.kind, candidate.id, candidate.partition_key);
        CONTINUE WHEN taken.token IS NULL;
        RETURN greenroom.claim_as_json(taken, locked.version);
    END LOOP;
    RETURN NULL;
END;
$$;

CREATE OR REPLACE FUNCTION greenroom.claim_next(p_scope text, p_candidates jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, greenroom, public, pg_temp AS $$
BEGIN
    PERFORM greenroom.signed_in();
    IF NOT EXISTS (SELECT FROM greenroom.verbs AS v WHERE v.scope = p_scope AND v.in_queue) THEN
        PERFORM greenroom.refuse('GR007', 'invalid', format('There is no queue %s', p_scope), '');
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
    UPDATE greenroom.claims AS c
    SET holder = NULL, token = NULL, expires_at = '-infinity'
    WHERE c.holder = session_user AND c.token = ANY (p_tokens);
    GET DIAGNOSTICS released = ROW_COUNT;
    RETURN released;
END;
$$;
