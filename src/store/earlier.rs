//! Owns the look into the file of an earlier contest: its works and the text of its rules. Refuses to bring the file up to date, and to
//! write anything at all: it is opened for reading only, whatever version of this program made it.
//!
//! Decision worth knowing: only columns that every version of the file has are read, so that an older file need not be migrated.

use std::path::Path;

use rusqlite::Connection;

use super::connection;
use super::db::StoreError;
use crate::domain::entry::Declaration;
use crate::domain::likeness::earlier::PastWork;
use crate::domain::values::EntryNumber;

/// What is read of an earlier contest.
#[derive(Debug)]
pub struct EarlierFile {
    /// Its rules, as TOML.
    pub rules: String,
    /// Its works in the order of their numbers.
    pub works: Vec<PastWork>,
}

/// Reads the file of an earlier contest.
///
/// # Errors
/// Missing, not a contest, from a newer version, locked or damaged.
pub fn read(path: &Path) -> Result<EarlierFile, StoreError> {
    let connection = connection::open_to_read(path)?;
    let begun: bool = connection.query_row("SELECT EXISTS (SELECT 1 FROM operation)", [], |row| row.get(0))?;
    if !begun {
        return Err(StoreError::Unfinished(path.to_owned()));
    }
    let rules = connection.query_row("SELECT text FROM rules ORDER BY id DESC LIMIT 1", [], |row| row.get(0))?;
    Ok(EarlierFile { rules, works: works(&connection)? })
}

fn works(connection: &Connection) -> Result<Vec<PastWork>, StoreError> {
    let mut statement =
        connection.prepare("SELECT e.number, o.name, e.title, e.summary FROM entry e JOIN organization o ON o.id = e.organization")?;
    let mut rows = statement.query([])?;
    let mut works: Vec<(EntryNumber, PastWork)> = Vec::new();
    while let Some(row) = rows.next()? {
        let number: String = row.get(0)?;
        let declaration = Declaration { title: row.get(2)?, summary: row.get(3)?, ..Declaration::default() };
        works.push((EntryNumber::new(&number), PastWork { number, organization: row.get(1)?, declaration }));
    }
    works.sort_by(|left, right| left.0.cmp(&right.0));
    Ok(works.into_iter().map(|(_, work)| work).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::db::{Db, OperationHeader};
    use jiff::Timestamp;

    const ROWS: &str = "INSERT INTO rules (text, origin, applied_at) VALUES ('规则', '', '');
         INSERT INTO organization (id, name, folded) VALUES (1, '甲厂', '甲厂');
         INSERT INTO entry (id, number, category, organization, title, title_folded, summary, received_at)
           VALUES (1, 'Y1000', 'speech', 1, '二', '二', '简介二', ''), (2, 'Y002', 'speech', 1, '一', '一', '简介一', '');";

    #[test]
    fn a_file_of_the_first_version_is_read_and_left_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("旧 的.dasai");
        let connection = Connection::open(&path).expect("a file");
        connection.execute_batch(include_str!("schema_1.sql")).expect("the first version");
        connection.execute_batch("PRAGMA application_id = 0x64617361; PRAGMA user_version = 1;").expect("its header");
        let operation = "INSERT INTO operation (at, actor, command, first_change) VALUES ('', '', '', 1);";
        connection.execute_batch(&format!("{operation}{ROWS}")).expect("rows");
        drop(connection);
        let before = std::fs::read(&path).expect("the file");
        let read = read(&path).expect("a contest");
        assert_eq!(read.rules, "规则");
        let works: Vec<_> = read.works.iter().map(|work| (work.number.as_str(), work.declaration.summary.as_str())).collect();
        assert_eq!(works, [("Y002", "简介一"), ("Y1000", "简介二")]);
        assert!(before == std::fs::read(&path).expect("the file"));
        assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 1);
    }

    #[test]
    fn what_another_program_has_just_written_is_seen() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.dasai");
        let mut db = Db::create(&path).expect("a file");
        assert!(matches!(read(&path), Err(StoreError::Unfinished(_))));
        let header = OperationHeader { at: Timestamp::UNIX_EPOCH, actor: "甲".to_owned(), command: String::new() };
        let tx = db.operation(&header).expect("an operation");
        tx.writing_all().execute_batch(ROWS).expect("rows");
        tx.finish("").expect("written");
        assert_eq!(read(&path).expect("a contest").works.len(), 2);
    }

    #[test]
    fn a_file_of_a_later_version_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.dasai");
        drop(Db::create(&path).expect("a file"));
        Connection::open(&path).and_then(|connection| connection.execute_batch("PRAGMA user_version = 99")).expect("a header");
        assert!(matches!(read(&path), Err(StoreError::TooNew { found: 99, .. })));
        assert!(matches!(read(folder.path()), Err(StoreError::Folder(_))));
    }
}
