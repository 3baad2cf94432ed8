//! Owns judges, their panels and their marks in the contest file. Refuses to know what a mark is worth or who may mark what.
//!
//! Decision worth knowing: the marks of a round are read in one pass over the table and sorted in memory. That is faster than an
//! ordered walk through an index for a whole round (each mark would be looked up by itself), and no text is copied on the way.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use jiff::Timestamp;
use rusqlite::types::ValueRef;
use rusqlite::{Row, params};

use super::db::{Reader, StoreError, Tx};
use crate::domain::judging::{Judge, JudgeMarks, MarkValue, Marks, Panel, RoundMarks};
use crate::domain::threads::side_by_side_if;
use crate::domain::values::{CategoryId, EntryId, JudgeId, Points, RoundId, SourceId};

/// Every judge with the panels, ordered by identity.
///
/// # Errors
/// The file cannot be read.
pub fn judges(reader: &Reader<'_>) -> Result<Vec<Judge>, StoreError> {
    let mut panels: BTreeMap<JudgeId, Vec<Panel>> = BTreeMap::new();
    let mut statement = reader.sql().prepare_cached("SELECT judge, category, round, zone FROM panel ORDER BY judge, id")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let panel =
            Panel { category: CategoryId::new(row.get::<_, String>(1)?), round: RoundId::new(row.get::<_, String>(2)?), zone: row.get(3)? };
        panels.entry(JudgeId(row.get(0)?)).or_default().push(panel);
    }
    let mut statement = reader.sql().prepare_cached("SELECT id, name, organization FROM judge ORDER BY id")?;
    let judges = statement.query_map([], |row| {
        let id = JudgeId(row.get(0)?);
        Ok(Judge { id, name: row.get(1)?, organization: row.get(2)?, panels: panels.remove(&id).unwrap_or_default() })
    })?;
    Ok(judges.collect::<Result<_, _>>()?)
}

/// For how many works (counted once a round) each judge has handed in something: marks, an absence or a recusal.
///
/// # Errors
/// The file cannot be read.
pub fn sheets_per_judge(reader: &Reader<'_>) -> Result<BTreeMap<JudgeId, usize>, StoreError> {
    let mut statement = reader
        .sql()
        .prepare_cached("SELECT judge, COUNT(*) FROM (SELECT DISTINCT entry, round, judge FROM mark) GROUP BY judge ORDER BY judge")?;
    let counts = statement.query_map([], |row| Ok((JudgeId(row.get(0)?), usize::try_from(row.get::<_, i64>(1)?).unwrap_or_default())))?;
    Ok(counts.collect::<Result<_, _>>()?)
}

/// Registers a judge.
///
/// # Errors
/// The name is taken, or the file cannot be written.
pub fn insert_judge(tx: &Tx<'_>, name: &str, organization: &str) -> Result<JudgeId, StoreError> {
    tx.writing("judge")?.prepare_cached("INSERT INTO judge (name, organization) VALUES (?1, ?2)")?.execute(params![name, organization])?;
    Ok(JudgeId(tx.sql().last_insert_rowid()))
}

/// Sets a judge's unit.
///
/// # Errors
/// The file cannot be written.
pub fn set_judge_organization(tx: &Tx<'_>, judge: JudgeId, organization: &str) -> Result<(), StoreError> {
    tx.writing("judge")?.prepare_cached("UPDATE judge SET organization = ?2 WHERE id = ?1")?.execute(params![judge.0, organization])?;
    Ok(())
}

/// Puts a judge on a panel.
///
/// # Errors
/// The judge is on it already, or the file cannot be written.
pub fn insert_panel(tx: &Tx<'_>, judge: JudgeId, panel: &Panel) -> Result<(), StoreError> {
    tx.writing("panel")?.prepare_cached("INSERT INTO panel (judge, category, round, zone) VALUES (?1, ?2, ?3, ?4)")?.execute(params![
        judge.0,
        panel.category.as_str(),
        panel.round.as_str(),
        panel.zone
    ])?;
    Ok(())
}

