//! Owns the contest's own rows: its rules as text, and which names of the rules other rows stand on. Refuses to know what the text
//! means: that is `formats::rules_file`; what may change is `domain::rules_change`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::params;

use super::db::{Reader, StoreError, Tx};
use super::oplog::{Stored, image, stored};
use super::schema::table_number;
use crate::domain::rules_change::{RoundUse, RulesUse};
use crate::domain::values::OperationId;

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
    tx.writing("rules")?
        .execute("INSERT INTO rules (text, origin, applied_at) VALUES (?1, ?2, ?3)", params![text, origin, at.to_string()])?;
    Ok(())
}

/// What the contest's data stands on in the rules.
///
/// # Errors
/// The file cannot be read.
pub fn rules_use(reader: &Reader<'_>) -> Result<RulesUse, StoreError> {
    used(reader, |table| Ok(table.to_owned()))
}

/// What of it an operation inserted or changed, as far as it is still there.
///
/// # Errors
/// The file cannot be read.
pub fn rules_use_of(reader: &Reader<'_>, operation: OperationId) -> Result<RulesUse, StoreError> {
    used(reader, |table| {
        Ok(format!(
            "(SELECT DISTINCT whole.* FROM change JOIN {table} AS whole ON whole.id BETWEEN change.row AND change.last_row
              WHERE change.operation = {} AND change.table_number = {}) AS {table}",
            operation.0,
            table_number(table)?
        ))
    })
}

/// The rules that were in force when an operation was begun, and the operations that changed rules since, that one included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulesThen {
    /// As TOML; `None`: there were none yet.
    pub text: Option<String>,
    /// Newest first.
    pub changed_by: Vec<OperationId>,
}

/// Walks back through the log to the rules that were in force when an operation was begun.
///
/// # Errors
/// The file cannot be read, or the log is damaged.
pub fn rules_when(reader: &Reader<'_>, operation: OperationId) -> Result<RulesThen, StoreError> {
    let mut statement = reader.sql().prepare("SELECT id, text FROM rules")?;
    let mut texts: BTreeMap<i64, String> = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    let mut changed_by = Vec::new();
    let mut statement = reader.sql().prepare(
        "SELECT operation, row, last_row, before FROM change WHERE id IN (
           SELECT id FROM change INDEXED BY change_operation WHERE operation >= ?1 AND table_number = ?2) ORDER BY id DESC",
    )?;
    let mut rows = statement.query([operation.0, table_number("rules")?])?;
    while let Some(row) = rows.next()? {
        let by = OperationId(row.get(0)?);
        if changed_by.last() != Some(&by) {
            changed_by.push(by);
        }
        let (first, last): (i64, i64) = (row.get(1)?, row.get(2)?);
        match image(row.get_ref(3)?.as_str_or_null()?)? {
            None => texts.retain(|id, _| !(first..=last).contains(id)),
            Some(before) => {
                if let Stored::Text(text) = stored(before.get("text")) {
                    texts.insert(first, text);
                }
            }
        }
    }
    Ok(RulesThen { text: texts.into_values().next_back(), changed_by })
}

