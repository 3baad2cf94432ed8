//! Owns what results are made of and what people decided about them: given parts, advancements, award
//! grants, and small decisions. Scores and places are never stored: they are computed on each call.

use jiff::Timestamp;
use rusqlite::{Row, params};

use super::db::{Reader, StoreError, Tx};
use crate::domain::award_decision::{Recipient, StoredGrant};
use crate::domain::judging::GivenPart;
use crate::domain::values::{AwardId, CategoryId, EntryId, Points, RoundId, SourceId};

/// The given parts of a round for works of a category, ordered by work and part.
///
/// # Errors
/// The file cannot be read.
pub fn given_parts(reader: &Reader<'_>, category: &CategoryId, round: &RoundId) -> Result<Vec<GivenPart>, StoreError> {
    let mut statement = reader.sql().prepare_cached(
        // In this order: most contests have few given parts, or none.
        "SELECT given_part.entry, part, points FROM given_part CROSS JOIN entry ON entry.id = given_part.entry
         WHERE category = ?1 AND round = ?2",
    )?;
    let parts = statement.query_map(params![category.as_str(), round.as_str()], given_part)?;
    in_order(parts.collect())
}

/// The given parts of the rounds with one name, for works of any category, ordered by work and part. Faster than [`given_parts`], which
/// asks for each part whose work it is.
///
/// # Errors
/// The file cannot be read.
pub fn given_parts_of_all(reader: &Reader<'_>, round: &RoundId) -> Result<Vec<GivenPart>, StoreError> {
    let mut statement = reader.sql().prepare_cached("SELECT entry, part, points FROM given_part WHERE round = ?1")?;
    let parts = statement.query_map([round.as_str()], given_part)?;
    in_order(parts.collect())
}

fn given_part(row: &Row<'_>) -> rusqlite::Result<GivenPart> {
    Ok(GivenPart { entry: EntryId(row.get(0)?), part: row.get(1)?, points: Points::from_millionths(row.get(2)?) })
}

/// Sorted here: SQLite would walk an index and look every row up, the rows come nearly in order as they are.
fn in_order(parts: rusqlite::Result<Vec<GivenPart>>) -> Result<Vec<GivenPart>, StoreError> {
    let mut parts = parts?;
    parts.sort_by(|left, right| left.entry.cmp(&right.entry).then_with(|| left.part.cmp(&right.part)));
    Ok(parts)
}

/// Where a given part came from.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// The file.
    pub source: Option<SourceId>,
    /// Sheet and cell of that file.
    pub cell: &'a str,
    /// When it was entered.
    pub at: Timestamp,
}

/// Writes a given part, over an earlier one if there is one.
///
/// # Errors
/// The file cannot be written.
pub fn put_given_part(tx: &Tx<'_>, round: &RoundId, given: &GivenPart, origin: Origin<'_>) -> Result<(), StoreError> {
    tx.writing("given_part")?
        .prepare_cached(
            "INSERT INTO given_part (entry, round, part, points, entered_at, source, cell) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (entry, round, part) DO UPDATE SET points = ?4, entered_at = ?5, source = ?6, cell = ?7",
        )?
        .execute(params![
            given.entry.0,
            round.as_str(),
            given.part,
            given.points.millionths(),
            origin.at.to_string(),
            origin.source.map(|source| source.0),
            origin.cell
        ])?;
    Ok(())
}

/// Removes a given part of a work.
///
/// # Errors
/// The file cannot be written.
pub fn delete_given_part(tx: &Tx<'_>, entry: EntryId, round: &RoundId, part: &str) -> Result<(), StoreError> {
    let sql = "DELETE FROM given_part WHERE entry = ?1 AND round = ?2 AND part = ?3";
    tx.writing("given_part")?.prepare_cached(sql)?.execute(params![entry.0, round.as_str(), part])?;
    Ok(())
}

/// Decided: a work goes on to a round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advancement {
    /// The work.
    pub entry: EntryId,
    /// The round it comes from.
    pub from: RoundId,
    /// The round it goes to.
    pub to: RoundId,
    /// Its place in the round it comes from.
    pub place: Option<u32>,
    /// Why, where people decided.
    pub reason: String,
}

