//! Owns the rows of recommenders (推荐单位), of what they say of works, and of their stamped sheets. Refuses to know the rules' recommenders
//! and whom a name means: folded names come in as parameters.

use rusqlite::{Row, params};

use super::db::{Reader, StoreError, Tx};
use super::entries::{moment, status};
use crate::domain::entry::Provenance;
use crate::domain::privacy::{Email, PersonName, Phone};
use crate::domain::recommendation::{Contact, Recommendation, Recommender, RecommenderKind, StampedSheet};
use crate::domain::status::Status;
use crate::domain::values::{EntryId, RecommenderId, SourceId, StampedSheetId};

/// Every recommender on file with its other names, ordered by row.
///
/// # Errors
/// The file cannot be read.
pub fn recommenders(reader: &Reader<'_>) -> Result<Vec<Recommender>, StoreError> {
    let mut statement =
        reader.sql().prepare_cached("SELECT id, name, kind, contact_name, contact_phone, contact_email FROM recommender ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut found: Vec<Recommender> = Vec::new();
    while let Some(row) = rows.next()? {
        let kind: String = row.get(2)?;
        found.push(Recommender {
            id: Some(RecommenderId(row.get(0)?)),
            name: row.get(1)?,
            kind: RecommenderKind::ALL
                .into_iter()
                .find(|known| known.key() == kind)
                .ok_or(StoreError::BadValue { place: "recommender.kind", value: kind })?,
            aliases: Vec::new(),
            contact: Contact {
                name: PersonName::new(row.get::<_, String>(3)?),
                phone: Phone::new(row.get::<_, String>(4)?),
                email: Email::new(row.get::<_, String>(5)?),
            },
            is_of_rules: false,
        });
    }
    let mut statement = reader.sql().prepare_cached("SELECT recommender, name FROM recommender_alias ORDER BY recommender, name, id")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let id = Some(RecommenderId(row.get(0)?));
        if let Some(known) = found.binary_search_by_key(&id, |known| known.id).ok().and_then(|place| found.get_mut(place)) {
            known.aliases.push(row.get(1)?);
        }
    }
    Ok(found)
}

/// Writes a recommender, new where it has no row; its row.
///
/// # Errors
/// The file cannot be written, or another has this name.
pub fn put_recommender(tx: &Tx<'_>, recommender: &Recommender, folded: &str) -> Result<RecommenderId, StoreError> {
    let Contact { name, phone, email } = &recommender.contact;
    let known = recommender.id.map(|id| id.0);
    let mut statement = tx.writing("recommender")?.prepare_cached(
        "INSERT INTO recommender (id, name, folded, kind, contact_name, contact_phone, contact_email) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO UPDATE SET name = excluded.name, folded = excluded.folded, \
         kind = excluded.kind, contact_name = excluded.contact_name, contact_phone = excluded.contact_phone, \
         contact_email = excluded.contact_email",
    )?;
    statement.execute(params![known, recommender.name, folded, recommender.kind.key(), name.reveal(), phone.reveal(), email.reveal()])?;
    Ok(RecommenderId(known.unwrap_or_else(|| tx.sql().last_insert_rowid())))
}

/// Adds another name of a recommender.
///
/// # Errors
/// The file cannot be written, or the name is another's already.
pub fn add_alias(tx: &Tx<'_>, recommender: RecommenderId, name: &str, folded: &str) -> Result<(), StoreError> {
    tx.writing("recommender_alias")?
        .prepare_cached("INSERT INTO recommender_alias (recommender, name, folded) VALUES (?1, ?2, ?3)")?
        .execute(params![recommender.0, name, folded])?;
    Ok(())
}

/// Takes another name of a recommender away; whether there was one.
///
/// # Errors
/// The file cannot be written.
pub fn remove_alias(tx: &Tx<'_>, recommender: RecommenderId, folded: &str) -> Result<bool, StoreError> {
    let mut statement =
        tx.writing("recommender_alias")?.prepare_cached("DELETE FROM recommender_alias WHERE recommender = ?1 AND folded = ?2")?;
    Ok(statement.execute(params![recommender.0, folded])? > 0)
}

const RECOMMENDATION: &str = "SELECT r.entry, r.recommender, r.opinion, r.position, r.given_at, r.state, r.reason, r.stamped, r.source, \
     s.path, r.sheet, r.row FROM recommendation r LEFT JOIN source s ON s.id = r.source";

/// What recommenders say of works, ordered by row.
///
/// # Errors
/// The file cannot be read.
pub fn recommendations(reader: &Reader<'_>) -> Result<Vec<Recommendation>, StoreError> {
    let mut statement = reader.sql().prepare_cached(&format!("{RECOMMENDATION} ORDER BY r.id"))?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(recommendation(row)?);
    }
    Ok(found)
}

/// What is said of a work.
///
/// # Errors
/// The file cannot be read.
pub fn of_entry(reader: &Reader<'_>, entry: EntryId) -> Result<Option<Recommendation>, StoreError> {
    let mut statement = reader.sql().prepare_cached(&format!("{RECOMMENDATION} WHERE r.entry = ?1"))?;
    let mut rows = statement.query([entry.0])?;
    rows.next()?.map(recommendation).transpose()
}

