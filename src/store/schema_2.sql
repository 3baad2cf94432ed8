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

-- Who may recommend works, beside the rules' list: others, and what is known beyond the name of those on it.
CREATE TABLE recommender (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    folded TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('bureau', 'association', 'group', 'direct', 'other')),
    contact_name TEXT NOT NULL DEFAULT '',
    contact_phone TEXT NOT NULL DEFAULT '',
    contact_email TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE recommender_alias (
    id INTEGER PRIMARY KEY,
    recommender INTEGER NOT NULL REFERENCES recommender (id) DEFERRABLE INITIALLY DEFERRED,
    name TEXT NOT NULL,
    folded TEXT NOT NULL UNIQUE
) STRICT;
CREATE INDEX recommender_alias_recommender ON recommender_alias (recommender);

-- 盖章推荐表: the scan of a stamped sheet, by which a recommender confirms its works. The file stays where it is. Recommenders are named,
-- not referred to: those of the rules have no row.
CREATE TABLE recommendation_sheet (
    id INTEGER PRIMARY KEY,
    recommender TEXT NOT NULL,
    path TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    type TEXT NOT NULL,
    confirmed_at TEXT NOT NULL
) STRICT;
CREATE INDEX recommendation_sheet_sha256 ON recommendation_sheet (sha256);

-- What a recommender says of a work. A recommendation that was taken back keeps its row, so that a sheet that comes again does not
-- bring it back. `stamped` is the scan that covers it; the moment is `entry.recommended_at`.
CREATE TABLE recommendation (
    id INTEGER PRIMARY KEY,
    entry INTEGER NOT NULL UNIQUE REFERENCES entry (id) DEFERRABLE INITIALLY DEFERRED,
    recommender TEXT NOT NULL,
    opinion TEXT NOT NULL DEFAULT '',
    position INTEGER CHECK (position > 0),
    given_at TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'given' CHECK (state IN ('given', 'withdrawn')),
    reason TEXT NOT NULL DEFAULT '',
    stamped INTEGER REFERENCES recommendation_sheet (id) DEFERRABLE INITIALLY DEFERRED,
    source INTEGER REFERENCES source (id) DEFERRABLE INITIALLY DEFERRED,
    sheet TEXT NOT NULL DEFAULT '',
    row INTEGER
) STRICT;
CREATE INDEX recommendation_stamped ON recommendation (stamped);
CREATE INDEX recommendation_source ON recommendation (source);

-- Decided in formal review (形式审查). One row a decision, kept as it was made: the newest of a work is the one that stands. `findings`
-- is what the checks said at that moment, a JSON array; `code` the finding that a work was eliminated by; `due` until when a returned
-- work is asked back, a wall clock; `overridden` marks an acceptance in spite of errors.
CREATE TABLE screening (
    id INTEGER PRIMARY KEY,
    entry INTEGER NOT NULL REFERENCES entry (id) DEFERRABLE INITIALLY DEFERRED,
    decision TEXT NOT NULL CHECK (decision IN ('accepted', 'returned', 'rejected')),
    reason TEXT NOT NULL DEFAULT '',
    code TEXT NOT NULL DEFAULT '',
    findings TEXT NOT NULL DEFAULT '[]',
    due TEXT CHECK (due IS NULL OR decision = 'returned'),
    overridden INTEGER NOT NULL DEFAULT 0 CHECK (overridden IN (0, 1) AND (overridden = 0 OR decision = 'accepted')),
    decided_at TEXT NOT NULL,
    operation INTEGER NOT NULL REFERENCES operation (id) DEFERRABLE INITIALLY DEFERRED
) STRICT;
CREATE INDEX screening_entry ON screening (entry, id);
CREATE INDEX screening_operation ON screening (operation);
CREATE INDEX screening_decision ON screening (decision);

-- Findings that staff set aside, each for one work, one thing (`subject`: a field's id or a file's name) and, for likeness, one other
-- work. A waiver that was taken back keeps its row, with the operation that did it.
CREATE TABLE waiver (
    id INTEGER PRIMARY KEY,
    code TEXT NOT NULL,
    entry INTEGER NOT NULL REFERENCES entry (id) DEFERRABLE INITIALLY DEFERRED,
    subject TEXT NOT NULL DEFAULT '',
    related INTEGER REFERENCES entry (id) DEFERRABLE INITIALLY DEFERRED,
    reason TEXT NOT NULL,
    operation INTEGER NOT NULL REFERENCES operation (id) DEFERRABLE INITIALLY DEFERRED,
    ended INTEGER REFERENCES operation (id) DEFERRABLE INITIALLY DEFERRED
) STRICT;
CREATE UNIQUE INDEX waiver_standing ON waiver (entry, code, subject, coalesce(related, 0)) WHERE ended IS NULL;
CREATE INDEX waiver_entry ON waiver (entry);
CREATE INDEX waiver_related ON waiver (related);
CREATE INDEX waiver_operation ON waiver (operation);
CREATE INDEX waiver_ended ON waiver (ended);

-- A deadline moved: for one work, one unit, one recommender (as staff wrote its name), or all where none is named. `until` is a wall clock,
-- as the deadlines of the rules are.
CREATE TABLE extension (
    id INTEGER PRIMARY KEY,
    stage TEXT NOT NULL CHECK (stage IN ('submission', 'recommendation', 'screening')),
    entry INTEGER REFERENCES entry (id) DEFERRABLE INITIALLY DEFERRED,
    organization INTEGER REFERENCES organization (id) DEFERRABLE INITIALLY DEFERRED,
    recommender TEXT NOT NULL DEFAULT '',
    until TEXT NOT NULL,
    reason TEXT NOT NULL,
    operation INTEGER NOT NULL REFERENCES operation (id) DEFERRABLE INITIALLY DEFERRED,
    CHECK ((entry IS NOT NULL) + (organization IS NOT NULL) + (recommender <> '') <= 1)
) STRICT;
CREATE INDEX extension_entry ON extension (entry);
CREATE INDEX extension_organization ON extension (organization);
CREATE INDEX extension_operation ON extension (operation);

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

-- Of a row that was revoked: people had granted the award, and it waits without effect until the work may take awards again.
ALTER TABLE award_grant ADD COLUMN lapsed INTEGER NOT NULL DEFAULT 0 CHECK (lapsed IN (0, 1));

-- What happened to a row: its own changes, and the ranges of inserted rows that it may be in.
CREATE INDEX change_row ON change (table_number, row);
CREATE INDEX change_range ON change (table_number, row, last_row) WHERE last_row > row;

-- Whether a part of a mail is recorded already: for the same work or unit, or from the same place.
DROP INDEX attachment_sha256;
CREATE INDEX attachment_owner ON attachment (sha256, entry, organization);
CREATE INDEX attachment_copy ON attachment (sha256, path, matched);