/// Who goes on to a round of a category, ordered by work.
///
/// # Errors
/// The file cannot be read.
pub fn advancements(reader: &Reader<'_>, category: &CategoryId, to: &RoundId) -> Result<Vec<Advancement>, StoreError> {
    let mut statement = reader.sql().prepare_cached(
        "SELECT entry, from_round, to_round, place, reason FROM advancement CROSS JOIN entry ON entry.id = advancement.entry
         WHERE category = ?1 AND to_round = ?2 ORDER BY entry",
    )?;
    let found = statement.query_map(params![category.as_str(), to.as_str()], |row| {
        Ok(Advancement {
            entry: EntryId(row.get(0)?),
            from: RoundId::new(row.get::<_, String>(1)?),
            to: RoundId::new(row.get::<_, String>(2)?),
            place: row.get(3)?,
            reason: row.get(4)?,
        })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Writes that a work goes on, over an earlier row of the same work and round if there is one.
///
/// # Errors
/// The file cannot be written.
pub fn put_advancement(tx: &Tx<'_>, advancement: &Advancement) -> Result<(), StoreError> {
    tx.writing("advancement")?
        .prepare_cached(
            "INSERT INTO advancement (entry, from_round, to_round, place, reason) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (entry, to_round) DO UPDATE SET from_round = ?2, place = ?4, reason = ?5",
        )?
        .execute(params![advancement.entry.0, advancement.from.as_str(), advancement.to.as_str(), advancement.place, advancement.reason])?;
    Ok(())
}

/// Writes that a work does not go on.
///
/// # Errors
/// The file cannot be written.
pub fn delete_advancement(tx: &Tx<'_>, entry: EntryId, to: &RoundId) -> Result<(), StoreError> {
    tx.writing("advancement")?
        .prepare_cached("DELETE FROM advancement WHERE entry = ?1 AND to_round = ?2")?
        .execute(params![entry.0, to.as_str()])?;
    Ok(())
}

/// Every award on file, ordered by award, work and recommender.
///
/// # Errors
/// The file cannot be read.
pub fn grants(reader: &Reader<'_>) -> Result<Vec<StoredGrant>, StoreError> {
    let mut statement = reader.sql().prepare_cached(
        "SELECT entry, recommender, award, round, place, state = 'revoked', computed, reason, certificate, lapsed
         FROM award_grant ORDER BY award, entry, recommender",
    )?;
    let grants = statement.query_map([], |row| {
        let round: String = row.get(3)?;
        Ok(StoredGrant {
            recipient: match row.get::<_, Option<i64>>(0)? {
                Some(entry) => Recipient::Entry(EntryId(entry)),
                None => Recipient::Recommender(row.get(1)?),
            },
            award: AwardId::new(row.get::<_, String>(2)?),
            round: (!round.is_empty()).then(|| RoundId::new(round)),
            place: row.get(4)?,
            revoked: row.get(5)?,
            computed: row.get(6)?,
            reason: row.get(7)?,
            certificate: row.get(8)?,
            lapsed: row.get(9)?,
        })
    })?;
    Ok(grants.collect::<Result<_, _>>()?)
}

/// Writes an award, over the row of the same recipient and award if there is one.
///
/// # Errors
/// The file cannot be written.
pub fn put_grant(tx: &Tx<'_>, grant: &StoredGrant) -> Result<(), StoreError> {
    let (entry, recommender) = recipient_columns(&grant.recipient);
    let round = grant.round.as_ref().map_or("", RoundId::as_str);
    let state = if grant.revoked { "revoked" } else { "granted" };
    let update = "UPDATE award_grant SET round = ?4, place = ?5, state = ?6, computed = ?7, reason = ?8, certificate = ?9, lapsed = ?10
         WHERE entry IS ?1 AND recommender = ?2 AND award = ?3";
    let insert = "INSERT INTO award_grant (entry, recommender, award, round, place, state, computed, reason, certificate, lapsed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    for sql in [update, insert] {
        let written = tx.writing("award_grant")?.prepare_cached(sql)?.execute(params![
            entry,
            recommender,
            grant.award.as_str(),
            round,
            grant.place,
            state,
            grant.computed,
            grant.reason,
            grant.certificate,
            grant.lapsed
        ])?;
        if written > 0 {
            break;
        }
    }
    Ok(())
}

fn recipient_columns(recipient: &Recipient) -> (Option<i64>, &str) {
    match recipient {
        Recipient::Entry(entry) => (Some(entry.0), ""),
        Recipient::Recommender(name) => (None, name),
    }
}

/// Small decisions whose key begins with `prefix`, ordered by key.
///
/// # Errors
/// The file cannot be read.
pub fn decisions(reader: &Reader<'_>, prefix: &str) -> Result<Vec<(String, String)>, StoreError> {
    let mut statement = reader.sql().prepare_cached("SELECT key, value FROM setting WHERE substr(key, 1, length(?1)) = ?1 ORDER BY key")?;
    let found = statement.query_map([prefix], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Writes a small decision, over an earlier one.
///
/// # Errors
/// The file cannot be written.
pub fn put_decision(tx: &Tx<'_>, key: &str, value: &str) -> Result<(), StoreError> {
    tx.writing("setting")?
        .prepare_cached("INSERT INTO setting (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2")?
        .execute(params![key, value])?;
    Ok(())
}
