//! Owns taking operations back, exactly or not at all: replays an operation's changes in reverse, comparing each row with what the
//! operation left. Refuses to know what the rows mean; a refusal names the rows and the later operations, commands say it in words.
//!
//! Decision worth knowing: undo is an operation like any other, logged by the same triggers. So the undo of an undo is a redo, and
//! nothing is ever cut off the log. A later operation stands in the way only where it touched the same row (of a changed row: the
//! same column) or refers to it; an operation that was itself undone stands in nobody's way.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, params_from_iter};
use serde_json::{Map, Value};

use super::db::{Db, Kind, OperationHeader, Reader, StoreError, Tx};
use super::oplog::{self, Operation, image};
use super::schema::{self, LOGGED_TABLES, table_name};
use crate::domain::values::OperationId;

/// A row's columns, as the log writes them.
type Image = Map<String, Value>;

/// What to take back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The last so many operations that are not undone.
    Undo(usize),
    /// The last so many undos.
    Redo(usize),
    /// The undo of this one operation.
    RedoOperation(OperationId),
    /// This one operation, whatever it is.
    Operation(OperationId),
}

/// A row, for a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowName {
    /// The table.
    pub table: &'static str,
    /// The row's id.
    pub row: i64,
}

/// Why an operation cannot be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Nothing is left to undo or redo.
    Nothing,
    /// No operation has this number.
    Unknown(OperationId),
    /// It is undone already, by the second.
    AlreadyUndone(OperationId, OperationId),
    /// It put the first rules in force: without rules there is no contest.
    FirstRules(OperationId),
    /// There is newer work than the last undo, of this operation.
    NewerWork(OperationId, OperationId),
    /// The operation stands.
    NotUndone(OperationId),
    /// Later operations, newest first, changed a row that it changed; the first such row.
    ChangedLater(OperationId, Vec<OperationId>, RowName),
    /// A row refers to one that would vanish, or would refer to one that is gone; the later operation that did it, if the log says.
    Referred(OperationId, Option<OperationId>, RowName),
    /// Another row took the place that a row would come back to (same number, name, …); the later operation that did it.
    Taken(OperationId, Option<OperationId>, RowName),
    /// The row is not as the log says: another program or a newer version changed it.
    Altered(OperationId, RowName),
}

/// Why nothing was taken back.
#[derive(Debug)]
pub enum UndoError {
    /// The state of the contest does not allow it.
    Refused(Refusal),
    /// The file could not be read or written.
    Store(StoreError),
}

impl<T: Into<StoreError>> From<T> for UndoError {
    fn from(error: T) -> Self {
        Self::Store(error.into())
    }
}

/// Operations that are taken back, but not for good before [`Pending::commit`]; dropped, everything is as it was.
#[derive(Debug)]
pub struct Pending<'a> {
    reader: Reader<'a>,
    /// What was taken back, in this order.
    pub targets: Vec<Operation>,
    /// The operations that took it back, in the same order.
    pub by: Vec<OperationId>,
}

impl Pending<'_> {
    /// The contest as it would be.
    #[must_use]
    pub fn reader(&self) -> &Reader<'_> {
        &self.reader
    }

    /// Makes it last.
    ///
    /// # Errors
    /// The disk is full or the file cannot be written; then nothing was done.
    pub fn commit(self) -> Result<Vec<Operation>, StoreError> {
        self.reader.commit()?;
        Ok(self.targets)
    }
}

/// Takes operations back, all of the choice or none. `describe` gives the sentence for the log.
///
/// # Errors
/// Later work depends on one of them, or the file cannot be written; then nothing was done.
pub fn take_back<'a>(
    db: &'a mut Db,
    header: &OperationHeader,
    choice: Choice,
    describe: impl Fn(&Operation) -> String,
) -> Result<Pending<'a>, UndoError> {
    let mut reader = db.lock()?;
    let (mut targets, mut by) = (Vec::new(), Vec::new());
    let wanted = match choice {
        Choice::Undo(count) | Choice::Redo(count) => count,
        Choice::Operation(_) | Choice::RedoOperation(_) => 1,
    };
    while targets.len() < wanted {
        let operations = oplog::operations(&reader)?;
        let target = match choose(&operations, choice) {
            // Fewer than asked for: what there is. The operation that made the contest stays; asked for alone, it is refused.
            Ok(target) if !targets.is_empty() && operations.first().is_some_and(|first| first.id == target.id) => break,
            Ok(target) => target.clone(),
            Err(Refusal::Nothing) if !targets.is_empty() => break,
            Err(refusal) => return Err(UndoError::Refused(refusal)),
        };
        let kind = if matches!(target.kind, Kind::Undo(_)) { Kind::Redo(target.id) } else { Kind::Undo(target.id) };
        let tx = Tx::begin(reader, header, kind)?;
        by.push(tx.id());
        revert(&tx, &target, &in_the_way(&operations, target.id))?;
        reader = tx.end(&describe(&target))?;
        targets.push(target);
    }
    Ok(Pending { reader, targets, by })
}

