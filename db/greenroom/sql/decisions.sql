-- A decision: claim check, content check, change, record, audit, outbox and the next claim in one transaction.

CREATE OR REPLACE FUNCTION greenroom.decided_note(p_kind text, p_id uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce((
        SELECT jsonb_build_object('decided_by', d.login, 'decided_at', d.decided_at)
        FROM greenroom.decision_items AS i JOIN greenroom.decisions AS d USING (decision_id)
        WHERE i.kind = p_kind AND i.id = p_id ORDER BY d.decided_at DESC LIMIT 1), '{}')
$$;

CREATE OR REPLACE FUNCTION greenroom.refuse_stale(p_kind text, p_id uuid, p_message text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM greenroom.refuse('GR003', 'stale', p_message, 'Look at it as it is now, then decide again.',
        jsonb_build_object('kind', p_kind, 'id', p_id) || greenroom.decided_note(p_kind, p_id));
END;
$$;

-- The columns of `expected` that `held` holds otherwise.
CREATE OR REPLACE FUNCTION greenroom.differing(expected jsonb, held jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY(SELECT e.key FROM jsonb_each(expected) AS e WHERE held -> e.key IS DISTINCT FROM e.value ORDER BY 1)
$$;

-- The platform's triggers wait 100 ms for this row and then give up; a decision gives up before the server looks
-- for deadlocks (1 s), so that it is never the platform's transaction that is sacrificed. It is simply sent again.
CREATE OR REPLACE FUNCTION greenroom.lock_subject(p_kind text, p_id uuid) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, greenroom, pg_temp SET lock_timeout = '500ms' AS $$
BEGIN
    PERFORM 1 FROM greenroom.subjects AS s WHERE s.kind = p_kind AND s.id = p_id FOR NO KEY UPDATE;
END;
$$;

-- The answer to a decision that is in the database already, or null; a refusal where the id means another one.
CREATE OR REPLACE FUNCTION greenroom.repeated(
    p_decision_id uuid, p_scope text, p_verb text, p_items jsonb, p_candidates jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    existing greenroom.decisions;
BEGIN
    SELECT * INTO existing FROM greenroom.decisions AS d WHERE d.decision_id = p_decision_id;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF existing.login <> session_user OR (existing.scope, existing.verb) <> (p_scope, p_verb) OR EXISTS (
        SELECT FROM jsonb_array_elements(p_items) AS e
        FULL JOIN (SELECT * FROM greenroom.decision_items AS i WHERE i.decision_id = p_decision_id) AS i
          ON i.kind = e.value ->> 'kind' AND i.id = (e.value ->> 'id')::uuid
        WHERE i.id IS NULL OR e.value IS NULL) THEN
        PERFORM greenroom.refuse('GR007', 'invalid', 'This decision id was used for another decision', '');
    END IF;
    RETURN jsonb_build_object('decision_id', p_decision_id, 'decided_at', existing.decided_at, 'repeated', true,
        'next', CASE WHEN greenroom.claims_left() > 0 THEN greenroom.take_next(p_scope, p_candidates) END);
END;
$$;

-- Settles exactly these flags of a subject and records what they held; flags that arrived meanwhile stay open.
CREATE OR REPLACE FUNCTION greenroom.settle(
    p_decision_id uuid, p_kind text, p_id uuid, p_flags uuid[], p_new jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    wanted integer := (SELECT count(DISTINCT f) FROM unnest(p_flags) AS f);
    theirs integer;
    open integer;
    place integer := (SELECT count(*) FROM greenroom.decision_changes AS c WHERE c.decision_id = p_decision_id);
BEGIN
    IF wanted NOT BETWEEN 1 AND 10000 THEN
        PERFORM greenroom.refuse('GR007', 'invalid', 'A decision on flags names 1 to 10,000 of them', '');
    END IF;
    PERFORM greenroom.lock_subject(p_kind, p_id);
    SELECT count(*) FILTER (WHERE (f.kind, f.id) = (p_kind, p_id)),
           count(*) FILTER (WHERE f.held ->> 'status' IN ('pending', 'reviewing'))
    INTO theirs, open FROM greenroom.platform_flags(p_flags) AS f;
    IF theirs < wanted THEN
        PERFORM greenroom.refuse('GR007', 'invalid', format('A flag that is not about this %s was named', p_kind), '');
    ELSIF open < wanted THEN
        PERFORM greenroom.refuse_stale(p_kind, p_id, 'One of its flags has been settled meanwhile');
    END IF;
    INSERT INTO greenroom.decision_changes (decision_id, ordinal, relation, row_id, before, after)
    SELECT p_decision_id, place - 1 + row_number() OVER (ORDER BY f.flag), 'flag', f.flag,
           (SELECT jsonb_object_agg(k, f.held -> k) FROM jsonb_object_keys(p_new) AS k), p_new
    FROM greenroom.platform_flags(p_flags) AS f;
    PERFORM greenroom.platform_write_flags(p_decision_id, p_flags, false);
END;
$$;

-- Writes one row and records what it held before.
CREATE OR REPLACE FUNCTION greenroom.write_and_record(
    p_decision_id uuid, p_relation text, p_row_id uuid, p_partition_key timestamptz, p_new jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    held jsonb := greenroom.platform_write(p_relation, p_row_id, p_partition_key, p_new, NULL);
BEGIN
    INSERT INTO greenroom.decision_changes (decision_id, ordinal, relation, row_id, partition_key, before, after)
    SELECT p_decision_id, count(*), p_relation, p_row_id, p_partition_key, held, p_new
    FROM greenroom.decision_changes AS c WHERE c.decision_id = p_decision_id;
    RETURN held;
END;
$$;

-- A declared change with its placeholders filled in.
CREATE OR REPLACE FUNCTION greenroom.filled(
    p_values jsonb, p_now timestamptz, p_reviewer uuid, p_policy text, p_note text) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_object_agg(key, CASE value
        WHEN '"$now"' THEN to_jsonb(p_now)
        WHEN '"$reviewer"' THEN to_jsonb(p_reviewer)
        WHEN '"$policy"' THEN coalesce(to_jsonb(p_policy), 'null')
        WHEN '"$note"' THEN coalesce(to_jsonb(p_note), 'null')
        WHEN '"$reason"' THEN coalesce(to_jsonb(nullif(concat_ws(': ', p_policy, p_note), '')), 'null')
        ELSE value END)
    FROM jsonb_each(p_values)
$$;

CREATE OR REPLACE FUNCTION greenroom.decide(
    p_decision_id uuid, p_scope text, p_verb text, p_policy text, p_note text,
    p_items jsonb, p_candidates jsonb, p_client text)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, public, pg_temp SET "TimeZone" = 'UTC'
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    person greenroom.staff := greenroom.signed_in();
    declared greenroom.verbs;
    policy greenroom.policies;
    decided timestamptz := clock_timestamp();
    answer jsonb;
    item record;
    locked record;
    change record;
    new_values jsonb;
    held jsonb;
    changed jsonb;
    digest text;
    cover record;
    covers jsonb := '{}';
    items integer := 0;
BEGIN
    IF p_decision_id IS NULL OR NOT greenroom.well_formed(coalesce(p_items, 'null'))
       OR jsonb_array_length(p_items) NOT BETWEEN 1 AND 500 THEN
        PERFORM greenroom.refuse('GR007', 'invalid', 'A decision has an id and 1 to 500 items', '');
    END IF;
    IF length(p_note) > 10000 THEN
        PERFORM greenroom.refuse('GR007', 'invalid', 'The note is longer than 10,000 characters', 'Shorten it.');
    END IF;
    -- Before anything else: what was accepted once is so, whatever has become of the verb or the policy.
    answer := greenroom.repeated(p_decision_id, p_scope, p_verb, p_items, p_candidates);
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    SELECT * INTO declared FROM greenroom.verbs AS v WHERE v.scope = p_scope AND v.verb = p_verb;
    IF NOT FOUND THEN
        PERFORM greenroom.refuse('GR007', 'invalid', format('There is no verb %s in %s', p_verb, p_scope), '');
    END IF;
    IF greenroom.rank() < declared.rank THEN
        PERFORM greenroom.refuse('GR002', 'not_permitted', format('"%s" is for %ss', declared.title,
            (ARRAY['reviewer', 'moderator', 'admin'])[declared.rank]), 'Ask somebody of that role.');
    END IF;
    IF p_policy IS NOT NULL THEN
        SELECT * INTO policy FROM greenroom.policies AS p
        WHERE p.policy_key = p_policy ORDER BY p.version DESC LIMIT 1;
        -- A retired policy has an inactive version on top of those that were in force.
        IF NOT policy.active THEN
            policy := NULL;
        END IF;
    END IF;
    IF (declared.reason = 'required' OR p_policy IS NOT NULL) AND policy.policy_key IS NULL THEN
        PERFORM greenroom.refuse('GR007', 'invalid', format('"%s" needs a reason that is in force', declared.title),
            'Choose one of the policies.');
    END IF;

    INSERT INTO greenroom.decisions (decision_id, login, scope, verb, policy_key, policy_version, note, decided_at, client)
    VALUES (p_decision_id, session_user, p_scope, p_verb, policy.policy_key, policy.version, p_note, decided, left(p_client, 100))
    ON CONFLICT (decision_id) DO NOTHING;
    IF NOT FOUND THEN
        -- It was being written at this moment by another sending of it.
        RETURN greenroom.repeated(p_decision_id, p_scope, p_verb, p_items, p_candidates);
    END IF;

    FOR item IN
        SELECT r.* FROM jsonb_to_recordset(p_items) AS r (
            kind text, id uuid, partition_key timestamptz, token uuid, version text, title text, flags uuid[])
        ORDER BY r.kind, r.id
    LOOP
        IF NOT item.kind = ANY (declared.kinds) THEN
            PERFORM greenroom.refuse('GR007', 'invalid', format('"%s" is not for a %s', declared.title, item.kind), '');
        END IF;
        locked := greenroom.platform_lock(item.kind, item.id, item.partition_key, false);
        IF locked.version IS NULL THEN
            PERFORM greenroom.refuse('GR009', 'not_found', format('There is no %s %s', item.kind, item.id),
                'It may have been deleted.', jsonb_build_object('kind', item.kind, 'id', item.id));
        END IF;

        UPDATE greenroom.claims AS c
        SET holder = NULL, token = NULL, expires_at = '-infinity'
        WHERE c.kind = item.kind AND c.id = item.id AND c.holder IS NOT DISTINCT FROM session_user
          AND c.token = item.token AND c.expires_at > clock_timestamp();
        IF NOT FOUND THEN
            IF EXISTS (SELECT FROM greenroom.claims AS c WHERE c.kind = item.kind AND c.id = item.id
                       AND c.holder IS DISTINCT FROM session_user AND c.expires_at > clock_timestamp()) THEN
                PERFORM greenroom.refuse_taken(item.kind, item.id);
            END IF;
            cover := greenroom.platform_covered(item.kind, item.id, item.partition_key, item.token);
            IF cover.id IS NULL THEN
                PERFORM greenroom.refuse('GR004', 'claim_lost', 'Your hold on this item has ended',
                    'Open it again; nobody else holds it.', jsonb_build_object('kind', item.kind, 'id', item.id));
            END IF;
            covers := covers || jsonb_build_object(cover.id::text, cover.kind);
        END IF;

        IF declared.in_queue
           AND NOT greenroom.platform_pending(p_scope, item.kind, item.id, item.partition_key) THEN
            PERFORM greenroom.refuse_stale(item.kind, item.id, 'This has been decided meanwhile');
        END IF;
        IF locked.version IS DISTINCT FROM item.version THEN
            PERFORM greenroom.refuse_stale(item.kind, item.id, 'The content changed after it was shown to you');
        END IF;

        digest := encode(sha256(convert_to(locked.evidence::text, 'UTF8')), 'hex');
        changed := '{}';

        IF declared.effect IS NOT NULL THEN
            changed := greenroom.platform_effect(
                p_decision_id, declared.effect, item.kind, item.id, item.partition_key, person.user_id, decided);
        END IF;
        FOR change IN SELECT c.value ->> 'relation' AS relation, c.value -> 'values' AS vals
                      FROM jsonb_array_elements(declared.changes) AS c
        LOOP
            new_values := greenroom.filled(change.vals, decided, person.user_id, policy.title, p_note);
            CASE change.relation
            WHEN 'content' THEN
                held := greenroom.write_and_record(p_decision_id, greenroom.platform_relation(item.kind),
                    item.id, item.partition_key, new_values);
                changed := changed || jsonb_build_object('content', jsonb_build_array(held, new_values));
            WHEN 'review' THEN
                PERFORM greenroom.write_and_record(p_decision_id, 'subject:' || item.kind, item.id, NULL, new_values);
            WHEN 'flags' THEN
                PERFORM greenroom.settle(p_decision_id, item.kind, item.id, item.flags, new_values);
                changed := changed || jsonb_build_object('flags', to_jsonb(item.flags),
                    'flag_status', new_values -> 'status');
            END CASE;
        END LOOP;

        WITH kept AS (
            INSERT INTO greenroom.evidence (digest, content) VALUES (digest, locked.evidence) ON CONFLICT DO NOTHING
        ), listed AS (
            INSERT INTO greenroom.decision_items (decision_id, ordinal, kind, id, partition_key, content_version, title)
            VALUES (p_decision_id, items, item.kind, item.id, item.partition_key, item.version,
                left(coalesce(item.title, ''), 200))
        ), audited AS (
            INSERT INTO greenroom.audit (at, login, action, decision_id, kind, id, partition_key, changed,
                evidence_digest, client)
            VALUES (decided, session_user, p_scope || '.' || p_verb, p_decision_id, item.kind, item.id,
                item.partition_key, changed, digest, left(p_client, 100))
        ), logged AS (
            INSERT INTO greenroom.change_log (kind, id, partition_key, event, decision_id)
            VALUES (item.kind, item.id, item.partition_key, 'decided', p_decision_id)
        )
        INSERT INTO greenroom.outbox (event, payload, decision_id)
        VALUES ('decision', jsonb_build_object('scope', p_scope, 'verb', p_verb, 'kind', item.kind, 'id', item.id,
            'partition_key', item.partition_key, 'policy', policy.policy_key, 'policy_version', policy.version,
            'decided_at', decided), p_decision_id);
        items := items + 1;
    END LOOP;
    FOR cover IN SELECT c.value AS kind, c.key::uuid AS id FROM jsonb_each_text(covers) AS c LOOP
        WITH given AS (
            UPDATE greenroom.claims AS c SET holder = NULL, token = NULL, expires_at = '-infinity'
            WHERE c.kind = cover.kind AND c.id = cover.id RETURNING c.kind, c.id, c.partition_key
        )
        INSERT INTO greenroom.change_log (kind, id, partition_key, event)
        SELECT g.kind, g.id, g.partition_key, 'released' FROM given AS g;
    END LOOP;
    -- Most decisions name no policy and settle no flag: nobody is told of them, and looking costs a tenth of the rate.
    IF policy.policy_key IS NOT NULL OR declared.changes @> '[{"relation": "flags"}]' THEN
        PERFORM greenroom.tell_people(p_decision_id, declared, policy, decided);
    END IF;
    RETURN jsonb_build_object('decision_id', p_decision_id, 'decided_at', decided, 'repeated', false,
        'next', greenroom.take_next(p_scope, p_candidates));
END;
$$;

-- Says which columns hold something else now, and who wrote them last.
CREATE OR REPLACE FUNCTION greenroom.refuse_undo(p_change greenroom.decision_changes, p_held jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    names text[] := CASE WHEN p_change.before IS NULL THEN '{}'
                         ELSE greenroom.differing(p_change.after, coalesce(p_held, '{}')) END;
    later record;
BEGIN
    SELECT d.login, d.decided_at INTO later
    FROM greenroom.decision_changes AS c
    JOIN greenroom.decisions AS d USING (decision_id)
    JOIN greenroom.decisions AS o ON o.decision_id = p_change.decision_id
    WHERE c.row_id = p_change.row_id AND c.relation = p_change.relation
      AND d.decided_at > o.decided_at AND d.undoes IS DISTINCT FROM o.decision_id AND c.after ?| names
    ORDER BY d.decided_at DESC LIMIT 1;
    PERFORM greenroom.refuse('GR008', 'undo_refused',
        CASE WHEN p_change.before IS NULL
             THEN format('What it made in %s (%s) was changed or is in use', p_change.relation, p_change.row_id)
             WHEN p_held IS NULL THEN format('What it wrote in %s has been deleted', p_change.relation)
             ELSE format('%s was changed since by %s', array_to_string(names, ', '),
                         coalesce(later.login::text, 'the platform')) END,
        'Decide anew on what is there now.',
        jsonb_build_object('relation', p_change.relation, 'id', p_change.row_id, 'columns', names,
            'by', coalesce(later.login::text, 'the platform'), 'at', later.decided_at));
END;
$$;

CREATE OR REPLACE FUNCTION greenroom.undo(p_undo_id uuid, p_decision_id uuid, p_client text)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, public, pg_temp SET "TimeZone" = 'UTC'
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    decided timestamptz := clock_timestamp();
    original greenroom.decisions;
    declared greenroom.verbs;
    existing greenroom.decisions;
    item record;
    change greenroom.decision_changes;
    flags uuid[];
    blocker record;
    restored boolean;
BEGIN
    PERFORM greenroom.signed_in();
    IF p_undo_id IS NULL THEN
        PERFORM greenroom.refuse('GR007', 'invalid', 'An undo has an id', '');
    END IF;
    -- Two sendings of one undo meet at this lock.
    SELECT * INTO original FROM greenroom.decisions AS d WHERE d.decision_id = p_decision_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM greenroom.refuse('GR009', 'not_found', 'There is no such decision', '');
    END IF;
    SELECT * INTO existing FROM greenroom.decisions AS d WHERE d.decision_id = p_undo_id;
    IF FOUND THEN
        IF existing.login <> session_user OR existing.undoes IS DISTINCT FROM p_decision_id THEN
            PERFORM greenroom.refuse('GR007', 'invalid', 'This undo id was used for another decision', '');
        END IF;
        RETURN jsonb_build_object('decision_id', p_undo_id, 'decided_at', existing.decided_at, 'repeated', true, 'next', NULL);
    END IF;
    SELECT * INTO declared FROM greenroom.verbs AS v WHERE (v.scope, v.verb) = (original.scope, original.verb);
    IF (original.login <> session_user AND greenroom.rank() < 3) OR greenroom.rank() < coalesce(declared.rank, 3) THEN
        PERFORM greenroom.refuse('GR002', 'not_permitted', format('This was decided by %s', original.login),
            'They can undo it themselves, or an admin can.');
    END IF;
    IF original.undone_by IS NOT NULL THEN
        SELECT * INTO existing FROM greenroom.decisions AS d WHERE d.decision_id = original.undone_by;
        PERFORM greenroom.refuse('GR008', 'undo_refused', format('%s has undone this already', existing.login), '',
            jsonb_build_object('by', existing.login, 'at', existing.decided_at));
    END IF;
    IF original.undoes IS NOT NULL OR NOT declared.reversible THEN
        PERFORM greenroom.refuse('GR008', 'undo_refused', 'This cannot be undone', 'Decide anew instead.');
    END IF;

    FOR item IN SELECT * FROM greenroom.decision_items AS i WHERE i.decision_id = p_decision_id ORDER BY i.kind, i.id LOOP
        PERFORM greenroom.platform_lock(item.kind, item.id, item.partition_key, false);
        PERFORM greenroom.lock_subject(item.kind, item.id);
        SELECT c.holder, c.acquired_at INTO blocker FROM greenroom.claims AS c
        WHERE c.kind = item.kind AND c.id = item.id AND c.holder IS DISTINCT FROM session_user AND c.expires_at > clock_timestamp();
        IF FOUND THEN
            PERFORM greenroom.refuse('GR008', 'undo_refused', format('%s is deciding this now', blocker.holder),
                'Ask them, or try again when they are done.',
                jsonb_build_object('kind', item.kind, 'id', item.id, 'by', blocker.holder, 'at', blocker.acquired_at));
        END IF;
    END LOOP;

    INSERT INTO greenroom.decisions (decision_id, login, scope, verb, decided_at, client, undoes)
    VALUES (p_undo_id, session_user, original.scope, 'undo', decided, left(p_client, 100), p_decision_id);
    UPDATE greenroom.decisions AS d SET undone_by = p_undo_id WHERE d.decision_id = p_decision_id;
    INSERT INTO greenroom.decision_items (decision_id, ordinal, kind, id, partition_key, content_version, title)
    SELECT p_undo_id, i.ordinal, i.kind, i.id, i.partition_key, i.content_version, i.title
    FROM greenroom.decision_items AS i WHERE i.decision_id = p_decision_id;

    flags := ARRAY(SELECT c.row_id FROM greenroom.decision_changes AS c
                   WHERE c.decision_id = p_decision_id AND c.relation = 'flag');
    FOR item IN
        SELECT c AS whole, f.held
        FROM greenroom.decision_changes AS c LEFT JOIN greenroom.platform_flags(flags) AS f ON f.flag = c.row_id
        WHERE c.decision_id = p_decision_id AND c.relation = 'flag'
    LOOP
        IF item.held IS NULL OR cardinality(greenroom.differing((item.whole).after, item.held)) > 0 THEN
            PERFORM greenroom.refuse_undo(item.whole, item.held);
        END IF;
    END LOOP;
    PERFORM greenroom.platform_write_flags(p_decision_id, flags, true);

    FOR change IN SELECT * FROM greenroom.decision_changes AS c
                  WHERE c.decision_id = p_decision_id AND c.relation <> 'flag' ORDER BY c.ordinal DESC LOOP
        IF change.before IS NULL THEN
            restored := greenroom.platform_uncreate(change.relation, change.row_id, change.after);
        ELSE
            restored := greenroom.platform_write(
                change.relation, change.row_id, change.partition_key, change.before, change.after) IS NOT NULL;
        END IF;
        IF NOT restored THEN
            PERFORM greenroom.refuse_undo(change, CASE WHEN change.before IS NOT NULL THEN
                greenroom.platform_held(change.relation, change.row_id, change.partition_key) END);
        END IF;
    END LOOP;
    INSERT INTO greenroom.decision_changes (decision_id, ordinal, relation, row_id, partition_key, before, after)
    SELECT p_undo_id, c.ordinal, c.relation, c.row_id, c.partition_key, c.after, coalesce(c.before, '{}')
    FROM greenroom.decision_changes AS c WHERE c.decision_id = p_decision_id;

    WITH logged AS (
        INSERT INTO greenroom.change_log (kind, id, partition_key, event, decision_id)
        SELECT i.kind, i.id, i.partition_key, 'undone', p_undo_id
        FROM greenroom.decision_items AS i WHERE i.decision_id = p_decision_id
    )
    INSERT INTO greenroom.audit (at, login, action, decision_id, kind, id, partition_key, changed, client)
    SELECT decided, session_user, original.scope || '.undo', p_undo_id, i.kind, i.id, i.partition_key,
           jsonb_build_object('undoes', p_decision_id), left(p_client, 100)
    FROM greenroom.decision_items AS i WHERE i.decision_id = p_decision_id;
    PERFORM greenroom.revoke_strikes(p_decision_id, p_undo_id, decided);
    -- What nobody has consumed is withdrawn; what was consumed is taken back by a row of its own.
    DELETE FROM greenroom.outbox AS o WHERE o.decision_id = p_decision_id AND o.consumed_at IS NULL;
    INSERT INTO greenroom.outbox (event, payload, decision_id, compensates)
    SELECT 'undo', o.payload || jsonb_build_object('undone_at', decided), p_undo_id, o.outbox_id
    FROM greenroom.outbox AS o WHERE o.decision_id = p_decision_id;
    RETURN jsonb_build_object('decision_id', p_undo_id, 'decided_at', decided, 'repeated', false, 'next', NULL);
END;
$$;

-- Which works of these ids (decisions, undos, saves, flags, notes) are in the database: for a console that lost an
-- answer, or whose primary was lost. Each is in the audit under its id.
CREATE OR REPLACE FUNCTION greenroom.applied(p_ids uuid[]) RETURNS uuid[] LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, greenroom, pg_temp AS $$
BEGIN
    PERFORM greenroom.signed_in();
    RETURN ARRAY(SELECT DISTINCT a.decision_id FROM greenroom.audit AS a
                 WHERE a.decision_id = ANY (p_ids) AND a.login = session_user);
END;
$$;

-- Whatever is written is audited, and an outdated console may write nothing. This keeps honest consoles from mixing
-- up what a newer one has laid down; rights are another matter, since anybody can name another client.
CREATE OR REPLACE FUNCTION greenroom.client_is_current() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, greenroom, pg_temp AS $$
DECLARE
    told text := substring(NEW.client FROM '^greenroom ([0-9]{1,6}(\.[0-9]{1,6}){2})');
    minimum text := (SELECT s.minimum_client FROM greenroom.settings AS s);
BEGIN
    IF string_to_array(told, '.')::integer[] < string_to_array(minimum, '.')::integer[] THEN
        PERFORM greenroom.refuse('GR010', 'outdated',
            format('Greenroom %s is too old to change anything here: version %s is needed', told, minimum),
            'Update Greenroom; until then it only reads.');
    END IF;
    RETURN NEW;
END;
$$;
CREATE OR REPLACE TRIGGER client_is_current BEFORE INSERT ON greenroom.audit
    FOR EACH ROW WHEN (NEW.client LIKE 'greenroom %') EXECUTE FUNCTION greenroom.client_is_current();

-- Rows of the audit never change, not even by the owner's hand.
CREATE OR REPLACE FUNCTION greenroom.audit_is_append_only() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'greenroom.audit is append only';
END;
$$;
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON greenroom.audit
    FOR EACH STATEMENT EXECUTE FUNCTION greenroom.audit_is_append_only();
