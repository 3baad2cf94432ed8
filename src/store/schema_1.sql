-- Times are RFC 3339 texts in UTC; points are whole millionths; every foreign key is indexed, and checked when the operation ends:
-- checked at once, it would make SQLite copy every page that an insert touches, in case the insert must be taken back.

-- One row a command that wrote. Once `hash` is set, nothing of it changes.
CREATE TABLE operation (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    command TEXT NOT NULL,
    summary TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL DEFAULT 'do' CHECK (kind IN ('do', 'undo', 'redo')),
    target INTEGER REFERENCES operation (id) CHECK ((target IS NULL) = (kind = 'do')),
    first_change INTEGER NOT NULL,         -- its changes have ids from here to before the next operation's first
    changes INTEGER NOT NULL DEFAULT 0,    -- changed rows; a row changed twice counts twice
    hash TEXT NOT NULL DEFAULT ''          -- over the hash before it, this row and its changes
) STRICT;
CREATE INDEX operation_target ON operation (target);

-- The operation that is being written, with each table's greatest id at its start; empty between operations, so that a write
-- outside one fails. A row beyond `last_row` was inserted by the open operation: what happens to it is not logged, and `finish`
-- writes what is left of it as ranges.
CREATE TABLE open_operation (
    table_number INTEGER PRIMARY KEY,
    operation INTEGER NOT NULL,
    last_row INTEGER NOT NULL
) STRICT;

CREATE TABLE change (
    id INTEGER PRIMARY KEY,
    operation INTEGER NOT NULL,
    table_number INTEGER NOT NULL,
    row INTEGER NOT NULL,
    last_row INTEGER NOT NULL,   -- inserted rows stand as one range; else the same as `row`
    before TEXT,                 -- JSON of the changed columns; of all columns for a deleted row; NULL for inserted rows
    after TEXT                   -- JSON of the changed columns; NULL for inserted and deleted rows
) STRICT;
CREATE INDEX change_operation ON change (operation, table_number, row, last_row);

-- The log only grows.
CREATE TRIGGER operation_sealed BEFORE UPDATE ON operation WHEN OLD.hash <> '' BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
CREATE TRIGGER operation_kept BEFORE DELETE ON operation BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
CREATE TRIGGER change_sealed BEFORE UPDATE ON change BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
CREATE TRIGGER change_kept BEFORE DELETE ON change BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;

CREATE TABLE rules (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL,
    origin TEXT NOT NULL,
    applied_at TEXT NOT NULL
) STRICT;

CREATE TABLE source (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL,
    kind TEXT NOT NULL,
    encoding TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    received_at TEXT NOT NULL,
    sender TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX source_sha256 ON source (sha256);

CREATE TABLE organization (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    folded TEXT NOT NULL UNIQUE,
    credit_code TEXT NOT NULL DEFAULT '',
    nature TEXT NOT NULL DEFAULT '',
    member INTEGER CHECK (member IN (0, 1)),
    focus_area TEXT NOT NULL DEFAULT '',
    focus_industry TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE organization_alias (
    id INTEGER PRIMARY KEY,
    organization INTEGER NOT NULL REFERENCES organization (id) DEFERRABLE INITIALLY DEFERRED,
    name TEXT NOT NULL,
    folded TEXT NOT NULL UNIQUE
) STRICT;
CREATE INDEX organization_alias_organization ON organization_alias (organization);

-- 附件2（一）: a unit that takes part, with what it intends; works may not be declared yet.
CREATE TABLE registration (
    id INTEGER PRIMARY KEY,
    organization INTEGER NOT NULL UNIQUE REFERENCES organization (id) DEFERRABLE INITIALLY DEFERRED,
    intended TEXT NOT NULL DEFAULT '',
    recommender TEXT NOT NULL DEFAULT '',
    contact_name TEXT NOT NULL DEFAULT '',
    contact_phone TEXT NOT NULL DEFAULT '',
    contact_email TEXT NOT NULL DEFAULT '',
    contact_department TEXT NOT NULL DEFAULT '',
    address TEXT NOT NULL DEFAULT '',
    postcode TEXT NOT NULL DEFAULT '',
    registered_at TEXT,
    source INTEGER REFERENCES source (id) DEFERRABLE INITIALLY DEFERRED,
    sheet TEXT NOT NULL DEFAULT '',
    row INTEGER,
    received TEXT NOT NULL DEFAULT '{}'
) STRICT;
CREATE INDEX registration_source ON registration (source);

CREATE TABLE entry (
    id INTEGER PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    category TEXT NOT NULL,
    organization INTEGER NOT NULL REFERENCES organization (id) DEFERRABLE INITIALLY DEFERRED,
    title TEXT NOT NULL,
    title_folded TEXT NOT NULL,
    theme TEXT NOT NULL DEFAULT '',
    creators TEXT NOT NULL DEFAULT '',
    recommender TEXT NOT NULL DEFAULT '',
    contact_name TEXT NOT NULL DEFAULT '',
    contact_phone TEXT NOT NULL DEFAULT '',
    contact_email TEXT NOT NULL DEFAULT '',
    contact_department TEXT NOT NULL DEFAULT '',
    contact_position TEXT NOT NULL DEFAULT '',
    address TEXT NOT NULL DEFAULT '',
    postcode TEXT NOT NULL DEFAULT '',
    duration INTEGER,
    length INTEGER,
    summary TEXT NOT NULL DEFAULT '',
    honors TEXT NOT NULL DEFAULT '',
    zone TEXT NOT NULL DEFAULT '',
    submitted_at TEXT,
    remark TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT 'declared',
    award_eligible INTEGER NOT NULL DEFAULT 1 CHECK (award_eligible IN (0, 1)),
    award_reason TEXT NOT NULL DEFAULT '',
    received_at TEXT NOT NULL,
    recommended_at TEXT,
    resubmitted_at TEXT,
    source INTEGER REFERENCES source (id) DEFERRABLE INITIALLY DEFERRED,
    sheet TEXT NOT NULL DEFAULT '',
    row INTEGER,
    received TEXT NOT NULL DEFAULT '{}'
) STRICT;
CREATE UNIQUE INDEX entry_identity ON entry (organization, category, title_folded);
CREATE INDEX entry_source ON entry (source);

CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY,
    source INTEGER NOT NULL REFERENCES source (id) DEFERRABLE INITIALLY DEFERRED,
    sheet TEXT NOT NULL DEFAULT '',
    row INTEGER NOT NULL,
    kind TEXT NOT NULL DEFAULT 'entries',
    received TEXT NOT NULL,
    digest TEXT NOT NULL,
    problems TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'discarded')),
    reason TEXT NOT NULL DEFAULT '',
    entry INTEGER REFERENCES entry (id) DEFERRABLE INITIALLY DEFERRED
) STRICT;
CREATE INDEX quarantine_source ON quarantine (source);
CREATE INDEX quarantine_entry ON quarantine (entry);
CREATE INDEX quarantine_digest ON quarantine (digest);

