-- Subjects whose upkeep a trigger had to give up on, so that the platform never waits: greenroom.mend() empties it.
CREATE TABLE greenroom.missed (
    missed_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    id uuid NOT NULL
);

-- What attach took from PUBLIC, and to whom it gave it instead: detach puts it back.
CREATE TABLE greenroom.taken_from_public (
    privilege text NOT NULL,
    on_object text NOT NULL,
    given_to name[] NOT NULL,
    PRIMARY KEY (privilege, on_object)
);
