//! Owns the rows of works (参赛作品). Refuses to know how titles are folded or what makes two works the same: folded texts come in as
//! parameters.
//!
//! Decision worth knowing: numbers sort by prefix and then by serial as a number, which SQL cannot say briefly, so lists are ordered
//! here after reading. Where a hundred thousand works are too many to hold whole, [`summaries`] and [`identities`] are the light ways in.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row, params};

use super::db::{Reader, StoreError, Tx, is_next_id};
use crate::domain::entry::{Declaration, Entry, EntrySummary, Provenance};
use crate::domain::intake::KnownWork;
use crate::domain::privacy::{Address, Email, PersonName, Phone};
use crate::domain::received;
use crate::domain::status::Status;
use crate::domain::values::{CategoryId, EntryId, EntryNumber, OrganizationId, SourceId};

const DECLARED: &str = "e.title, e.theme, e.creators, e.recommender, e.contact_name, e.contact_phone, e.contact_email, \
     e.contact_department, e.contact_position, e.address, e.postcode, e.duration, e.length, e.summary, e.honors, e.zone, \
     e.submitted_at, e.remark";
const KEPT: &str = "e.id, e.number, e.category, e.organization, o.name, e.status, e.award_eligible, e.award_reason, e.received_at, \
     e.source, s.path, e.sheet, e.row, e.recommended_at, e.resubmitted_at";
const TABLES: &str = "entry e JOIN organization o ON o.id = e.organization LEFT JOIN source s ON s.id = e.source";
const SUMMARY: &str = "e.id, e.number, e.category, e.organization, o.name, e.title, e.theme, e.creators, e.recommender, e.zone, \
     e.status, e.award_eligible, e.submitted_at";

/// Room for so many works is made before they are read, so that those of a usual contest never move.
const USUAL: usize = 512;

/// Every work, ordered by number.
///
/// # Errors
/// The file cannot be read.
pub fn list(reader: &Reader<'_>) -> Result<Vec<Entry>, StoreError> {
    let mut entries = reader.scan(|sql| {
        let mut statement = sql.prepare_cached(&format!("SELECT {DECLARED}, {KEPT} FROM {TABLES}"))?;
        let mut rows = statement.query([])?;
        let mut entries = Vec::with_capacity(USUAL);
        while let Some(row) = rows.next()? {
            entries.push(entry(row)?);
        }
        Ok(entries)
    })?;
    entries.sort_by(|left, right| left.number.cmp(&right.number).then(left.id.cmp(&right.id)));
    Ok(entries)
}

/// The work with this number.
///
/// # Errors
/// The file cannot be read.
pub fn by_number(reader: &Reader<'_>, number: &EntryNumber) -> Result<Option<Entry>, StoreError> {
    let mut statement = reader.sql().prepare_cached(&format!("SELECT {DECLARED}, {KEPT} FROM {TABLES} WHERE e.number = ?1"))?;
    let mut rows = statement.query([number.as_str()])?;
    rows.next()?.map(entry).transpose()
}

/// The work with this identity.
///
/// # Errors
/// The file cannot be read.
pub fn by_id(reader: &Reader<'_>, id: EntryId) -> Result<Option<Entry>, StoreError> {
    let mut statement = reader.sql().prepare_cached(&format!("SELECT {DECLARED}, {KEPT} FROM {TABLES} WHERE e.id = ?1"))?;
    let mut rows = statement.query([id.0])?;
    rows.next()?.map(entry).transpose()
}

/// What the form of a work says and where it stands, without the rest.
///
/// # Errors
/// The file cannot be read.
pub fn declaration(reader: &Reader<'_>, id: EntryId) -> Result<Option<(Declaration, Status)>, StoreError> {
    let mut statement = reader.sql().prepare_cached(&format!("SELECT {DECLARED}, e.status FROM entry e WHERE e.id = ?1"))?;
    let mut rows = statement.query([id.0])?;
    rows.next()?.map(|row| Ok((declared(row)?, status(row, 18)?))).transpose()
}

/// Every work in its light form, ordered by number.
///
/// # Errors
/// The file cannot be read.
pub fn summaries(reader: &Reader<'_>) -> Result<Vec<EntrySummary>, StoreError> {
    summaries_where(reader, "TRUE", &[])
}