/// Writes what is said of a work, in place of what was said.
///
/// # Errors
/// The file cannot be written.
pub fn put(tx: &Tx<'_>, said: &Recommendation) -> Result<(), StoreError> {
    let mut statement = tx.writing("recommendation")?.prepare_cached(
        "INSERT INTO recommendation (entry, recommender, opinion, position, given_at, state, reason, stamped, source, sheet, row) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (entry) DO UPDATE SET recommender = excluded.recommender, \
         opinion = excluded.opinion, position = excluded.position, given_at = excluded.given_at, state = excluded.state, \
         reason = excluded.reason, stamped = excluded.stamped, source = excluded.source, sheet = excluded.sheet, row = excluded.row",
    )?;
    let origin = said.provenance.as_ref();
    statement.execute(params![
        said.entry.0,
        said.recommender,
        said.opinion,
        said.position,
        said.given_at.to_string(),
        if said.withdrawn.is_some() { "withdrawn" } else { "given" },
        said.withdrawn.as_deref().unwrap_or_default(),
        said.stamped.map(|sheet| sheet.0),
        origin.map(|origin| origin.source.0),
        origin.map_or("", |origin| origin.sheet.as_str()),
        origin.map(|origin| origin.row),
    ])?;
    Ok(())
}

/// Whether any recommendation or stamped sheet is on record.
///
/// # Errors
/// The file cannot be read.
pub fn has_begun(reader: &Reader<'_>) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM recommendation) OR EXISTS (SELECT 1 FROM recommendation_sheet)";
    Ok(reader.sql().prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// Stamped sheets, the latest last.
///
/// # Errors
/// The file cannot be read.
pub fn sheets(reader: &Reader<'_>) -> Result<Vec<StampedSheet>, StoreError> {
    let sql = "SELECT id, recommender, path, size, sha256, type, confirmed_at FROM recommendation_sheet ORDER BY confirmed_at, id";
    let mut statement = reader.sql().prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(StampedSheet {
            id: StampedSheetId(row.get(0)?),
            recommender: row.get(1)?,
            path: row.get(2)?,
            size: row.get::<_, i64>(3)?.try_into().unwrap_or_default(),
            sha256: row.get(4)?,
            file_type: row.get(5)?,
            confirmed_at: moment(&row.get::<_, String>(6)?, "recommendation_sheet.confirmed_at")?,
        });
    }
    Ok(found)
}

/// Writes a stamped sheet; `sheet.id` is not looked at. Its row.
///
/// # Errors
/// The file cannot be written.
pub fn insert_sheet(tx: &Tx<'_>, sheet: &StampedSheet) -> Result<StampedSheetId, StoreError> {
    let mut statement = tx.writing("recommendation_sheet")?.prepare_cached(
        "INSERT INTO recommendation_sheet (recommender, path, size, sha256, type, confirmed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    statement.execute(params![
        sheet.recommender,
        sheet.path,
        i64::try_from(sheet.size).unwrap_or(i64::MAX),
        sheet.sha256,
        sheet.file_type,
        sheet.confirmed_at.to_string(),
    ])?;
    Ok(StampedSheetId(tx.sql().last_insert_rowid()))
}

/// Works of a recommender as they name it, counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// 推荐单位 as the works name it; empty where they name none.
    pub recommender: String,
    /// Who has said something of them; `None`: nobody, or it was taken back.
    pub said_by: Option<String>,
    /// Where they stand.
    pub status: Status,
    /// How many.
    pub works: u64,
    /// Of these, how many have an opinion.
    pub opinions: u64,
    /// Of these, how many are covered by a stamped sheet.
    pub stamped: u64,
}

/// Counts by recommender, by who spoke of the works, and by where they stand, ordered by these.
///
/// # Errors
/// The file cannot be read.
pub fn counts(reader: &Reader<'_>) -> Result<Vec<Count>, StoreError> {
    let mut statement = reader.sql().prepare_cached(
        "SELECT e.recommender, r.recommender, count(*), coalesce(sum(r.opinion <> ''), 0), count(r.stamped), \
         e.status \
         FROM entry e LEFT JOIN recommendation r ON r.entry = e.id AND r.state = 'given' \
         GROUP BY e.recommender, r.recommender, e.status ORDER BY 1, 2, 6",
    )?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let number = |column: usize| -> Result<u64, StoreError> { Ok(row.get::<_, i64>(column)?.try_into().unwrap_or_default()) };
        found.push(Count {
            recommender: row.get(0)?,
            said_by: row.get(1)?,
            status: status(row, 5)?,
            works: number(2)?,
            opinions: number(3)?,
            stamped: number(4)?,
        });
    }
    Ok(found)
}

fn recommendation(row: &Row<'_>) -> Result<Recommendation, StoreError> {
    let source: Option<i64> = row.get(8)?;
    let state: String = row.get(5)?;
    Ok(Recommendation {
        entry: EntryId(row.get(0)?),
        recommender: row.get(1)?,
        opinion: row.get(2)?,
        position: row.get(3)?,
        given_at: moment(&row.get::<_, String>(4)?, "recommendation.given_at")?,
        withdrawn: (state == "withdrawn").then(|| row.get(6)).transpose()?,
        stamped: row.get::<_, Option<i64>>(7)?.map(StampedSheetId),
        provenance: match source {
            None => None,
            Some(source) => Some(Provenance {
                source: SourceId(source),
                file: row.get::<_, Option<String>>(9)?.unwrap_or_default(),
                sheet: row.get(10)?,
                row: row.get::<_, Option<u32>>(11)?.unwrap_or_default(),
            }),
        },
    })
}
