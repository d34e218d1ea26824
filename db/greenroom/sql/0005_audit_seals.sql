-- The audit's rows carry the transaction that wrote them; seals chain them in batches.
ALTER TABLE greenroom.audit ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX audit_xid ON greenroom.audit (xid, audit_id);

-- A seal is about the rows of all transactions from the horizon of the seal before it to below its own.
CREATE TABLE greenroom.audit_seals (
    seal_id bigint PRIMARY KEY,
    sealed_at timestamptz NOT NULL,
    horizon xid8 NOT NULL,
    rows integer NOT NULL,
    digest text NOT NULL
);