CREATE TABLE judge (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    organization TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE panel (
    id INTEGER PRIMARY KEY,
    judge INTEGER NOT NULL REFERENCES judge (id) DEFERRABLE INITIALLY DEFERRED,
    category TEXT NOT NULL,
    round TEXT NOT NULL,
    zone TEXT NOT NULL DEFAULT '',
    UNIQUE (category, round, zone, judge)
) STRICT;
CREATE INDEX panel_judge ON panel (judge);

-- One row a mark. `criterion` is the criterion's printed name, '' for a total or for a state of the whole sheet.
CREATE TABLE mark (
    id INTEGER PRIMARY KEY,
    entry INTEGER NOT NULL REFERENCES entry (id) DEFERRABLE INITIALLY DEFERRED,
    round TEXT NOT NULL,
    judge INTEGER NOT NULL REFERENCES judge (id) DEFERRABLE INITIALLY DEFERRED,
    criterion TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT 'given' CHECK (state IN ('given', 'absent', 'recused')),
    points INTEGER CHECK ((points IS NULL) = (state <> 'given')),
    entered_at TEXT NOT NULL,
    source INTEGER REFERENCES source (id) DEFERRABLE INITIALLY DEFERRED,
    cell TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE UNIQUE INDEX mark_identity ON mark (entry, round, judge, criterion);
CREATE INDEX mark_judge ON mark (judge);
CREATE INDEX mark_source ON mark (source);

CREATE TABLE given_part (
    id INTEGER PRIMARY KEY,
    entry INTEGER NOT NULL REFERENCES entry (id) DEFERRABLE INITIALLY DEFERRED,
    round TEXT NOT NULL,
    part TEXT NOT NULL,
    points INTEGER NOT NULL,
    entered_at TEXT NOT NULL,
    source INTEGER REFERENCES source (id) DEFERRABLE INITIALLY DEFERRED,
    cell TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE UNIQUE INDEX given_part_identity ON given_part (entry, round, part);
CREATE INDEX given_part_source ON given_part (source);

-- Decided: this work goes on to this round.
CREATE TABLE advancement (
    id INTEGER PRIMARY KEY,
    entry INTEGER NOT NULL REFERENCES entry (id) DEFERRABLE INITIALLY DEFERRED,
    from_round TEXT NOT NULL,
    to_round TEXT NOT NULL,
    place INTEGER,
    reason TEXT NOT NULL DEFAULT '',
    UNIQUE (entry, to_round)
) STRICT;

-- Decided: this work (or, for a commendation, this recommender) has this award. `computed` says whether the computation said the same.
-- A revoked award keeps its row, so that its reason is on record and its certificate number is never given to another.
CREATE TABLE award_grant (
    id INTEGER PRIMARY KEY,
    entry INTEGER REFERENCES entry (id) DEFERRABLE INITIALLY DEFERRED,
    recommender TEXT NOT NULL DEFAULT '' CHECK ((entry IS NULL) = (recommender <> '')),
    award TEXT NOT NULL,
    round TEXT NOT NULL DEFAULT '',
    place INTEGER,
    state TEXT NOT NULL DEFAULT 'granted' CHECK (state IN ('granted', 'revoked')),
    computed INTEGER NOT NULL DEFAULT 1 CHECK (computed IN (0, 1)),
    reason TEXT NOT NULL DEFAULT '',
    certificate TEXT UNIQUE
) STRICT;
CREATE UNIQUE INDEX award_grant_identity ON award_grant (entry, award);
CREATE UNIQUE INDEX award_grant_recommender ON award_grant (recommender, award) WHERE entry IS NULL;

-- Remembered by staff's choice: in a file with this header, this column means this field.
CREATE TABLE column_mapping (
    id INTEGER PRIMARY KEY,
    header TEXT NOT NULL,
    column_title TEXT NOT NULL,
    field TEXT NOT NULL,
    UNIQUE (header, column_title)
) STRICT;

-- Small decisions that belong to no row (deadline extensions and the like come in tables of their own).
CREATE TABLE setting (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    value TEXT NOT NULL
) STRICT;
