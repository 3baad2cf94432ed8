//! Owns the contest's own rows: its rules as text, and which names of the rules other rows stand on. Refuses to know what the text
//! means: that is `formats::rules_file`; what may change is `domain::rules_change`.

use jiff::Timestamp;
use rusqlite::params;

use super::db::{Reader, StoreError, Tx};
use crate::domain::rules_change::{RoundUse, RulesUse};

/// The rules in force, as TOML.
///
/// # Errors
/// The file cannot be read.
pub fn rules_text(reader: &Reader<'_>) -> Result<String, StoreError> {
    Ok(reader.sql().query_row("SELECT text FROM rules ORDER BY id DESC LIMIT 1", [], |row| row.get(0))?)
}

/// Puts new rules in force; earlier ones stay in the file.
///
/// # Errors
/// The file cannot be written.
pub fn apply_rules(tx: &Tx<'_>, text: &str, origin: &str, at: Timestamp) -> Result<(), StoreError> {
    tx.sql().execute("INSERT INTO rules (text, origin, applied_at) VALUES (?1, ?2, ?3)", params![text, origin, at.to_string()])?;
    Ok(())
}

/// What the contest's data stands on in the rules.
///
/// # Errors
/// The file cannot be read.
pub fn rules_use(reader: &Reader<'_>) -> Result<RulesUse, StoreError> {
    let sql = reader.sql();
    let texts = |query: &str| -> Result<Vec<String>, StoreError> {
        let mut statement = sql.prepare(query)?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    };
    let mut statement = sql.prepare("SELECT category, COUNT(*), MIN(number) FROM entry GROUP BY category ORDER BY category")?;
    let categories = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect::<Result<_, _>>()?;
    let mut statement = sql.prepare(
        "SELECT category, round, SUM(marks), SUM(panels), SUM(given), SUM(advanced) FROM (
           SELECT entry.category AS category, mark.round AS round, COUNT(*) AS marks, 0 AS panels, 0 AS given, 0 AS advanced
             FROM mark JOIN entry ON entry.id = mark.entry GROUP BY 1, 2
           UNION ALL SELECT category, round, 0, COUNT(*), 0, 0 FROM panel GROUP BY 1, 2
           UNION ALL SELECT entry.category, given_part.round, 0, 0, COUNT(*), 0
             FROM given_part JOIN entry ON entry.id = given_part.entry GROUP BY 1, 2
           UNION ALL SELECT entry.category, advancement.to_round, 0, 0, 0, COUNT(*)
             FROM advancement JOIN entry ON entry.id = advancement.entry GROUP BY 1, 2
         ) GROUP BY category, round ORDER BY category, round",
    )?;
    let rounds = statement
        .query_map([], |row| {
            Ok(RoundUse {
                category: row.get(0)?,
                round: row.get(1)?,
                marks: row.get(2)?,
                panels: row.get(3)?,
                given: row.get(4)?,
                advanced: row.get(5)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    let mut statement = sql.prepare(
        "SELECT DISTINCT entry.category, given_part.round, given_part.part
         FROM given_part JOIN entry ON entry.id = given_part.entry ORDER BY 1, 2, 3",
    )?;
    let given_parts = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect::<Result<_, _>>()?;
    let mut statement = sql.prepare(
        "SELECT entry.category, award_grant.award, COUNT(*) FROM award_grant JOIN entry ON entry.id = award_grant.entry
         GROUP BY 1, 2 ORDER BY 1, 2",
    )?;
    let awards = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect::<Result<_, _>>()?;
    let zones = texts("SELECT zone FROM entry WHERE zone <> '' UNION SELECT zone FROM panel WHERE zone <> '' ORDER BY 1")?;
    Ok(RulesUse { categories, rounds, given_parts, awards, zones })
}
