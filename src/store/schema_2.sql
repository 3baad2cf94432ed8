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
