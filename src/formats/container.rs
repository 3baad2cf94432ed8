//! Owns what a file is by its first bytes and, for archives, by their directory; and the refusal of what this version cannot read or
//! what would cost a hang or a gigabyte. Refuses to know rows and cells.
//!
//! Decision worth knowing: sizes that an archive declares are not believed. Parts that could inflate beyond reason are inflated once
//! into nothing, counting, before any parser sees them; large sheets of a workbook while it does (`measured_archive`).

use std::fs::File;
use std::io::Read as _;

use super::compound::{self, Compound, CompoundFault};
use super::file_type;
use super::measured_archive;
use super::old_records;
use super::part_limits;
use super::problems::{self, FileFault};
use super::sheet::Unreadable;
use super::word;
use crate::domain::attachment::FileType;

/// How many bytes of a file decide what it is.
pub(super) const HEAD: usize = 64 << 10;

/// What a readable file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// A text table.
    Text,
    /// An Office Open XML workbook.
    Workbook,
    /// An Office Open XML document.
    Word,
    /// `.xls`.
    OldWorkbook,
    /// `.xlsb`.
    BinaryWorkbook,
    /// `.ods`.
    OpenDocument,
    /// A web page.
    Page,
}

/// The largest sheets of a workbook, inflated, all together.
const SHEETS_LIMIT: u64 = 1 << 30;
/// The largest parts that a parser holds in memory whole (shared strings, styles), inflated, all together.
const HELD_LIMIT: u64 = 256 << 20;
/// Sheets larger than this, inflated, are refused where they pack so well that they repeat themselves: a table of works packs at most
/// 60 to 1.
const REPETITIVE_FROM: u64 = 64 << 20;
/// See `REPETITIVE_FROM`.
const PACKED_AT_MOST: u64 = 100;
/// More parts than this no office program writes.
const PART_COUNT: usize = 10_000;

/// Why a file of this type is no table. Films and sound go on to the reader of texts, which finds no text in them.
fn refusal(file_type: FileType) -> Option<FileFault> {
    const PICTURES: [FileType; 9] = [
        FileType::Jpg,
        FileType::Png,
        FileType::Gif,
        FileType::Bmp,
        FileType::Tiff,
        FileType::Heic,
        FileType::Webp,
        FileType::Psd,
        FileType::Eps,
    ];
    const ARCHIVES: [FileType; 3] = [FileType::Rar, FileType::SevenZip, FileType::Gzip];
    if PICTURES.contains(&file_type) {
        Some(FileFault::Picture)
    } else if ARCHIVES.contains(&file_type) {
        Some(FileFault::Archive)
    } else {
        [(FileType::Pdf, FileFault::Pdf), (FileType::Rtf, FileFault::Word), (FileType::Contest, FileFault::Contest)]
            .into_iter()
            .find_map(|(known, fault)| (known == file_type).then_some(fault))
    }
}

/// Decides what a file is; `head` is its first bytes, all of them if it is shorter.
pub(super) fn recognise(head: &[u8], file: &mut File) -> Result<Content, Unreadable> {
    if head.iter().all(u8::is_ascii_whitespace) {
        return Err(problems::unreadable(FileFault::Empty));
    }
    if head.starts_with(b"PK\x03\x04") {
        return recognise_archive(file);
    }
    if head.starts_with(b"PK\x05\x06") {
        return Err(problems::unreadable(FileFault::Damaged));
    }
    if head.starts_with(compound::MAGIC) {
        return recognise_compound(file);
    }
    if old_records::is_bare_stream(head) {
        return Ok(Content::OldWorkbook);
    }
    if let Some(fault) = file_type::by_magic(head).and_then(refusal) {
        return Err(problems::unreadable(fault));
    }
    let start = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let start: Vec<u8> = start.iter().take(4096).map(u8::to_ascii_lowercase).collect();
    if start.starts_with(b"<?xml") && !start.windows(5).any(|window| window == b"<html") {
        return Err(problems::unreadable(FileFault::WebPage));
    }
    let is_page = [b"<html".as_slice(), b"<!doctype", b"<table", b"<?xml", b"<head", b"<meta", b"<style", b"<!--", b"<body", b"<div"]
        .iter()
        .any(|tag| start.starts_with(tag));
    Ok(if is_page { Content::Page } else { Content::Text })
}

/// An old workbook or document, or an encrypted new one: its streams tell.
fn recognise_compound(file: &mut File) -> Result<Content, Unreadable> {
    let compound = match Compound::open(file) {
        Ok(compound) => compound,
        Err(CompoundFault::TooLarge) => return Err(too_large()),
        Err(CompoundFault::Damaged) => return Err(problems::unreadable(FileFault::Damaged)),
    };
    if compound.holds("Workbook") || compound.holds("Book") {
        return Ok(Content::OldWorkbook);
    }
    Err(problems::unreadable(if compound.holds("EncryptedPackage") {
        FileFault::Encrypted
    } else if compound.holds("WordDocument") {
        FileFault::Word
    } else if compound.is_empty() {
        FileFault::Damaged
    } else {
        FileFault::UnknownOffice
    }))
}

