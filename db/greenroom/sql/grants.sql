-- Every privilege inside the schema is given here; whatever is not named stays closed.
REVOKE ALL ON ALL TABLES IN SCHEMA greenroom FROM PUBLIC, greenroom_reviewer, greenroom_moderator, greenroom_admin;
REVOKE ALL ON ALL ROUTINES IN SCHEMA greenroom FROM PUBLIC, greenroom_reviewer, greenroom_moderator, greenroom_admin;
-- Without IN SCHEMA: the built-in grant to PUBLIC on new functions is not a default of the schema.
ALTER DEFAULT PRIVILEGES FOR ROLE greenroom_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

GRANT USAGE ON SCHEMA greenroom TO greenroom_reviewer;

GRANT SELECT (merge_id, topic_id, survivor_id, title, login, begun_at, undo_until, state, moved, kept, carried_at,
    finished_at) ON greenroom.topic_merges TO greenroom_admin;
GRANT EXECUTE ON FUNCTION greenroom.begin_merge(uuid, uuid, uuid, text), greenroom.steer_merge(uuid, uuid, text, text)
TO greenroom_admin;
GRANT EXECUTE ON FUNCTION greenroom.carry_merge(uuid, text), greenroom.topic_of_slug(text) TO greenroom_reviewer;
GRANT SELECT (version, applied_at) ON greenroom.schema_version TO greenroom_reviewer;
GRANT SELECT (platform, attached_at, lease, review_back_to) ON greenroom.settings TO greenroom_reviewer;
GRANT SELECT (login, user_id, display_name, active) ON greenroom.staff TO greenroom_reviewer;
GRANT SELECT (kind, id, partition_key, open_flags, first_flag_at, last_flag_at, reasons, escalated_at, review_due_at)
    ON greenroom.subjects TO greenroom_reviewer;
-- The token stays out: it is the proof that a decision comes from the holder.
GRANT SELECT (kind, id, partition_key, holder, acquired_at, expires_at) ON greenroom.claims TO greenroom_reviewer;
GRANT SELECT (scope, verb, title, past, rank, reason, kinds, reversible, in_queue) ON greenroom.verbs TO greenroom_reviewer;
GRANT SELECT (policy_key, version, title, family, severity, help_text, example, dsa_category, statement, points,
    points_days, active, created_at)
    ON greenroom.policies TO greenroom_reviewer;
GRANT SELECT (points, sanction, days) ON greenroom.ladder TO greenroom_reviewer;
GRANT SELECT (decision_id, user_id, policy_key, policy_version, points, struck_at, expires_at, revoked_at, sanction,
    sanction_until, sanction_lifted_at) ON greenroom.strikes TO greenroom_reviewer;
GRANT SELECT (decision_id, login, scope, verb, policy_key, policy_version, note, decided_at, client, undoes, undone_by)
    ON greenroom.decisions TO greenroom_reviewer;
GRANT SELECT (decision_id, ordinal, kind, id, partition_key, content_version, title)
    ON greenroom.decision_items TO greenroom_reviewer;
GRANT SELECT (kind, id, version, login, saved_at, note) ON greenroom.document_versions TO greenroom_reviewer;
GRANT SELECT (note_id, kind, id, login, body, created_at, retracted_at) ON greenroom.notes TO greenroom_reviewer;
GRANT SELECT (scope, login, line, shared, saved_at) ON greenroom.saved_filters TO greenroom_reviewer;
GRANT SELECT (mark_id, kind, id, partition_key, login, begins_ms, ends_ms, policy_key, note, created_at, removed_at,
    flag_id) ON greenroom.marks TO greenroom_reviewer;
GRANT SELECT (day, scope, policy_key, decided, taken_back, overturned) ON greenroom.daily_decisions TO greenroom_reviewer;
GRANT SELECT (day, scope, policy_key, measure, bucket, items) ON greenroom.daily_waits TO greenroom_reviewer;
GRANT SELECT (hour, scope, waiting, oldest_at) ON greenroom.hourly_queues TO greenroom_reviewer;
GRANT SELECT (at) ON greenroom.numbers_counted TO greenroom_reviewer;
GRANT SELECT (digest, content, recorded_at, erased_at) ON greenroom.evidence TO greenroom_moderator;
GRANT SELECT (request_id, login, user_id, asked_by, asked_at, answered_by, answered_at, granted)
    ON greenroom.admin_requests TO greenroom_admin;
GRANT SELECT (audit_id, at, login, action, decision_id, kind, id, partition_key, changed, evidence_digest, client)
    ON greenroom.audit TO greenroom_admin;

GRANT EXECUTE ON FUNCTION
    greenroom.me(), greenroom.position(), greenroom.end_stale_sessions(),
    greenroom.changes(pg_snapshot, timestamptz, integer), greenroom.announce(), greenroom.seal_audit(), greenroom.count_numbers(),
    greenroom.claim(text, uuid, timestamptz), greenroom.claim_next(text, jsonb),
    greenroom.renew(uuid[]), greenroom.release(uuid[]), greenroom.applied(uuid[]),
    greenroom.decide(uuid, text, text, text, text, jsonb, jsonb, text),
    greenroom.undo(uuid, uuid, text),
    greenroom.save_bible(uuid, uuid, integer, jsonb, text, text),
    greenroom.raise_flag(uuid, text, uuid, timestamptz, text, text, text), greenroom.withdraw_flag(uuid, uuid, text),
    greenroom.add_note(uuid, text, uuid, text, text), greenroom.retract_note(uuid, uuid, text),
    greenroom.save_filter(uuid, text, text, boolean, text),
    greenroom.save_mark(uuid, uuid, text, uuid, timestamptz, integer, integer, text, text, text),
    greenroom.remove_mark(uuid, uuid, boolean, text), greenroom.flag_mark(uuid, uuid, text),
    greenroom.bring_older(text, integer, text), greenroom.scene_counters(uuid),
    greenroom.consequence(text, uuid, timestamptz, text)
TO greenroom_reviewer;
GRANT EXECUTE ON FUNCTION
    greenroom.reconcile(), greenroom.erase_evidence(text, text, text),
    greenroom.verify_audit(bigint, integer), greenroom.unsealed_audit(),
    greenroom.save_policy(uuid, text, integer, text, text, integer, text, text, text, text, integer, integer, boolean, text),
    greenroom.curate(uuid, jsonb, text),
    greenroom.grant_login(uuid, text, integer, uuid, text, text), greenroom.revoke_login(uuid, text, text),
    greenroom.ask_admin(uuid, text, text), greenroom.answer_admin(uuid, uuid, boolean, text), greenroom.staff_list(),
    greenroom.steer_job(uuid, uuid, timestamptz, text, text, text), greenroom.undo_job(uuid, uuid, text),
    greenroom.server_replicas(), greenroom.server_connections(), greenroom.server_statements()
TO greenroom_admin;
GRANT EXECUTE ON FUNCTION greenroom.lay_login(text, integer, text), greenroom.close_login(text) TO greenroom_owner;
-- Pure functions of their arguments, called in the list queries.
GRANT EXECUTE ON FUNCTION
    greenroom.part(text), greenroom.digest(text),
    greenroom.idea_version(text, text, text[], uuid, uuid, text, text),
    greenroom.user_topic_version(text, text, text, uuid), greenroom.scene_version(text, text, text),
    greenroom.segment_version(text, text, text, text, text),
    greenroom.user_version(text, text, text, text, text, boolean),
    greenroom.topic_version(text, text, text, text, boolean),
    greenroom.category_version(uuid, text, text, text, boolean)
TO greenroom_reviewer;