/// A row of the table of marks with its texts made small, so that a million of them fit and sort fast.
struct CompactMark {
    entry: i64,
    judge: i64,
    /// Position of the criterion in the sheet plus one; 0: the sheet as a whole. Beyond the sheet: position in `Sheets::unknown`.
    criterion: u32,
    state: StoredState,
    points: i64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum StoredState {
    Given,
    Absent,
    Recused,
}

/// Every mark of the rounds with one name, ordered by work, judge and criterion.
pub struct Sheets {
    marks: Vec<CompactMark>,
    /// How many leaf criteria the sheet has.
    criteria: usize,
    /// Criteria that are not on the sheet: another category may have a round of this name.
    unknown: Vec<String>,
}

/// So many marks are worth a second thread.
const MANY: usize = 50_000;
/// Room for so many marks is made before they are read; a file may claim any number.
const ROOM: usize = 4_000_000;

/// Whether there are so many marks that they should be read beside something else.
///
/// # Errors
/// The file cannot be read.
pub fn are_many(reader: &Reader<'_>) -> Result<bool, StoreError> {
    Ok(most(reader)? >= MANY)
}

/// No fewer than there are marks.
fn most(reader: &Reader<'_>) -> Result<usize, StoreError> {
    let last: i64 = reader.sql().prepare_cached("SELECT coalesce(max(id), 0) FROM mark")?.query_row([], |row| row.get(0))?;
    Ok(usize::try_from(last).unwrap_or_default())
}

/// Reads the marks of a round. `criteria` are the names of the sheet's leaf criteria in their order.
///
/// # Errors
/// The file cannot be read, or holds a state that this program does not write.
pub fn sheets(reader: &Reader<'_>, round: &RoundId, criteria: &[&str]) -> Result<Sheets, StoreError> {
    let mut statement = reader.sql().prepare_cached("SELECT entry, judge, criterion, state, points FROM mark WHERE round = ?1")?;
    let mut rows = statement.query([round.as_str()])?;
    let room = most(reader)?.min(ROOM);
    let mut sheets = Sheets { marks: Vec::with_capacity(room), criteria: criteria.len(), unknown: Vec::new() };
    let mut expected = 0_usize;
    while let Some(row) = rows.next()? {
        let criterion = sheets.criterion_number(row, criteria, &mut expected)?;
        // Only given marks have points: the table sees to it.
        let (state, points) = match row.get_ref(4)? {
            ValueRef::Integer(points) => (StoredState::Given, points),
            ValueRef::Null | ValueRef::Real(_) | ValueRef::Text(_) | ValueRef::Blob(_) => (stored_state(row)?, 0),
        };
        sheets.marks.push(CompactMark { entry: row.get(0)?, judge: row.get(1)?, criterion, state, points });
    }
    sheets.marks.sort_unstable_by_key(|mark| (mark.entry, mark.judge, mark.criterion));
    Ok(sheets)
}

impl Sheets {
    /// The criterion's number. Marks come in the sheet's order almost always, so `expected` is tried first.
    fn criterion_number(&mut self, row: &Row<'_>, criteria: &[&str], expected: &mut usize) -> Result<u32, StoreError> {
        let ValueRef::Text(name) = row.get_ref(2)? else {
            return Err(StoreError::BadValue { place: "mark.criterion", value: String::new() });
        };
        if name.is_empty() {
            return Ok(0);
        }
        let position = match criteria.get(*expected) {
            Some(likely) if likely.as_bytes() == name => Some(*expected),
            Some(_) | None => criteria.iter().position(|criterion| criterion.as_bytes() == name),
        };
        let position = if let Some(position) = position {
            *expected = (position + 1) % criteria.len().max(1);
            position
        } else {
            let known = self.unknown.iter().position(|criterion| criterion.as_bytes() == name);
            criteria.len()
                + known.unwrap_or_else(|| {
                    self.unknown.push(String::from_utf8_lossy(name).into_owned());
                    self.unknown.len() - 1
                })
        };
        Ok(u32::try_from(position + 1).unwrap_or(u32::MAX))
    }

    /// The marks of the given works, each work present in the order of `works` (which must be ascending by identity).
    ///
    /// # Errors
    /// One of these works has a mark of a criterion that is not on the sheet.
    pub fn of(&self, works: &[EntryId]) -> Result<RoundMarks, StoreError> {
        let (first, second) = works.split_at(works.len() / 2);
        let are_many = self.marks.len() >= MANY;
        let (early, late) = side_by_side_if(are_many, || self.of_some(first, works.len()), || self.of_some(second, second.len()));
        let (mut entries, mut rest) = (early?, late?);
        entries.append(&mut rest);
        Ok(RoundMarks { entries })
    }

