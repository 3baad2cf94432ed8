-- Mails and archives are sources that hold others.
ALTER TABLE source ADD COLUMN parent INTEGER REFERENCES source (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE source ADD COLUMN subject TEXT NOT NULL DEFAULT '';
CREATE INDEX source_parent ON source (parent);

-- What a quarantined row names, folded, as far as it could be read: a corrected file is known by it. Empty: not named, or at fault.
ALTER TABLE quarantine ADD COLUMN unit TEXT NOT NULL DEFAULT '';
ALTER TABLE quarantine ADD COLUMN title TEXT NOT NULL DEFAULT '';
ALTER TABLE quarantine ADD COLUMN category TEXT NOT NULL DEFAULT '';

-- Rows that a work once had its values from, and has no more: they bring nothing new when they come again.
CREATE TABLE former_origin (
    id INTEGER PRIMARY KEY,
    entry INTEGER NOT NULL REFERENCES entry (id) DEFERRABLE INITIALLY DEFERRED,
    source INTEGER NOT NULL REFERENCES source (id) DEFERRABLE INITIALLY DEFERRED,
    sheet TEXT NOT NULL,
    row INTEGER NOT NULL
) STRICT;
CREATE INDEX former_origin_entry ON former_origin (entry);
CREATE INDEX former_origin_source ON former_origin (source);
