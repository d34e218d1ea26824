CREATE TABLE greenroom.schema_version (
    version integer PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE greenroom.settings (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    platform text NOT NULL,
    attached_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    lease interval NOT NULL DEFAULT '2 minutes',
    stale_transaction interval NOT NULL DEFAULT '10 seconds'
);

CREATE TABLE greenroom.staff (
    login name PRIMARY KEY,
    user_id uuid NOT NULL,
    display_name text NOT NULL,
    claim_cap integer NOT NULL DEFAULT 5 CHECK (claim_cap BETWEEN 1 AND 1000),
    active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- One row for each thing that is flagged, claimed or due for review. No foreign key points into the platform.
CREATE TABLE greenroom.subjects (
    kind text NOT NULL,
    id uuid NOT NULL,
    partition_key timestamptz,
    open_flags integer NOT NULL DEFAULT 0,
    first_flag_at timestamptz,
    last_flag_at timestamptz,
    reasons text[] NOT NULL DEFAULT '{}',
    escalated_at timestamptz,
    review_due_at timestamptz,
    PRIMARY KEY (kind, id)
) WITH (fillfactor = 80);
CREATE INDEX subjects_flags_oldest ON greenroom.subjects (first_flag_at, id)
    WHERE open_flags > 0 AND escalated_at IS NULL;
CREATE INDEX subjects_flags_newest ON greenroom.subjects (last_flag_at DESC, id DESC)
    WHERE open_flags > 0 AND escalated_at IS NULL;
CREATE INDEX subjects_flags_most ON greenroom.subjects (open_flags DESC, last_flag_at DESC, id DESC)
    WHERE open_flags > 0 AND escalated_at IS NULL;
CREATE INDEX subjects_escalated ON greenroom.subjects (escalated_at, id)
    WHERE open_flags > 0 AND escalated_at IS NOT NULL;
CREATE INDEX subjects_review_due ON greenroom.subjects (review_due_at, id) WHERE review_due_at IS NOT NULL;

-- One reused row a subject: a free one has no holder. The primary key makes a second live claim impossible.
CREATE TABLE greenroom.claims (
    kind text NOT NULL,
    id uuid NOT NULL,
    partition_key timestamptz,
    holder name,
    token uuid,
    acquired_at timestamptz,
    expires_at timestamptz NOT NULL DEFAULT '-infinity',
    PRIMARY KEY (kind, id)
) WITH (fillfactor = 50);
CREATE INDEX claims_holder ON greenroom.claims (holder) WHERE holder IS NOT NULL;

CREATE TABLE greenroom.verbs (
    scope text NOT NULL,
    verb text NOT NULL,
    title text NOT NULL,
    past text NOT NULL,
    rank smallint NOT NULL CHECK (rank BETWEEN 1 AND 3),
    reason text NOT NULL CHECK (reason IN ('none', 'optional', 'required')),
    kinds text[] NOT NULL,
    changes jsonb NOT NULL,
    effect text,
    reversible boolean NOT NULL,
    in_queue boolean NOT NULL,
    PRIMARY KEY (scope, verb)
);

CREATE TABLE greenroom.policies (
    policy_key text NOT NULL,
    version integer NOT NULL,
    title text NOT NULL,
    family text NOT NULL,
    severity smallint NOT NULL CHECK (severity BETWEEN 1 AND 5),
    help_text text NOT NULL,
    dsa_category text,
    active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (policy_key, version)
);

-- An undo is a decision too: its `undoes` names the one it reverses.
CREATE TABLE greenroom.decisions (
    decision_id uuid PRIMARY KEY,
    login name NOT NULL,
    scope text NOT NULL,
    verb text NOT NULL,
    policy_key text,
    policy_version integer,
    note text,
    decided_at timestamptz NOT NULL,
    client text,
    undoes uuid UNIQUE REFERENCES greenroom.decisions,
    undone_by uuid REFERENCES greenroom.decisions,
    FOREIGN KEY (policy_key, policy_version) REFERENCES greenroom.policies
);
CREATE INDEX decisions_of_login ON greenroom.decisions (login, decided_at DESC);

-- These two are written by decide() and undo() alone, with the decision that they name, and nobody may delete one:
-- a foreign key would look up and lock for each row what the transaction has just written.
CREATE TABLE greenroom.decision_items (
    decision_id uuid NOT NULL,
    ordinal integer NOT NULL,
    kind text NOT NULL,
    id uuid NOT NULL,
    partition_key timestamptz,
    content_version text NOT NULL,
    title text NOT NULL,
    PRIMARY KEY (decision_id, ordinal)
);
CREATE INDEX decision_items_subject ON greenroom.decision_items (kind, id);

-- Only the columns that were written. `before` is null where the row was created.
CREATE TABLE greenroom.decision_changes (
    decision_id uuid NOT NULL,
    ordinal integer NOT NULL,
    relation text NOT NULL,
    row_id uuid NOT NULL,
    partition_key timestamptz,
    before jsonb,
    after jsonb NOT NULL,
    PRIMARY KEY (decision_id, ordinal)
);
CREATE INDEX decision_changes_row ON greenroom.decision_changes (row_id);

CREATE TABLE greenroom.evidence (
    digest text PRIMARY KEY,
    content jsonb,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    erased_at timestamptz
);

CREATE TABLE greenroom.audit (
    audit_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    login name NOT NULL,
    action text NOT NULL,
    decision_id uuid,
    kind text,
    id uuid,
    partition_key timestamptz,
    changed jsonb,
    evidence_digest text,
    client text
);
CREATE INDEX audit_subject ON greenroom.audit (kind, id);
CREATE INDEX audit_decision ON greenroom.audit (decision_id);

CREATE TABLE greenroom.notes (
    note_id uuid PRIMARY KEY,
    kind text NOT NULL,
    id uuid NOT NULL,
    login name NOT NULL,
    body text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    retracted_at timestamptz
);
CREATE INDEX notes_subject ON greenroom.notes (kind, id);

-- Consumed by the platform's services; `compensates` names the row that it takes back.
CREATE TABLE greenroom.outbox (
    outbox_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event text NOT NULL,
    payload jsonb NOT NULL,
    decision_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    consumed_at timestamptz,
    compensates bigint
);
CREATE INDEX outbox_waiting ON greenroom.outbox (outbox_id) WHERE consumed_at IS NULL;
CREATE INDEX outbox_decision ON greenroom.outbox (decision_id);