/// Works whose folded title, unit (or an alias of it), number or creators contain a text, ordered by number. `folded` is the text
/// folded as titles are, `organization` as units are; an empty one finds nothing by that side.
///
/// # Errors
/// The file cannot be read.
pub fn search(reader: &Reader<'_>, text: &str, folded: &str, organization: &str) -> Result<Vec<EntrySummary>, StoreError> {
    let condition = "(?2 <> '' AND e.title_folded LIKE ?2 ESCAPE '\\') \
         OR (?1 <> '' AND (e.number LIKE ?1 ESCAPE '\\' OR e.creators LIKE ?1 ESCAPE '\\' OR e.title LIKE ?1 ESCAPE '\\')) \
         OR (?3 <> '' AND (o.folded LIKE ?3 ESCAPE '\\' \
             OR EXISTS (SELECT 1 FROM organization_alias a WHERE a.organization = o.id AND a.folded LIKE ?3 ESCAPE '\\')))";
    summaries_where(reader, condition, &[&containing(text), &containing(folded), &containing(organization)])
}

fn summaries_where(reader: &Reader<'_>, condition: &str, values: &[&String]) -> Result<Vec<EntrySummary>, StoreError> {
    let sql = format!("SELECT {SUMMARY} FROM entry e JOIN organization o ON o.id = e.organization WHERE {condition}");
    let mut statement = reader.sql().prepare_cached(&sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(values))?;
    let mut summaries = Vec::new();
    while let Some(row) = rows.next()? {
        summaries.push(summary(row)?);
    }
    summaries.sort_by(|left, right| left.number.cmp(&right.number).then(left.id.cmp(&right.id)));
    Ok(summaries)
}

/// A LIKE pattern for texts that contain this one; an empty text stays empty.
fn containing(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}

/// The identity of every work, ordered by row.
///
/// # Errors
/// The file cannot be read.
pub fn identities(reader: &Reader<'_>) -> Result<Vec<KnownWork>, StoreError> {
    let mut statement = reader.sql().prepare_cached("SELECT id, number, organization, category, title_folded FROM entry ORDER BY id")?;
    let identities = statement.query_map([], |row| {
        Ok(KnownWork {
            id: EntryId(row.get(0)?),
            number: EntryNumber::new(row.get_ref(1)?.as_str()?),
            organization: OrganizationId(row.get(2)?),
            category: CategoryId::new(row.get::<_, String>(3)?),
            title_folded: row.get(4)?,
        })
    })?;
    Ok(identities.collect::<Result<_, _>>()?)
}

/// The row as received, as a JSON object of column title → text, whichever way it is kept.
///
/// # Errors
/// The file cannot be read.
pub fn received(reader: &Reader<'_>, id: EntryId) -> Result<Option<String>, StoreError> {
    let mut statement = reader.sql().prepare_cached(
        "SELECT e.received, e.summary, h.titles FROM entry e LEFT JOIN sheet_header h ON h.source = e.source AND h.sheet = e.sheet \
         WHERE e.id = ?1",
    )?;
    let mut rows = statement.query([id.0])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let text = |column| row.get_ref(column)?.as_str_or_null().map_err(rusqlite::Error::from);
    let (kept, summary, titles) = (text(0)?.unwrap_or_default(), text(1)?.unwrap_or_default(), text(2)?);
    if titles.is_none() && kept.starts_with('[') {
        return Err(StoreError::BadValue { place: "sheet_header.titles", value: kept.chars().take(40).collect() });
    }
    Ok(Some(received::whole(titles.unwrap_or_default(), kept, summary)))
}

/// The statement that inserts a work, with or without its id.
macro_rules! insertion {
    ($id:literal, $value:literal) => {
        concat!(
            "INSERT OR ROLLBACK INTO entry (",
            $id,
            "number, category, organization, title, title_folded, theme, creators, recommender, contact_name, contact_phone, \
             contact_email, contact_department, contact_position, address, postcode, duration, length, summary, honors, zone, \
             submitted_at, remark, status, award_eligible, award_reason, received_at, source, sheet, row, received, \
             recommended_at, resubmitted_at) VALUES (",
            $value,
            "?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, \
             ?27, ?28, ?29, ?30, ?31, ?32, ?33)"
        )
    };
}

