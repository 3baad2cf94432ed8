//! Owns the shape of the contest file: an append-only list of migrations, and the triggers that log every changed row.
//! Never edit a migration that was released; add one.

/// Each entry takes a file from the version of its position to the next.
pub(super) const MIGRATIONS: &[&str] = &[include_str!("schema_1.sql")];

/// Tables whose every change is logged. The position is the table's number in `change.table_number`: append only.
pub(super) const LOGGED_TABLES: &[&str] = &[
    "rules",
    "source",
    "organization",
    "organization_alias",
    "registration",
    "entry",
    "quarantine",
    "judge",
    "panel",
    "mark",
    "given_part",
    "advancement",
    "award_grant",
    "column_mapping",
    "setting",
];
