-- Who saved which version of a document that the platform keeps in versions: its rows have no column for staff.
CREATE TABLE greenroom.document_versions (
    save_id uuid PRIMARY KEY,
    kind text NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    login name NOT NULL,
    saved_at timestamptz NOT NULL,
    note text,
    client text,
    UNIQUE (kind, id, version)
);