/// Writes a new work under the identity and number that it carries. Its unit must be written already, and the titles of its sheet
/// where `received` is the short form (`ReceivedRow::short`).
///
/// # Errors
/// The file cannot be written.
pub fn insert(tx: &Tx<'_>, entry: &Entry, title_folded: &str, received: &str) -> Result<(), StoreError> {
    let sql = if is_next_id(tx.sql(), "SELECT coalesce(max(id), 0) + 1 FROM entry", entry.id.0)? {
        insertion!("", "")
    } else {
        insertion!("id, ", "?1, ")
    };
    let mut statement = tx.writing("entry")?.prepare_cached(sql)?;
    let declaration = &entry.declaration;
    statement.execute(params![
        entry.id.0,
        entry.number.as_str(),
        entry.category.as_str(),
        entry.organization.0,
        declaration.title,
        title_folded,
        declaration.theme,
        declaration.creators,
        declaration.recommender,
        declaration.contact_name.reveal(),
        declaration.contact_phone.reveal(),
        declaration.contact_email.reveal(),
        declaration.contact_department,
        declaration.contact_position,
        declaration.address.reveal(),
        declaration.postcode,
        declaration.duration,
        declaration.length,
        declaration.summary,
        declaration.honors,
        declaration.zone,
        declaration.submitted_at.map(|moment| moment.to_string()),
        declaration.remark,
        entry.status.key(),
        entry.award_eligible,
        entry.award_reason,
        entry.received_at.to_string(),
        entry.provenance.as_ref().map(|provenance| provenance.source.0),
        entry.provenance.as_ref().map_or("", |provenance| provenance.sheet.as_str()),
        entry.provenance.as_ref().map(|provenance| provenance.row),
        received,
        entry.recommended_at.map(|moment| moment.to_string()),
        entry.resubmitted_at.map(|moment| moment.to_string()),
    ])?;
    Ok(())
}

/// Writes what the form of a work says anew; the log keeps only the columns that differ.
///
/// # Errors
/// The file cannot be written, or another work has this identity.
pub fn update_declaration(tx: &Tx<'_>, id: EntryId, declaration: &Declaration, title_folded: &str) -> Result<(), StoreError> {
    // The row as received may rely on the summary that goes now.
    let mut statement =
        tx.sql().prepare_cached("SELECT received, summary FROM entry WHERE id = ?1 AND summary <> ?2 AND substr(received, 1, 1) = '['")?;
    let relying = statement
        .query_row(params![id.0, declaration.summary], |row| {
            Ok(received::with_summary(row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?))
        })
        .optional()?;
    let mut statement = tx.writing("entry")?.prepare_cached(
        "UPDATE entry SET title = ?2, title_folded = ?3, theme = ?4, creators = ?5, recommender = ?6, contact_name = ?7, \
         contact_phone = ?8, contact_email = ?9, contact_department = ?10, contact_position = ?11, address = ?12, postcode = ?13, \
         duration = ?14, length = ?15, summary = ?16, honors = ?17, zone = ?18, submitted_at = ?19, remark = ?20, \
         received = coalesce(?21, received) WHERE id = ?1",
    )?;
    statement.execute(params![
        id.0,
        declaration.title,
        title_folded,
        declaration.theme,
        declaration.creators,
        declaration.recommender,
        declaration.contact_name.reveal(),
        declaration.contact_phone.reveal(),
        declaration.contact_email.reveal(),
        declaration.contact_department,
        declaration.contact_position,
        declaration.address.reveal(),
        declaration.postcode,
        declaration.duration,
        declaration.length,
        declaration.summary,
        declaration.honors,
        declaration.zone,
        declaration.submitted_at.map(|moment| moment.to_string()),
        declaration.remark,
        relying,
    ])?;
    Ok(())
}

/// Records the row that a work last took values from, and keeps the one before as a former origin.
///
/// # Errors
/// The file cannot be written.
pub fn set_origin(tx: &Tx<'_>, id: EntryId, source: SourceId, sheet: &str, row: u32, received: &str) -> Result<(), StoreError> {
    let sql = "INSERT INTO former_origin (entry, source, sheet, row) \
               SELECT id, source, sheet, row FROM entry WHERE id = ?1 AND source IS NOT NULL AND row IS NOT NULL";
    tx.writing("former_origin")?.prepare_cached(sql)?.execute([id.0])?;
    let mut statement =
        tx.writing("entry")?.prepare_cached("UPDATE entry SET source = ?2, sheet = ?3, row = ?4, received = ?5 WHERE id = ?1")?;
    statement.execute(params![id.0, source.0, sheet, row, received])?;
    Ok(())
}

/// Records when a later file last corrected a work.
///
/// # Errors
/// The file cannot be written.
pub fn set_resubmitted(tx: &Tx<'_>, id: EntryId, at: Timestamp) -> Result<(), StoreError> {
    tx.writing("entry")?.prepare_cached("UPDATE entry SET resubmitted_at = ?2 WHERE id = ?1")?.execute(params![id.0, at.to_string()])?;
    Ok(())
}

/// Records when a work's recommender put it forward; `None`: it has not, or took it back.
///
/// # Errors
/// The file cannot be written.
pub fn set_recommended(tx: &Tx<'_>, id: EntryId, at: Option<Timestamp>) -> Result<(), StoreError> {
    let mut statement = tx.writing("entry")?.prepare_cached("UPDATE entry SET recommended_at = ?2 WHERE id = ?1")?;
    statement.execute(params![id.0, at.map(|at| at.to_string())])?;
    Ok(())
}