fn choose(operations: &[Operation], choice: Choice) -> Result<&Operation, Refusal> {
    let mut standing = operations.iter().rev().filter(|operation| operation.undone_by.is_none());
    match choice {
        Choice::Undo(_) => standing.find(|operation| operation.kind == Kind::Do).ok_or(Refusal::Nothing),
        Choice::Redo(_) => {
            let target = standing.find(|operation| matches!(operation.kind, Kind::Undo(_))).ok_or(Refusal::Nothing)?;
            // New work ends redo: what was undone before it comes back only by name.
            let mut newer = operations.iter().rev().filter(|operation| operation.undone_by.is_none() && operation.kind == Kind::Do);
            match (newer.find(|operation| operation.id > target.id), target.kind.target()) {
                (Some(newer), Some(undone)) => Err(Refusal::NewerWork(undone, newer.id)),
                _ => Ok(target),
            }
        }
        Choice::RedoOperation(id) => {
            let operation = operations.iter().find(|operation| operation.id == id).ok_or(Refusal::Unknown(id))?;
            let is_its_undo = |undo: &&Operation| undo.kind == Kind::Undo(id) || undo.id == id && matches!(undo.kind, Kind::Undo(_));
            standing.find(is_its_undo).ok_or(Refusal::NotUndone(operation.id))
        }
        Choice::Operation(id) => {
            let operation = operations.iter().find(|operation| operation.id == id).ok_or(Refusal::Unknown(id))?;
            operation.undone_by.map_or(Ok(operation), |by| Err(Refusal::AlreadyUndone(id, by)))
        }
    }
}

/// The later operations that still have an effect: neither undone, nor the undo of another later one.
fn in_the_way(operations: &[Operation], target: OperationId) -> BTreeSet<i64> {
    let later = operations.iter().filter(|operation| operation.id > target && operation.undone_by.is_none());
    later.filter(|operation| operation.kind.target().is_none_or(|undone| undone <= target)).map(|operation| operation.id.0).collect()
}

/// One logged change.
struct Change {
    table: i64,
    row: i64,
    last_row: i64,
    before: Option<Image>,
    after: Option<Image>,
}

/// Replays the target's changes in reverse under the open operation `tx`.
fn revert(tx: &Tx<'_>, target: &Operation, later: &BTreeSet<i64>) -> Result<(), UndoError> {
    let sql = tx.sql();
    let replay = Replay { sql, target: target.id, later };
    if !later.is_empty() {
        replay.refuse_changed_later()?;
    }
    // Rows come and go in the reverse order, ranges as a whole: keys are right again at the end, and checked there.
    sql.pragma_update(None, "defer_foreign_keys", true)?;
    let mut tables = BTreeMap::new();
    let mut vanished = Vec::new();
    let mut returned: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
    replay.each_change(true, |change| {
        if let std::collections::btree_map::Entry::Vacant(slot) = tables.entry(change.table) {
            let table = slot.insert(Table::read(sql, change.table)?);
            tx.writing(table.name)?;
        }
        let Some(table) = tables.get(&change.table) else { return Ok(()) };
        let keys_touched = replay.one(table, &change)?;
        if change.before.is_none() {
            vanished.push((change.table, change.row, change.last_row));
        } else if keys_touched {
            returned.entry(change.table).or_default().insert(change.row);
        }
        Ok(())
    })?;
    replay.check_keys(&vanished, &returned)?;
    let rules: bool = sql.query_row("SELECT EXISTS (SELECT 1 FROM rules)", [], |row| row.get(0))?;
    if rules { Ok(()) } else { Err(UndoError::Refused(Refusal::FirstRules(target.id))) }
}

/// A table as it is now; images in the log may be older.
struct Table {
    name: &'static str,
    columns: BTreeSet<String>,
    keys: BTreeSet<String>,
    /// The columns of the row inserted last, with the statement for them: the next row has the same.
    insert: RefCell<(Vec<String>, String)>,
}

