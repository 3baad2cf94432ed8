//! Owns what later stages have of works that should not be there: lists with works that left the contest, and changes of 主创者 after
//! the first mark. A few queries over whole tables, whatever the number of works. Refuses to know what is wrong with it.

use super::db::{Reader, StoreError};
use super::schema::table_number;
use crate::domain::later_stage::Later;
use crate::domain::status::Status;
use crate::domain::values::{AwardId, EntryId, RoundId};

/// What later stages have of works that left (a round that judged one is history), then whose 主创者 changed since their first mark; ordered by work within each.
///
/// # Errors
/// The file cannot be read.
pub fn list(reader: &Reader<'_>) -> Result<Vec<(EntryId, Later)>, StoreError> {
    let sql = reader.sql();
    let gone: Vec<String> = Status::ALL.iter().filter(|status| !status.is_active()).map(|status| format!("'{}'", status.key())).collect();
    let gone = gone.join(", ");
    let mut found = Vec::new();
    let mut statement = sql.prepare_cached(&format!(
        "SELECT a.entry, a.to_round FROM advancement a JOIN entry e ON e.id = a.entry WHERE e.status IN ({gone})
           AND NOT EXISTS (SELECT 1 FROM mark m WHERE m.entry = a.entry AND m.round = a.to_round) ORDER BY 1, 2"
    ))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        found.push((EntryId(row.get(0)?), Later::Advanced(RoundId::new(row.get::<_, String>(1)?))));
    }
    let mut statement = sql.prepare_cached(&format!(
        "SELECT g.entry, g.award FROM award_grant g JOIN entry e ON e.id = g.entry WHERE g.state = 'granted' AND e.status IN ({gone}) \
         ORDER BY 1, 2"
    ))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        found.push((EntryId(row.get(0)?), Later::Awarded(AwardId::new(row.get::<_, String>(1)?))));
    }
    let is_judged: bool = sql.prepare_cached("SELECT EXISTS (SELECT 1 FROM mark)")?.query_row([], |row| row.get(0))?;
    if is_judged {
        // Of several changes since the first mark, the first says who was judged.
        let mut statement = sql.prepare_cached(
            "SELECT c.row, json_extract(c.before, '$.creators') FROM change c JOIN operation o ON o.id = c.operation
             WHERE c.table_number = ?1 AND c.after IS NOT NULL AND json_extract(c.before, '$.creators') IS NOT NULL
               AND EXISTS (SELECT 1 FROM mark m WHERE m.entry = c.row AND substr(m.entered_at, 1, 19) < substr(o.at, 1, 19))
             ORDER BY c.row, c.id",
        )?;
        let mut rows = statement.query([table_number("entry")?])?;
        let mut last = None;
        while let Some(row) = rows.next()? {
            let entry = EntryId(row.get(0)?);
            if last != Some(entry) {
                found.push((entry, Later::Replaced { before: row.get(1)? }));
                last = Some(entry);
            }
        }
    }
    Ok(found)
}
