//! Owns what a file is by its first bytes and, for archives, by their directory; and the refusal of what this version cannot read or
//! what would cost a hang or a gigabyte. Refuses to know rows and cells.
//!
//! Decision worth knowing: sizes that an archive declares are not believed. Parts that could inflate beyond reason are inflated once
//! into nothing, counting, before any parser sees them.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use super::problems::{self, FileFault};
use super::sheet::Unreadable;
use super::word;

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
}

/// The largest part of a workbook, inflated.
const PART_LIMIT: u64 = 1 << 30;
/// The largest part that a parser holds in memory whole (shared strings, styles), inflated.
const HELD_LIMIT: u64 = 384 << 20;
/// A sheet larger than this, inflated, is refused where it packs so well that it repeats itself: a table of works packs at most 60 to 1.
const REPETITIVE_FROM: u64 = 64 << 20;
/// See `REPETITIVE_FROM`.
const PACKED_AT_MOST: u64 = 100;
/// Parts smaller than this, packed, cannot inflate beyond what is harmless (deflate packs at most 1032 to 1).
const HARMLESS: u64 = 128 << 10;
/// More parts than this no office program writes.
const PART_COUNT: usize = 10_000;

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
    if head.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        return Err(problems::unreadable(recognise_compound(file)));
    }
    for (magic, fault) in [
        (b"%PDF".as_slice(), FileFault::Pdf),
        (b"\xFF\xD8\xFF", FileFault::Picture),
        (b"\x89PNG", FileFault::Picture),
        (b"GIF8", FileFault::Picture),
        (b"BM\x00\x00", FileFault::Picture),
        (b"II*\x00", FileFault::Picture),
        (b"Rar!", FileFault::Archive),
        (b"7z\xBC\xAF", FileFault::Archive),
        (b"\x1F\x8B", FileFault::Archive),
        (b"{\\rtf", FileFault::Word),
        (b"SQLite format 3\x00", FileFault::Contest),
    ] {
        if head.starts_with(magic) {
            return Err(problems::unreadable(fault));
        }
    }
    let start = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let start: Vec<u8> = start.iter().take(512).map(u8::to_ascii_lowercase).collect();
    if [b"<html".as_slice(), b"<!doctype", b"<table", b"<?xml", b"<head", b"<meta", b"<style"].iter().any(|tag| start.starts_with(tag)) {
        return Err(problems::unreadable(FileFault::WebPage));
    }
    Ok(Content::Text)
}

/// An OLE file: an old workbook or document, or an encrypted new one. Its directory names its streams in UTF-16.
fn recognise_compound(file: &mut File) -> FileFault {
    let mut bytes = Vec::new();
    if file.seek(SeekFrom::Start(0)).is_err() || file.by_ref().take(4 << 20).read_to_end(&mut bytes).is_err() {
        return FileFault::Damaged;
    }
    let holds = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        bytes.windows(wide.len()).step_by(2).any(|window| window == wide)
    };
    if holds("EncryptedPackage") {
        FileFault::Encrypted
    } else if holds("WordDocument") {
        FileFault::Word
    } else if holds("Workbook") || holds("Book") {
        FileFault::OldWorkbook
    } else {
        FileFault::UnknownOffice
    }
}

fn recognise_archive(file: &mut File) -> Result<Content, Unreadable> {
    let damaged = |_| problems::unreadable(FileFault::Damaged);
    let mut archive = zip::ZipArchive::new(&mut *file).map_err(damaged)?;
    let names: Vec<String> = archive.file_names().filter_map(Result::ok).map(|name| name.to_lowercase()).collect();
    let holds = |name: &str| names.iter().any(|candidate| candidate == name);
    if names.iter().any(|name| word::is_main_name(name)) {
        return if archive.len() > PART_COUNT { Err(too_large()) } else { Ok(Content::Word) };
    }
    if holds("xl/workbook.bin") {
        return Err(problems::unreadable(FileFault::BinaryWorkbook));
    }
    if holds("content.xml") && holds("mimetype") {
        return Err(problems::unreadable(FileFault::OpenDocument));
    }
    if !names.iter().any(|name| name.starts_with("xl/") && name.contains("workbook") && name.contains(".xml")) {
        return Err(problems::unreadable(FileFault::Archive));
    }
    if archive.len() > PART_COUNT {
        return Err(too_large());
    }
    let mut held = 0_u64;
    for index in 0..archive.len() {
        let (name, packed, declared) = {
            let part = archive.by_index_raw(index).map_err(damaged)?;
            (part.name().map_err(damaged)?.to_lowercase(), part.compressed_size(), part.size())
        };
        // Pictures are never opened.
        if name.starts_with("xl/media/") {
            continue;
        }
        let is_sheet = name.starts_with("xl/worksheets/");
        let limit = if is_sheet { PART_LIMIT } else { HELD_LIMIT };
        if declared > limit {
            return Err(too_large());
        }
        let inflated = if packed <= HARMLESS {
            declared
        } else {
            let part = archive.by_index(index).map_err(damaged)?;
            std::io::copy(&mut part.take(limit + 1), &mut std::io::sink()).unwrap_or(declared)
        };
        if inflated > limit || (inflated > REPETITIVE_FROM && inflated / packed.max(1) > PACKED_AT_MOST) {
            return Err(too_large());
        }
        if !is_sheet {
            held = held.saturating_add(inflated);
        }
        if held > HELD_LIMIT {
            return Err(too_large());
        }
    }
    Ok(Content::Workbook)
}

/// The file would take more memory or time than any table of works.
pub(super) fn too_large() -> Unreadable {
    problems::unreadable(FileFault::TooLarge)
}

/// The operating system's refusal.
pub(super) fn io_failure(error: &std::io::Error) -> Unreadable {
    problems::unreadable(if error.kind() == std::io::ErrorKind::NotFound { FileFault::Missing } else { FileFault::Unopenable })
}