fn recognise_archive(file: &mut File) -> Result<Content, Unreadable> {
    let damaged = |_| problems::unreadable(FileFault::Damaged);
    let mut archive = zip::ZipArchive::new(&mut *file).map_err(damaged)?;
    let names: Vec<String> = archive.file_names().filter_map(Result::ok).map(|name| name.to_lowercase()).collect();
    let holds = |name: &str| names.iter().any(|candidate| candidate == name);
    if names.iter().any(|name| word::is_main_name(name)) {
        return if archive.len() > PART_COUNT { Err(too_large()) } else { Ok(Content::Word) };
    }
    if holds("encrypted-package") && holds("mimetype") {
        return Err(problems::unreadable(FileFault::Encrypted));
    }
    let content = if holds("xl/workbook.bin") {
        Content::BinaryWorkbook
    } else if holds("content.xml") && holds("mimetype") {
        open_document(&mut archive)?
    } else {
        Content::Workbook
    };
    if content == Content::Workbook
        && !names.iter().any(|name| name.starts_with("xl/") && name.contains("workbook") && name.contains(".xml"))
    {
        return Err(problems::unreadable(FileFault::Archive));
    }
    if archive.len() > PART_COUNT {
        return Err(too_large());
    }
    let mut parts = Vec::with_capacity(archive.len());
    for index in 0..archive.len() {
        let part = archive.by_index_raw(index).map_err(damaged)?;
        let name = part.name().map_err(damaged)?.replace('\\', "/").to_lowercase();
        parts.push((part.header_start(), part.compressed_size(), part.size(), index, name));
    }
    // Parts that share their bytes would cost them anew each time.
    parts.sort_unstable();
    if parts.windows(2).any(|pair| matches!(pair, [(start, packed, ..), (next, ..)] if start.saturating_add(*packed) >= *next)) {
        return Err(problems::unreadable(FileFault::Damaged));
    }
    let large_sheets = if content == Content::Workbook { measured_archive::large_sheets(&mut archive) } else { Vec::new() };
    let (mut of_sheets, mut held) = ((0_u64, 0_u64), 0_u64);
    for (_, packed, declared, index, name) in parts.into_iter().filter(|(.., name)| !is_picture(name)) {
        let is_sheet = name.starts_with("xl/worksheets/") || name == "content.xml";
        let limit = if is_sheet { SHEETS_LIMIT - of_sheets.0 } else { HELD_LIMIT - held };
        if declared > limit {
            return Err(too_large());
        }
        let inflated = match large_sheets.iter().find(|sheet| sheet.index == index) {
            Some(sheet) => sheet.declared,
            None => part_limits::inflated(archive.by_index(index).map_err(damaged)?, &name, packed, limit).ok_or_else(too_large)?,
        };
        if is_sheet {
            of_sheets = (of_sheets.0 + inflated, of_sheets.1.saturating_add(packed));
        } else {
            held += inflated;
        }
        let repeats = |inflated: u64, packed: u64| inflated > REPETITIVE_FROM && inflated / packed.max(1) > PACKED_AT_MOST;
        if repeats(inflated, packed) || repeats(of_sheets.0, of_sheets.1) {
            return Err(too_large());
        }
        if content == Content::Workbook && part_limits::costs_too_much(&name, archive.by_index(index).map_err(damaged)?) {
            return Err(too_large());
        }
    }
    Ok(content)
}

/// Pictures are never opened.
fn is_picture(name: &str) -> bool {
    ["xl/media/", "pictures/", "thumbnails/"].iter().any(|folder| name.starts_with(folder))
}

/// Whether a part, by its name with `/` and in lower case, was measured before any parser saw it.
pub(super) fn is_measured_markup(name: &str) -> bool {
    part_limits::is_markup(name) && !is_picture(name)
}

/// Of the OpenDocument files only the spreadsheet is one of tables.
fn open_document(archive: &mut zip::ZipArchive<&mut File>) -> Result<Content, Unreadable> {
    let mut kind = String::new();
    if let Ok(part) = archive.by_name("mimetype") {
        // What cannot be read says nothing.
        let _ = part.take(128).read_to_string(&mut kind);
    }
    if kind.contains("opendocument.spreadsheet") { Ok(Content::OpenDocument) } else { Err(problems::unreadable(FileFault::OpenDocument)) }
}

/// The file would take more memory or time than any table of works.
pub(super) fn too_large() -> Unreadable {
    problems::unreadable(FileFault::TooLarge)
}

/// The operating system's refusal.
pub(super) fn io_failure(error: &std::io::Error) -> Unreadable {
    problems::unreadable(if error.kind() == std::io::ErrorKind::NotFound { FileFault::Missing } else { FileFault::Unopenable })
}