/// `source` gives what is read in the place of a table.
fn used(reader: &Reader<'_>, source: impl Fn(&str) -> Result<String, StoreError>) -> Result<RulesUse, StoreError> {
    let sql = reader.sql();
    let (entry, mark, panel) = (source("entry")?, source("mark")?, source("panel")?);
    let (given_part, advancement, award_grant) = (source("given_part")?, source("advancement")?, source("award_grant")?);
    let texts = |query: &str| -> Result<Vec<String>, StoreError> {
        let mut statement = sql.prepare(query)?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    };
    let mut statement = sql.prepare(&format!("SELECT category, COUNT(*), MIN(number) FROM {entry} GROUP BY category ORDER BY category"))?;
    let categories = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect::<Result<_, _>>()?;
    let mut statement = sql.prepare(&format!(
        "SELECT category, round, SUM(marks), SUM(panels), SUM(given), SUM(advanced) FROM (
           SELECT entry.category AS category, mark.round AS round, COUNT(*) AS marks, 0 AS panels, 0 AS given, 0 AS advanced
             FROM {mark} JOIN entry ON entry.id = mark.entry GROUP BY 1, 2
           UNION ALL SELECT category, round, 0, COUNT(*), 0, 0 FROM {panel} GROUP BY 1, 2
           UNION ALL SELECT entry.category, given_part.round, 0, 0, COUNT(*), 0
             FROM {given_part} JOIN entry ON entry.id = given_part.entry GROUP BY 1, 2
           UNION ALL SELECT entry.category, advancement.to_round, 0, 0, 0, COUNT(*)
             FROM {advancement} JOIN entry ON entry.id = advancement.entry GROUP BY 1, 2
         ) GROUP BY category, round ORDER BY category, round",
    ))?;
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
    let mut statement = sql.prepare(&format!(
        "SELECT DISTINCT entry.category, given_part.round, given_part.part
         FROM {given_part} JOIN entry ON entry.id = given_part.entry ORDER BY 1, 2, 3",
    ))?;
    let given_parts = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect::<Result<_, _>>()?;
    let mut statement = sql.prepare(&format!(
        "SELECT entry.category, award_grant.award, COUNT(*) FROM {award_grant} JOIN entry ON entry.id = award_grant.entry
         GROUP BY 1, 2 ORDER BY 1, 2",
    ))?;
    let awards = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect::<Result<_, _>>()?;
    let zones = texts(&format!("SELECT zone FROM {entry} WHERE zone <> '' UNION SELECT zone FROM {panel} WHERE zone <> '' ORDER BY 1"))?;
    Ok(RulesUse { categories, rounds, given_parts, awards, zones })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::db::{Db, OperationHeader};

    #[test]
    fn what_is_in_use_is_counted_by_its_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut db = Db::create(&folder.path().join("c.dasai")).expect("a file");
        let header = OperationHeader { at: Timestamp::UNIX_EPOCH, actor: "甲".to_owned(), command: String::new() };
        let tx = db.operation(&header).expect("an operation");
        assert_eq!(rules_use(&tx).expect("read"), RulesUse::default());
        tx.writing_all()
            .execute_batch(
                "INSERT INTO organization (id, name, folded) VALUES (1, '甲厂', '甲厂');
                 INSERT INTO entry (id, number, category, organization, title, title_folded, zone, received_at)
                   VALUES (1, 'Y001', 'speech', 1, '一', '一', '浦东', ''), (2, 'Y002', 'speech', 1, '二', '二', '', '');
                 INSERT INTO judge (id, name) VALUES (1, '评委甲');
                 INSERT INTO panel (judge, category, round, zone) VALUES (1, 'speech', 'preliminary', '黄浦');
                 INSERT INTO mark (entry, round, judge, criterion, points, entered_at)
                   VALUES (1, 'preliminary', 1, '内容', 1, ''), (1, 'preliminary', 1, '语言', 1, '');
                 INSERT INTO given_part (entry, round, part, points, entered_at) VALUES (2, 'preliminary', '网络投票', 1, '');
                 INSERT INTO advancement (entry, from_round, to_round) VALUES (1, 'preliminary', 'final');
                 INSERT INTO award_grant (entry, award) VALUES (1, 'first');",
            )
            .expect("rows");
        let used = rules_use(&tx).expect("read");
        assert_eq!(used.categories, [("speech".to_owned(), 2, "Y001".to_owned())]);
        let round = |round: &str, marks, panels, given, advanced| RoundUse {
            category: "speech".to_owned(),
            round: round.to_owned(),
            marks,
            panels,
            given,
            advanced,
        };
        assert_eq!(used.rounds, [round("final", 0, 0, 0, 1), round("preliminary", 2, 1, 1, 0)]);
        assert_eq!(used.given_parts, [("speech".to_owned(), "preliminary".to_owned(), "网络投票".to_owned())]);
        assert_eq!(used.awards, [("speech".to_owned(), "first".to_owned(), 1)]);
        assert_eq!(used.zones, ["浦东", "黄浦"]);
    }
}
