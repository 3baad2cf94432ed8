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

-- Received files. A file stays where it is; the contest records where it was seen and what it was. `folder` is the scanned folder, and
-- `path` lies within it; a part of a mail or archive has no folder but a source, and `path` is its name there.
CREATE TABLE attachment (
    id INTEGER PRIMARY KEY,
    folder TEXT NOT NULL DEFAULT '',
    path TEXT NOT NULL,
    source INTEGER REFERENCES source (id) DEFERRABLE INITIALLY DEFERRED,
    size INTEGER NOT NULL,
    modified TEXT,
    sha256 TEXT NOT NULL,
    type TEXT NOT NULL,
    condition TEXT NOT NULL DEFAULT 'sound' CHECK (condition IN ('sound', 'empty', 'broken', 'encrypted')),
    kind TEXT NOT NULL DEFAULT '',
    entry INTEGER REFERENCES entry (id) DEFERRABLE INITIALLY DEFERRED,
    organization INTEGER REFERENCES organization (id) DEFERRABLE INITIALLY DEFERRED,
    matched TEXT NOT NULL DEFAULT '' CHECK (matched IN ('', 'name', 'mail', 'hand')),
    seen_at TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'present' CHECK (state IN ('present', 'missing'))
) STRICT;
CREATE INDEX attachment_place ON attachment (folder, path);
CREATE INDEX attachment_source ON attachment (source);
CREATE INDEX attachment_entry ON attachment (entry);
CREATE INDEX attachment_organization ON attachment (organization);
CREATE INDEX attachment_sha256 ON attachment (sha256);

-- Renames that were begun and may not be done: written before the first file is renamed, emptied by the operation that records them.
-- Not logged: after a crash it says which files may have either name.
CREATE TABLE attachment_rename (
    id INTEGER PRIMARY KEY,
    attachment INTEGER NOT NULL,
    old_path TEXT NOT NULL,
    new_path TEXT NOT NULL
) STRICT;
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

-- What staff decided about two works that look alike; the work with the lower id is `first`, so that a pair has one row.
CREATE TABLE verdict (
    id INTEGER PRIMARY KEY,
    first INTEGER NOT NULL REFERENCES entry (id) DEFERRABLE INITIALLY DEFERRED,
    second INTEGER NOT NULL REFERENCES entry (id) DEFERRABLE INITIALLY DEFERRED,
    verdict TEXT NOT NULL CHECK (verdict IN ('same', 'different')),
    reason TEXT NOT NULL,
    decided_at TEXT NOT NULL,
    CHECK (first < second),
    UNIQUE (first, second)
) STRICT;
CREATE INDEX verdict_second ON verdict (second);
