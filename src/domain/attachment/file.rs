//! Owns a received file (参赛材料) as the contest records it: where it lies, what it is, and which work or unit it belongs to. The file
//! itself stays where it is; only its path, size and digest are recorded.

use jiff::Timestamp;

use super::file_type::{Condition, FileType};
use crate::domain::values::{AttachmentId, EntryId, OrganizationId, SourceId};

/// How a file found its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MatchedBy {
    /// By its name or that of its folder.
    Name,
    /// By the mail or archive that it came in.
    Mail,
    /// By staff; no scan changes it.
    Hand,
}

impl MatchedBy {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::Name, Self::Mail, Self::Hand];

    /// The key in the contest file and in JSON.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Mail => "mail",
            Self::Hand => "hand",
        }
    }

    /// The printed word.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Name => "按名称",
            Self::Mail => "按邮件",
            Self::Hand => "人工指定",
        }
    }

    /// The way with this key.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.key() == key)
    }
}

/// What is recorded of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRecord {
    /// The scanned folder, absolute; empty for a part of a mail or archive.
    pub folder: String,
    /// The path within the folder, or the part's name within the mail or archive, with `/` between names.
    pub path: String,
    /// The mail or archive that it came in; `None` for a file of a scanned folder.
    pub source: Option<SourceId>,
    /// Bytes.
    pub size: u64,
    /// When the file was last changed; `None` where nobody knows.
    pub modified: Option<Timestamp>,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// What it is by its content.
    pub file_type: FileType,
    /// Whether anything is wrong with it.
    pub condition: Condition,
}

impl FileRecord {
    /// The file's own name, without its folders.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// The name's ending in lower case, without the dot; empty where there is none.
    #[must_use]
    pub fn ending(&self) -> String {
        split_ending(self.name()).1.to_lowercase()
    }
}

/// A file name as its stem and its ending without the dot. What looks like no ending (`v1.2最终版`) belongs to the stem.
#[must_use]
pub fn split_ending(name: &str) -> (&str, &str) {
    match name.rsplit_once(['.', '．']) {
        Some((stem, ending))
            if !stem.is_empty() && (1..=5).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric()) =>
        {
            (stem, ending)
        }
        Some(_) | None => (name, ""),
    }
}

/// What a file is for, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Link {
    /// The work.
    pub entry: Option<EntryId>,
    /// The unit: of the work, or alone where the file is the unit's (its logo, its profile).
    pub organization: Option<OrganizationId>,
    /// The kind of the rules file (`application`); empty: not known.
    pub kind: String,
    /// How it was found; `None` while it belongs to nobody.
    pub matched: Option<MatchedBy>,
}

/// A file as the contest holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its row; staff name it by this number.
    pub id: AttachmentId,
    /// The file.
    pub file: FileRecord,
    /// What it is for, and whose.
    pub link: Link,
    /// When it was last seen.
    pub seen_at: Timestamp,
    /// Whether it was gone at the last look.
    pub missing: bool,
    /// The mail or archive that it came in, by its path; empty for a file of a scanned folder.
    pub came_in: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_is_short_and_plain() {
        for (name, stem, ending) in [
            ("甲+乙.PDF", "甲+乙", "PDF"),
            ("甲．docx", "甲", "docx"),
            ("甲v1.2最终版", "甲v1.2最终版", ""),
            (".pdf", ".pdf", ""),
            ("甲.", "甲.", ""),
            ("甲.pdf.docx", "甲.pdf", "docx"),
        ] {
            assert_eq!(split_ending(name), (stem, ending), "{name}");
        }
    }
}
