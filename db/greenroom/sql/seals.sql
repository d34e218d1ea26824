-- Seals: the audit's rows are appended without a lock and chained by hash afterwards, in batches. A chain written row
-- by row would cut the rate of commits to a third.

-- How many rows transactions from p_from to below p_to wrote, and their digest on top of the digest before.
CREATE OR REPLACE FUNCTION greenroom.audit_digest(
    p_from xid8, p_to xid8, p_before text, OUT rows bigint, OUT digest text) LANGUAGE sql STABLE AS $$
    SELECT count(*), encode(sha256(
        convert_to(concat_ws(':', p_before, p_to), 'UTF8') || coalesce(string_agg(
            -- No value here depends on a setting of the caller: moments as seconds, everything else as jsonb writes it.
            sha256(convert_to(jsonb_build_array(a.audit_id, a.xid::text, extract(epoch FROM a.at), a.login, a.action,
                a.decision_id, a.kind, a.id, extract(epoch FROM a.partition_key), a.changed, a.evidence_digest,
                a.client)::text, 'UTF8')),
            ''::bytea ORDER BY a.xid, a.audit_id), ''::bytea)), 'hex')
    FROM greenroom.audit AS a WHERE a.xid >= p_from AND a.xid < p_to
$$;

-- Seals what no running transaction can add to any more, at most 50,000 rows, and tells the newest seal.
CREATE OR REPLACE FUNCTION greenroom.seal_audit() RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, pg_temp AS $$
DECLARE
    last greenroom.audit_seals;
    horizon xid8 := pg_snapshot_xmin(pg_current_snapshot());
    cut xid8;
    batch record;
BEGIN
    PERFORM greenroom.signed_in();
    SELECT * INTO last FROM greenroom.audit_seals ORDER BY seal_id DESC LIMIT 1;
    -- One console at a time; whoever comes second has nothing to do.
    IF NOT pg_is_in_recovery() AND pg_try_advisory_xact_lock(hashtext('greenroom.seal_audit')) THEN
        -- What was sealed between the first look and the lock is seen by this one.
        SELECT * INTO last FROM greenroom.audit_seals ORDER BY seal_id DESC LIMIT 1;
        SELECT a.xid INTO cut FROM greenroom.audit AS a
        WHERE a.xid >= coalesce(last.horizon, '0') AND a.xid < horizon
        ORDER BY a.xid, a.audit_id OFFSET 50000 LIMIT 1;
        IF cut > coalesce(last.horizon, '0') THEN
            horizon := cut;
        END IF;
        IF horizon > coalesce(last.horizon, '0') THEN
            batch := greenroom.audit_digest(coalesce(last.horizon, '0'), horizon, last.digest);
            IF batch.rows > 0 THEN
                INSERT INTO greenroom.audit_seals (seal_id, sealed_at, horizon, rows, digest)
                VALUES (coalesce(last.seal_id, 0) + 1, clock_timestamp(), horizon, batch.rows, batch.digest)
                RETURNING * INTO last;
            END IF;
        END IF;
    END IF;
    RETURN jsonb_build_object('seal', coalesce(last.seal_id, 0), 'digest', last.digest);
END;
$$;

-- Holds seals against the rows, in order: those after p_after, at most p_limit. `chained` is false where seals are
-- missing before this one, `intact` where its rows are not those that were sealed.
CREATE OR REPLACE FUNCTION greenroom.verify_audit(p_after bigint, p_limit integer)
RETURNS TABLE (seal_id bigint, sealed_at timestamptz, digest text, rows integer, found bigint,
               chained boolean, intact boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, greenroom, pg_temp AS $$
DECLARE
    before greenroom.audit_seals;
    seal greenroom.audit_seals;
    batch record;
BEGIN
    SELECT * INTO before FROM greenroom.audit_seals AS s WHERE s.seal_id <= p_after ORDER BY s.seal_id DESC LIMIT 1;
    FOR seal IN SELECT * FROM greenroom.audit_seals AS s WHERE s.seal_id > p_after
                ORDER BY s.seal_id LIMIT least(p_limit, 1000) LOOP
        batch := greenroom.audit_digest(coalesce(before.horizon, '0'), seal.horizon, before.digest);
        RETURN QUERY SELECT seal.seal_id, seal.sealed_at, seal.digest, seal.rows, batch.rows,
            seal.seal_id = coalesce(before.seal_id, 0) + 1, batch.digest = seal.digest;
        before := seal;
    END LOOP;
END;
$$;

-- How many rows no seal is about, although they have been there for a minute.
CREATE OR REPLACE FUNCTION greenroom.unsealed_audit() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, greenroom, pg_temp AS $$
    SELECT count(*) FROM greenroom.audit AS a
    WHERE a.xid >= coalesce((SELECT max(s.horizon) FROM greenroom.audit_seals AS s), '0')
      AND a.at < clock_timestamp() - interval '1 minute'
$$;

CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON greenroom.audit_seals
    FOR EACH STATEMENT EXECUTE FUNCTION greenroom.audit_is_append_only();
