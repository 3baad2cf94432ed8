//! Owns the rows of units (参赛单位), their other names and their registrations. Refuses to know how names are folded: folded texts
//! come in as parameters.

use rusqlite::{OptionalExtension as _, Row, params};

use super::db::{Reader, StoreError, Tx, is_next_id};
use super::entries::optional_moment;
use super::references;
use crate::domain::entry::OrganizationProfile;
use crate::domain::intake::KnownUnit;
use crate::domain::organization::{Organization, Registration};
use crate::domain::privacy::{Address, Email, PersonName, Phone};
use crate::domain::values::{OrganizationId, SourceId};

const COLUMNS: &str = "o.id, o.name, o.credit_code, o.nature, o.member, o.focus_area, o.focus_industry, \
     (SELECT count(*) FROM entry e WHERE e.organization = o.id), \
     (SELECT r.intended FROM registration r WHERE r.organization = o.id)";

/// What stands between the intended categories of a stored registration.
const BETWEEN_INTENDED: &str = "、";

/// Every unit, ordered by name, then by row.
///
/// # Errors
/// The file cannot be read.
pub fn list(reader: &Reader<'_>) -> Result<Vec<Organization>, StoreError> {
    let mut statement = reader.sql().prepare_cached(&format!("SELECT {COLUMNS} FROM organization o ORDER BY o.id"))?;
    let mut organizations: Vec<Organization> = statement.query_map([], organization)?.collect::<Result<_, _>>()?;
    let mut statement = reader.sql().prepare_cached("SELECT organization, name FROM organization_alias ORDER BY organization, name")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let id = OrganizationId(row.get(0)?);
        if let Ok(position) = organizations.binary_search_by_key(&id, |organization| organization.id)
            && let Some(organization) = organizations.get_mut(position)
        {
            organization.aliases.push(row.get(1)?);
        }
    }
    organizations.sort_by(|left, right| left.name.cmp(&right.name).then(left.id.cmp(&right.id)));
    Ok(organizations)
}