/// Sets where a work stands.
///
/// # Errors
/// The file cannot be written.
pub fn set_status(tx: &Tx<'_>, id: EntryId, status: Status) -> Result<(), StoreError> {
    tx.writing("entry")?.prepare_cached("UPDATE entry SET status = ?2 WHERE id = ?1")?.execute(params![id.0, status.key()])?;
    Ok(())
}

/// Sets whether a work may take an award, and why not.
///
/// # Errors
/// The file cannot be written.
pub fn set_award_eligibility(tx: &Tx<'_>, id: EntryId, eligible: bool, reason: &str) -> Result<(), StoreError> {
    let mut statement = tx.writing("entry")?.prepare_cached("UPDATE entry SET award_eligible = ?2, award_reason = ?3 WHERE id = ?1")?;
    statement.execute(params![id.0, eligible, reason])?;
    Ok(())
}

fn entry(row: &Row<'_>) -> Result<Entry, StoreError> {
    let source: Option<i64> = row.get(27)?;
    Ok(Entry {
        declaration: declared(row)?,
        id: EntryId(row.get(18)?),
        number: EntryNumber::new(row.get_ref(19)?.as_str().map_err(rusqlite::Error::from)?),
        category: CategoryId::new(row.get::<_, String>(20)?),
        organization: OrganizationId(row.get(21)?),
        organization_name: row.get(22)?,
        status: status(row, 23)?,
        award_eligible: row.get(24)?,
        award_reason: row.get(25)?,
        received_at: moment(&row.get::<_, String>(26)?, "entry.received_at")?,
        recommended_at: optional_moment(row, 31, "entry.recommended_at")?,
        resubmitted_at: optional_moment(row, 32, "entry.resubmitted_at")?,
        provenance: match source {
            None => None,
            Some(source) => Some(Provenance {
                source: SourceId(source),
                file: row.get::<_, Option<String>>(28)?.unwrap_or_default(),
                sheet: row.get(29)?,
                row: row.get::<_, Option<u32>>(30)?.unwrap_or_default(),
            }),
        },
    })
}

/// The first eighteen columns of [`DECLARED`].
fn declared(row: &Row<'_>) -> Result<Declaration, StoreError> {
    Ok(Declaration {
        title: row.get(0)?,
        theme: row.get(1)?,
        creators: row.get(2)?,
        recommender: row.get(3)?,
        contact_name: PersonName::new(row.get::<_, String>(4)?),
        contact_phone: Phone::new(row.get::<_, String>(5)?),
        contact_email: Email::new(row.get::<_, String>(6)?),
        contact_department: row.get(7)?,
        contact_position: row.get(8)?,
        address: Address::new(row.get::<_, String>(9)?),
        postcode: row.get(10)?,
        duration: row.get(11)?,
        length: row.get(12)?,
        summary: row.get(13)?,
        honors: row.get(14)?,
        zone: row.get(15)?,
        submitted_at: optional_moment(row, 16, "entry.submitted_at")?,
        remark: row.get(17)?,
    })
}

fn summary(row: &Row<'_>) -> Result<EntrySummary, StoreError> {
    Ok(EntrySummary {
        id: EntryId(row.get(0)?),
        number: EntryNumber::new(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?),
        category: CategoryId::new(row.get::<_, String>(2)?),
        organization: OrganizationId(row.get(3)?),
        organization_name: row.get(4)?,
        title: row.get(5)?,
        theme: row.get(6)?,
        creators: row.get(7)?,
        recommender: row.get(8)?,
        zone: row.get(9)?,
        status: status(row, 10)?,
        award_eligible: row.get(11)?,
        submitted_at: optional_moment(row, 12, "entry.submitted_at")?,
    })
}

pub(super) fn status(row: &Row<'_>, column: usize) -> Result<Status, StoreError> {
    let key = row.get_ref(column)?.as_str().map_err(rusqlite::Error::from)?;
    Status::from_key(key).ok_or_else(|| StoreError::BadValue { place: "entry.status", value: key.to_owned() })
}

pub(super) fn optional_moment(row: &Row<'_>, column: usize, place: &'static str) -> Result<Option<Timestamp>, StoreError> {
    row.get::<_, Option<String>>(column)?.map(|text| moment(&text, place)).transpose()
}

pub(super) fn moment(text: &str, place: &'static str) -> Result<Timestamp, StoreError> {
    text.parse().map_err(|_| StoreError::BadValue { place, value: text.to_owned() })
}