    fn of_some(&self, works: &[EntryId], room: usize) -> Result<Vec<(EntryId, Vec<JudgeMarks>)>, StoreError> {
        let begin = self.marks.partition_point(|mark| works.first().is_some_and(|first| mark.entry < first.0));
        let mut rest = self.marks.get(begin..).unwrap_or_default();
        let mut entries = Vec::with_capacity(room);
        for work in works {
            let begin = rest.iter().take_while(|mark| mark.entry < work.0).count();
            let length = rest.iter().skip(begin).take_while(|mark| mark.entry == work.0).count();
            let (own, later) = rest.split_at(begin + length);
            rest = later;
            let own = own.get(begin..).unwrap_or_default();
            let position = |mark: &CompactMark| usize::try_from(mark.criterion).ok()?.checked_sub(self.criteria + 1);
            if let Some(unknown) = own.iter().find_map(position) {
                let value = self.unknown.get(unknown).cloned().unwrap_or_default();
                return Err(StoreError::BadValue { place: "mark.criterion", value });
            }
            let by_judge = || own.chunk_by(|left, right| left.judge == right.judge);
            // Room for exactly these: of a million sheets what is left over costs more than counting them.
            let mut sheets = Vec::with_capacity(by_judge().count());
            sheets.extend(by_judge().filter_map(|sheet| sheet_of(sheet, self.criteria)));
            entries.push((*work, sheets));
        }
        Ok(entries)
    }
}

fn stored_state(row: &Row<'_>) -> Result<StoredState, StoreError> {
    match row.get_ref(3)? {
        ValueRef::Text(b"given") => Ok(StoredState::Given),
        ValueRef::Text(b"absent") => Ok(StoredState::Absent),
        ValueRef::Text(b"recused") => Ok(StoredState::Recused),
        ValueRef::Text(other) => Err(StoreError::BadValue { place: "mark.state", value: String::from_utf8_lossy(other).into_owned() }),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Blob(_) => {
            Err(StoreError::BadValue { place: "mark.state", value: String::new() })
        }
    }
}

/// One judge's sheet for one work. A state of the whole sheet outweighs marks on record beside it.
fn sheet_of(rows: &[CompactMark], criteria: usize) -> Option<JudgeMarks> {
    let first = rows.first()?;
    let judge = JudgeId(first.judge);
    let marks = match (first.criterion, first.state) {
        (_, StoredState::Absent) => Marks::Absent,
        (_, StoredState::Recused) => Marks::Recused,
        (0, StoredState::Given) => Marks::Total(Points::from_millionths(first.points)),
        (_, StoredState::Given) => {
            let mut sheet = vec![None; criteria];
            for row in rows {
                let position = usize::try_from(row.criterion).ok()?.checked_sub(1)?;
                *sheet.get_mut(position)? = Some(Points::from_millionths(row.points));
            }
            Marks::Criteria(sheet)
        }
    };
    Some(JudgeMarks { judge, marks })
}

/// How a value stands in the columns `state` and `points`.
fn columns_of(value: MarkValue) -> (&'static str, Option<i64>) {
    match value {
        MarkValue::Given(points) => ("given", Some(points.millionths())),
        MarkValue::Absent => ("absent", None),
        MarkValue::Recused => ("recused", None),
    }
}

/// Where a mark belongs, and what it says.
#[derive(Debug, Clone, Copy)]
pub struct NewMark<'a> {
    /// The work.
    pub entry: EntryId,
    /// The round.
    pub round: &'a RoundId,
    /// The judge.
    pub judge: JudgeId,
    /// The criterion's name; empty for a total or a state of the whole sheet.
    pub criterion: &'a str,
    /// What it says.
    pub value: MarkValue,
    /// The file it came in.
    pub source: Option<SourceId>,
    /// Sheet and cell of that file.
    pub cell: &'a str,
}

/// Writes a mark that is not there yet.
///
/// # Errors
/// It is there already, or the file cannot be written.
pub fn insert_mark(tx: &Tx<'_>, mark: &NewMark<'_>, at: Timestamp) -> Result<(), StoreError> {
    write_mark(
        tx,
        "INSERT OR ROLLBACK INTO mark (entry, round, judge, criterion, state, points, entered_at, source, cell)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        mark,
        at,
    )
}

/// Writes a mark over the one that is there, keeping its row.
///
/// # Errors
/// The file cannot be written.
pub fn update_mark(tx: &Tx<'_>, mark: &NewMark<'_>, at: Timestamp) -> Result<(), StoreError> {
    write_mark(
        tx,
        "UPDATE mark SET state = ?5, points = ?6, entered_at = ?7, source = ?8, cell = ?9
         WHERE entry = ?1 AND round = ?2 AND judge = ?3 AND criterion = ?4",
        mark,
        at,
    )
}

fn write_mark(tx: &Tx<'_>, sql: &str, mark: &NewMark<'_>, at: Timestamp) -> Result<(), StoreError> {
    let (state, points) = columns_of(mark.value);
    tx.writing("mark")?.prepare_cached(sql)?.execute(params![
        mark.entry.0,
        mark.round.as_str(),
        mark.judge.0,
        mark.criterion,
        state,
        points,
        at.to_string(),
        mark.source.map(|source| source.0),
        mark.cell
    ])?;
    Ok(())
}

/// Removes what a judge handed in for a work: one criterion's mark, or with `None` everything. Returns how many rows went.
///
/// # Errors
/// The file cannot be written.
pub fn delete_marks(tx: &Tx<'_>, entry: EntryId, round: &RoundId, judge: JudgeId, criterion: Option<&str>) -> Result<usize, StoreError> {
    Ok(tx
        .writing("mark")?
        .prepare_cached("DELETE FROM mark WHERE entry = ?1 AND round = ?2 AND judge = ?3 AND (?4 IS NULL OR criterion = ?4)")?
        .execute(params![entry.0, round.as_str(), judge.0, criterion])?)
}

