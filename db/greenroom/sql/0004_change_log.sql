-- What was done lately, for consoles that show it: kept for two hours. Read by snapshot, not by number: a row of a
-- transaction that commits late has a small number, and whoever remembers the last number misses it.
CREATE TABLE greenroom.change_log (
    change_id bigint GENERATED ALWAYS AS IDENTITY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind text NOT NULL,
    id uuid NOT NULL,
    partition_key timestamptz,
    event text NOT NULL CHECK (event IN ('claimed', 'released', 'decided', 'undone', 'saved', 'flagged')),
    login name NOT NULL DEFAULT session_user,
    decision_id uuid
);
CREATE INDEX change_log_xid ON greenroom.change_log (xid);
CREATE INDEX change_log_at ON greenroom.change_log (at);