impl Table {
    fn read(sql: &Connection, number: i64) -> Result<Self, StoreError> {
        let name = table_name(number)?;
        let keys = foreign_keys(sql, name)?.into_iter().map(|(column, _)| column).collect();
        Ok(Self { name, columns: schema::columns(sql, name)?.into_iter().collect(), keys, insert: RefCell::default() })
    }
}

/// Column and parent table of each foreign key.
fn foreign_keys(sql: &Connection, table: &str) -> Result<Vec<(String, String)>, StoreError> {
    let mut statement = sql.prepare_cached("SELECT \"from\", \"table\" FROM pragma_foreign_key_list(?1) ORDER BY id, seq")?;
    Ok(statement.query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?)
}

struct Replay<'a> {
    sql: &'a Connection,
    target: OperationId,
    later: &'a BTreeSet<i64>,
}

impl Replay<'_> {
    fn refused<T>(&self, refusal: impl FnOnce(OperationId) -> Refusal) -> Result<T, UndoError> {
        Err(UndoError::Refused(refusal(self.target)))
    }

    fn name(table: i64, row: i64) -> Result<RowName, StoreError> {
        Ok(RowName { table: table_name(table)?, row })
    }

    /// Hands out the target's changes. Its ids run from its first to before the next operation's first; the open one always follows.
    fn each_change(&self, reverse: bool, mut take: impl FnMut(Change) -> Result<(), UndoError>) -> Result<(), UndoError> {
        let order = if reverse { "DESC" } else { "ASC" };
        let mut statement = self.sql.prepare_cached(&format!(
            "SELECT table_number, row, last_row, before, after FROM change
             WHERE id >= (SELECT first_change FROM operation WHERE id = ?1)
               AND id < (SELECT first_change FROM operation WHERE id > ?1 ORDER BY id LIMIT 1)
             ORDER BY id {order}"
        ))?;
        let mut rows = statement.query([self.target.0])?;
        while let Some(row) = rows.next()? {
            let text = |column| image(row.get_ref(column)?.as_str_or_null()?);
            take(Change { table: row.get(0)?, row: row.get(1)?, last_row: row.get(2)?, before: text(3)?, after: text(4)? })?;
        }
        Ok(())
    }

    /// Compares, by the log alone, with what later operations touched.
    fn refuse_changed_later(&self) -> Result<(), UndoError> {
        // Per table: inserted ranges, and the columns changed of each row (none: the whole row).
        let mut inserted: BTreeMap<i64, BTreeMap<i64, i64>> = BTreeMap::new();
        let mut changed: BTreeMap<i64, BTreeMap<i64, Option<BTreeSet<String>>>> = BTreeMap::new();
        self.each_change(false, |change| {
            if change.before.is_none() {
                inserted.entry(change.table).or_default().insert(change.row, change.last_row);
            }
            let columns = match (change.before, change.after) {
                (Some(_), Some(after)) => Some(after.into_iter().map(|(column, _)| column).collect::<BTreeSet<_>>()),
                (None, _) => return Ok(()),
                (Some(_), None) => None,
            };
            let whole = changed.entry(change.table).or_default().entry(change.row).or_insert_with(|| Some(BTreeSet::new()));
            match (whole.as_mut(), columns) {
                (Some(whole), Some(columns)) => whole.extend(columns),
                _ => *whole = None,
            }
            Ok(())
        })?;
        let mut statement = self.sql.prepare_cached(
            "SELECT operation, table_number, row, last_row, id FROM change INDEXED BY change_operation
             WHERE operation > ?1 ORDER BY operation DESC, table_number, row",
        )?;
        let mut rows = statement.query([self.target.0])?;
        let mut blockers: Vec<OperationId> = Vec::new();
        let mut example = None;
        while let Some(row) = rows.next()? {
            let (operation, table, first, last): (i64, i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            if !self.later.contains(&operation) || blockers.last() == Some(&OperationId(operation)) {
                continue;
            }
            let in_range = inserted.get(&table).and_then(|ranges| ranges.range(..=last).next_back()).filter(|(_, end)| **end >= first);
            let mut hit = in_range.map(|(start, _)| first.max(*start));
            if hit.is_none()
                && let Some(rows) = changed.get(&table)
            {
                for (&row_id, mine) in rows.range(first..=last) {
                    if self.overlaps(mine.as_ref(), row.get(4)?)? {
                        hit = Some(row_id);
                        break;
                    }
                }
            }
            if let Some(hit) = hit {
                blockers.push(OperationId(operation));
                example.get_or_insert(Self::name(table, hit)?);
            }
        }
        match example {
            Some(example) => self.refused(|target| Refusal::ChangedLater(target, blockers, example)),
            None => Ok(()),
        }
    }

    /// Whether a later change of a row touches one of these columns; any change of the whole row does.
    fn overlaps(&self, mine: Option<&BTreeSet<String>>, change: i64) -> Result<bool, StoreError> {
        let after: Option<String> =
            self.sql.prepare_cached("SELECT after FROM change WHERE id = ?1")?.query_row([change], |row| row.get(0))?;
        let (Some(mine), Some(theirs)) = (mine, image(after.as_deref())?) else { return Ok(true) };
        Ok(theirs.keys().any(|column| mine.contains(column)))
    }

    /// Takes one change back. Returns whether it may have put a foreign key in place.
    fn one(&self, table: &Table, change: &Change) -> Result<bool, UndoError> {
        let altered = || Self::name(change.table, change.row);
        let name = table.name;
        match (&change.before, &change.after) {
            (None, _) => {
                // Last row first: then the log of this deletion, read backwards by a redo, inserts in rising order, which SQLite does
                // several times faster.
                let mut delete = self.sql.prepare_cached(&format!("DELETE FROM {name} WHERE id = ?1"))?;
                for row in (change.row..=change.last_row).rev() {
                    if delete.execute([row])? != 1 {
                        let row = Self::name(change.table, row)?;
                        return self.refused(|target| Refusal::Altered(target, row));
                    }
                }
                Ok(false)
            }
            (Some(before), Some(after)) => {
                let old: Vec<(&String, &Value)> = before.iter().filter(|(column, _)| table.columns.contains(*column)).collect();
                if old.is_empty() {
                    return Ok(false);
                }
                let set: Vec<String> = old.iter().map(|(column, _)| format!("\"{column}\" = ?")).collect();
                let same: Vec<String> = old.iter().map(|(column, _)| format!("\"{column}\" IS ?")).collect();
                let query = format!("UPDATE {name} SET {} WHERE id = ? AND {}", set.join(", "), same.join(" AND "));
                let restored = old.iter().map(|(_, value)| bound(value));
                let left = old.iter().map(|(column, _)| bound(after.get(*column).unwrap_or(&Value::Null)));
                let values = restored.chain([ToSqlOutput::from(change.row)]).chain(left);
                let updated = self.write(&query, values, change, before)?;
                if updated != 1 {
                    let row = altered()?;
                    return self.refused(|target| Refusal::Altered(target, row));
                }
                Ok(old.iter().any(|(column, _)| table.keys.contains(*column)))
            }
            (Some(before), None) => {
                // Columns added since take their default.
                let known = || before.iter().filter(|(column, _)| table.columns.contains(*column));
                let mut insert = table.insert.borrow_mut();
                if !known().map(|(column, _)| column).eq(&insert.0) {
                    insert.0 = known().map(|(column, _)| column.clone()).collect();
                    let columns: Vec<String> = insert.0.iter().map(|column| format!("\"{column}\"")).collect();
                    let marks = vec!["?"; columns.len()].join(", ");
                    insert.1 = format!("INSERT INTO {name} ({}) VALUES ({marks})", columns.join(", "));
                }
                self.write(&insert.1, known().map(|(_, value)| bound(value)), change, before)?;
                Ok(!table.keys.is_empty())
            }
        }
    }

    /// Writes a row; where it has no place any more, says who took it.
    fn write<'v>(
        &self,
        query: &str,
        values: impl Iterator<Item = ToSqlOutput<'v>>,
        change: &Change,
        wanted: &Image,
    ) -> Result<usize, UndoError> {
        match self.sql.prepare_cached(query)?.execute(params_from_iter(values)) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                let other = self.holder(change, wanted)?;
                let by = other.map(|row| self.last_change(change.table, row)).transpose()?.flatten();
                let row = Self::name(change.table, other.unwrap_or(change.row))?;
                self.refused(|target| Refusal::Taken(target, by, row))
            }
            other => Ok(other?),
        }
    }

    /// The row that has what the row to restore must have alone.
    fn holder(&self, change: &Change, wanted: &Image) -> Result<Option<i64>, StoreError> {
        let name = table_name(change.table)?;
        let mut indexes = self.sql.prepare("SELECT name FROM pragma_index_list(?1) WHERE \"unique\" ORDER BY seq")?;
        let indexes: Vec<String> = indexes.query_map([name], |row| row.get(0))?.collect::<Result<_, _>>()?;
        for index in indexes {
            let mut columns = self.sql.prepare("SELECT name FROM pragma_index_info(?1) ORDER BY seqno")?;
            let columns: Vec<String> = columns.query_map([index], |row| row.get(0))?.collect::<Result<_, _>>()?;
            let mut values = vec![ToSqlOutput::from(change.row)];
            let mut conditions = vec!["id <> ?1".to_owned()];
            for column in columns {
                if let Some(value) = wanted.get(&column) {
                    values.push(bound(value));
                    conditions.push(format!("\"{column}\" = ?{}", values.len()));
                } else {
                    conditions.push(format!("\"{column}\" = (SELECT \"{column}\" FROM {name} WHERE id = ?1)"));
                }
            }
            let query = format!("SELECT id FROM {name} WHERE {} LIMIT 1", conditions.join(" AND "));
            let found = self.sql.query_row(&query, params_from_iter(values), |row| row.get(0)).optional()?;
            if found.is_some() {
                return Ok(found);
            }
        }
        let same: bool =
            self.sql.query_row(&format!("SELECT EXISTS (SELECT 1 FROM {name} WHERE id = ?1)"), [change.row], |row| row.get(0))?;
        Ok(same.then_some(change.row))
    }

    /// The newest later operation with an effect that touched the row.
    fn last_change(&self, table: i64, row: i64) -> Result<Option<OperationId>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT DISTINCT operation FROM change INDEXED BY change_operation
             WHERE operation > ?1 AND table_number = ?2 AND row <= ?3 AND last_row >= ?3 ORDER BY operation DESC",
        )?;
        let mut found = statement.query_map([self.target.0, table, row], |row| row.get::<_, i64>(0))?;
        found
            .find(|operation| operation.as_ref().map_or(true, |operation| self.later.contains(operation)))
            .transpose()
            .map_or_else(|error| Err(error.into()), |operation| Ok(operation.map(OperationId)))
    }

    /// Refuses where a row that vanished is still referred to, or a row that returned refers to nothing.
    fn check_keys(&self, vanished: &[(i64, i64, i64)], returned: &BTreeMap<i64, BTreeSet<i64>>) -> Result<(), UndoError> {
        for (number, child) in (0_i64..).zip(LOGGED_TABLES) {
            for (column, parent) in foreign_keys(self.sql, child)? {
                let missing = format!("AND NOT EXISTS (SELECT 1 FROM {parent} AS parent WHERE parent.id = child.\"{column}\") LIMIT 1");
                let by_parent = format!("SELECT id FROM {child} AS child WHERE \"{column}\" BETWEEN ?1 AND ?2 {missing}");
                for &(table, first, last) in vanished {
                    if table_name(table)? != parent {
                        continue;
                    }
                    let row: Option<i64> = self.sql.prepare_cached(&by_parent)?.query_row([first, last], |row| row.get(0)).optional()?;
                    if let Some(row) = row {
                        let by = self.last_change(number, row)?;
                        return self.refused(|target| Refusal::Referred(target, by, RowName { table: child, row }));
                    }
                }
                let Some(rows) = returned.get(&number) else { continue };
                let by_child =
                    format!("SELECT \"{column}\" FROM {child} AS child WHERE id BETWEEN ?1 AND ?2 AND \"{column}\" IS NOT NULL {missing}");
                for (first, last) in ranges(rows) {
                    let gone: Option<i64> = self.sql.prepare_cached(&by_child)?.query_row([first, last], |row| row.get(0)).optional()?;
                    if let Some(gone) = gone {
                        let parent = (0_i64..).zip(LOGGED_TABLES).find(|(_, name)| **name == parent);
                        let Some((parent, name)) = parent else { continue };
                        let by = self.last_change(parent, gone)?;
                        return self.refused(|target| Refusal::Referred(target, by, RowName { table: name, row: gone }));
                    }
                }
            }
        }
        Ok(())
    }
}

fn ranges(rows: &BTreeSet<i64>) -> Vec<(i64, i64)> {
    let mut ranges: Vec<(i64, i64)> = Vec::new();
    for &row in rows {
        match ranges.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(row) => *last = row,
            _ => ranges.push((row, row)),
        }
    }
    ranges
}

/// A value of an image, to be bound; the log holds nothing but texts, whole numbers and NULL.
fn bound(value: &Value) -> ToSqlOutput<'_> {
    match value {
        Value::String(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        Value::Number(number) => number.as_i64().map_or(ToSqlOutput::Borrowed(ValueRef::Null), ToSqlOutput::from),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => ToSqlOutput::Borrowed(ValueRef::Null),
    }
}
