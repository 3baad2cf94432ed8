-- Mails and archives are sources that hold others.
ALTER TABLE source ADD COLUMN parent INTEGER REFERENCES source (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE source ADD COLUMN subject TEXT NOT NULL DEFAULT '';
CREATE INDEX source_parent ON source (parent);

-- The titles of a received sheet, kept once: a JSON array. `entry.received` is an array in their order, or an object with its own.
CREATE TABLE sheet_header (
    id INTEGER PRIMARY KEY,
    source INTEGER NOT NULL REFERENCES source (id) DEFERRABLE INITIALLY DEFERRED,
    sheet TEXT NOT NULL,
    titles TEXT NOT NULL,
    UNIQUE (source, sheet)
) STRICT;
