-- The oldest console that may write; attach says which, and an older one only reads.
ALTER TABLE greenroom.settings ADD COLUMN minimum_client text NOT NULL DEFAULT '0.1.0'
    CHECK (minimum_client ~ '^[0-9]{1,6}(\.[0-9]{1,6}){2}$');
