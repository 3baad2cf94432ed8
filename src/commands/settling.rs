//! Owns which rows in quarantine a received row settles: the same row accepted at last, or its correction in a later file. Refuses to
//! know how rows are accepted.
//!
//! Decision worth knowing: a row that is settled by mistake is a work that is lost, so in doubt it stays open. A correction is known by
//! one of two signs. Its place: a file of the same name, the same sheet and row, at least half of the texts as they were. Or its name:
//! the same unit and title, coming as something new. Never against a unit, title or category that the open row named well.

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::domain::intake::{Named, Planned, Step};
use crate::store::db::{Reader, StoreError};
use crate::store::sources::{self, OpenRow};

/// Rows in quarantine that waited when the command began.
#[derive(Debug)]
pub(super) struct Waiting {
    rows: FxHashMap<i64, Row>,
    by_text: FxHashMap<[u8; 32], Vec<i64>>,
    by_place: FxHashMap<[u8; 32], Vec<i64>>,
    by_name: FxHashMap<[u8; 32], Vec<i64>>,
    settled: FxHashSet<i64>,
}

/// What is kept of a waiting row.
#[derive(Debug)]
struct Row {
    named: Named,
    place: String,
}

/// A row that waits no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Settled {
    /// Its number.
    pub(super) id: i64,
    /// Where it came from.
    pub(super) place: String,
}

impl Waiting {
    /// Reads the open rows.
    pub(super) fn read(reader: &Reader<'_>) -> Result<Self, StoreError> {
        let mut waiting = Self {
            rows: FxHashMap::default(),
            by_text: FxHashMap::default(),
            by_place: FxHashMap::default(),
            by_name: FxHashMap::default(),
            settled: FxHashSet::default(),
        };
        sources::open_rows(reader, |row| waiting.know(row))?;
        Ok(waiting)
    }

    fn know(&mut self, row: OpenRow<'_>) {
        let OpenRow { id, kind, received, path, sheet, row, unit, title, category } = row;
        self.by_text.entry(key(&[kind, received])).or_default().push(id);
        self.by_place.entry(place_key(kind, path, sheet, row)).or_default().push(id);
        if names(kind, unit, title) {
            self.by_name.entry(key(&[kind, unit, title])).or_default().push(id);
        }
        let named = Named { unit: unit.to_owned(), title: title.to_owned(), category: category.to_owned() };
        let sheet = if sheet.is_empty() { String::new() } else { format!(" › {sheet}") };
        self.rows.insert(id, Row { named, place: format!("{path}{sheet} 第{row}行") });
    }

    /// The waiting rows that an accepted row of the file at `path` settles, by number; none twice.
    pub(super) fn take(&mut self, reader: &Reader<'_>, kind: &str, path: &str, row: &Planned) -> Result<Vec<Settled>, StoreError> {
        if self.rows.is_empty() || matches!(row.step, Step::Changed | Step::Quarantine) {
            return Ok(Vec::new());
        }
        let found = |index: &FxHashMap<[u8; 32], Vec<i64>>, key: [u8; 32]| index.get(&key).cloned().unwrap_or_default();
        let received = row.received.whole();
        let mut ids = found(&self.by_text, key(&[kind, &received]));
        for id in found(&self.by_place, place_key(kind, path, &row.sheet, row.row)) {
            let agrees = self.rows.get(&id).is_some_and(|known| agree(&known.named, &row.named));
            if agrees && !ids.contains(&id) && is_mostly_the_same(reader, id, &received)? {
                ids.push(id);
            }
        }
        // A work that was there before says nothing of a row that could not be accepted beside it.
        let Named { unit, title, .. } = &row.named;
        if row.step != Step::Unchanged && names(kind, unit, title) {
            for id in found(&self.by_name, key(&[kind, unit, title])) {
                if self.rows.get(&id).is_some_and(|known| agree(&known.named, &row.named)) && !ids.contains(&id) {
                    ids.push(id);
                }
            }
        }
        ids.retain(|id| self.settled.insert(*id));
        ids.sort_unstable();
        let place = |id: i64| self.rows.get(&id).map(|row| row.place.clone()).unwrap_or_default();
        Ok(ids.into_iter().map(|id| Settled { id, place: place(id) }).collect())
    }
}

/// Whether a row names what makes it known: its unit, and as a work its title.
fn names(kind: &str, unit: &str, title: &str) -> bool {
    !unit.is_empty() && (kind == "registrations" || !title.is_empty())
}

/// Whether two rows can be one: nothing that both name differs.
fn agree(one: &Named, other: &Named) -> bool {
    let same = |one: &str, other: &str| one.is_empty() || other.is_empty() || one == other;
    same(&one.unit, &other.unit) && same(&one.title, &other.title) && same(&one.category, &other.category)
}

/// Whether at least half of a waiting row's texts, and at least two, come again under their titles.
fn is_mostly_the_same(reader: &Reader<'_>, id: i64, received: &str) -> Result<bool, StoreError> {
    let Some(waiting) = sources::quarantined_by_id(reader, id)? else {
        return Ok(false);
    };
    let texts = |json: &str| serde_json::from_str::<Map<String, Value>>(json).unwrap_or_default();
    let (waiting, received) = (texts(&waiting.received), texts(received));
    let same = waiting.iter().filter(|(title, text)| received.get(*title) == Some(text)).count();
    Ok(same >= 2 && same * 2 >= waiting.len())
}

/// Files are known by their last name: a corrected one lies in another folder.
fn place_key(kind: &str, path: &str, sheet: &str, row: u32) -> [u8; 32] {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    key(&[kind, name, sheet, &row.to_string()])
}

fn key(parts: &[&str]) -> [u8; 32] {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    digest.finalize().into()
}