/// The unit with this identity.
///
/// # Errors
/// The file cannot be read.
pub fn by_id(reader: &Reader<'_>, id: OrganizationId) -> Result<Option<Organization>, StoreError> {
    let mut statement = reader.sql().prepare_cached(&format!("SELECT {COLUMNS} FROM organization o WHERE o.id = ?1"))?;
    let Some(mut found) = statement.query_row([id.0], organization).optional()? else {
        return Ok(None);
    };
    let mut statement = reader.sql().prepare_cached("SELECT name FROM organization_alias WHERE organization = ?1 ORDER BY name")?;
    found.aliases = statement.query_map([id.0], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(Some(found))
}

/// The unit whose folded name, or one of whose folded aliases, is this.
///
/// # Errors
/// The file cannot be read.
pub fn find_by_folded(reader: &Reader<'_>, folded: &str) -> Result<Option<OrganizationId>, StoreError> {
    let mut statement = reader.sql().prepare_cached(
        "SELECT id FROM organization WHERE folded = ?1 UNION ALL SELECT organization FROM organization_alias WHERE folded = ?1 LIMIT 1",
    )?;
    Ok(statement.query_row([folded], |row| row.get(0).map(OrganizationId)).optional()?)
}

/// How many units there are.
///
/// # Errors
/// The file cannot be read.
pub fn count(reader: &Reader<'_>) -> Result<u32, StoreError> {
    Ok(reader.sql().query_row("SELECT count(*) FROM organization", [], |row| row.get(0))?)
}

/// Every name and alias with its unit, ordered by unit, names before aliases.
///
/// # Errors
/// The file cannot be read.
pub fn known_units(reader: &Reader<'_>) -> Result<Vec<KnownUnit>, StoreError> {
    let mut statement = reader.sql().prepare_cached(
        "SELECT id, name, folded, 0 AS alias, credit_code FROM organization UNION ALL \
         SELECT organization, name, folded, 1, '' FROM organization_alias ORDER BY 1, 4, 3",
    )?;
    let units = statement.query_map([], |row| {
        Ok(KnownUnit { id: OrganizationId(row.get(0)?), name: row.get(1)?, folded: row.get(2)?, credit_code: row.get(4)? })
    })?;
    Ok(units.collect::<Result<_, _>>()?)
}

/// What a unit's forms say of it.
///
/// # Errors
/// The file cannot be read.
pub fn profile(reader: &Reader<'_>, id: OrganizationId) -> Result<Option<OrganizationProfile>, StoreError> {
    let mut statement =
        reader.sql().prepare_cached("SELECT credit_code, nature, member, focus_area, focus_industry FROM organization WHERE id = ?1")?;
    Ok(statement.query_row([id.0], |row| profile_at(row, 0)).optional()?)
}

/// A unit's registration (附件2（一）).
///
/// # Errors
/// The file cannot be read.
pub fn registration(reader: &Reader<'_>, id: OrganizationId) -> Result<Option<Registration>, StoreError> {
    let mut statement = reader.sql().prepare_cached(
        "SELECT intended, recommender, contact_name, contact_phone, contact_email, contact_department, address, postcode, \
         registered_at FROM registration WHERE organization = ?1",
    )?;
    let mut rows = statement.query([id.0])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    Ok(Some(Registration {
        intended: split_intended(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?),
        recommender: row.get(1)?,
        contact_name: PersonName::new(row.get::<_, String>(2)?),
        contact_phone: Phone::new(row.get::<_, String>(3)?),
        contact_email: Email::new(row.get::<_, String>(4)?),
        contact_department: row.get(5)?,
        address: Address::new(row.get::<_, String>(6)?),
        postcode: row.get(7)?,
        registered_at: optional_moment(row, 8, "registration.registered_at")?,
    }))
}

/// How many units have registered.
///
/// # Errors
/// The file cannot be read.
pub fn count_registrations(reader: &Reader<'_>) -> Result<u32, StoreError> {
    Ok(reader.sql().query_row("SELECT count(*) FROM registration", [], |row| row.get(0))?)
}

/// Writes a new unit.
///
/// # Errors
/// The file cannot be written.
pub fn insert(tx: &Tx<'_>, id: OrganizationId, name: &str, folded: &str, profile: &OrganizationProfile) -> Result<(), StoreError> {
    let sql = if is_next_id(tx.sql(), "SELECT coalesce(max(id), 0) + 1 FROM organization", id.0)? {
        "INSERT OR ROLLBACK INTO organization (name, folded, credit_code, nature, member, focus_area, focus_industry) \
         VALUES (?2, ?3, ?4, ?5, ?6, ?7, ?8)"
    } else {
        "INSERT OR ROLLBACK INTO organization (id, name, folded, credit_code, nature, member, focus_area, focus_industry) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
    };
    let mut statement = tx.writing("organization")?.prepare_cached(sql)?;
    statement.execute(params![
        id.0,
        name,
        folded,
        profile.credit_code,
        profile.nature,
        profile.member,
        profile.focus_area,
        profile.focus_industry
    ])?;
    Ok(())
}

/// Writes what a unit's forms say of it anew.
///
/// # Errors
/// The file cannot be written.
pub fn update_profile(tx: &Tx<'_>, id: OrganizationId, profile: &OrganizationProfile) -> Result<(), StoreError> {
    let mut statement = tx.writing("organization")?.prepare_cached(
        "UPDATE organization SET credit_code = ?2, nature = ?3, member = ?4, focus_area = ?5, focus_industry = ?6 WHERE id = ?1",
    )?;
    statement.execute(params![id.0, profile.credit_code, profile.nature, profile.member, profile.focus_area, profile.focus_industry])?;
    Ok(())
}

/// Gives a unit another full name.
///
/// # Errors
/// The file cannot be written, or another unit has this name.
pub fn rename(tx: &Tx<'_>, id: OrganizationId, name: &str, folded: &str) -> Result<(), StoreError> {
    tx.writing("organization")?.execute("UPDATE organization SET name = ?2, folded = ?3 WHERE id = ?1", params![id.0, name, folded])?;
    Ok(())
}

/// Adds another name of a unit.
///
/// # Errors
/// The file cannot be written, or the alias is there already.
pub fn add_alias(tx: &Tx<'_>, id: OrganizationId, name: &str, folded: &str) -> Result<(), StoreError> {
    tx.writing("organization_alias")?
        .execute("INSERT INTO organization_alias (organization, name, folded) VALUES (?1, ?2, ?3)", params![id.0, name, folded])?;
    Ok(())
}

/// Takes another name of a unit away; whether there was one.
///
/// # Errors
/// The file cannot be written.
pub fn remove_alias(tx: &Tx<'_>, id: OrganizationId, folded: &str) -> Result<bool, StoreError> {
    let sql = "DELETE FROM organization_alias WHERE organization = ?1 AND folded = ?2";
    Ok(tx.writing("organization_alias")?.execute(sql, params![id.0, folded])? > 0)
}

/// Moves everything that hangs on one unit (works, registration, aliases, files) to another and removes the emptied unit. Of two
/// registrations the one of `into` stays.
///
/// # Errors
/// The file cannot be written, or two works would have the same identity.
pub fn absorb(tx: &Tx<'_>, from: OrganizationId, into: OrganizationId) -> Result<(), StoreError> {
    let other = "DELETE FROM registration WHERE organization = ?1 AND EXISTS (SELECT 1 FROM registration WHERE organization = ?2)";
    tx.writing("registration")?.execute(other, params![from.0, into.0])?;
    references::move_all(tx, "organization", from.0, into.0)?;
    tx.writing("organization")?.execute("DELETE FROM organization WHERE id = ?1", [from.0])?;
    Ok(())
}

/// Where a registration came from.
#[derive(Debug, Clone, Copy)]
pub struct RegistrationOrigin<'a> {
    /// The received file.
    pub source: SourceId,
    /// The sheet.
    pub sheet: &'a str,
    /// The row, from 1.
    pub row: u32,
    /// The row as received.
    pub received: &'a str,
}

