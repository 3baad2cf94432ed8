//! Owns how a judge's sheet is written over what is on file: the fewest rows change, and a recusal leaves the marks on record.

use jiff::Timestamp;

use crate::domain::category::Round;
use crate::domain::judging::{MarkValue, Marks};
use crate::domain::values::{EntryId, JudgeId, Points, SourceId};
use crate::store::db::{StoreError, Tx};
use crate::store::judging::{NewMark, delete_marks, insert_mark, update_mark};

/// A sheet to write.
#[derive(Debug)]
pub struct SheetWrite<'a> {
    /// The work.
    pub entry: EntryId,
    /// The judge.
    pub judge: JudgeId,
    /// What is on file.
    pub old: Option<&'a Marks>,
    /// What is to be on file.
    pub new: &'a Marks,
    /// The file it came in.
    pub source: Option<SourceId>,
}

/// Writes a sheet. `cell` names sheet and cell of the file: of a criterion by its position, or of the whole with `None`.
///
/// # Errors
/// The file cannot be written.
pub fn write(
    tx: &Tx<'_>,
    round: &Round,
    sheet: &SheetWrite<'_>,
    cell: &dyn Fn(Option<usize>) -> String,
    at: Timestamp,
) -> Result<(), StoreError> {
    match (sheet.old, sheet.new) {
        (old, Marks::Criteria(new)) => {
            let before: &[Option<Points>] = match old {
                Some(Marks::Criteria(before)) => before,
                Some(Marks::Absent | Marks::Recused | Marks::Total(_)) => {
                    delete_marks(tx, sheet.entry, &round.id, sheet.judge, None)?;
                    &[]
                }
                None => &[],
            };
            let criteria = round.judges.iter().flat_map(|rules| &rules.criteria);
            for (position, (criterion, points)) in criteria.zip(new).enumerate() {
                let (Some(points), earlier) = (*points, before.get(position).copied().flatten()) else { continue };
                if earlier == Some(points) {
                    continue;
                }
                let cell = cell(Some(position));
                let mark = new_mark(sheet, round, criterion.name.as_str(), MarkValue::Given(points), &cell);
                if earlier.is_some() { update_mark(tx, &mark, at)? } else { insert_mark(tx, &mark, at)? }
            }
            Ok(())
        }
        (old, new) => {
            let value = match new {
                Marks::Absent => MarkValue::Absent,
                Marks::Recused => MarkValue::Recused,
                Marks::Total(points) => MarkValue::Given(*points),
                Marks::Criteria(_) => return Ok(()),
            };
            let cell = cell(None);
            let mark = new_mark(sheet, round, "", value, &cell);
            match old {
                None => insert_mark(tx, &mark, at),
                // 回避: what was marked before does not count any more, but stays on record.
                Some(Marks::Criteria(_)) if *new == Marks::Recused => insert_mark(tx, &mark, at),
                // Beside a state there may be marks of before (回避 keeps them): what is said now is all that is to stand.
                Some(Marks::Criteria(_) | Marks::Absent | Marks::Recused) => {
                    delete_marks(tx, sheet.entry, &round.id, sheet.judge, None)?;
                    insert_mark(tx, &mark, at)
                }
                Some(Marks::Total(_)) => update_mark(tx, &mark, at),
            }
        }
    }
}

fn new_mark<'a>(sheet: &SheetWrite<'_>, round: &'a Round, criterion: &'a str, value: MarkValue, cell: &'a str) -> NewMark<'a> {
    NewMark { entry: sheet.entry, round: &round.id, judge: sheet.judge, criterion, value, source: sheet.source, cell }
}

/// What a sheet says, in one line: `89.5`, `缺席`, `36/25/12/13`.
#[must_use]
pub fn shown(marks: Option<&Marks>) -> String {
    match marks {
        None => "（未录）".to_owned(),
        Some(Marks::Absent) => "缺席".to_owned(),
        Some(Marks::Recused) => "回避".to_owned(),
        Some(Marks::Total(points)) => points.to_string(),
        Some(Marks::Criteria(marks)) => {
            marks.iter().map(|mark| mark.map_or_else(|| "—".to_owned(), |points| points.to_string())).collect::<Vec<_>>().join("/")
        }
    }
}