/// A mark with everything that is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkRecord {
    /// The work.
    pub entry: EntryId,
    /// The round.
    pub round: RoundId,
    /// The judge.
    pub judge: JudgeId,
    /// The criterion's name; empty for a total or a state of the whole sheet.
    pub criterion: String,
    /// What it says.
    pub value: MarkValue,
    /// When it was entered.
    pub entered_at: Timestamp,
    /// The file it came in; empty for one typed in by hand.
    pub file: String,
    /// Sheet and cell of that file.
    pub cell: String,
}

/// Every mark on the given works, narrowed by round and judge, ordered by work, round, judge and entry of the mark.
///
/// # Errors
/// The file cannot be read, or holds a value that this program does not write.
pub fn mark_records(
    reader: &Reader<'_>,
    works: &[EntryId],
    round: Option<&RoundId>,
    judge: Option<JudgeId>,
) -> Result<Vec<MarkRecord>, StoreError> {
    let mut statement = reader.sql().prepare_cached(
        "SELECT round, judge, criterion, state, points, entered_at, source, cell, id
         FROM mark WHERE entry = ?1 AND (?2 IS NULL OR round = ?2) AND (?3 IS NULL OR judge = ?3)",
    )?;
    let mut of_source = reader.sql().prepare_cached("SELECT path FROM source WHERE id = ?1")?;
    let mut records = Vec::with_capacity((works.len() * USUAL_MARKS).min(USUAL_ROOM));
    // Marks come by the file, each file at one moment.
    let mut files: BTreeMap<i64, String> = BTreeMap::new();
    let mut moments: BTreeMap<String, Timestamp> = BTreeMap::new();
    // Of a work's few marks; SQLite would set up a sorting for each work.
    let mut own: Vec<(i64, MarkRecord)> = Vec::new();
    for work in works {
        let mut rows = statement.query(params![work.0, round.map(RoundId::as_str), judge.map(|judge| judge.0)])?;
        while let Some(row) = rows.next()? {
            let points = row.get::<_, Option<i64>>(4)?.unwrap_or_default();
            let file = match row.get::<_, Option<i64>>(6)?.map(|source| files.entry(source)) {
                None => String::new(),
                Some(Entry::Occupied(known)) => known.get().clone(),
                Some(Entry::Vacant(slot)) => {
                    let path: String = of_source.query_row([slot.key()], |row| row.get(0))?;
                    slot.insert(path).clone()
                }
            };
            let record = MarkRecord {
                entry: *work,
                round: RoundId::new(row.get::<_, String>(0)?),
                judge: JudgeId(row.get(1)?),
                criterion: row.get(2)?,
                value: match stored_state(row)? {
                    StoredState::Given => MarkValue::Given(Points::from_millionths(points)),
                    StoredState::Absent => MarkValue::Absent,
                    StoredState::Recused => MarkValue::Recused,
                },
                entered_at: moment(&mut moments, row.get_ref(5)?.as_str()?)?,
                file,
                cell: row.get(7)?,
            };
            own.push((row.get(8)?, record));
        }
        own.sort_by(|(left, one), (right, other)| (&one.round, one.judge, left).cmp(&(&other.round, other.judge, right)));
        records.extend(own.drain(..).map(|(_, record)| record));
    }
    Ok(records)
}

/// How many marks a work usually has,
const USUAL_MARKS: usize = 10;
/// and for how many room is made before they are read, so that those of a usual contest never move.
const USUAL_ROOM: usize = 1 << 12;

/// The moment that a text says, of those that were read before or anew.
fn moment(known: &mut BTreeMap<String, Timestamp>, text: &str) -> Result<Timestamp, StoreError> {
    if let Some(moment) = known.get(text) {
        return Ok(*moment);
    }
    let moment = text.parse().map_err(|_| StoreError::BadValue { place: "mark.entered_at", value: text.to_owned() })?;
    known.insert(text.to_owned(), moment);
    Ok(moment)
}

/// Whether any mark or given part was entered for works of a category in a round.
///
/// # Errors
/// The file cannot be read.
pub fn has_marks(reader: &Reader<'_>, category: &CategoryId, round: &RoundId) -> Result<bool, StoreError> {
    Ok(reader
        .sql()
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM entry JOIN mark ON mark.entry = entry.id WHERE category = ?1 AND round = ?2)
                 OR EXISTS (SELECT 1 FROM given_part CROSS JOIN entry ON entry.id = given_part.entry WHERE category = ?1 AND round = ?2)",
        )?
        .query_row(params![category.as_str(), round.as_str()], |row| row.get(0))?)
}