/// Writes a unit's registration, new or in place of the one that it has.
///
/// # Errors
/// The file cannot be written.
pub fn put_registration(
    tx: &Tx<'_>,
    organization: OrganizationId,
    registration: &Registration,
    origin: RegistrationOrigin<'_>,
) -> Result<(), StoreError> {
    let mut statement = tx.writing("registration")?.prepare_cached(
        "INSERT INTO registration (organization, intended, recommender, contact_name, contact_phone, contact_email, \
         contact_department, address, postcode, registered_at, source, sheet, row, received) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) \
         ON CONFLICT (organization) DO UPDATE SET intended = excluded.intended, recommender = excluded.recommender, \
         contact_name = excluded.contact_name, contact_phone = excluded.contact_phone, contact_email = excluded.contact_email, \
         contact_department = excluded.contact_department, address = excluded.address, postcode = excluded.postcode, \
         registered_at = excluded.registered_at, source = excluded.source, sheet = excluded.sheet, row = excluded.row, \
         received = excluded.received",
    )?;
    statement.execute(params![
        organization.0,
        registration.intended.join(BETWEEN_INTENDED),
        registration.recommender,
        registration.contact_name.reveal(),
        registration.contact_phone.reveal(),
        registration.contact_email.reveal(),
        registration.contact_department,
        registration.address.reveal(),
        registration.postcode,
        registration.registered_at.map(|moment| moment.to_string()),
        origin.source.0,
        origin.sheet,
        origin.row,
        origin.received,
    ])?;
    Ok(())
}

fn organization(row: &Row<'_>) -> rusqlite::Result<Organization> {
    Ok(Organization {
        id: OrganizationId(row.get(0)?),
        name: row.get(1)?,
        aliases: Vec::new(),
        profile: profile_at(row, 2)?,
        entries: row.get(7)?,
        intended: row.get::<_, Option<String>>(8)?.as_deref().map(split_intended).unwrap_or_default(),
    })
}

/// A profile from five columns that begin at `first`.
fn profile_at(row: &Row<'_>, first: usize) -> rusqlite::Result<OrganizationProfile> {
    Ok(OrganizationProfile {
        credit_code: row.get(first)?,
        nature: row.get(first + 1)?,
        member: row.get(first + 2)?,
        focus_area: row.get(first + 3)?,
        focus_industry: row.get(first + 4)?,
    })
}

fn split_intended(text: &str) -> Vec<String> {
    text.split(BETWEEN_INTENDED).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}
